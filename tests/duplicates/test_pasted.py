"""Names out of a pasted list, whatever stands around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.duplicates.pasted import read_pasted


@pytest.mark.parametrize(("line", "name", "phone"), [
    ("广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", ""),
    ("  1、广州恒晟幕墙有限公司  ", "广州恒晟幕墙有限公司", ""),
    ("12. 广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", ""),
    ("（3）广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", ""),
    ("④广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", ""),
    ("- 广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", ""),
    ("• 广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", ""),
    ("7\t广州恒晟幕墙有限公司\t020-88886666\t王经理", "广州恒晟幕墙有限公司", "020-88886666"),
    ('"广州恒晟幕墙有限公司"\t13812345678', "广州恒晟幕墙有限公司", "13812345678"),
    ("广州恒晟幕墙有限公司 13812345678 王经理", "广州恒晟幕墙有限公司", "13812345678"),
    ("13812345678 广州恒晟幕墙有限公司", "广州恒晟幕墙有限公司", "13812345678"),
    ("广州恒晟幕墙有限公司，电话 0755-12345678", "广州恒晟幕墙有限公司", "0755-12345678"),
    ("恒晟（深圳）门窗 １３８１２３４５６７８", "恒晟（深圳）门窗", "13812345678"),
    ("广州恒晟幕墙（老客户）", "广州恒晟幕墙（老客户）", ""),
    ("3M中国有限公司", "3M中国有限公司", ""),
    ("2、3号地块项目部", "2、3号地块项目部", ""),
    ("ABC Trading Co., Ltd", "ABC Trading Co., Ltd", ""),
    ('=HYPERLINK("http://example.com")', '=HYPERLINK("http://example.com")', ""),
    ("KH261100001", "KH261100001", ""),
])  # fmt: skip
def test_one_line(line: str, name: str, phone: str) -> None:
    (found,) = read_pasted(line).names
    assert (found.name, found.phone) == (name, phone)


def test_a_heading_says_which_column_has_the_names() -> None:
    text = "序号\t联系人\t公司名称\t电话\r\n1\t王经理\t广州恒晟幕墙有限公司\t13812345678\r\n\r\n2\t李工\t深圳锦辰玻璃有限公司\t\r\n"
    found = read_pasted(text)
    assert [(n.line, n.name, n.phone) for n in found.names] == [
        (2, "广州恒晟幕墙有限公司", "13812345678"),
        (4, "深圳锦辰玻璃有限公司", ""),
    ]
    assert (found.empty, found.skipped) == (2, 1)


@pytest.mark.parametrize("text", ["", " \n\t\n", "12345678", "1、\n2、", "客户名称"])
def test_nothing_to_ask(text: str) -> None:
    assert read_pasted(text).names == ()


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    found = read_pasted(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert len(found.names) + found.empty + found.skipped == lines
    assert all(n.name.strip() == n.name and n.name for n in found.names)

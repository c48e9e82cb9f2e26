"""批量撞单: a verdict for each pasted name, in the order of the list."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import CustomerStatus
from crmlib.duplicates import live
from crmlib.duplicates.lists import COLUMNS, check_list, told
from crmlib.errors import Invalid, NotAllowed, Refused
from tests import make
from tests.duplicates.test_asking import settled  # noqa: F401 used by name

NAME = "北京北大西飞发展有限公司"


def test_table_of_verdicts(indexed: dict[str, Actor]) -> None:
    mine = make.customer("广州恒晟幕墙有限公司", owner="wangqiang", code="KH1")
    make.customer(NAME, owner="chengang", code="KH2", phone="010-62751234")
    make.customer("沪申玻璃有限公司", owner="chengang", status=CustomerStatus.RECYCLED)
    pasted = (
        f"客户名称\t电话\n1、广州恒晟幕墙有限公司\n\n2、北京北大西飞装饰有限公司\n"
        f"{NAME}\n深圳闽粤海幕墙工程有限公司\t13812345678\n沪申玻璃有限公司\n"
        f" {NAME.replace('有限', '　有限')}\n装饰\n"
    )
    answer = check_list(indexed["wangqiang"], pasted)
    assert answer.text == "共 7 个名称（1 行重复，2 个空行，1 行没有名称）"
    assert [(n.line, n.conclusion, n.code) for n in answer.lines] == [
        (2, "相同", "KH1"),
        (4, "相似", "KH2"),
        (5, "相同", "KH2"),
        (6, "可新增", ""),
        (7, "相同", answer.lines[4].code),
        (8, "相同", "KH2"),
        (9, "不完整", ""),
    ]
    own, similar, same, free, bin_, repeat, vague = answer.lines
    assert own.href == f"?page=customer&id={mine}"
    assert (own.owner, own.office, own.region, own.trading) == ("王强", "广州", "华南 / 广东", "否")
    assert [s["label"] for s in similar.actions] == ["申请共享", "申请转移"]
    assert (same.href, same.similarity) == ("", "100%")
    assert [s["label"] for s in free.actions] == ["新增"]
    assert "phone=13812345678" in free.actions[0]["href"]
    assert free.phone == "13812345678"
    assert bin_.reasons.startswith("回收站")
    assert (bin_.actions, vague.actions) == ((), ())
    assert repeat.reasons.startswith("与第 5 行相同")
    assert repeat.actions == ()
    shown = repr(told(answer))
    assert "62751234" not in shown
    assert set(COLUMNS) <= set(told(answer)["lines"][0])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "请粘贴客户名称，每行一个"),
        ("\n \n123\n", "请粘贴客户名称，每行一个"),
        (
            "\n".join(f"测试{i}号五金有限公司" for i in range(201)),
            "一次最多分析 200 个名称，现有 201 个，请分批粘贴",
        ),
    ],
)
def test_too_few_and_too_many(indexed: dict[str, Actor], text: str, fault: str) -> None:
    with pytest.raises(Invalid) as found:
        check_list(indexed["limin"], text)
    assert found.value.faults == {"names": fault}


def test_two_hundred_are_answered(indexed: dict[str, Actor]) -> None:
    answer = check_list(indexed["limin"], "\n".join(f"测试{i}号五金有限公司" for i in range(200)))
    assert len(answer.lines) == 200


def test_while_the_index_is_built_nothing_is_told_wrongly(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "index", lambda: None)
    with pytest.raises(Refused, match="正在加载"):
        check_list(indexed["limin"], "北大西飞")


def test_everybody_may_ask_but_not_everybody_may_enter(indexed: dict[str, Actor]) -> None:
    (line,) = check_list(indexed["sunyue"], "深圳闽粤海幕墙工程有限公司").lines
    assert (line.conclusion, line.actions) == ("可新增", ())
    assert NotAllowed.message

"""赵磊 brings a list in and takes it back; 王强 takes his customers along, 李敏 may not."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from crmlib.customers.model import Customer
from crmlib.exchange.model import BatchState, ImportBatch
from crmlib.store.schema import ChangeLog
from tests import make
from tests.browser.conftest import Troubles

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
SLOW = 150_000  # milliseconds; each step is a process of its own, on a machine that may be busy
LIST = """公司全称（工商）,电话,业务员,怎么认识的
佛山市云帆导入测试有限公司,0757-81234567,王强,展会
长沙远岫导入测试门窗厂,不是电话,查无此人,展会
"""


def uploaded(page: Page, path: Path) -> None:
    """Choose a file on the page for it."""
    page.goto("/admin/?page=import_new")
    # The first page of a server imports what all pages need.
    expect(page.get_by_role("button", name="选择文件")).to_be_visible(timeout=SLOW)
    page.locator("input[type=file]").set_input_files(path)


def step(page: Page, name: str) -> None:
    """Press a step once it is there."""
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_visible(timeout=SLOW)
    button.click()


def test_a_list_comes_in_by_columns_verdicts_and_goes_again(page_as: Open, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_text(LIST, encoding="gbk")
    page = page_as("zhaolei")
    uploaded(page, path)
    check = page.get_by_role("button", name="检查数据")
    expect(check).to_be_visible(timeout=SLOW)
    expect(page.get_by_label("业务员")).to_have_value("owner")
    check.click()
    expect(page.get_by_text("还没有对应的列：客户名称")).to_be_visible()
    page.get_by_label("公司全称（工商）").select_option(label="客户名称")
    check.click()

    fault = page.get_by_role("row").filter(has_text="长沙远岫")
    expect(fault).to_contain_text("电话 格式不正确", timeout=SLOW)
    expect(fault).to_contain_text("查无此人")
    page.get_by_label("结论").select_option(label="错误")
    expect(page.get_by_role("row").filter(has_text="云帆导入")).to_have_count(0)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载错误行").click()
    content = Path(waiting.value.path()).read_bytes()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["原因", "公司全称（工商）", "电话", "业务员", "怎么认识的"]
    assert "电话 格式不正确" in str(rows[1][0])

    step(page, "导入")
    step(page, "开始导入")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已导入", timeout=SLOW)
    (made,) = [c for c in make.rows(Customer) if "导入测试" in c.name]
    assert made.name == "佛山市云帆导入测试有限公司"

    step(page, "撤销导入")
    page.get_by_role("dialog").get_by_role("button", name="撤销导入").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已撤销", timeout=SLOW)
    assert make.fetch(Customer, made.id) is None


def test_what_is_no_list_is_said_at_once(page_as: Open, tmp_path: Path, troubles: Troubles) -> None:
    troubles.allow("422")
    before = len(make.rows(ImportBatch))
    page = page_as("zhouting")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    uploaded(page, tmp_path / "a.pdf")
    expect(page.get_by_role("alert").filter(has_text="只能导入 .xlsx 或 .csv 文件")).to_be_visible()
    (tmp_path / "a.xlsx").write_bytes(b"no workbook")
    page.locator("input[type=file]").set_input_files(tmp_path / "a.xlsx")
    expect(page.get_by_role("alert").filter(has_text="文件内容不是 .xlsx")).to_be_visible()
    assert len(make.rows(ImportBatch)) == before
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken")
    page.locator("input[type=file]").set_input_files(tmp_path / "b.xlsx")
    expect(page.get_by_role("heading", level=1)).to_contain_text("无法读取", timeout=SLOW)
    expect(page.get_by_text("不是有效的 Excel 文件")).to_be_visible()
    step(page, "放弃")
    page.get_by_role("dialog").get_by_role("button", name="放弃").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已放弃", timeout=SLOW)
    assert make.rows(ImportBatch)[-1].state is BatchState.DROPPED


def test_a_salesman_takes_his_customers_along_and_a_clerk_does_not(page_as: Open) -> None:
    mine = make.customer("=1+1 导出测试有限公司", phone="020-12345678", mobile="13977770001")
    page = page_as("wangqiang")
    page.goto("/entry/?page=customers")
    with page.expect_download() as waiting:
        step(page, "导出全部结果")
    content = Path(waiting.value.path()).read_bytes()
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name("客户").to_python()
    names = [row[1] for row in rows[1:]]
    assert make.fetch(Customer, mine).name in names
    assert "020-12345678" in rows[1 + names.index("=1+1 导出测试有限公司")]
    (logged,) = make.rows(ChangeLog, entity="export")
    assert logged.after["rows"] == len(names)

    page.goto("/entry/?page=contacts&ct.find=mobile&ct.text=139 7777 0001")
    found = page.get_by_role("row").filter(has_text="导出测试")
    expect(found).to_contain_text("139 7777 0001", timeout=SLOW)
    expect(page.get_by_text("共 1 条", exact=True)).to_be_visible()
    assert make.rows(ChangeLog, entity="contact_view", entity_id=mine)
    with page.expect_download() as waiting:
        step(page, "导出全部结果")
    book = CalamineWorkbook.from_filelike(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "13977770001" in str(book.get_sheet_by_name("联系人").to_python()[1])
    found.click()
    expect(page.get_by_role("tab", name="联系人")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("cell", name="何经理")).to_be_visible()

    page = page_as("limin")
    page.goto("/entry/?page=customers")
    expect(page.get_by_text(make.fetch(Customer, mine).name)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="导出全部结果")).to_have_count(0)

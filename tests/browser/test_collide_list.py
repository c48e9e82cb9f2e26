"""批量撞单: paste, look, export, go on; and the limits of asking."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from crmlib import clock
from crmlib.customers.model import Customer
from crmlib.duplicates.model import Channel, CollisionQuery
from crmlib.store.engine import writing
from tests import make
from tests.browser.customer_form import field

pytestmark = pytest.mark.browser
FIRST = 60_000  # milliseconds; the first page of a server starts a kernel
NAME, OWN = "北京北大西飞发展有限公司", "广州恒晟幕墙有限公司"
FREE, FORMULA = "深圳闽粤海幕墙工程有限公司", "=1+2秦岭门窗有限公司"
PASTED = (
    f"序号\t客户名称\t电话\n1\t{OWN}\t\n2\t{NAME}\t\n\n3\t{FREE}\t02088886666\n4\t{FORMULA}\t\n"
    f"5、{NAME}"
)


@pytest.fixture(scope="module")
def stored(site: str) -> Customer:
    make.customer(OWN, owner="wangqiang")
    return make.fetch(Customer, make.customer(NAME, owner="chengang"))


@pytest.fixture
def page(page_as: Callable[[str], Page], stored: Customer) -> Page:
    page = page_as("wangqiang")
    page.goto("/entry/?page=collide")
    expect(field(page, "客户名称")).to_be_focused(timeout=FIRST)
    page.get_by_role("tab", name="批量撞单").click()
    expect(names(page)).to_be_focused()
    return page


def names(page: Page) -> Locator:
    return page.locator("#sm-list-names")


def table(page: Page) -> Locator:
    return page.get_by_role("table", name="批量撞单结果")


def line(page: Page, number: int) -> Locator:
    return table(page).locator("tbody tr").nth(number - 1)


def analyse(page: Page, text: str) -> None:
    names(page).fill(text)
    page.keyboard.press("Control+Enter")


def test_verdicts_in_the_order_of_the_list_and_what_to_do_next(
    page: Page, stored: Customer
) -> None:
    analyse(page, PASTED)
    expect(table(page).locator("tbody tr")).to_have_count(5)
    expect(page.get_by_text("共 5 个名称（1 行重复，1 个空行，1 行没有名称）")).to_be_visible()
    for number, verdict in enumerate(("相同", "相同", "可新增", "可新增", "相同"), start=1):
        expect(line(page, number).locator(".sm-tag").first).to_have_text(verdict)
    expect(line(page, 2)).to_contain_text(f"{stored.code}")
    expect(line(page, 2)).to_contain_text("陈刚")
    expect(line(page, 2).get_by_role("link", name=NAME)).to_have_count(0)
    expect(line(page, 5)).to_contain_text("与第 3 行相同")
    expect(line(page, 1).get_by_role("link", name=OWN)).to_be_visible()
    line(page, 3).get_by_role("link", name="新增").click()
    expect(page.get_by_role("heading", name="客户—新增")).to_be_visible()
    expect(field(page, "客户名称")).to_have_value(FREE)
    expect(field(page, "电话")).to_have_value("02088886666")
    # What was pasted is still there, and so is the answer.
    page.goto("/entry/?page=collide&tab=list")
    expect(table(page).locator("tbody tr")).to_have_count(5)
    expect(names(page)).to_have_value(PASTED)


def test_file_holds_what_is_on_the_screen(page: Page, tmp_path: Path) -> None:
    def exported() -> list[list[object]]:
        with page.expect_download() as waited:
            page.get_by_role("button", name="导出 Excel").click()
        path = tmp_path / waited.value.suggested_filename
        waited.value.save_as(path)
        assert path.suffix == ".xlsx"
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()

    analyse(page, PASTED)
    expect(table(page).locator("tbody tr")).to_have_count(5)
    head, *rows = exported()
    assert head[:5] == ["行", "名称", "电话", "结论", "客户代码"]
    assert [(r[1], r[2], r[3]) for r in rows] == [
        (OWN, "", "相同"),
        (NAME, "", "相同"),
        (FREE, "02088886666", "可新增"),
        (FORMULA, "", "可新增"),
        (NAME, "", "相同"),
    ]
    page.get_by_role("button", name="可新增 2").click()
    expect(table(page).locator("tbody tr")).to_have_count(2)
    assert [r[1] for r in exported()[1:]] == [FREE, FORMULA]


def test_too_many_names_and_none(page: Page) -> None:
    page.get_by_role("button", name="开始分析").click()
    expect(page.get_by_text("请粘贴客户名称，每行一个")).to_be_visible()
    text = "\n".join(f"测试{number}号五金有限公司" for number in range(201))
    analyse(page, text)
    told = "一次最多分析 200 个名称，现有 201 个，请分批粘贴"
    expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
    expect(names(page)).to_have_value(text)
    page.get_by_role("button", name="清空").click()
    expect(names(page)).to_have_value("")


def test_who_asks_too_often_is_told_and_stands_in_the_log(
    page_as: Callable[[str], Page], stored: Customer
) -> None:
    clerk = make.people_ids()["limin"]
    with writing() as session, session.begin():
        session.add(
            CollisionQuery(
                person_id=clerk,
                at=clock.now(),
                name="别的进程",
                with_phone=False,
                verdict="none",
                hits=0,
                channel=Channel.SCREEN,
                answers=1000,
            )
        )
    page = page_as("limin")
    page.goto("/entry/?page=collide")
    expect(field(page, "客户名称")).to_be_focused(timeout=FIRST)
    field(page, "客户名称").fill("北大西飞")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("查询过于频繁，请稍后再试")).to_be_visible()
    expect(page.locator(".sm-hit-table")).to_have_count(0)

    office = page_as("zhouting")
    office.goto("/admin/?page=collision_log")
    expect(office.get_by_role("heading", name="撞单查询记录")).to_be_visible()
    refused = office.get_by_role("row").filter(has_text="李敏").filter(has_text="已拒绝").first
    expect(refused).to_contain_text("受限")
    expect(office.get_by_role("row").filter(has_text="超出上限")).to_contain_text("李敏")

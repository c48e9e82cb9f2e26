"""转交易看板: figures open their rows, filters hold, what others do appears by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.conversion.actions import convert
from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import Customer
from tests import make
from tests.browser.conftest import SCREEN
from tests.conversion.test_actions import ask, change, ready

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
FULL, POOR, LATE = "云岭测试门窗有限公司", "苍梧测试门窗有限公司", "洱海测试门窗有限公司"
EAST = "申江测试门窗有限公司"


@pytest.fixture(scope="module", autouse=True)
def customers(site: str) -> None:
    """Three customers of 王强: in order, without a phone, asked for long ago; one of 陈刚."""
    ready(FULL)
    change(Customer, ready(POOR), phone=None)
    late = ask(actor_of(make.people_ids()["wangqiang"]), ready(LATE))
    change(ConversionRequest, late, requested_at=clock.now() - timedelta(days=14))
    ready(EAST, owner="chengang")


def board(page: Page, workspace: str = "admin", more: str = "") -> Page:
    """Open the board and wait for its last table."""
    page.goto(f"/{workspace}/?page=conversion_board{more}")
    expect(page.locator("h1")).to_have_text("转交易看板")
    expect(page.get_by_role("heading", name="按负责人")).to_be_visible()
    return page


def figure(page: Page, label: str) -> str:
    """Return one of the figures at the top."""
    box = page.locator(".sm-stat").filter(has=page.get_by_text(label, exact=True))
    return box.locator(".sm-value").inner_text()


def names(page: Page) -> set[str]:
    """Return the customers listed."""
    rows = page.locator("tr.opens")
    expect(rows.first).to_be_visible()
    found = {name for name in (FULL, POOR, LATE, EAST) if rows.filter(has_text=name).count()}
    assert len(found) == rows.count()
    return found


def test_the_general_office_sees_figures_that_open_their_rows(page_as: Open) -> None:
    page = board(page_as("zhouting"))
    told = {name: figure(page, name) for name in ("待处理申请", "已逾期", "可转交易", "只差一项")}
    assert told == {"待处理申请": "1", "已逾期": "1", "可转交易": "3", "只差一项": "1"}
    assert names(page) == {FULL, POOR, LATE, EAST}
    row = page.locator("tr.opens").filter(has_text=POOR)
    expect(row).to_contain_text("客户资料（电话）")
    page.locator(".sm-stat").filter(has_text="只差一项").click()
    expect(page.get_by_role("heading", name="客户明细：只差一项")).to_be_visible()
    expect(page.locator("tr.opens")).to_have_count(1)
    assert names(page) == {POOR}
    page.get_by_role("link", name="显示全部").click()
    expect(page.get_by_role("heading", name="客户明细：全部")).to_be_visible()
    expect(page.locator("tr.opens")).to_have_count(4)
    page.locator("tr.opens").filter(has_text=LATE).click()
    expect(page.get_by_role("heading", name=LATE)).to_be_visible()
    expect(page.get_by_role("tab", name="转交易检查")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("个工作日，已逾期")).to_be_visible()


def test_what_is_missing_opens_its_rows(page_as: Open) -> None:
    page = board(page_as("zhouting"))
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="客户资料", exact=True))
    row.get_by_role("link", name="1").first.click()
    expect(page.get_by_role("heading", name="客户明细：只差 客户资料")).to_be_visible()
    expect(page.locator("tr.opens")).to_have_count(1)
    assert names(page) == {POOR}


def test_filters_narrow_everything_and_stay_in_the_address(page_as: Open) -> None:
    page = board(page_as("zhouting"))
    page.get_by_label("负责人").select_option(label="陈刚")
    expect(page.locator("tr.opens")).to_have_count(1)
    assert names(page) == {EAST}
    page.reload()
    expect(page.get_by_label("负责人")).to_have_value(str(make.people_ids()["chengang"]))
    expect(page.locator("tr.opens")).to_have_count(1)
    page.get_by_label("等待").select_option(label="已逾期")
    expect(page.get_by_text("没有符合条件的客户")).to_be_visible()
    expect(page.get_by_text("暂无数据：没有符合条件的潜在客户")).to_be_visible()
    page.get_by_role("button", name="清除筛选").click()
    expect(page.locator("tr.opens")).to_have_count(4)


def test_a_head_sees_his_tree_and_others_nothing(page_as: Open) -> None:
    page = board(page_as("zhangwei"), "funnel")
    assert names(page) == {FULL, POOR, LATE}
    page.locator("tr.opens").filter(has_text=FULL).click()
    expect(page.get_by_role("heading", name=FULL)).to_be_visible()
    assert "/entry/" in page.url
    his = page_as("wangqiang")
    his.goto("/funnel/?page=conversion_board")
    expect(his.get_by_text("您没有权限查看转交易看板")).to_be_visible()
    menu = his.get_by_role("navigation", name="菜单")
    expect(menu.get_by_role("link", name="销售漏斗")).to_be_visible()
    expect(menu.get_by_role("link", name="转交易看板")).to_have_count(0)


def test_the_board_fits_a_telephone(page_as: Open) -> None:
    page = page_as("zhouting")
    page.set_viewport_size({"width": 390, "height": 844})
    board(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size(SCREEN)


def test_what_others_do_appears_by_itself(page_as: Open) -> None:
    page = board(page_as("zhouting"), more="&show=ready")
    expect(page.locator("tr.opens")).to_have_count(3)
    (asked,) = make.rows(Customer, name=FULL)
    ask(actor_of(make.people_ids()["wangqiang"]), asked.id)
    pending = page.locator(".sm-stat").filter(has_text="待处理申请").locator(".sm-value")
    expect(pending).to_have_text("2")
    convert(actor_of(make.people_ids()["zhouting"]), asked.id)
    expect(pending).to_have_text("1")
    expect(page.locator("tr.opens")).to_have_count(2)
    expect(page.locator(".sm-stat").filter(has_text="通过").last).to_be_visible()
    page.locator(".sm-stat").filter(has_text="最近 90 天").filter(has_text="通过").click()
    expect(page.get_by_role("heading", name="客户明细：通过")).to_be_visible()
    expect(page.locator("tr.opens").filter(has_text=FULL)).to_contain_text("周婷")

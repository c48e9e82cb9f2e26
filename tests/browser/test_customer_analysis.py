"""客户分析: figures open their customers, a group narrows, a filter stays in the address."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.customers.model import Customer
from tests import make

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


@pytest.fixture(scope="module", autouse=True)
def customers(site: str) -> int:
    """Two customers of 王强, one of them active, and one of 陈刚."""
    make.customer("广州明珠幕墙工程有限公司", last_contact_on=clock.today(), industry="02")
    make.customer("上海申江门窗有限公司", owner="chengang")
    return make.customer("佛山清远门窗有限公司", industry="01", incomplete=True)


def test_manager_walks_from_groups_to_customers(page_as: Open, customers: int) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=customer_analysis")
    expect(page.locator("h1")).to_have_text("客户分析")
    stats = page.locator(".sm-stat")
    expect(stats.nth(0).locator(".sm-value")).to_have_text("2")
    expect(stats.nth(1)).to_contain_text("50.0%")
    expect(page.get_by_text("上海申江")).to_have_count(0)
    rows = page.locator("tr.opens")
    stats.nth(1).click()
    expect(page.locator("h2", has_text="客户明细：活跃")).to_be_visible()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="显示全部").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="表格").press("Enter")
    group = page.locator(".sm-sheet-table button").first
    group.press("Enter")
    expect(rows).to_have_count(1)
    group.press("Enter")
    expect(rows).to_have_count(2)
    make.change(Customer, customers, last_contact_on=clock.today())
    expect(stats.nth(1)).to_contain_text("100.0%")
    page.locator(".sm-filter select").last.select_option("person")
    expect(page.locator("h2", has_text="按负责人")).to_be_visible()
    assert "by=person" in page.url
    page.set_viewport_size({"width": 390, "height": 844})
    expect(stats.nth(3)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

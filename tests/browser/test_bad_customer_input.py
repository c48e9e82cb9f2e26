"""What people type that is no name, and what they save too late."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.access.actor import actor_of
from crmlib.customers.model import Customer
from crmlib.duplicates.entry import edit_customer
from tests import make
from tests.browser.customer_form import fault, field, fill, opened, save

pytestmark = pytest.mark.browser
MARKUP = (
    "<script>window.hit=1</script><img src=x onerror=window.hit=1>公司",
    "=1+1",
    "**甲**[乙](丙)",
)


@pytest.fixture
def page(page_as: Callable[[str], Page]) -> Page:
    return page_as("limin")


def test_name_of_300_signs_is_refused(page: Page) -> None:
    name = "长" * 300
    fill(opened(page), name)
    save(page).click()
    expect(fault(page, "客户名称")).to_have_text("客户名称 不能超过 120 个字")
    expect(field(page, "客户名称")).to_be_focused()
    assert not [c for c in make.rows(Customer) if c.name.startswith("长长")]


def test_markup_and_formulas_are_text_everywhere(page: Page) -> None:
    menu = page.get_by_role("navigation", name="菜单")
    for name in MARKUP:
        fill(opened(page), name)
        save(page).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        assert len(make.rows(Customer, name=name)) == 1
        expect(page).to_have_title(re.compile(re.escape(name)))
        menu.get_by_role("link", name="撞单分析").click()
        field(page, "客户名称").fill(name)
        page.get_by_role("button", name="查找").click()
        expect(page.get_by_role("cell").get_by_text(name, exact=True)).to_be_visible()
    menu.get_by_role("link", name="客户—维护").click()
    for name in MARKUP:
        row = page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))
        expect(row).to_be_visible()
    assert page.evaluate("window.hit") is None


def test_stale_form_is_refused_and_keeps_what_was_typed(page: Page) -> None:
    ids = make.people_ids()
    number = make.customer("广州旧表门窗有限公司", owner=None)
    page.goto(f"/entry/?page=customer_edit&id={number}")
    expect(field(page, "地址")).to_have_value("天河路1号")
    field(page, "地址").fill("珠江路9号")
    edit_customer(actor_of(ids["zhangwei"]), number, {"address": "解放路2号"}, 1)
    save(page).click()
    expect(page.get_by_role("alert").filter(has_text="数据已被他人修改，请刷新")).to_be_visible()
    expect(field(page, "地址")).to_have_value("珠江路9号")
    assert make.fetch(Customer, number).address == "解放路2号"

    page.reload()
    expect(page.get_by_text("已恢复未保存的内容，原记录已被修改，请核对")).to_be_visible()
    expect(field(page, "地址")).to_have_value("珠江路9号")
    page.get_by_role("button", name="放弃").click()
    expect(field(page, "地址")).to_have_value("解放路2号")
    field(page, "地址").fill("珠江路10号")
    save(page).click()
    expect(page.get_by_text("保存成功")).to_be_visible()
    assert make.fetch(Customer, number).address == "珠江路10号"

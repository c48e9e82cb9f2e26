"""S03: 李敏 enters a potential customer with its first contact in one save."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.words import required
from tests import make
from tests.browser.customer_form import (
    FULL,
    NONE_TICKS,
    fault,
    field,
    fill,
    full,
    none_tick,
    opened,
    save,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def page(page_as: Callable[[str], Page]) -> Page:
    return opened(page_as("limin"))


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(20):
        if field(page, label).evaluate("node => node === node.getRootNode().activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {label}")


def choose(page: Page, label: str, value: str) -> None:
    """Type a value, or go down a list until it shows the value."""
    if field(page, label).evaluate("node => node.tagName") != "SELECT":
        page.keyboard.type(value)
        return
    for _ in range(20):
        if field(page, label).locator("option:checked").inner_text() == value:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"{label} does not offer {value}")


def nothing_saved(name: str) -> bool:
    """Neither the customer nor a contact without one."""
    contacts = {c.customer_id for c in make.rows(Contact)}
    return not make.rows(Customer, name=name) and contacts == {c.id for c in make.rows(Customer)}


def test_keyboard_alone_enters_a_customer_whom_the_head_is_to_assign(
    page: Page, page_as: Callable[[str], Page]
) -> None:
    name = "广州云杉门窗有限公司"
    typed = full(name)
    for label in ("客户名称", "客户级别", "行业", "电话"):
        tab_to(page, label)
        choose(page, label, typed[label])
    for label in NONE_TICKS:
        none_tick(page, label).focus()
        page.keyboard.press("Space")
        expect(field(page, label)).to_be_disabled()
    for label in ("地址", "姓名", "人员角色", "移动电话"):
        tab_to(page, label)
        choose(page, label, typed[label])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile(r"保存成功，客户代码 KH\d+"))).to_be_visible()

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(name))
    card = page.locator(".sm-details")
    for label, text in {
        "登记人": "李敏",
        "交易客户": "否",
        "负责人": "待分配",
        "传真": "无",
    }.items():
        expect(card.locator("div").filter(has_text=re.compile(f"^{label}{text}$"))).to_be_visible()
    contact = page.get_by_role("row").filter(has_text="何经理").get_by_role("cell")
    expect(contact).to_have_text(["何经理", "决策人", "138 1234 5678", "是", "—", "—", "是"])

    stored = make.rows(Customer, name=name)[0]
    assert (stored.status, stored.owner_id) == (CustomerStatus.POTENTIAL, None)
    assert stored.registered_by_id == make.people_ids()["limin"]
    assert abs(clock.now() - stored.registered_at) < timedelta(minutes=1)
    assert (stored.no_fax, stored.no_email, stored.no_website) == (True, True, True)
    contacts = make.rows(Contact, customer_id=stored.id)
    assert [(c.name, c.mobile, c.is_primary) for c in contacts] == [("何经理", "13812345678", True)]

    head = page_as("zhangwei")
    head.goto("/entry/")
    told = head.get_by_role("row").filter(has_text=f"待分配客户：{name}（{stored.code}）")
    expect(told).to_contain_text("未读")


def test_missing_fields_are_named_beside_them_and_nothing_is_saved(page: Page) -> None:
    row = page.locator(".sm-field").filter(has=field(page, "区域"))
    row.get_by_role("button", name="清除").click()
    save(page).click()
    for label in ("客户名称", "区域", "电话", *FULL, *NONE_TICKS):
        expect(fault(page, label)).to_have_text(required(label))
    expect(field(page, "客户名称")).to_be_focused()
    name = "广州缺项门窗有限公司"
    fill(page, name, 移动电话="")
    save(page).click()
    expect(fault(page, "移动电话")).to_have_text("移动电话 为必录项")
    expect(fault(page, "区域")).to_have_text("区域 为必录项")
    expect(field(page, "区域")).to_be_focused()
    expect(fault(page, "客户名称")).to_be_empty()
    assert nothing_saved(name)


def test_wrong_formats_are_refused_together(page: Page) -> None:
    name = "广州错格式门窗有限公司"
    fill(page, name, 移动电话="12345", 电话="二零")
    none_tick(page, "E-MAIL").uncheck()
    field(page, "E-MAIL").fill("sales@nowhere")
    save(page).click()
    expect(fault(page, "移动电话")).to_contain_text("应为 11 位手机号")
    expect(fault(page, "E-MAIL")).to_contain_text("格式不正确")
    expect(fault(page, "电话")).to_contain_text("格式不正确")
    assert nothing_saved(name)


def test_double_click_saves_one_customer(page: Page) -> None:
    name = "广州双击门窗有限公司"
    fill(page, name)
    save(page).dblclick()
    expect(page.get_by_text("保存成功，客户代码")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(name))
    assert len(make.rows(Customer, name=name)) == 1
    assert page.get_by_text("已存在相同客户").count() == 0


def test_save_and_new_leaves_an_empty_form_with_region_and_industry(page: Page) -> None:
    name = "广州连续门窗有限公司"
    opened(page, f"/entry/?page=customer_new&name={name}")
    fill(page, name)
    page.get_by_role("button", name="保存并新增").click()
    expect(page.get_by_text("保存成功，客户代码")).to_be_visible()
    expect(field(page, "客户名称")).to_have_value("")
    expect(field(page, "客户名称")).to_be_focused()
    expect(field(page, "移动电话")).to_have_value("")
    expect(field(page, "区域")).to_have_value("华南")
    expect(field(page, "国家").locator("option:checked")).to_have_text("中国")
    expect(field(page, "行业").locator("option:checked")).to_have_text(FULL["行业"])
    assert len(make.rows(Customer, name=name)) == 1

"""S27: 王强 puts a customer into the 回收站 and takes it back; what may not go there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.recycle import recycle_customer
from crmlib.store.engine import writing
from tests import make
from tests.browser.card import dialog, fact, opened, press, step, told
from tests.browser.customer_form import fault, field

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
# A second try must not meet the customers of the first.
NAMES = iter(["广州远航门窗有限公司", "佛山秦岭玻璃有限公司"])


def row(page: Page, where: str, name: str) -> Locator:
    """Open a list and return the row of a customer, whether it is there or not."""
    page.goto(f"/entry/?page={where}")
    return page.get_by_role("row").filter(has_text=name)


def status(key: int) -> CustomerStatus:
    found: CustomerStatus = make.fetch(Customer, key).status
    return found


def test_away_and_back_intact(page_as: Open) -> None:
    name = next(NAMES)
    key, other = make.customer(name), make.customer()
    before = make.fetch(Customer, key)
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "移入回收站")
    press(box, "移入回收站")
    expect(fault(page, "回收原因")).to_have_text("回收原因 为必录项")
    field(page, "回收原因").select_option(label="长期无法联系")
    field(page, "回收说明").fill("打了三次电话")
    press(box, "移入回收站")
    told(page, "已移入回收站")
    expect(page.get_by_text("移入回收站：长期无法联系，打了三次电话")).to_be_visible()
    expect(step(page, "编辑")).to_have_count(0)
    assert status(key) is CustomerStatus.RECYCLED

    gone = row(page, "customers", name)
    code = make.fetch(Customer, other).code
    expect(page.get_by_role("row").filter(has_text=code)).to_be_visible()
    expect(gone).to_have_count(0)
    page.goto("/entry/?page=collide")
    field(page, "客户名称").fill(name)
    hit = page.get_by_role("row").filter(has_text=name)
    expect(hit.get_by_text("回收站")).to_be_visible()

    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_role("link", name="回收站").click()
    expect(page.get_by_role("heading", name="回收站")).to_be_visible()
    page.get_by_role("row").filter(has_text=name).click()
    expect(fact(page, "交易客户")).to_be_visible()
    expect(step(page, "彻底删除")).to_have_count(0)
    press(dialog(page, "恢复"), "恢复")
    told(page, "客户已恢复")
    expect(step(page, "移入回收站")).to_be_enabled()
    after = make.fetch(Customer, key)
    same = ("name", "owner_id", "phone", "registered_at", "status", "recycled_at")
    assert [getattr(after, n) for n in same] == [getattr(before, n) for n in same]
    expect(row(page, "customers", name)).to_be_visible()
    assert status(other) is CustomerStatus.POTENTIAL


def test_a_trading_customer_may_not_go(page_as: Open) -> None:
    key = make.customer(status=CustomerStatus.TRADING)
    page = opened(page_as("wangqiang"), key)
    expect(step(page, "移入回收站")).to_be_disabled()
    expect(step(page, "移入回收站")).to_have_attribute("title", "交易客户不能移入回收站")


def test_open_work_is_named_before_and_after_the_click(page_as: Open) -> None:
    key = make.customer()
    make.opportunity(key, number="SJ900", subject="远航-执手-报价")
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "移入回收站")
    blocker = "进行中的商机 SJ900 远航-执手-报价（负责人 王强）"
    expect(box.get_by_text(blocker)).to_be_visible()
    field(page, "回收原因").select_option(label="重复")
    press(box, "移入回收站")
    expect(box.get_by_text(blocker)).to_have_count(2)
    assert status(key) is CustomerStatus.POTENTIAL


def test_who_is_not_in_charge_has_no_button(page_as: Open) -> None:
    key = make.customer(registered_by_id=make.people_ids()["limin"])
    page = opened(page_as("limin"), key)
    expect(step(page, "申请转交易")).to_be_visible()
    expect(step(page, "移入回收站")).to_have_count(0)


def test_only_the_admin_deletes_and_only_after_ninety_days(page_as: Open) -> None:
    key = make.customer()
    recycle_customer(actor_of(make.people_ids()["wangqiang"]), key, "01")
    page = opened(page_as("zhaolei"), key, workspace="admin")
    box = dialog(page, "彻底删除")
    press(box, "彻底删除")
    expect(page.get_by_text("移入回收站满 90 天后才能彻底删除").last).to_be_visible()
    with writing() as session, session.begin():
        session.get_one(Customer, key).recycled_at = clock.now() - timedelta(days=90)
    opened(page, key, workspace="admin")
    press(dialog(page, "彻底删除"), "彻底删除")
    told(page, "已彻底删除")
    expect(page.get_by_role("heading", name="回收站")).to_be_visible()
    assert make.fetch(Customer, key) is None

"""S17: 王强 plans a visit from the tab of his deal, by keyboard, and finds it in 信息中心."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import Contact
from tests import make
from tests.browser.card import told
from tests.browser.customer_form import fault, field
from tests.browser.deal import opened

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def key_to(page: Page, *keys: str, then: str) -> None:
    """Press keys and wait until the field of that label has the focus."""
    for key in keys:
        page.keyboard.press(key)
    expect(field(page, then)).to_be_focused()


def test_planned_from_the_tab_by_keyboard(page_as: Open) -> None:
    customer, other = make.customer("广州明珠幕墙工程有限公司"), make.customer()
    (contact,) = make.rows(Contact, customer_id=customer)
    deal = make.opportunity(customer, subject="明珠幕墙-执手-报价", contact_id=contact.id)
    page = opened(page_as("wangqiang"), deal, "activities")
    expect(page.get_by_text("暂无数据")).to_be_visible()
    page.get_by_role("link", name="新增", exact=True).click()

    expect(field(page, "主题")).to_be_focused()
    expect(page.get_by_label("单据编号")).to_have_text("保存时自动编号")
    expect(field(page, "客户")).to_have_value("广州明珠幕墙工程有限公司")
    expect(field(page, "商机")).to_have_value("明珠幕墙-执手-报价")
    expect(page.get_by_label("商机阶段")).to_have_text("信息收集")
    expect(field(page, "联系人")).to_have_value("何经理")
    expect(field(page, "联系电话")).to_have_value(contact.mobile)

    # Nothing planned yet: all faults at once, nothing is saved.
    page.keyboard.type("上门拜访项目部")
    key_to(page, "Enter", then="活动类型")
    key_to(page, "ArrowDown", "Control+Enter", then="计划开始时间")
    for label in ("计划开始时间", "计划结束时间"):
        expect(fault(page, label)).to_have_text(f"{label} 为必录项")

    page.keyboard.type("明天")
    page.keyboard.press("Enter")
    expect(page.get_by_label("计划开始时间（时:分）")).to_be_focused()
    page.keyboard.type("10")
    key_to(page, "Enter", then="计划结束时间")
    tomorrow = clock.today() + timedelta(days=1)
    # An hour is offered; what is planned backwards is refused.
    expect(field(page, "计划结束时间")).to_have_value(tomorrow.isoformat())
    expect(page.get_by_label("计划结束时间（时:分）")).to_have_value("11:00")
    page.keyboard.press("Enter")
    expect(page.get_by_label("计划结束时间（时:分）")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("9:30")
    key_to(page, "Control+Enter", then="计划结束时间")
    expect(fault(page, "计划结束时间")).to_have_text("计划结束时间 不能早于计划开始时间")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("1100")
    key_to(page, "Enter", then="是否提醒")
    page.keyboard.press("Space")
    expect(field(page, "是否提醒")).to_be_checked()
    page.keyboard.press("Control+Enter")
    told(page, f"保存成功，单据编号 HD{clock.today():%y%m}")

    # Back on the tab, with the new row; it is pending, and opens from there.
    row = page.get_by_role("row").filter(has_text="上门拜访项目部")
    expect(row).to_contain_text("未开始")
    (made,) = make.rows(Activity, opportunity_id=deal)
    assert (made.customer_id, made.contact_id) == (customer, contact.id)
    assert f"{clock.local(made.planned_end):%H:%M}" == "11:00"
    page.goto("/entry/?page=home")
    pending = page.get_by_role("row").filter(has_text="上门拜访项目部")
    expect(pending).to_contain_text("广州明珠幕墙工程有限公司")
    pending.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("上门拜访项目部")
    assert make.rows(Activity, customer_id=other) == []


def test_what_follows_from_choices_in_the_form(page_as: Open) -> None:
    customer, other = make.customer("佛山江南门窗有限公司"), make.customer("中山海川门窗有限公司")
    make.opportunity(customer, subject="江南门窗-滑撑-投标")
    (own,) = make.rows(Contact, customer_id=customer)
    (stranger,) = make.rows(Contact, customer_id=other)
    page = page_as("wangqiang")
    page.goto(f"/entry/?page=activity_new&customer={other}")
    expect(field(page, "联系电话")).to_have_value(stranger.mobile)

    # A deal brings its customer, the stage, the 主联系人 and his phone.
    field(page, "客户").fill("江南")
    page.get_by_role("option", name=re.compile("佛山江南门窗")).click()
    expect(field(page, "联系电话")).to_have_value(own.mobile)
    field(page, "商机").fill("滑撑")
    page.get_by_role("option", name=re.compile("江南门窗-滑撑-投标")).click()
    expect(page.get_by_label("商机阶段")).to_have_text("信息收集")
    # Only contacts of this customer are offered.
    field(page, "联系人").click()
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")

    # 提醒 is for what has not begun; what is done needs its result.
    remind = field(page, "是否提醒")
    remind.check()
    field(page, "活动状态").select_option(label="已完成")
    expect(remind).to_be_disabled()
    expect(remind).not_to_be_checked()
    field(page, "主题").fill("电话确认到货")
    field(page, "活动类型").select_option(label="电话")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(fault(page, "活动结果")).to_have_text("活动结果 为必录项")
    field(page, "活动状态").select_option(label="未开始")
    expect(remind).to_be_enabled()
    expect(field(page, "活动结果")).to_be_hidden()
    field(page, "活动状态").select_option(label="已完成")
    field(page, "活动结果").fill("周五到货")
    page.get_by_role("button", name="保存", exact=True).click()
    told(page, "保存成功，单据编号 HD")
    (made,) = make.rows(Activity, customer_id=customer)
    assert (made.status, made.remind, made.result) == (ActivityStatus.DONE, False, "周五到货")

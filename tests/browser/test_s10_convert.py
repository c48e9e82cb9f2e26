"""S10: 周婷 converts a customer after the check list."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.conversion.actions import convert
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.conversion.rules import OWN_CUSTOMER
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.duplicates.review import mark_distinct
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.browser.card import dialog, fact, opened, press, step, told
from tests.conversion.test_actions import ask, change, ready
from tests.duplicates.build import put

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
NAME = "北京北大西飞发展有限公司"


def status(key: int) -> CustomerStatus:
    found: CustomerStatus = make.fetch(Customer, key).status
    return found


def test_from_the_message_to_a_trading_customer(page_as: Open, home_as: Open) -> None:
    key, people = ready(NAME), make.people_ids()
    ask(actor_of(people["wangqiang"]), key, title="请转交易", body="第一行\n第二行")
    page = home_as("zhouting")
    page.get_by_role("row").filter(has_text="请转交易").click()
    body = page.get_by_text("第一行")
    expect(body).to_have_css("white-space", "pre-wrap")
    assert body.inner_text() == "第一行\n第二行"
    expect(page.get_by_role("link", name=f"处理：{NAME}")).to_be_visible()

    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_role("link", name="客户—维护").click()
    expect(page.get_by_role("heading", name="客户—维护")).to_be_visible()
    page.get_by_placeholder("查找").fill(NAME)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("row").filter(has_text=NAME).click()
    page.get_by_role("tab", name="转交易检查").click()
    expect(page.get_by_role("cell", name="通过", exact=True)).to_have_count(5)
    expect(page.get_by_role("cell", name=re.compile("^赢单商机："))).to_be_visible()
    loses = page.get_by_role("row").filter(has_text="负责人").filter(has_text="王强")
    expect(loses).to_contain_text("客户名称、客户级别、统一社会信用代码")
    expect(loses).to_contain_text("移入回收站")
    box = dialog(page, "转交易客户")
    expect(box.get_by_text("✓ 没有待审的重复候选")).to_be_visible()
    expect(box.get_by_text("王强（负责人、登记人）不能再修改 客户名称")).to_be_visible()
    press(box, "确定")
    told(page, "客户转交易成功")
    expect(fact(page, "交易客户")).to_have_text("是")
    expect(fact(page, "最后交易日期")).to_have_text("2026-04-02")
    expect(step(page, "转交易客户")).to_have_count(0)

    assert status(key) is CustomerStatus.TRADING
    (request,) = make.rows(ConversionRequest, customer_id=key)
    assert (request.status, request.decided_by_id) == (RequestStatus.APPROVED, people["zhouting"])
    (message,) = make.rows(Message, related_id=key, title="客户转交易成功")
    told_to = [r.person_id for r in make.rows(MessageRecipient, message_id=message.id)]
    assert told_to == [people["wangqiang"]]
    locked = page_as("wangqiang")
    locked.goto(f"/entry/?page=customer_edit&id={key}")
    expect(locked.locator("output").filter(has_text=NAME)).to_be_visible()
    expect(locked.get_by_label("地址")).to_be_editable()
    expect(locked.get_by_role("textbox", name="客户名称")).to_have_count(0)


def test_each_line_opens_its_evidence(page_as: Open) -> None:
    key, other = ready("海棠依据幕墙有限公司"), make.customer("海棠依具幕墙有限公司")
    put(key, other)
    (deal,) = make.rows(Opportunity, customer_id=key)
    page = opened(page_as("zhouting"), key, "admin", "checks")
    page.get_by_role("link", name=deal.number).click()
    expect(page.get_by_role("heading", name=deal.subject)).to_be_visible()
    opened(page, key, "admin", "checks")
    page.get_by_role("link", name="海棠依具幕墙有限公司").click()
    expect(page.get_by_text("海棠依具幕墙有限公司").first).to_be_visible()
    assert "page=pair" in page.url
    opened(page, key, "admin", "checks")
    page.get_by_role("row").filter(has_text="联系人与主联系人").get_by_role("link").click()
    expect(page.get_by_role("cell", name="何经理")).to_be_visible()


def test_missing_evidence_is_red_and_needs_a_reason(page_as: Open) -> None:
    key = make.customer()
    page = opened(page_as("zhouting"), key, "admin", "checks")
    expect(page.get_by_role("row").filter(has_text="交易依据")).to_contain_text("未通过")
    box = dialog(page, "转交易客户")
    expect(box.get_by_text("✗ 交易依据：没有赢单的商机")).to_be_visible()
    press(box, "确定")
    expect(box.get_by_text("没有交易依据，请填写原因")).to_be_visible()
    assert status(key) is CustomerStatus.POTENTIAL
    box.get_by_label("例外原因").fill("已签框架协议")
    press(box, "确定")
    told(page, "客户转交易成功")
    (request,) = make.rows(ConversionRequest, customer_id=key)
    assert request.override_reason == "已签框架协议"


def test_open_duplicate_stops_it_until_it_is_decided(page_as: Open) -> None:
    key, other = ready("海棠测试幕墙有限公司"), make.customer("海棠测式幕墙有限公司")
    pair = put(key, other)
    page = opened(page_as("zhouting"), key, "admin", "checks")
    expect(page.get_by_text("待审：「海棠测式幕墙有限公司」", exact=True)).to_be_visible()
    box = dialog(page, "转交易客户")
    box.get_by_label("例外原因").fill("仍要转")
    press(box, "确定")
    expect(box.get_by_text(re.compile("检查未通过：没有待审的重复候选"))).to_be_visible()
    assert status(key) is CustomerStatus.POTENTIAL
    mark_distinct(actor_of(make.people_ids()["zhouting"]), pair, "两家公司")
    press(box, "确定")
    told(page, "客户转交易成功")
    assert status(key) is CustomerStatus.TRADING


def test_two_at_once_are_one_success(page_as: Open) -> None:
    key = ready("丁香测试幕墙有限公司")
    ask(actor_of(make.people_ids()["wangqiang"]), key)
    boxes = []
    for _ in range(2):
        page = opened(page_as("zhouting"), key, "admin")
        boxes.append((page, dialog(page, "转交易客户")))
    for _page, box in boxes:
        box.get_by_role("button", name="确定").dispatch_event("click")
    done = [page.get_by_text("客户转交易成功") for page, _box in boxes]
    late = [box.get_by_text("该客户已经是交易客户") for _page, box in boxes]
    for won, lost in zip(done, late, strict=True):
        expect(won.or_(lost)).to_be_visible()
    assert sum(won.is_visible() for won in done) == 1
    (request,) = make.rows(ConversionRequest, customer_id=key)
    assert request.status is RequestStatus.APPROVED
    assert len(make.rows(Message, related_id=key, title="客户转交易成功")) == 1


def test_undo_takes_a_reason(page_as: Open, home_as: Open) -> None:
    key = ready("杜鹃测试幕墙有限公司")
    convert(actor_of(make.people_ids()["zhouting"]), key)
    page = opened(page_as("zhouting"), key, "admin")
    box = dialog(page, "撤销转交易")
    press(box, "确定")
    expect(box.get_by_text("原因 为必录项")).to_be_visible()
    box.get_by_label("原因").fill("合同作废")
    press(box, "确定")
    told(page, "已撤销转交易")
    expect(fact(page, "交易客户")).to_have_text("否")
    assert status(key) is CustomerStatus.POTENTIAL
    his = home_as("wangqiang")
    his.get_by_role("row").filter(has_text="客户已撤销转交易").first.click()
    expect(his.get_by_text("原因：合同作废")).to_be_visible()
    his.goto(f"/entry/?page=customer_edit&id={key}")
    expect(his.get_by_role("textbox", name="客户名称")).to_be_editable()


def test_undo_says_why_it_is_too_late(page_as: Open) -> None:
    key = ready("芙蓉测试幕墙有限公司")
    convert(actor_of(make.people_ids()["zhouting"]), key)
    (request,) = make.rows(ConversionRequest, customer_id=key)
    change(ConversionRequest, request.id, decided_at=clock.now() - timedelta(days=31))
    page = opened(page_as("zhouting"), key, "admin")
    expect(step(page, "撤销转交易")).to_be_disabled()
    expect(step(page, "撤销转交易")).to_have_attribute("title", "转交易已超过 30 天，不能撤销")


def test_nobody_converts_what_he_registered(page_as: Open) -> None:
    key = ready("木棉测试幕墙有限公司", registered_by_id=make.people_ids()["zhouting"])
    page = opened(page_as("zhouting"), key, "admin")
    expect(step(page, "转交易客户")).to_be_disabled()
    expect(step(page, "转交易客户")).to_have_attribute("title", OWN_CUSTOMER)

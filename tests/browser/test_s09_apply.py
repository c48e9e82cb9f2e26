"""S09: 王强 applies for the conversion of his customer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.access.actor import actor_of
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Outcome
from tests import make
from tests.browser.card import dialog, fact, opened, press, step, told
from tests.conversion.test_actions import ask

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
NAME = "北京北大西飞发展有限公司"


def test_request_is_prefilled_sent_once_and_counted_by_the_general_office(
    page_as: Open, home_as: Open
) -> None:
    key = make.customer(NAME)
    make.opportunity(key, outcome=Outcome.WON)
    code = make.fetch(Customer, key).code
    desk = home_as("zhouting")
    unread = desk.get_by_role("banner").get_by_role("link", name="消息").locator(".sm-count")
    expect(unread).to_be_hidden()

    page = opened(page_as("wangqiang"), key)
    expect(fact(page, "交易客户")).to_have_text("否")
    box = dialog(page, "申请转交易")
    expect(box.get_by_role("button", name="移除 综合部")).to_be_visible()
    title, body = box.get_by_label("消息标题"), box.get_by_label("正文")
    expect(title).to_have_value(f"申请转交易：{NAME}（{code}）")
    expect(body).to_have_value(re.compile(f"客户名称：{NAME}\n客户代码：{code}\n"))
    # The dry run: what is missing, what locks, what he himself will no longer be able to do.
    expect(box.get_by_text("✓ 没有待审的重复候选")).to_be_visible()
    expect(box.get_by_text("转为交易客户后锁定 客户名称、客户级别")).to_be_visible()
    expect(box.get_by_text("王强（负责人、登记人）不能再修改 客户名称")).to_be_visible()
    box.get_by_role("button", name="发送").dblclick()
    told(page, "消息发送成功")

    expect(page.get_by_text("转交易申请待处理")).to_be_visible()
    expect(step(page, "申请转交易")).to_be_disabled()
    expect(step(page, "申请转交易")).to_have_attribute("title", "已有待处理的申请")
    (request,) = make.rows(ConversionRequest, customer_id=key)
    people = make.people_ids()
    assert (request.status, request.applicant_id) == (RequestStatus.PENDING, people["wangqiang"])
    (copy,) = make.rows(MessageRecipient, message_id=request.message_id)
    assert (copy.person_id, copy.read_at) == (people["zhouting"], None)
    assert make.fetch(Message, request.message_id).related_id == key
    expect(unread).to_have_text("1")  # while she looks at something else


def test_empty_title_is_asked_for_and_nothing_is_sent(page_as: Open) -> None:
    key = make.customer()
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "申请转交易")
    box.get_by_label("消息标题").fill(" ")
    press(box, "发送")
    expect(box.get_by_text("消息标题 为必录项")).to_be_visible()
    expect(box.get_by_label("消息标题")).to_be_focused()
    assert make.rows(ConversionRequest, customer_id=key) == []


def test_recipients_may_be_chosen_but_not_left_out(page_as: Open) -> None:
    key, people = make.customer(), make.people_ids()
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "申请转交易")
    box.get_by_role("button", name="移除 综合部").click()
    press(box, "发送")
    expect(box.get_by_text("接收人 为必录项")).to_be_visible()
    assert make.rows(ConversionRequest, customer_id=key) == []
    box.get_by_role("combobox", name="接收人").fill("周婷")
    box.get_by_role("option", name="周婷").click()
    press(box, "发送")
    told(page, "消息发送成功")
    (request,) = make.rows(ConversionRequest, customer_id=key)
    (copy,) = make.rows(MessageRecipient, message_id=request.message_id)
    assert copy.person_id == people["zhouting"]


def test_second_application_is_refused(page_as: Open) -> None:
    key = make.customer()
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "申请转交易")
    ask(actor_of(make.people_ids()["zhangwei"]), key)
    press(box, "发送")
    expect(box.get_by_text("已有待处理的申请")).to_be_visible()
    assert len(make.rows(ConversionRequest, customer_id=key)) == 1


@pytest.mark.parametrize(
    ("status", "label"), [(CustomerStatus.RECYCLED, "回收站"), (CustomerStatus.MERGED, "已合并")]
)
def test_customer_that_is_gone_cannot_be_applied_for(
    page_as: Open, status: CustomerStatus, label: str
) -> None:
    survivor = make.customer() if status is CustomerStatus.MERGED else None
    key = make.customer(status=status, merged_into_id=survivor)
    page = opened(page_as("wangqiang"), key)
    expect(step(page, "申请转交易")).to_be_disabled()
    reason = f"该客户的状态是{label}，不能申请转交易"
    expect(step(page, "申请转交易")).to_have_attribute("title", reason)


def test_applicant_takes_his_request_back_and_applies_again(page_as: Open) -> None:
    key = make.customer()
    ask(actor_of(make.people_ids()["wangqiang"]), key)
    page = opened(page_as("wangqiang"), key)
    press(dialog(page, "撤回申请"), "撤回申请")
    told(page, "申请已撤回")
    expect(step(page, "申请转交易")).to_be_enabled()
    press(dialog(page, "申请转交易"), "发送")
    told(page, "消息发送成功")
    statuses = [r.status for r in make.rows(ConversionRequest, customer_id=key)]
    assert statuses == [RequestStatus.WITHDRAWN, RequestStatus.PENDING]

"""S11: 周婷 refuses a request; 李敏 can do nothing about it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.access.actor import actor_of
from crmlib.conversion.actions import convert
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.errors import NotAllowed
from crmlib.store.schema import ChangeLog
from tests import make
from tests.browser.card import dialog, fact, opened, press, step, told
from tests.conversion.test_actions import ask, ready

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
WHY = "请先补齐合同扫描件"


def test_refused_with_a_reason_and_applied_for_again(page_as: Open, home_as: Open) -> None:
    key = ready("海棠测试幕墙有限公司")
    ask(actor_of(make.people_ids()["wangqiang"]), key)
    page = home_as("zhouting")
    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_role("link", name="转交易", exact=True).click()
    page.locator("tr.opens").filter(has_text="海棠测试幕墙有限公司").click()
    box = dialog(page, "驳回")
    press(box, "确定")
    expect(box.get_by_text("原因 为必录项")).to_be_visible()
    assert make.rows(ConversionRequest, customer_id=key)[0].status is RequestStatus.PENDING
    box.get_by_label("原因").fill(WHY)
    press(box, "确定")
    told(page, "申请已驳回")
    expect(fact(page, "交易客户")).to_have_text("否")
    expect(step(page, "驳回")).to_have_count(0)
    assert make.fetch(Customer, key).status is CustomerStatus.POTENTIAL
    (request,) = make.rows(ConversionRequest, customer_id=key)
    assert (request.status, request.decision_note) == (RequestStatus.REFUSED, WHY)

    his = home_as("wangqiang")
    his.get_by_role("row").filter(has_text="转交易申请被驳回").click()
    expect(his.get_by_text(f"原因：{WHY}")).to_be_visible()
    his.get_by_role("link", name="打开：海棠测试幕墙有限公司").click()
    expect(his.get_by_text(f"转交易申请被驳回（周婷）：{WHY}")).to_be_visible()
    press(dialog(his, "申请转交易"), "发送")
    told(his, "消息发送成功")
    statuses = [r.status for r in make.rows(ConversionRequest, customer_id=key)]
    assert statuses == [RequestStatus.REFUSED, RequestStatus.PENDING]


def test_clerk_reads_the_state_as_text_and_is_refused(page_as: Open) -> None:
    key = ready("丁香测试幕墙有限公司")
    ask(actor_of(make.people_ids()["wangqiang"]), key)
    page = opened(page_as("limin"), key)
    value = fact(page, "交易客户")
    expect(value).to_have_text("否")
    assert value.evaluate("node => node.querySelectorAll('input, button, a').length") == 0
    for label in ("转交易客户", "驳回", "撤回申请"):
        expect(step(page, label)).to_have_count(0)
    limin = actor_of(make.people_ids()["limin"])
    with pytest.raises(NotAllowed, match="您没有权限执行此操作"):
        convert(limin, key)
    (row,) = make.rows(ChangeLog, kind="refused", action="convert")
    assert row.person_id == limin.person_id
    assert make.fetch(Customer, key).status is CustomerStatus.POTENTIAL

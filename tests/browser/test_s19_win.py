"""S19: 王强 wins; empty and future dates are refused, a second time too; 张伟 takes it back."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.opportunities.model import Opportunity, Outcome, StageHistory
from tests import make
from tests.browser.card import dialog, fact, press, step, told
from tests.browser.customer_form import fault, field
from tests.browser.deal import opened

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def test_won_told_offered_for_conversion_and_taken_back(page_as: Open) -> None:
    deal = make.opportunity(make.customer(), stage="NEGO", amount=386_000)
    found = make.fetch(Opportunity, deal)
    page = opened(page_as("wangqiang"), deal)
    box = dialog(page, "赢单")
    field(page, "输赢日期").fill("")
    field(page, "成交金额").fill("")
    press(box, "赢单")
    expect(fault(page, "输赢日期")).to_have_text("输赢日期不能为空！")
    expect(fault(page, "输赢原因")).to_have_text("输赢原因不能为空！")
    expect(fault(page, "成交金额")).to_have_text("成交金额 为必录项")
    field(page, "输赢日期").fill((clock.today() + timedelta(days=1)).isoformat())
    field(page, "输赢原因").select_option(label="甲方指定/品牌入围")
    field(page, "成交金额").fill("380,000")
    press(box, "赢单")
    expect(fault(page, "输赢日期")).to_have_text("输赢日期 不能晚于今天")
    assert make.fetch(Opportunity, deal).outcome is Outcome.OPEN
    field(page, "输赢日期").fill(clock.today().isoformat())
    press(box, "赢单")
    told(page, f"赢单商机【{found.subject}】")
    expect(page.locator(".sm-page-title").get_by_text("赢单", exact=True)).to_be_visible()
    expect(fact(page, "输赢原因")).to_have_text("甲方指定/品牌入围")
    expect(fact(page, "成交金额")).to_have_text("¥380,000")
    expect(fact(page, "关闭")).to_have_text("否")
    expect(page.locator(".sm-box").get_by_role("link", name="申请转交易")).to_be_visible()
    expect(step(page, "反赢单")).to_have_count(0)
    won = make.fetch(Opportunity, deal)
    assert (won.outcome, won.won_amount) == (Outcome.WON, Decimal(380_000))

    boss = opened(page_as("zhangwei"), deal)
    box = dialog(boss, "反赢单")
    press(box, "确定")
    expect(fault(boss, "原因")).to_have_text("原因 为必录项")
    field(boss, "原因").fill("客户反悔")
    press(box, "确定")
    told(boss, "已反赢单，商机恢复为进行中")
    expect(boss.get_by_role("cell", name="反赢单：客户反悔")).to_be_visible()
    expect(step(boss, "赢单")).to_be_visible()
    assert [h.event for h in make.rows(StageHistory, opportunity_id=deal)] == [
        "move", "won", "undone",
    ]  # fmt: skip


def test_what_was_decided_or_closed_meanwhile_is_not_won(page_as: Open) -> None:
    customer = make.customer()
    page = page_as("wangqiang")
    for change, message in (
        ({"outcome": Outcome.LOST, "decided_on": clock.today()}, "商机{}已经完成输赢单操作！"),
        ({"closed": True}, "商机{}已经关闭！"),
    ):
        deal = make.opportunity(customer)
        opened(page, deal)
        box = dialog(page, "赢单")
        field(page, "输赢原因").select_option(label="价格合适")
        make.change(Opportunity, deal, **change)
        press(box, "赢单")
        expect(
            box.get_by_text(message.format(make.fetch(Opportunity, deal).number))
        ).to_be_visible()
        press(box, "取消")
        press(page.get_by_role("dialog"), "放弃")

"""The guards of requirements §4.4 as tables."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crmlib.opportunities import outcome_rules as rules
from crmlib.opportunities.outcome_rules import Closing, Ending, Standing

BORN, TODAY = date(2026, 10, 1), date(2026, 11, 23)
REASONS = {"01": "品牌入围", "02": "价格合适"}
RIVALS = {"01": "兴三星"}
WIN = Ending(decided_on=TODAY, reason="01", amount="350,000")
LOSS = Ending(decided_on="2026-11-20", reason="02", competitor="01")
OPEN = Standing("SJ1", "open", closed=False)
WON = Standing("SJ1", "won", closed=False)
LOST = Standing("SJ1", "lost", closed=False)
CLOSED = Standing("SJ1", "won", closed=True)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, {}),
        ({"decided_on": BORN}, {}),
        ({"decided_on": None, "reason": ""}, {
            "decided_on": "输赢日期不能为空！", "reason": "输赢原因不能为空！"}),
        ({"decided_on": date(2026, 11, 24)}, {"decided_on": "输赢日期 不能晚于今天"}),
        ({"decided_on": date(2026, 9, 30)}, {
            "decided_on": "输赢日期 不能早于登记日期 2026-10-01"}),
        ({"decided_on": "昨天"}, {"decided_on": "输赢日期 请填写正确的日期，如 2026-12-31"}),
        ({"reason": "99"}, {"reason": "输赢原因 请从列表中选择"}),
        ({"amount": None}, {"amount": "成交金额 为必录项"}),
        ({"amount": "0"}, {"amount": "成交金额 应大于 0"}),
        ({"amount": "-1"}, {"amount": "成交金额 不能为负数"}),
        ({"amount": "很多"}, {"amount": "成交金额 请填写数字"}),
        ({"note": "长" * 256}, {"note": "输赢说明 不能超过 255 个字"}),
    ],
)  # fmt: skip
def test_win_needs_day_reason_and_amount(change: dict[str, object], faults: object) -> None:
    ending = rules.cleaned(replace(WIN, **change))
    assert rules.win_faults(ending, REASONS, BORN, TODAY) == faults


def test_an_ending_is_read_before_it_is_judged() -> None:
    read = rules.cleaned(replace(WIN, note="  好 ", amount="３５万".replace("万", "0000")))
    assert (read.amount, read.note) == (Decimal(350_000), "好")
    assert rules.cleaned(LOSS).decided_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, {}),
        ({"competitor": "", "no_competitor": True}, {}),
        ({"competitor": "99", "no_competitor": True}, {}),
        ({"competitor": ""}, {"competitor": rules.NO_COMPETITOR}),
        ({"competitor": "99"}, {"competitor": "竞争对手 请从列表中选择"}),
        ({"reason": "", "competitor": ""}, {
            "reason": "输赢原因不能为空！", "competitor": rules.NO_COMPETITOR}),
    ],
)  # fmt: skip
def test_loss_names_a_competitor_or_none(change: dict[str, object], faults: object) -> None:
    ending = rules.cleaned(replace(LOSS, **change))
    assert rules.loss_faults(ending, REASONS, RIVALS, BORN, TODAY) == faults


@pytest.mark.parametrize(
    ("needed", "approved", "manages", "override", "faults"),
    [
        (False, False, False, "", {}),
        (True, True, False, "", {}),
        (True, False, False, "急", {"": rules.NO_REVIEW}),
        (True, False, True, "", {"override": rules.OVERRIDE}),
        (True, False, True, "急", {}),
    ],
)
def test_review_may_be_required(
    needed: bool, approved: bool, manages: bool, override: str, faults: object
) -> None:
    told = {"needed": needed, "approved": approved, "manages": manages, "override": override}
    assert rules.review_faults(**told) == faults


@pytest.mark.parametrize(
    ("deal", "outcome", "orders", "refusal"),
    [
        (WON, "won", 0, None),
        (LOST, "lost", 0, None),
        (CLOSED, "won", 0, "商机SJ1已经关闭！"),
        (OPEN, "won", 0, "只能对赢单的商机执行反赢单操作！"),
        (LOST, "won", 0, "只能对赢单的商机执行反赢单操作！"),
        (WON, "lost", 0, "只能对输单的商机执行反输单操作！"),
        (WON, "won", 2, "商机SJ1已有 2 个订单，不能反赢单"),
    ],
)
def test_undo(deal: Standing, outcome: str, orders: int, refusal: str | None) -> None:
    assert rules.undo_refusal(deal, outcome, orders) == refusal


@pytest.mark.parametrize(
    ("deal", "may_drop", "refusal"),
    [
        (WON, False, None),
        (LOST, True, None),
        (OPEN, True, None),
        (OPEN, False, rules.STILL_OPEN),
        (CLOSED, True, "商机SJ1已经关闭！"),
    ],
)
def test_close_refusal(deal: Standing, may_drop: bool, refusal: str | None) -> None:
    assert rules.close_refusal(deal, may_drop=may_drop) == refusal


@pytest.mark.parametrize(
    ("closing", "summary", "everywhere", "faults"),
    [
        (Closing(), "复盘", False, {}),
        (Closing(), "", False, {"summary": rules.NO_SUMMARY}),
        (Closing("01"), "", True, {}),
        (Closing(), "复盘", True, {"reason": "关闭原因 为必录项"}),
        (Closing("99"), "复盘", False, {"reason": "关闭原因 请从列表中选择"}),
        (Closing("01", "长" * 256), "长" * 5001, True, {
            "note": "关闭说明 不能超过 255 个字", "summary": "项目总结 不能超过 5000 个字"}),
    ],
)  # fmt: skip
def test_close_faults(closing: Closing, summary: str, everywhere: bool, faults: object) -> None:
    found = rules.close_faults(closing, summary, REASONS, everywhere=everywhere)
    assert found == faults


@pytest.mark.parametrize(
    ("deal", "lives", "refusal"),
    [
        (CLOSED, True, None),
        (CLOSED, False, rules.CUSTOMER_GONE),
        (WON, True, "商机SJ1没有关闭"),
    ],
)
def test_reopen(deal: Standing, lives: bool, refusal: str | None) -> None:
    assert rules.reopen_refusal(deal, customer_lives=lives) == refusal


def test_a_step_back_says_why() -> None:
    assert rules.because_faults("") == {"reason": "原因 为必录项"}
    assert rules.because_faults("长" * 256) == {"reason": "原因 不能超过 255 个字"}
    assert rules.because_faults("客户反悔") == {}

"""The check list, and who may ask and decide."""

import dataclasses
from datetime import date, timedelta

import pytest

from crmlib.conversion import rules
from crmlib.conversion.rules import Facts, Stake, Standing
from crmlib.errors import Refused
from crmlib.reference.workdays import PUBLISHED

GOOD = Facts([], 2, True, [], ["SJ1 执手"], "有限公司")
POTENTIAL = Standing(False, True, "潜在客户")
TRADING = Standing(True, False, "交易客户")
MERGED = Standing(False, False, "已合并")


def test_everything_in_order_passes() -> None:
    assert all(check.ok for check in rules.checks(GOOD))
    rules.require_clear(rules.checks(GOOD), "")


@pytest.mark.parametrize(
    ("wrong", "key", "words"),
    [
        ({"missing": ["phone", "level"]}, rules.FIELDS, "电话、客户级别"),
        ({"contacts": 0, "has_primary": False}, rules.CONTACTS, "没有联系人"),
        ({"has_primary": False}, rules.CONTACTS, "没有主联系人"),
        ({"open_pairs": ["云岭公司"]}, rules.DUPLICATES, "云岭公司"),
        ({"legal_form": ""}, rules.LEGAL_NAME, "组织形式"),
    ],
)
def test_a_failed_check_is_named_and_no_reason_overrides_it(
    wrong: dict[str, object], key: str, words: str
) -> None:
    found = rules.checks(dataclasses.replace(GOOD, **wrong))
    failed = [check for check in found if not check.ok]
    assert [check.key for check in failed] == [key]
    assert words in failed[0].detail
    with pytest.raises(Refused, match=words):
        rules.require_clear(found, "有原因")


def test_missing_evidence_gives_way_to_a_reason() -> None:
    found = rules.checks(dataclasses.replace(GOOD, won_deals=[]))
    with pytest.raises(Refused, match="请填写原因"):
        rules.require_clear(found, "")
    rules.require_clear(found, "合同已签，订单在途")


def test_when_a_request_is_possible() -> None:
    assert rules.request_refusal(POTENTIAL, pending=False) is None
    assert rules.request_refusal(POTENTIAL, pending=True) == "已有待处理的申请"
    assert rules.request_refusal(TRADING, pending=False) == "该客户已经是交易客户"
    assert "已合并" in (rules.request_refusal(MERGED, pending=False) or "")


def test_nobody_approves_his_own_request() -> None:
    assert rules.convert_refusal(POTENTIAL, Stake(applied=True)) == rules.OWN_REQUEST
    assert rules.convert_refusal(POTENTIAL, Stake(asked_before=True)) == rules.ASKED_BEFORE
    assert rules.convert_refusal(POTENTIAL, Stake(holds=True)) == rules.OWN_CUSTOMER
    assert rules.convert_refusal(POTENTIAL, Stake(in_line=True)) == rules.IN_LINE
    assert rules.convert_refusal(POTENTIAL) is None
    assert rules.convert_refusal(TRADING) == rules.ALREADY_TRADING
    assert "已合并" in (rules.convert_refusal(MERGED) or "")


def test_the_template_names_customer_and_grounds() -> None:
    title, body = rules.template("云岭公司", "KH1", ["SJ1", "SJ2"])
    assert title == "申请转交易：云岭公司（KH1）"
    assert all(part in body for part in ("客户名称：云岭公司", "客户代码：KH1", "SJ1、SJ2"))
    assert rules.NO_GROUNDS in rules.template("云岭公司", "KH1", [])[1]
    assert len(rules.template("云" * 120, "KH1", [])[0]) == 120


@pytest.mark.parametrize("back", [*range(7), *range(44, 60)])  # also over 国庆节
def test_the_last_overdue_day_agrees_with_the_age(back: int) -> None:
    today = date(2026, 11, 23) - timedelta(days=back)
    last = rules.overdue_until(today)
    assert rules.is_overdue(PUBLISHED.between(last, today))
    assert not rules.is_overdue(PUBLISHED.between(last + timedelta(days=1), today))


def test_when_a_conversion_may_be_taken_back() -> None:
    today = date(2026, 11, 23)
    edge = today - timedelta(days=rules.UNDO_DAYS)
    assert rules.undo_refusal(edge, today, ()) is None
    assert rules.undo_refusal(edge - timedelta(days=1), today, ()) == rules.UNDO_TOO_LATE
    assert rules.undo_refusal(None, today, ()) == rules.NEVER_CONVERTED
    assert "SJ7" in (rules.undo_refusal(today, today, ["SJ7 执手"]) or "")

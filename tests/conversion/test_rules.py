"""The check list, and who may ask and decide."""

import dataclasses

import pytest

from crmlib.conversion import rules
from crmlib.conversion.rules import Facts, Standing
from crmlib.errors import Refused

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
    assert rules.convert_refusal(POTENTIAL, {7}, 7) == rules.OWN_REQUEST
    assert rules.convert_refusal(POTENTIAL, {7}, 8) is None
    assert rules.convert_refusal(TRADING, (), 8) == rules.ALREADY_TRADING
    assert "已合并" in (rules.convert_refusal(MERGED, (), 8) or "")


def test_the_template_names_customer_and_grounds() -> None:
    title, body = rules.template("云岭公司", "KH1", ["SJ1", "SJ2"])
    assert title == "申请转交易：云岭公司（KH1）"
    assert all(part in body for part in ("客户名称：云岭公司", "客户代码：KH1", "SJ1、SJ2"))
    assert rules.NO_GROUNDS in rules.template("云岭公司", "KH1", [])[1]
    assert len(rules.template("云" * 120, "KH1", [])[0]) == 120

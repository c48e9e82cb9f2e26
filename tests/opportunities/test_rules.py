"""Fields, 主题 and stage moves of an opportunity, without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.opportunities import rules
from crmlib.opportunities.rules import Choices, OpportunityDraft, Step

CHOICES = Choices({"P2": "点支承玻璃幕墙构配件"}, {"01": "入围"}, {"01": "住宅"}, {"01": "展会"})
GOOD = OpportunityDraft(
    customer_id=1,
    project_name="天河大厦",
    products=("P2",),
    sales_task="01",
    amount="100000",
    expected_close="2026-12-31",
)
STEPS = [
    Step(i, f"S{i}", f"阶段{i}", i * 10, i * 10, 10, (f"甲{i}", f"乙{i}"), disabled=i == 4)
    for i in range(1, 7)
]
LIVE = [s.id for s in STEPS if not s.disabled]


def faults(**changes: object) -> dict[str, str]:
    return rules.faults(rules.cleaned(replace(GOOD, **changes)), CHOICES)


def test_a_complete_draft_has_no_faults() -> None:
    assert faults() == {}


def test_all_faults_come_at_once() -> None:
    assert faults(
        customer_id=None,
        project_name=" ",
        products=(),
        sales_task="",
        amount=None,
        expected_close=None,
        subject="随便",
    ) == {
        "customer_id": "客户 为必录项",
        "project_name": "项目名称 为必录项",
        "products": "感兴趣产品 为必录项",
        "sales_task": "销售任务 为必录项",
        "amount": "预计金额 为必录项",
        "expected_close": "预计成交日期 为必录项",
        "subject": "主题格式：客户-感兴趣产品名称-销售任务",
    }


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("-1", "预计金额 不能为负数"),
        (-0.01, "预计金额 不能为负数"),
        ("很多", "预计金额 请填写数字"),
        ("NaN", "预计金额 请填写数字"),
        ("Infinity", "预计金额 请填写数字"),
        ("1000000000000", "预计金额 不能超过 12 位数"),
        ("0.001", "预计金额 最多两位小数"),
        ("0", None),
        ("999999999999.99", None),
        ("１２３，４５６．７８", None),
        ("¥1,234元", None),
    ],
)
def test_amount(amount: object, message: str | None) -> None:
    assert faults(amount=amount).get("amount") == message


@given(st.decimals(0, 999_999_999_999, places=2))
def test_every_amount_within_limits_is_read_exactly(amount: Decimal) -> None:
    draft = rules.cleaned(replace(GOOD, amount=f"{amount:,}"))
    assert draft.amount == amount
    assert rules.faults(draft, CHOICES) == {}


@pytest.mark.parametrize("day", ["2026-02-30", "明天", "2026", "0026-01-01", "26-1-1-1"])
def test_a_date_that_is_none_is_told(day: str) -> None:
    assert "2026-12-31" in faults(expected_close=day)["expected_close"]


def test_dates_are_read_as_clerks_write_them() -> None:
    assert rules.cleaned(replace(GOOD, expected_close="2026/1/5")).expected_close == date(
        2026, 1, 5
    )


@pytest.mark.parametrize("field", ["products", "sales_task", "project_type", "source"])
def test_values_outside_the_dictionary_are_refused(field: str) -> None:
    value = ("XX",) if field == "products" else "XX"
    assert "请从列表中选择" in faults(**{field: value})[field]


@pytest.mark.parametrize("subject", ["随便", "甲-乙", "甲--丙", "-乙-丙", "甲-乙-", "甲-乙-丙-丁"])
def test_subject_of_another_form_is_refused(subject: str) -> None:
    assert rules.subject_fault(subject) == rules.SUBJECT_FORMAT


def test_full_width_hyphens_are_hyphens() -> None:
    assert faults(subject="华南幕墙－执手－报价") == {}


@given(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=1), st.text(min_size=1))
def test_composed_subjects_keep_the_form(customer: str, products: list[str], task: str) -> None:
    parts = [customer, *products, task]
    if all(part.strip() for part in parts):
        assert rules.subject_fault(rules.compose_subject(customer, products, task)) is None


@pytest.mark.parametrize(
    ("brand", "trade", "area", "short"),
    [
        ("华南", "幕墙工程", "广州", "华南幕墙"),
        ("华南", "幕墙", "", "华南幕墙"),
        ("北大西飞", "发展", "北京", "北大西飞"),
        ("", "", "", "全名"),
        ("", "幕墙", "广州", "广州幕墙"),
    ],
)
def test_short_name(brand: str, trade: str, area: str, short: str) -> None:
    assert rules.short_name("全名", brand, trade, area) == short


def test_subject_of_the_scenario() -> None:
    short = rules.short_name("广州华南幕墙工程有限公司", "华南", "幕墙工程", "广州")
    subject = rules.compose_subject(short, ["点支承玻璃幕墙构配件"], "入围")
    assert subject == "华南幕墙-点支承玻璃幕墙构配件-入围"


def test_who_may_edit_what() -> None:
    manager = rules.editable_fields(owns=False, manages=True)
    owner = rules.editable_fields(owns=True, manages=False)
    helper = rules.editable_fields(owns=False, manages=False)
    assert manager - owner == {"owner_id", "probability"}
    assert owner - helper == {"amount"}
    assert all("customer_id" not in fields for fields in (manager, owner, helper))


def test_disabled_stage_is_stepped_over() -> None:
    after = rules.next_step(STEPS, 3)
    assert after is not None
    assert after.id == 5
    assert rules.next_step(STEPS, 6) is None


@given(st.sampled_from(LIVE), st.sampled_from([s.id for s in STEPS] + [99]), st.booleans())
def test_only_one_step_forward_needs_no_reason(current: int, target: int, reasoned: bool) -> None:
    found = rules.move_faults(STEPS, current, target, "客户要求" if reasoned else " ")
    after = rules.next_step(STEPS, current)
    if target not in LIVE or target == current:
        assert set(found) == {"to_stage_id"}
    elif reasoned or (after and target == after.id):
        assert found == {}
    else:
        assert found == {"reason": "跳过或退回阶段，请填写原因"}


@given(
    st.sampled_from(LIVE), st.sampled_from(LIVE), st.sets(st.sampled_from(["甲1", "乙1", "甲2"]))
)
def test_open_items_ask_only_on_the_way_forward(
    current: int, target: int, ticked: set[str]
) -> None:
    left = rules.unticked(STEPS, current, ticked)
    found = rules.move_faults(STEPS, current, target, "原因", left)
    assert ("confirm" in found) == (target > current and bool(left))


@pytest.mark.parametrize(
    ("closed", "decided", "text"),
    [
        (True, True, "商机SJ1已经关闭！"),
        (False, True, "商机SJ1已经完成输赢单操作！"),
        (False, False, None),
    ],
)
def test_ended_deals_refuse_changes(closed: bool, decided: bool, text: str | None) -> None:
    assert rules.state_refusal("SJ1", closed=closed, decided=decided) == text


@pytest.mark.parametrize(
    ("typed", "read"), [("30%", 30), (0, 0), ("３０", 30), ("101", None), ("", None)]
)
def test_percent(typed: object, read: int | None) -> None:
    assert rules.read_percent(typed) == read

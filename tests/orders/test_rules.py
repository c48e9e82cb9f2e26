"""Orders as typed, the status that follows from events, and the way of a review."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.orders import rules
from crmlib.orders import terms as order_terms
from crmlib.orders.rules import DealFacts, EventDraft, LineDraft, OrderDraft, ReviewEntry

DAY = date(2026, 11, 23)
GOOD = OrderDraft(
    number="so-1001",
    customer_id=1,
    ordered_on=DAY,
    lines=(LineDraft(product="执手", quantity="10", price="1,280.555"),),
)


def faults(**values: object) -> dict[str, str]:
    return rules.order_faults(rules.cleaned(replace(GOOD, **values)))  # type: ignore[arg-type]


def line(**values: object) -> dict[str, str]:
    return faults(lines=(replace(GOOD.lines[0], **values),))  # type: ignore[index, arg-type]


def test_a_good_order_is_cleaned_and_summed() -> None:
    draft = rules.cleaned(GOOD)
    assert (draft.number, draft.amount) == ("SO-1001", Decimal("12805.60"))
    assert rules.order_faults(draft) == {}
    whole = rules.cleaned(replace(GOOD, amount="9,000"))
    assert whole.amount == Decimal("9000.00"), "what the ERP says wins over the sum"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"number": " "}, {"number": "ERP单号 为必录项"}),
        ({"number": "X" * 31}, {"number": "ERP单号 不能超过 30 个字"}),
        ({"customer_id": None}, {"customer_id": "客户名称 为必录项"}),
        ({"ordered_on": None}, {"ordered_on": "订单日期 为必录项"}),
        ({"due_on": DAY - timedelta(days=1)}, {"due_on": "交货日期 不能早于订单日期"}),
        ({"lines": None}, {"amount": "订单金额 为必录项"}),
        ({"amount": "-1"}, {"amount": "订单金额 应为不小于 0 的数字"}),
        ({"amount": "一万"}, {"amount": "订单金额 应为不小于 0 的数字"}),
        ({"stated": "sent"}, {"stated": "ERP状态 请从列表中选择"}),
    ],
)
def test_what_is_wrong_with_an_order(values: dict[str, object], expected: dict[str, str]) -> None:
    assert faults(**values) == expected


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"product": ""}, "product", "产品 为必录项"),
        ({"quantity": "0"}, "quantity", "数量 应大于 0"),
        ({"quantity": None}, "quantity", "数量 为必录项"),
        ({"price": "x"}, "price", "单价 应为不小于 0 的数字"),
        ({"specification": "长" * 121}, "specification", "规格 不能超过 120 个字"),
    ],
)
def test_a_fault_names_the_cell(values: dict[str, object], field: str, message: str) -> None:
    found = line(**values)
    assert found[f"lines.0.{field}"] == message
    assert set(found) - {"amount"} == {f"lines.0.{field}"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "sent"}, "kind"),
        ({"happened_on": None}, "happened_on"),
        ({"happened_on": DAY + timedelta(days=1)}, "happened_on"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-3"}, "quantity"),
        ({"remark": "长" * 256}, "remark"),
    ],
)
def test_what_is_wrong_with_an_event(values: dict[str, object], field: str) -> None:
    good = EventDraft(kind="shipped", happened_on=DAY, quantity="3")
    assert rules.event_faults(rules.clean_event(good), DAY) == {}
    wrong = rules.clean_event(replace(good, **values))  # type: ignore[arg-type]
    assert set(rules.event_faults(wrong, DAY)) == {field}


@pytest.mark.parametrize(
    ("stated", "events", "ordered", "status"),
    [
        ("entered", [], 10, "entered"),
        ("entered", [("scheduled", None)], 10, "preparing"),
        ("entered", [("prepared", None), ("shipped", 4)], 10, "part_shipped"),
        ("entered", [("shipped", 4), ("shipped", 6)], 10, "shipped"),
        ("entered", [("shipped", None)], 10, "shipped"),
        ("entered", [("shipped", 4)], None, "part_shipped"),
        ("entered", [("shipped", 12), ("received", None)], 10, "shipped"),
        ("entered", [("installed", None)], 10, "part_shipped"),
        ("entered", [("done", None)], 10, "done"),
        ("shipped", [("scheduled", None)], 10, "shipped"),
        ("cancelled", [("shipped", 10)], 10, "cancelled"),
    ],
)
def test_the_status_follows_from_statement_and_events(
    stated: str, events: list[tuple[str, int | None]], ordered: int | None, status: str
) -> None:
    read = [(kind, None if q is None else Decimal(q)) for kind, q in events]
    assert rules.status_of(stated, read, ordered and Decimal(ordered)) == status


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(list(order_terms.EVENT_KIND)),
        st.none() | st.integers(1, 20).map(Decimal),
    ),
    max_size=8,
)


@given(st.sampled_from([s for s in order_terms.ORDER_STATUS if s != "cancelled"]), EVENTS, EVENTS)
def test_more_events_never_take_an_order_back(
    stated: str, events: list[tuple[str, Decimal | None]], more: list[tuple[str, Decimal | None]]
) -> None:
    rank = list(order_terms.ORDER_STATUS).index
    before = rules.status_of(stated, events, Decimal(10))
    assert rank(before) >= rank(stated)
    assert rank(rules.status_of(stated, events + more, Decimal(10))) >= rank(before)
    assert rules.status_of("cancelled", events, Decimal(10)) == "cancelled"


@given(st.lists(st.sampled_from(list(order_terms.REVIEW_STATUS)), max_size=12))
def test_no_steps_bring_a_review_to_a_decision_it_was_not_submitted_for(steps: list[str]) -> None:
    status, seen = "draft", ["draft"]
    for wanted in steps:
        if rules.review_refusal(status, wanted) is None:
            status = wanted
            seen.append(status)
    for before, after in pairwise(seen):
        if after in {"approved", "refused"}:
            assert before == "submitted"
        assert before not in {"approved", "void"}, "these are ends"


DEAL = DealFacts(Decimal(1), 1, 70, 70, "商务谈判", frozenset())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, None),
        ({"position": 80}, None),
        ({"position": 60}, "商机到「商务谈判」阶段后才能转合同评审"),
        ({"amount": Decimal(0)}, "请先填写商机的预计金额"),
        ({"products": 0}, "请先填写商机的感兴趣产品"),
        ({"reviews": frozenset({"draft"})}, "该商机已有进行中的合同评审"),
        ({"reviews": frozenset({"refused"})}, "该商机已有进行中的合同评审"),
        ({"reviews": frozenset({"approved", "void"})}, "该商机的合同评审已经通过"),
        ({"reviews": frozenset({"void"})}, None),
    ],
)
def test_when_a_deal_may_go_to_review(values: dict[str, object], message: str | None) -> None:
    assert rules.request_refusal(replace(DEAL, **values)) == message  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "values", "fields"),
    [
        ("submitted", {"number": "OA-1", "day": DAY}, set()),
        ("submitted", {}, {"number", "day"}),
        ("approved", {"day": DAY}, set()),
        ("approved", {"day": DAY + timedelta(days=1)}, {"day"}),
        ("refused", {"day": DAY}, {"note"}),
        ("void", {"day": DAY, "note": "改签"}, set()),
        ("approved", {"day": DAY, "note": "长" * 256}, {"note"}),
    ],
)
def test_what_a_step_of_a_review_needs(
    wanted: str, values: dict[str, object], fields: set[str]
) -> None:
    entry = ReviewEntry(**values)  # type: ignore[arg-type]
    assert set(rules.review_faults(entry, wanted, DAY)) == fields


def test_goods_that_should_have_been_sent_are_late() -> None:
    yesterday = DAY - timedelta(days=1)
    assert rules.is_late("preparing", yesterday, DAY)
    assert not rules.is_late("shipped", yesterday, DAY)
    assert not rules.is_late("preparing", DAY, DAY)
    assert not rules.is_late("preparing", None, DAY)

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.quotes import rules
from crmlib.quotes.rules import Choices, LineDraft, QuoteDraft
from crmlib.quotes.states import QuoteStatus, QuoteStep

TODAY = date(2026, 11, 23)
CHOICES = Choices({"P1": "门窗五金系统", "P1-01": "执手"}, {"01": "款到发货"})
LINE = LineDraft(product="P1-01", quantity="10", unit_price="12.50")
GOOD = QuoteDraft(delivery="签约后 30 天", payment_term="01", lines=(LINE,))


def told(draft: QuoteDraft) -> dict[str, str]:
    return rules.faults(rules.cleaned(draft, CHOICES), CHOICES, TODAY)


def line(**values: object) -> QuoteDraft:
    return replace(GOOD, lines=(replace(LINE, **values),))


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "expected"),
    [
        ("3", "1.15", "0", "3.45"),
        ("1", "0.01", "50", "0.01"),  # half a 分 goes up
        ("1", "0.01", "50.01", "0.00"),
        ("0.5", "0.01", "0", "0.01"),
        ("7", "33.33", "12.5", "204.15"),
        ("1200", "3.34", "5", "3807.60"),
        ("2.125", "1.00", "0", "2.13"),
        ("1", "100", "100", "0.00"),
        ("9999999.999", "999999999.99", "0", "9999999998900000.00"),
    ],
)
def test_a_line_costs_quantity_times_price_less_discount(
    quantity: str, price: str, discount: str, expected: str
) -> None:
    found = rules.subtotal(Decimal(quantity), Decimal(price), Decimal(discount))
    assert str(found) == expected


AMOUNTS = st.tuples(
    st.decimals(0, 9_999_999, places=3),
    st.decimals(0, 999_999_999, places=2),
    st.decimals(0, 100, places=2),
)


@given(st.lists(AMOUNTS, max_size=20))
def test_totals_are_exact_to_the_fen(lines: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    found = [rules.subtotal(*numbers) for numbers in lines]
    for (quantity, price, discount), subtotal in zip(lines, found, strict=True):
        exact = Fraction(quantity) * Fraction(price) * (100 - Fraction(discount)) / 100
        assert abs(Fraction(subtotal) - exact) <= Fraction(1, 200)
        assert subtotal >= 0
        assert subtotal == subtotal.quantize(Decimal("0.01"))
        if Fraction(subtotal) < exact:  # rounded down: less than half a 分 was lost
            assert exact - Fraction(subtotal) < Fraction(1, 200)
    assert Fraction(rules.total(found)) == sum(map(Fraction, found))


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (GOOD, {}),
        (line(discount=None), {}),
        (line(unit_price="0"), {}),
        (line(product=None, name="非标五金件"), {}),
        (line(quantity="１,２００．５"), {}),
        (
            QuoteDraft(),
            {
                "delivery": "交货期限 为必录项",
                "payment_term": "付款方式 为必录项",
                "lines": rules.NO_LINES,
            },
        ),
        (replace(GOOD, payment_term="99"), {"payment_term": "付款方式 请从列表中选择"}),
        (replace(GOOD, valid_until=TODAY), {}),
        (
            replace(GOOD, valid_until=TODAY - timedelta(days=1)),
            {"valid_until": "有效期至 不能早于今天"},
        ),
        (replace(GOOD, delivery="长" * 61), {"delivery": "交货期限 不能超过 60 个字"}),
        (replace(GOOD, terms="长" * 4001), {"terms": "条款 不能超过 4000 个字"}),
        (replace(GOOD, pricing_note="长" * 501), {"pricing_note": "定价说明 不能超过 500 个字"}),
        (replace(GOOD, lines=(LINE,) * 201), {"lines": "报价明细 最多 200 行"}),
        (line(quantity=""), {"lines.0.quantity": "数量 为必录项"}),
        (line(quantity="0"), {"lines.0.quantity": "数量 应大于 0"}),
        (line(quantity="-1"), {"lines.0.quantity": "数量 不能为负数"}),
        (line(quantity="若干"), {"lines.0.quantity": "数量 应为数字"}),
        (line(quantity="NaN"), {"lines.0.quantity": "数量 应为数字"}),
        (line(quantity="1.2345"), {"lines.0.quantity": "数量 最多 3 位小数"}),
        (line(quantity="10000000"), {"lines.0.quantity": "数量 不能超过 7 位数"}),
        (line(unit_price=None), {"lines.0.unit_price": "单价 为必录项"}),
        (line(unit_price="0.001"), {"lines.0.unit_price": "单价 最多 2 位小数"}),
        (line(discount="101"), {"lines.0.discount": "折扣率% 请填写 0 到 100"}),
        (line(discount="-1"), {"lines.0.discount": "折扣率% 不能为负数"}),
        (line(discount="1.234"), {"lines.0.discount": "折扣率% 最多 2 位小数"}),
        (line(product="P9"), {"lines.0.product": "产品 请从列表中选择"}),
        (line(product=None), {"lines.0.name": "名称 为必录项"}),
        (line(unit="一二三四五六七八九十个"), {"lines.0.unit": "单位 不能超过 10 个字"}),
        (line(spec="长" * 81), {"lines.0.spec": "规格 不能超过 80 个字"}),
        (
            line(quantity="9999999", unit_price="999999999"),
            {"lines": "报价金额 不能超过 12 位数"},
        ),
    ],
)
def test_faults_of_a_quotation(draft: QuoteDraft, expected: dict[str, str]) -> None:
    assert told(draft) == expected


def test_a_line_takes_its_name_from_the_product_and_has_a_unit() -> None:
    (found,) = rules.cleaned(line(unit="", discount="5%"), CHOICES).lines
    assert (found.name, found.unit, found.discount) == ("执手", "套", Decimal(5))
    assert rules.total_of((found,)) == Decimal("118.75")


S, T = QuoteStatus, QuoteStep
ALLOWED = {
    S.DRAFT: {T.EDIT: S.DRAFT, T.SUBMIT: S.WAITING, T.VOID: S.VOID},
    S.WAITING: {T.RECALL: S.DRAFT, T.RETURN: S.DRAFT, T.APPROVE: S.APPROVED, T.VOID: S.VOID},
    S.APPROVED: {T.SEND: S.SENT, T.VOID: S.VOID},
    S.SENT: {T.ACCEPT: S.ACCEPTED, T.VOID: S.VOID},
    S.ACCEPTED: {T.VOID: S.VOID},
    S.VOID: {},
}


def refusal(step: QuoteStep, status: QuoteStatus, valid_until: date | None = None) -> str | None:
    return rules.step_refusal(step, status, valid_until=valid_until, today=TODAY)


@pytest.mark.parametrize("status", S)
def test_which_step_follows_which(status: QuoteStatus) -> None:
    for step in set(T) - {T.COPY}:
        if step in ALLOWED[status]:
            assert refusal(step, status) is None
            assert rules.after(step) is ALLOWED[status][step]
        else:
            assert refusal(step, status).startswith("报价单")
    assert rules.may(T.COPY, status) == (status not in {S.DRAFT, S.WAITING})


def test_refusals_say_what_and_why() -> None:
    assert refusal(T.EDIT, S.APPROVED) == "报价单已批，不能修改"
    assert refusal(T.APPROVE, S.DRAFT) == "报价单草稿，不能批准"
    assert refusal(T.COPY, S.WAITING) == "报价单待批，不能新建版本"


@pytest.mark.parametrize("step", [T.SUBMIT, T.APPROVE, T.SEND, T.ACCEPT])
def test_a_price_out_of_date_is_not_handed_on(step: QuoteStep) -> None:
    status = next(s for s, steps in ALLOWED.items() if step in steps)
    assert refusal(step, status, TODAY - timedelta(days=1)) == rules.EXPIRED
    assert refusal(step, status, TODAY) is None
    assert refusal(T.VOID, status, TODAY - timedelta(days=1)) is None


@given(st.lists(st.sampled_from(sorted(set(T) - {T.COPY}))))
def test_no_way_leads_to_a_price_nobody_approved(steps: list[QuoteStep]) -> None:
    """Whatever is tried in whatever order: sent and accepted only after 批准, and no way back."""
    status, approved = S.DRAFT, False
    for step in steps:
        if refusal(step, status) is not None:
            continue
        assert status is not S.VOID
        approved |= step is T.APPROVE
        status = rules.after(step)
        assert status not in {S.APPROVED, S.SENT, S.ACCEPTED} or approved
        assert not (approved and status in {S.DRAFT, S.WAITING})

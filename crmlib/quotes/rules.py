"""What makes a quotation right, what it costs to the 分, and which step follows which."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from crmlib.quotes.states import QuoteStatus, QuoteStep
from crmlib.store.text import clean, clean_lines
from crmlib.words import QUOTE, QUOTE_LINE, QUOTE_STATUS, required

FEN = Decimal("0.01")
HUNDRED = Decimal(100)
MOST_LINES = 200
MAX_DIGITS = 12  # of the whole, before the point
DEFAULT_UNIT = "套"
LENGTHS = {"delivery": 60, "terms": 4000, "pricing_note": 500}
LINE_LENGTHS = {"name": 80, "spec": 80, "unit": 10}
EARLIEST = date(2000, 1, 1)
NO_LINES = "报价明细 至少填写一行"
TOO_LARGE = f"{QUOTE['total']} 不能超过 {MAX_DIGITS} 位数"
OWN = "不能审批自己的报价单"
NOBODY_ABOVE = "没有可以审批报价的上级，请联系信息部设置上级"
EXPIRED = "报价单已过有效期，请修改有效期或新建版本"
ONE_ACCEPTED = "该商机已有被接受的报价单{number}，请先作废"
UNFINISHED = "报价单{number}第 {revision} 版尚未定稿，请直接修改该版本"
# No product of ours comes near it; sums stay exact at more digits than the database holds.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line as a form holds it; numbers may still be as typed (see ``cleaned``)."""

    product: str | None = None
    name: str = ""  # empty: the product's
    spec: str | None = None
    unit: str = DEFAULT_UNIT
    quantity: Decimal | int | str | None = None
    unit_price: Decimal | int | str | None = None  # yuan
    discount: Decimal | int | str | None = None  # percent taken off; None: 0


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """What a form holds of a quotation."""

    delivery: str = ""
    payment_term: str = ""
    valid_until: date | None = None
    terms: str | None = None
    pricing_note: str | None = None
    lines: tuple[LineDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """Code → name of the dictionaries a quotation chooses from."""

    products: Mapping[str, str]
    payment_terms: Mapping[str, str]


# --- money -----------------------------------------------------------------------------------


def subtotal(quantity: Decimal, unit_price: Decimal, discount: Decimal = Decimal(0)) -> Decimal:
    """Return quantity × price less the discount in percent, half up to the 分."""
    whole = _EXACT.multiply(_EXACT.multiply(quantity, unit_price), HUNDRED - discount)
    return _EXACT.quantize(_EXACT.divide(whole, HUNDRED), FEN)


def total(subtotals: Iterable[Decimal]) -> Decimal:
    """Return the sum; what stands under the lines is what they add up to."""
    found = Decimal(0)
    for amount in subtotals:
        found = _EXACT.add(found, amount)
    return found.quantize(FEN)


def total_of(lines: Iterable[LineDraft]) -> Decimal:
    """Return what cleaned, faultless lines cost together."""
    return total(subtotal_of(line) for line in lines)


def subtotal_of(line: LineDraft) -> Decimal:
    """Return what a cleaned, faultless line costs."""
    return subtotal(
        Decimal(line.quantity or 0), Decimal(line.unit_price or 0), Decimal(line.discount or 0)
    )


# --- fields ----------------------------------------------------------------------------------


def cleaned(draft: QuoteDraft, choices: Choices) -> QuoteDraft:
    """Return the draft trimmed, its numbers read, and products' names filled in."""
    return replace(
        draft,
        delivery=clean(draft.delivery),
        payment_term=draft.payment_term or "",
        terms=clean_lines(draft.terms) or None,
        pricing_note=clean_lines(draft.pricing_note) or None,
        lines=tuple(_cleaned_line(line, choices) for line in draft.lines),
    )


def _cleaned_line(line: LineDraft, choices: Choices) -> LineDraft:
    return LineDraft(
        product=line.product or None,
        name=clean(line.name) or choices.products.get(line.product or "", ""),
        spec=clean(line.spec) or None,
        unit=clean(line.unit) or DEFAULT_UNIT,
        quantity=_read(line.quantity),
        unit_price=_read(line.unit_price),
        discount=Decimal(0) if line.discount in {None, ""} else _read(line.discount),
    )


def _read(value: Decimal | float | str | None) -> Decimal | str | None:
    text = unicodedata.normalize("NFKC", "" if value is None else str(value))
    text = re.sub(r"[\s,，¥元%]", "", text)
    try:
        number = Decimal(text) if text else None
    except InvalidOperation:
        return text
    return text if number is not None and not number.is_finite() else number


def faults(draft: QuoteDraft, choices: Choices, today: date) -> dict[str, str]:
    """Return every fault of a cleaned draft: field → message, lines as ``lines.0.quantity``."""
    found = {
        field: required(QUOTE[field])
        for field in ("delivery", "payment_term")
        if not getattr(draft, field)
    }
    if draft.payment_term and draft.payment_term not in choices.payment_terms:
        found["payment_term"] = f"{QUOTE['payment_term']} 请从列表中选择"
    if draft.valid_until is not None and draft.valid_until < max(today, EARLIEST):
        found["valid_until"] = f"{QUOTE['valid_until']} 不能早于今天"
    for field, limit in LENGTHS.items():
        if len(getattr(draft, field) or "") > limit:
            found[field] = f"{QUOTE[field]} 不能超过 {limit} 个字"
    return found | _lines_faults(draft.lines, choices)


def _lines_faults(lines: Sequence[LineDraft], choices: Choices) -> dict[str, str]:
    if not lines:
        return {"lines": NO_LINES}
    if len(lines) > MOST_LINES:
        return {"lines": f"{QUOTE['lines']} 最多 {MOST_LINES} 行"}
    found = {
        f"lines.{at}.{column}": text
        for at, line in enumerate(lines)
        for column, text in line_faults(line, choices).items()
    }
    if not found and total_of(lines) >= Decimal(10) ** MAX_DIGITS:
        return {"lines": TOO_LARGE}
    return found


def line_faults(line: LineDraft, choices: Choices) -> dict[str, str]:
    """Return every fault of a cleaned line: column → message."""
    found = {
        "quantity": _number_fault("quantity", line.quantity, digits=7, places=3),
        "unit_price": _number_fault("unit_price", line.unit_price, digits=9, places=2),
        "discount": _number_fault("discount", line.discount, digits=3, places=2),
    }
    if isinstance(line.quantity, Decimal) and line.quantity == 0:
        found["quantity"] = f"{QUOTE_LINE['quantity']} 应大于 0"
    if isinstance(line.discount, Decimal) and line.discount > HUNDRED:
        found["discount"] = f"{QUOTE_LINE['discount']} 请填写 0 到 100"
    if line.product and line.product not in choices.products:
        found["product"] = f"{QUOTE_LINE['product']} 请从列表中选择"
    elif not line.name:
        found["name"] = required(QUOTE_LINE["name"])
    for column, limit in LINE_LENGTHS.items():
        if len(getattr(line, column) or "") > limit:
            found[column] = f"{QUOTE_LINE[column]} 不能超过 {limit} 个字"
    return {column: text for column, text in found.items() if text}


def _number_fault(column: str, value: object, *, digits: int, places: int) -> str | None:
    label = QUOTE_LINE[column]
    if value is None:
        return required(label)
    if not isinstance(value, Decimal):
        return f"{label} 应为数字"
    if value < 0:
        return f"{label} 不能为负数"
    if value >= Decimal(10) ** digits:
        return f"{label} 不能超过 {digits} 位数"
    return None if value == round(value, places) else f"{label} 最多 {places} 位小数"


# --- steps -----------------------------------------------------------------------------------

S = QuoteStatus
_LIVE = frozenset(S) - {S.VOID}
MOVES: Mapping[QuoteStep, tuple[frozenset[QuoteStatus], QuoteStatus]] = {
    QuoteStep.EDIT: (frozenset({S.DRAFT}), S.DRAFT),
    QuoteStep.SUBMIT: (frozenset({S.DRAFT}), S.WAITING),
    QuoteStep.RECALL: (frozenset({S.WAITING}), S.DRAFT),
    QuoteStep.RETURN: (frozenset({S.WAITING}), S.DRAFT),
    QuoteStep.APPROVE: (frozenset({S.WAITING}), S.APPROVED),
    QuoteStep.SEND: (frozenset({S.APPROVED}), S.SENT),
    QuoteStep.ACCEPT: (frozenset({S.SENT}), S.ACCEPTED),
    QuoteStep.VOID: (_LIVE, S.VOID),
}
# A version somebody may still change needs no copy.
UNSETTLED = frozenset({S.DRAFT, S.WAITING})
STEPS = {
    QuoteStep.EDIT: "修改",
    QuoteStep.SUBMIT: "提交审批",
    QuoteStep.RECALL: "撤回",
    QuoteStep.RETURN: "退回",
    QuoteStep.APPROVE: "批准",
    QuoteStep.SEND: "标记已发",
    QuoteStep.ACCEPT: "标记被接受",
    QuoteStep.VOID: "作废",
    QuoteStep.COPY: "新建版本",
}
# Steps that hand on a price, which may be out of date.
_TIMELY = frozenset({QuoteStep.SUBMIT, QuoteStep.APPROVE, QuoteStep.SEND, QuoteStep.ACCEPT})


def may(step: QuoteStep, status: QuoteStatus) -> bool:
    """Say whether a step leads on from a status."""
    if step is QuoteStep.COPY:
        return status not in UNSETTLED
    return status in MOVES[step][0]


def after(step: QuoteStep) -> QuoteStatus:
    """Return where a step that changes the status leads."""
    return MOVES[step][1]


def step_refusal(
    step: QuoteStep, status: QuoteStatus, *, valid_until: date | None, today: date
) -> str | None:
    """Return why a step cannot be taken, if so."""
    if not may(step, status):
        return f"报价单{QUOTE_STATUS[status.value]}，不能{STEPS[step]}"
    if step in _TIMELY and valid_until is not None and valid_until < today:
        return EXPIRED
    return None


def reason_fault(text: str, label: str, *, needed: bool = True) -> str | None:
    """Return what is wrong with a reason or a note."""
    if needed and not text:
        return required(label)
    return f"{label} 不能超过 255 个字" if len(text) > 255 else None

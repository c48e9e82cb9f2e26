"""Orders and their events, and the way of a 合同评审 through OA: pure verdicts on plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from crmlib import words
from crmlib.orders import terms as order_terms
from crmlib.store.text import clean, clean_lines

NUMBER_LENGTH, PRODUCT_LENGTH, REMARK_LENGTH, NOTE_LENGTH = 30, 120, 2000, 255
MOST_LINES = 200
FEN, THOUSANDTH = Decimal("0.01"), Decimal("0.001")
MOST = Decimal(10) ** 12
ENTERED, PREPARING, PART_SHIPPED, SHIPPED, DONE, CANCELLED = order_terms.ORDER_STATUS
DRAFT, SUBMITTED, APPROVED, REFUSED, VOID = order_terms.REVIEW_STATUS
# How far each status is; 已取消 stands aside.
_RANK = {name: rank for rank, name in enumerate((ENTERED, PREPARING, PART_SHIPPED, SHIPPED, DONE))}
OPEN = (ENTERED, PREPARING, PART_SHIPPED)  # goods are still to be sent
IS_CANCELLED = "订单{number}已经取消！"
NOT_OF_CUSTOMER = "商机 不属于所选客户"
STAGE_FROM = "NEGO"
TOO_EARLY = "商机到「{stage}」阶段后才能转合同评审"
NEEDS_AMOUNT = "请先填写商机的预计金额"
NEEDS_PRODUCTS = "请先填写商机的感兴趣产品"
UNDER_WAY = "该商机已有进行中的合同评审"
APPROVED_ALREADY = "该商机的合同评审已经通过"
# From where each step of a review may be taken.
REVIEW_STEPS: Mapping[str, frozenset[str]] = {
    SUBMITTED: frozenset({DRAFT, REFUSED}),
    APPROVED: frozenset({SUBMITTED}),
    REFUSED: frozenset({SUBMITTED}),
    VOID: frozenset({DRAFT, SUBMITTED, REFUSED}),
}
NOT_NOW = "合同评审的状态是{state}，不能改为{wanted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A line as typed: quantity up to three decimals, price in yuan; the amount may follow."""

    product: str = ""
    specification: str = ""
    quantity: Decimal | int | str | None = None
    price: Decimal | int | str | None = None
    amount: Decimal | int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """An order as the ERP has it; ``lines`` None leaves the known ones, ``stated`` "" the status."""

    number: str = ""
    customer_id: int | None = None
    opportunity_id: int | None = None
    ordered_on: date | None = None
    due_on: date | None = None
    amount: Decimal | int | str | None = None
    stated: str = ""
    remark: str = ""
    lines: tuple[LineDraft, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """A step of fulfilling an order, as typed."""

    kind: str = ""
    happened_on: date | None = None
    quantity: Decimal | int | str | None = None
    remark: str = ""


def read_figure(value: Decimal | int | str | None, step: Decimal) -> Decimal | None:
    """Return a figure as typed, rounded half up to ``step``; None for nothing.

    Raises:
        ValueError: no figure, below zero, or beyond all sense.
    """
    text = str(value if value is not None else "").strip().translate(_SIGNS)
    if not text:
        return None
    try:
        figure = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not figure.is_finite() or figure < 0 or figure >= MOST:
        raise ValueError(text)
    return figure.quantize(step, ROUND_HALF_UP)


_SIGNS = str.maketrans("", "", ",，¥￥ ")


def cleaned(draft: OrderDraft) -> OrderDraft:
    """Return the draft with texts cleaned and figures read as far as they can be."""
    lines = draft.lines and tuple(_clean_line(line) for line in draft.lines)
    made = replace(
        draft,
        number=clean(draft.number).upper(),
        remark=clean_lines(draft.remark),
        amount=_read_or_same(draft.amount, FEN),
        lines=lines,
    )
    if made.amount is None and made.lines:
        return replace(made, amount=total(made.lines))
    return made


def _clean_line(line: LineDraft) -> LineDraft:
    quantity, price = _read_or_same(line.quantity, THOUSANDTH), _read_or_same(line.price, FEN)
    amount = _read_or_same(line.amount, FEN)
    if amount is None and isinstance(quantity, Decimal) and isinstance(price, Decimal):
        amount = (quantity * price).quantize(FEN, ROUND_HALF_UP)
    return LineDraft(
        product=clean(line.product),
        specification=clean(line.specification),
        quantity=quantity,
        price=price,
        amount=amount,
    )


def _read_or_same(value: Decimal | int | str | None, step: Decimal) -> Decimal | str | None:
    try:
        return read_figure(value, step)
    except ValueError:
        return str(value)


def total(lines: Iterable[LineDraft]) -> Decimal | None:
    """Return the sum of lines; None while one of them has no amount."""
    amounts = [line.amount for line in lines]
    if not all(isinstance(amount, Decimal) for amount in amounts):
        return None
    return sum((a for a in amounts if isinstance(a, Decimal)), Decimal(0))


def order_faults(draft: OrderDraft) -> dict[str, str]:
    """Return field → message for everything wrong with a cleaned draft."""
    label, found = order_terms.ORDER, dict[str, str]()
    if not draft.number:
        found["number"] = words.required(label["number"])
    elif len(draft.number) > NUMBER_LENGTH:
        found["number"] = f"{label['number']} 不能超过 {NUMBER_LENGTH} 个字"
    if draft.customer_id is None:
        found["customer_id"] = words.required(label["customer"])
    found |= _day_faults(draft)
    if fault := _figure_fault(label["amount"], draft.amount):
        found["amount"] = fault
    if draft.stated and draft.stated not in order_terms.ORDER_STATUS:
        found["stated"] = f"{label['stated']} 请从列表中选择"
    if len(draft.remark) > REMARK_LENGTH:
        found["remark"] = f"{label['remark']} 不能超过 {REMARK_LENGTH} 个字"
    lines = draft.lines or ()
    if len(lines) > MOST_LINES:
        found["lines"] = f"{label['lines']} 不能超过 {MOST_LINES} 行"
    for place, line in enumerate(lines):
        found |= {f"lines.{place}.{name}": text for name, text in line_faults(line).items()}
    return found


def _day_faults(draft: OrderDraft) -> dict[str, str]:
    label = order_terms.ORDER
    if draft.ordered_on is None:
        return {"ordered_on": words.required(label["ordered_on"])}
    if draft.due_on is not None and draft.due_on < draft.ordered_on:
        return {"due_on": f"{label['due_on']} 不能早于{label['ordered_on']}"}
    return {}


def line_faults(line: LineDraft) -> dict[str, str]:
    """Return what is wrong with a cleaned line."""
    label, found = order_terms.ORDER_LINE, dict[str, str]()
    if not line.product:
        found["product"] = words.required(label["product"])
    for name in ("product", "specification"):
        if len(getattr(line, name)) > PRODUCT_LENGTH:
            found[name] = f"{label[name]} 不能超过 {PRODUCT_LENGTH} 个字"
    for name in ("quantity", "price", "amount"):
        fault = _figure_fault(label[name], getattr(line, name))
        if fault and (name != "amount" or line.amount is not None):
            found[name] = fault
    if line.quantity == 0:
        found["quantity"] = f"{label['quantity']} 应大于 0"
    return found


def _figure_fault(label: str, value: object) -> str | None:
    if value is None:
        return words.required(label)
    return None if isinstance(value, Decimal) else f"{label} 应为不小于 0 的数字"


def clean_event(draft: EventDraft) -> EventDraft:
    """Return the event with its texts cleaned and its quantity read."""
    quantity = _read_or_same(draft.quantity, THOUSANDTH)
    return replace(draft, quantity=quantity, remark=clean(draft.remark))


def event_faults(draft: EventDraft, today: date) -> dict[str, str]:
    """Return what is wrong with a cleaned event."""
    label, found = order_terms.ORDER_EVENT, dict[str, str]()
    if not draft.kind:
        found["kind"] = words.required(label["kind"])
    elif draft.kind not in order_terms.EVENT_KIND:
        found["kind"] = f"{label['kind']} 请从列表中选择"
    if draft.happened_on is None:
        found["happened_on"] = words.required(label["happened_on"])
    elif draft.happened_on > today:
        found["happened_on"] = f"{label['happened_on']} 不能晚于今天"
    if draft.quantity is not None and (
        fault := _figure_fault(label["quantity"], draft.quantity)
        or (f"{label['quantity']} 应大于 0" if draft.quantity == 0 else None)
    ):
        found["quantity"] = fault
    if len(draft.remark) > NOTE_LENGTH:
        found["remark"] = f"{label['remark']} 不能超过 {NOTE_LENGTH} 个字"
    return found


def status_of(
    stated: str, events: Sequence[tuple[str, Decimal | None]], ordered: Decimal | None
) -> str:
    """Return how far an order is: what the ERP stated or what its events (kind, quantity) say.

    ``ordered`` is the quantity of all lines, None if they are not known. A 发货 without a
    quantity is of everything.
    """
    if stated == CANCELLED:
        return CANCELLED
    return max(stated or ENTERED, _by_events(events, ordered), key=_RANK.__getitem__)


def _by_events(events: Sequence[tuple[str, Decimal | None]], ordered: Decimal | None) -> str:
    kinds = {kind for kind, _ in events}
    sent = [quantity for kind, quantity in events if kind == "shipped"]
    if "done" in kinds:
        return DONE
    if sent:
        whole = None in sent or (ordered and sum(q for q in sent if q is not None) >= ordered)
        return SHIPPED if whole else PART_SHIPPED
    # 签收 and 安装 come after goods that were sent, even if nobody noted the sending.
    if kinds & {"received", "installed"}:
        return PART_SHIPPED
    return PREPARING if kinds else ENTERED


def is_late(status: str, due_on: date | None, today: date) -> bool:
    """Say whether goods should have been sent by now."""
    return due_on is not None and due_on < today and status in OPEN


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What 转合同评审 looks at; positions are those of the deal's stage and of 商务谈判."""

    amount: Decimal
    products: int
    position: int
    needed_position: int
    needed_stage: str
    reviews: frozenset[str]  # statuses of the reviews the deal has


def request_refusal(facts: DealFacts) -> str | None:
    """Return why a deal can't go to 合同评审, or None."""
    if facts.position < facts.needed_position:
        return TOO_EARLY.format(stage=facts.needed_stage)
    if APPROVED in facts.reviews:
        return APPROVED_ALREADY
    if facts.reviews & {DRAFT, SUBMITTED, REFUSED}:
        return UNDER_WAY
    if facts.amount <= 0:
        return NEEDS_AMOUNT
    return None if facts.products else NEEDS_PRODUCTS


def review_refusal(status: str, wanted: str) -> str | None:
    """Return why a review can't come into a state, or None."""
    if status in REVIEW_STEPS.get(wanted, frozenset()):
        return None
    state, target = order_terms.REVIEW_STATUS[status], order_terms.REVIEW_STATUS[wanted]
    return NOT_NOW.format(state=state, wanted=target)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEntry:
    """What OA says of a review: its number there, the day, the opinion."""

    number: str = ""
    day: date | None = None
    file_name: str = ""
    note: str = ""


def review_faults(entry: ReviewEntry, wanted: str, today: date) -> dict[str, str]:
    """Return what is wrong with a cleaned entry for a step."""
    label, found = order_terms.REVIEW, dict[str, str]()
    day = "submitted_on" if wanted == SUBMITTED else "decided_on"
    if wanted == SUBMITTED and not entry.number:
        found["number"] = words.required(label["number"])
    elif len(entry.number) > NUMBER_LENGTH:
        found["number"] = f"{label['number']} 不能超过 {NUMBER_LENGTH} 个字"
    if entry.day is None:
        found["day"] = words.required(label[day])
    elif entry.day > today:
        found["day"] = f"{label[day]} 不能晚于今天"
    if wanted in {REFUSED, VOID} and not entry.note:
        found["note"] = words.required(label["note"])
    for name, most in (("file_name", PRODUCT_LENGTH), ("note", NOTE_LENGTH)):
        if len(getattr(entry, name)) > most:
            found[name] = f"{label[name]} 不能超过 {most} 个字"
    return found

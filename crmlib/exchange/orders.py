"""A list of orders from the ERP: its rows name an order, perhaps one of its lines and one event.

The same list twice brings nothing: an order is known by its ERP单号, a line and an event by what
they say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.customers.model import Customer
from crmlib.exchange.columns import Line
from crmlib.exchange.found import Found, Options
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.model import ImportKind, Verdict
from crmlib.exchange.order_rows import HEAD, OrderReader, OrderRow
from crmlib.exchange.planned import Cells, parts, told
from crmlib.orders import rules, storing
from crmlib.orders import terms as order_terms
from crmlib.orders.model import (
    EventKind,
    OrderEvent,
    OrderLine,
    OrderSource,
    OrderStatus,
    SalesOrder,
)
from crmlib.orders.rules import EventDraft, LineDraft

Key = tuple[Any, ...]


def check_orders(session: Session, lines: Sequence[Line], tell: Tell) -> "OrderRows":
    """Check a list of orders."""
    return OrderRows(lines).check(session, tell)


@dataclass(slots=True)
class _Plan:
    rows: list[OrderRow] = field(default_factory=list)
    errors: list[Found] = field(default_factory=list)
    known: dict[str, SalesOrder] = field(default_factory=dict)
    same: dict[int, str] = field(default_factory=dict)


class OrderRows:
    """A checked list of orders."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self.found: Sequence[Found] = ()

    def check(self, session: Session, tell: Tell) -> "OrderRows":
        """Plan the rows and keep the verdicts."""
        self.found = _verdicts(_planned(session, self._lines, tell), {})
        return self

    def write(self, ledger: Ledger, options: Options) -> Sequence[Found]:
        """Plan once more in the transaction, so that nothing is doubled, and write."""
        plan = _planned(ledger.work.session, self._lines, ledger.tell)
        return _verdicts(plan, _write(ledger, plan, options))


def _verdicts(plan: _Plan, ids: dict[str, int]) -> list[Found]:
    found = list(plan.errors)
    for row in plan.rows:
        reasons = []
        if row.order in plan.known:
            reasons.append(f"已有订单 {row.order}")
        brought = [("明细", row.brings_line), ("执行情况", row.brings_event)]
        reasons += [f"新增{what}" for what, brings in brought if brings and not row.brings_order]
        if row.changes:
            labels = order_terms.ORDER | {"customer_id": order_terms.ORDER["customer"]}
            changed = "、".join(labels[name.removesuffix("_id")] for name in row.changes)
            reasons.append(f"更新：{changed}")
        is_new = row.brings_order or row.brings_line or row.brings_event
        verdict = Verdict.NEW if is_new else Verdict.UPDATE if row.changes else Verdict.SAME
        record = ids.get(row.order)
        if record is None and row.order in plan.known:
            record = plan.known[row.order].id
        found.append(Found(row.number, verdict, row.name, (), tuple(reasons), record))
    return sorted(found, key=lambda each: each.number)


# --- reading ---------------------------------------------------------------------------------


def _planned(session: Session, lines: Sequence[Line], tell: Tell) -> _Plan:
    numbers = {Cells(ImportKind.ORDERS, line).text("number").upper() for line in lines} - {""}
    plan = _Plan(known=_orders(session, numbers))
    reader = OrderReader(session, lines, plan.known)
    for line in told(tell, lines):
        cells = Cells(ImportKind.ORDERS, line)
        row = reader.read(cells)
        if row is None:
            plan.errors.append(cells.error(cells.text("number")))
        else:
            plan.rows.append(row)
    _sum_up(plan)
    _compare(session, plan)
    return plan


def _orders(session: Session, numbers: Iterable[str]) -> dict[str, SalesOrder]:
    found = {}
    for part in parts(sorted(numbers)):
        for order in session.scalars(select(SalesOrder).where(SalesOrder.number.in_(part))):
            found[order.number] = order
    return found


def _sum_up(plan: _Plan) -> None:
    """Let a new order without an amount have the sum of its lines; else it is a fault."""
    rows: dict[str, list[OrderRow]] = defaultdict(list)
    for row in plan.rows:
        rows[row.order].append(row)
    label = order_terms.ORDER["amount"]
    for order, group in rows.items():
        if order in plan.known or any("amount" in row.head for row in group):
            continue
        total = rules.total(row.line for row in group if row.line)
        if not any(row.line for row in group) or total is None:
            fault = (label, "", words.required(label))
            lost = [Found(row.number, Verdict.ERROR, row.name, (fault,)) for row in group]
            plan.errors += lost
            plan.rows = [row for row in plan.rows if row.order != order]
        else:
            group[0].head["amount"] = total


# --- comparing -------------------------------------------------------------------------------


def _compare(session: Session, plan: _Plan) -> None:
    """Say of each row what it brings that is not there yet."""
    keys = {order.id: order.number for order in plan.known.values()}
    lines: dict[str, Counter[Key]] = defaultdict(Counter)
    events: dict[str, set[Key]] = defaultdict(set)
    for part in parts(sorted(keys)):
        for line in session.scalars(select(OrderLine).where(OrderLine.order_id.in_(part))):
            lines[keys[line.order_id]][_line_key(line)] += 1
        for event in session.scalars(select(OrderEvent).where(OrderEvent.order_id.in_(part))):
            events[keys[event.order_id]].add(_event_key(event))
    begun = set(plan.known)
    for row in plan.rows:
        if row.order not in begun:
            begun.add(row.order)
            row.brings_order = True
        if known := plan.known.get(row.order):
            row.changes = {n: v for n, v in row.head.items() if getattr(known, n) != v}
        if row.line:
            key = _line_key(row.line)
            row.brings_line = not lines[row.order][key]
            lines[row.order][key] -= 0 if row.brings_line else 1
        if row.event:
            key = _event_key(row.event)
            row.brings_event = key not in events[row.order]
            events[row.order].add(key)


def _line_key(line: LineDraft | OrderLine) -> Key:
    return (line.product, line.specification or "", line.quantity, line.price, line.amount)


def _event_key(event: EventDraft | OrderEvent) -> Key:
    return (str(event.kind), event.happened_on, event.quantity, event.remark or "")


# --- writing ---------------------------------------------------------------------------------


def _write(ledger: Ledger, plan: _Plan, options: Options) -> dict[str, int]:
    session, me = ledger.work.session, ledger.work.actor.person_id
    heads = [row for row in plan.rows if row.brings_order]
    rest: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in plan.rows:
        rest[row.order] |= row.head
    values = [_columns(row.order, rest[row.order], plan.rows, me) for row in heads]
    made = ledger.insert(SalesOrder, values, [row.number for row in heads])
    ids = {order.number: order.id for order in plan.known.values()}
    ids |= dict(zip((row.order for row in heads), made, strict=True))
    _write_parts(ledger, plan, ids, me)
    if options.known:
        for row in plan.rows:
            if row.changes:
                ledger.change(plan.known[row.order], row.number, row.changes)
    session.flush()
    for row in _last_rows(plan):
        order = plan.known[row.order]
        before = order.status
        storing.restate(session, order)
        after, order.status = order.status, before
        ledger.change(order, row.number, {"status": after})
    session.flush()
    _follow(ledger, plan, heads, ids)
    return ids


def _columns(
    number: str, head: dict[str, Any], rows: Sequence[OrderRow], me: int
) -> dict[str, Any]:
    own = [row for row in rows if row.order == number]
    stated = head.get("stated") or OrderStatus.ENTERED
    quantities = [row.line.quantity for row in own if row.line]
    ordered = sum((Decimal(q) for q in quantities if q is not None), Decimal(0)) or None
    events = [(r.event.kind, r.event.quantity) for r in own if r.event and r.brings_event]
    status = rules.status_of(stated, events, ordered)  # type: ignore[arg-type]
    return {
        "number": number,
        **{name: head.get(name) for name in HEAD},
        "stated": OrderStatus(stated),
        "status": OrderStatus(status),
        "source": OrderSource.IMPORT,
        "registered_by_id": me,
        "registered_at": clock.now(),
    }


def _write_parts(ledger: Ledger, plan: _Plan, ids: dict[str, int], me: int) -> None:
    known = [order.id for order in plan.known.values()]
    places: Counter[int] = Counter()
    for part in parts(known):
        rows = select(OrderLine.order_id, OrderLine.position).where(OrderLine.order_id.in_(part))
        for order_id, position in ledger.work.session.execute(rows):
            places[order_id] = max(places[order_id], position)
    lines = [row for row in plan.rows if row.brings_line]
    values = []
    for row in lines:
        places[ids[row.order]] += 1
        place = {"order_id": ids[row.order], "position": places[ids[row.order]]}
        values.append(place | storing.line_columns(row.line or LineDraft()))
    ledger.insert(OrderLine, values, [row.number for row in lines])
    done = [(row, row.event) for row in plan.rows if row.brings_event and row.event]
    events = [
        {
            "order_id": ids[row.order],
            "kind": EventKind(event.kind),
            "happened_on": event.happened_on,
            "quantity": event.quantity,
            "remark": event.remark or None,
            "recorded_by_id": me,
            "recorded_at": clock.now(),
        }
        for row, event in done
    ]
    ledger.insert(OrderEvent, events, [row.number for row, _ in done])


def _last_rows(plan: _Plan) -> list[OrderRow]:
    """Return the last row of each known order that a row changes or adds to."""
    touched = {
        row.order: row
        for row in plan.rows
        if row.order in plan.known and (row.changes or row.brings_line or row.brings_event)
    }
    return list(touched.values())


def _follow(ledger: Ledger, plan: _Plan, heads: list[OrderRow], ids: dict[str, int]) -> None:
    """Stamp the days of trade, and tell owners of first orders."""
    session = ledger.work.session
    made = [session.get_one(SalesOrder, ids[row.order]) for row in heads]
    rows = {order.customer_id: row.number for order, row in zip(made, heads, strict=True)}
    rows |= {plan.known[row.order].customer_id: row.number for row in _last_rows(plan)}
    for customer_id, number in rows.items():
        day: date | None = storing.latest_trade(session, customer_id)
        customer = session.get_one(Customer, customer_id)
        if day is not None:
            ledger.change(customer, number, {"last_trade_on": day})
    for customer_id in {order.customer_id for order in made}:
        first = next(order for order in made if order.customer_id == customer_id)
        storing.propose_conversion(session, first, {order.id for order in made})

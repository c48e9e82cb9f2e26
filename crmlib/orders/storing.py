"""Bring what the ERP says into the tables; saying the same twice changes nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work
from crmlib.customers.model import LIVE, Customer, CustomerStatus
from crmlib.inbox.notices import head_of, notify
from crmlib.opportunities.model import Opportunity
from crmlib.orders import rules
from crmlib.orders.model import (
    EventKind,
    OrderEvent,
    OrderLine,
    OrderSource,
    OrderStatus,
    SalesOrder,
)
from crmlib.orders.rules import EventDraft, LineDraft, OrderDraft

NO_CUSTOMER = "客户 不存在或已不能使用"
FIRST_ORDER = "潜在客户已有订单：{name}"
FIRST_ORDER_BODY = (
    "客户「{name}」（{code}）已有首个订单 {number}，但还不是交易客户。\n请核对资料后申请转交易。"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An order as it stands, and whether anything about it changed."""

    order: SalesOrder
    is_new: bool
    changed: bool


def order_numbered(session: Session, number: str) -> SalesOrder | None:
    """Return the order of an ERP单号, locked."""
    return session.scalar(select(SalesOrder).where(SalesOrder.number == number).with_for_update())


def reference_faults(session: Session, draft: OrderDraft) -> dict[str, str]:
    """Return what is wrong with the customer and the deal an order names."""
    if draft.customer_id is None:
        return {}
    customer = session.get(Customer, draft.customer_id)
    if customer is None or customer.status not in LIVE:
        return {"customer_id": NO_CUSTOMER}
    if draft.opportunity_id is not None:
        deal = session.get(Opportunity, draft.opportunity_id)
        if deal is None or deal.customer_id != customer.id:
            return {"opportunity_id": rules.NOT_OF_CUSTOMER}
    return {}


def store_order(work: Work, draft: OrderDraft, source: OrderSource) -> Stored:
    """Insert or change the order of a cleaned and faultless draft."""
    session = work.session
    order = order_numbered(session, draft.number)
    is_new = order is None
    if order is None:
        order = SalesOrder(
            number=draft.number,
            source=source,
            registered_by_id=work.actor.person_id,
            registered_at=clock.now(),
        )
    former = order.customer_id
    changed = _set(order, _columns(draft)) or is_new
    if is_new:
        session.add(order)
    session.flush()  # lines need its number
    if draft.lines is not None:
        changed = _store_lines(session, order.id, draft.lines) or changed
    changed = restate(session, order) or changed
    if changed:
        session.flush()
        for customer_id in {former, order.customer_id} - {None}:
            remember_trade(session, customer_id)
    if is_new:
        propose_conversion(session, order)
    return Stored(order, is_new, changed)


def _columns(draft: OrderDraft) -> dict[str, Any]:
    found: dict[str, Any] = {
        "customer_id": draft.customer_id,
        "opportunity_id": draft.opportunity_id,
        "ordered_on": draft.ordered_on,
        "due_on": draft.due_on,
        "amount": draft.amount,
        "remark": draft.remark or None,
    }
    if draft.stated:
        found["stated"] = OrderStatus(draft.stated)
    return found


def _set(record: Any, values: dict[str, Any]) -> bool:
    new = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in new.items():
        setattr(record, name, value)
    return bool(new)


def _store_lines(session: Session, order_id: int, drafts: Sequence[LineDraft]) -> bool:
    known = {
        line.position: line
        for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order_id))
    }
    changed = False
    for position, draft in enumerate(drafts, start=1):
        values = line_columns(draft)
        if line := known.pop(position, None):
            changed = _set(line, values) or changed
        else:
            session.add(OrderLine(order_id=order_id, position=position, **values))
            changed = True
    for line in known.values():
        session.delete(line)
        changed = True
    session.flush()
    return changed


def line_columns(draft: LineDraft) -> dict[str, Any]:
    """Return the columns of a cleaned line."""
    return {
        "product": draft.product,
        "specification": draft.specification or None,
        "quantity": draft.quantity,
        "price": draft.price,
        "amount": draft.amount,
    }


def restate(session: Session, order: SalesOrder) -> bool:
    """Let the status follow the statement and the events; say whether it moved."""
    events = session.execute(
        select(OrderEvent.kind, OrderEvent.quantity).where(OrderEvent.order_id == order.id)
    ).all()
    ordered: Any = session.scalar(
        select(func.sum(OrderLine.quantity)).where(OrderLine.order_id == order.id)
    )
    status = OrderStatus(
        rules.status_of(
            order.stated or OrderStatus.ENTERED,
            [(event.kind.value, event.quantity) for event in events],
            ordered,
        )
    )
    moved = order.status is not status
    order.status = status
    return moved


def store_event(work: Work, order: SalesOrder, draft: EventDraft) -> tuple[OrderEvent, bool]:
    """Add a cleaned and faultless event; the same again is the one that is there."""
    same = work.session.scalar(
        select(OrderEvent).where(
            OrderEvent.order_id == order.id,
            OrderEvent.kind == EventKind(draft.kind),
            OrderEvent.happened_on == draft.happened_on,
            OrderEvent.quantity.is_not_distinct_from(draft.quantity),
            OrderEvent.remark.is_not_distinct_from(draft.remark or None),
        )
    )
    if same is not None:
        return same, False
    made = OrderEvent(
        order_id=order.id,
        kind=EventKind(draft.kind),
        happened_on=draft.happened_on,
        quantity=draft.quantity,
        remark=draft.remark or None,
        recorded_by_id=work.actor.person_id,
        recorded_at=clock.now(),
    )
    work.session.add(made)
    work.session.flush()
    restate(work.session, order)
    return made, True


def latest_trade(session: Session, customer_id: int) -> date | None:
    """Return the day of a customer's latest order that was not cancelled."""
    return session.scalar(
        select(func.max(SalesOrder.ordered_on)).where(
            SalesOrder.customer_id == customer_id, SalesOrder.status != OrderStatus.CANCELLED
        )
    )


def remember_trade(session: Session, customer_id: int) -> None:
    """Let 最后交易日期 of a customer be that of its latest order; without orders it stays."""
    day = latest_trade(session, customer_id)
    customer = session.get_one(Customer, customer_id)
    if day is not None and customer.last_trade_on != day:
        customer.last_trade_on = day


def propose_conversion(session: Session, order: SalesOrder, along: Collection[int] = ()) -> None:
    """Tell the owner of a 潜在客户 that its first order came: it is time for 申请转交易.

    ``along`` are orders that came with it.
    """
    customer = session.get_one(Customer, order.customer_id)
    others = select(func.count(SalesOrder.id)).where(
        SalesOrder.customer_id == customer.id,
        SalesOrder.id.not_in({order.id, *along}),
        SalesOrder.status != OrderStatus.CANCELLED,
    )
    if (
        customer.status is not CustomerStatus.POTENTIAL
        or order.status is OrderStatus.CANCELLED
        or session.scalar(others)
    ):
        return
    receiver = customer.owner_id or head_of(session, customer.office_id)
    body = FIRST_ORDER_BODY.format(name=customer.name, code=customer.code, number=order.number)
    title = FIRST_ORDER.format(name=customer.name)
    notify(session, [receiver], title, body, (Customer.__tablename__, customer.id))

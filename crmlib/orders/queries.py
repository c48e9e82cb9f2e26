"""订单执行情况: the orders a person may see, page by page, of a customer, of a deal, one by one."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.orders import rules
from crmlib.orders.model import (
    ContractReview,
    EventKind,
    OrderEvent,
    OrderLine,
    OrderSource,
    OrderStatus,
    ReviewStatus,
    SalesOrder,
)
from crmlib.orders.rows import visible_orders, visible_reviews
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

PAGE, REVIEW_PAGE = "order", "contract_review"
MAX_SIZE = 500
SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "number": pl.String(),
        "customer_id": pl.Int64(),
        "customer": pl.String(),
        "customer_code": pl.String(),
        "opportunity_id": pl.Int64(),
        "owner": pl.String(),
        "office": pl.String(),
        "ordered_on": pl.Date(),
        "due_on": pl.Date(),
        "amount": pl.Decimal(16, 2),  # yuan
        "status": pl.String(),
        "late": pl.Boolean(),  # goods should have been sent by now
        "last_event": pl.String(),
        "last_event_on": pl.Date(),
        "source": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """What part of the list is wanted; empty filters leave everything in."""

    page: int = 1
    size: int = 20
    sort: str = "ordered_on"
    descending: bool = True
    find_field: str = ""  # number, customer; empty: either
    find_text: str = ""
    customer_id: int | None = None
    opportunity_id: int | None = None
    status: OrderStatus | None = None
    late: bool | None = None
    ordered_from: date | None = None
    ordered_to: date | None = None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of the list (columns: SCHEMA) and the number of all rows found."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line of an order."""

    product: str
    specification: str | None
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EventShown:
    """A step of fulfilling an order; the moment in Shanghai time."""

    id: int
    kind: EventKind
    happened_on: date
    quantity: Decimal | None
    remark: str | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCard:
    """An order with its lines and events, the newest event first."""

    id: int
    version: int
    number: str
    customer_id: int
    customer: str
    customer_code: str
    may_open_customer: bool
    opportunity_id: int | None  # None also where the actor may not see the deal
    opportunity: str | None
    owner: str | None
    office: str | None
    ordered_on: date
    due_on: date | None
    amount: Decimal
    stated: OrderStatus
    status: OrderStatus
    late: bool
    source: OrderSource
    remark: str | None
    registered_by: str
    registered_at: datetime
    lines: tuple[LineShown, ...]
    events: tuple[EventShown, ...]
    may_manage: bool


def order_page(actor: Actor, query: OrderQuery) -> OrderPage:
    """Return one page of the visible orders."""
    where = [visible_orders(actor), *_conditions(query)]
    size = min(max(query.size, 1), MAX_SIZE)
    column = _SORTS.get(query.sort, SalesOrder.ordered_on)
    order = column.desc().nulls_last() if query.descending else column.asc().nulls_last()
    with reading() as session:
        total = session.scalar(_joined(select(func.count(SalesOrder.id))).where(*where)) or 0
        rows = session.execute(
            _joined(_columns())
            .where(*where)
            .order_by(order, SalesOrder.id.desc())
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).all()
        last = _last_events(session, [row.id for row in rows])
    today = clock.today()
    records = [
        row._asdict()
        | {
            "status": row.status.value,
            "source": row.source.value,
            "late": rules.is_late(row.status.value, row.due_on, today),
            "last_event": last[row.id][0] if row.id in last else None,
            "last_event_on": last[row.id][1] if row.id in last else None,
        }
        for row in rows
    ]
    return OrderPage(pl.DataFrame(records, schema=SCHEMA), total)


def of_customer(actor: Actor, customer_id: int) -> pl.DataFrame:
    """Return the visible orders of a customer, the newest first (columns: SCHEMA)."""
    return order_page(actor, OrderQuery(customer_id=customer_id, size=MAX_SIZE)).rows


def of_opportunity(actor: Actor, opportunity_id: int) -> pl.DataFrame:
    """Return the visible orders of a deal, the newest first (columns: SCHEMA)."""
    return order_page(actor, OrderQuery(opportunity_id=opportunity_id, size=MAX_SIZE)).rows


def _conditions(query: OrderQuery) -> list[ColumnElement[bool]]:
    text = query.find_text.strip()
    late = SalesOrder.due_on < clock.today(), SalesOrder.status.in_(rules.OPEN)
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (query.customer_id, SalesOrder.customer_id == query.customer_id),
        (query.opportunity_id, SalesOrder.opportunity_id == query.opportunity_id),
        (query.status, SalesOrder.status == query.status),
        (query.ordered_from, SalesOrder.ordered_on >= (query.ordered_from or date.min)),
        (query.ordered_to, SalesOrder.ordered_on <= (query.ordered_to or date.max)),
        (query.late, late[0] & late[1]),
        (
            query.late is False or None,
            or_(SalesOrder.due_on.is_(None), ~late[0], ~late[1]),
        ),
        (text or None, _find(query.find_field, text)),
    ]
    return [condition for given, condition in wanted if given is not None and given is not False]


def _find(field: str, text: str) -> ColumnElement[bool]:
    columns = {"number": SalesOrder.number, "customer": Customer.name}
    chosen = [columns[field]] if field in columns else list(columns.values())
    return or_(*(column.icontains(text, autoescape=True) for column in chosen))


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(SalesOrder)
        .join(Customer, Customer.id == SalesOrder.customer_id)
        .outerjoin(Person, Person.id == Customer.owner_id)
        .outerjoin(Office, Office.id == Customer.office_id)
    )


def _columns() -> Any:
    return select(
        SalesOrder.id,
        SalesOrder.number,
        SalesOrder.customer_id,
        Customer.name.label("customer"),
        Customer.code.label("customer_code"),
        SalesOrder.opportunity_id,
        Person.name.label("owner"),
        Office.name.label("office"),
        SalesOrder.ordered_on,
        SalesOrder.due_on,
        SalesOrder.amount,
        SalesOrder.status,
        SalesOrder.source,
    )


_SORTS: dict[str, Any] = {
    "number": SalesOrder.number,
    "customer": Customer.pinyin,
    "owner": Person.name,
    "ordered_on": SalesOrder.ordered_on,
    "due_on": SalesOrder.due_on,
    "amount": SalesOrder.amount,
    "status": SalesOrder.status,
}
SORTS = tuple(_SORTS)
FINDS = ("", "number", "customer")


def _last_events(session: Session, order_ids: list[int]) -> dict[int, tuple[str, date]]:
    rows = session.execute(
        select(OrderEvent.order_id, OrderEvent.kind, OrderEvent.happened_on)
        .where(OrderEvent.order_id.in_(order_ids))
        .order_by(OrderEvent.happened_on, OrderEvent.id)
    )
    return {row.order_id: (row.kind.value, row.happened_on) for row in rows}


def order_card(actor: Actor, order_id: int) -> OrderCard:
    """Return a visible order.

    Raises:
        NotAllowed: no such order, or not visible to the actor.
    """
    registrant = aliased(Person)
    with reading() as session:
        row = session.execute(
            _joined(select(SalesOrder, Customer, Person.name, Office.name, registrant.name))
            .join(registrant, registrant.id == SalesOrder.registered_by_id)
            .where(SalesOrder.id == order_id, visible_orders(actor))
        ).one_or_none()
        if row is None:
            raise NotAllowed
        order, customer, owner, office, by = row
        opens = select(Customer.id).where(Customer.id == customer.id, visible_customers(actor))
        deal = session.execute(
            select(Opportunity.id, Opportunity.number, Opportunity.subject).where(
                Opportunity.id == order.opportunity_id, visible_opportunities(actor)
            )
        ).one_or_none()
        return OrderCard(
            **{name: getattr(order, name) for name in _OWN},
            customer=customer.name,
            customer_code=customer.code,
            may_open_customer=session.scalar(opens) is not None,
            opportunity_id=deal.id if deal else None,
            opportunity=f"{deal.number} {deal.subject}" if deal else None,
            owner=owner,
            office=office,
            late=rules.is_late(order.status.value, order.due_on, clock.today()),
            registered_by=by,
            registered_at=clock.local(order.registered_at),
            lines=_lines(session, order.id),
            events=_events(session, order.id),
            may_manage=actor.may(Permission.ORDER_MANAGE),
        )


_OWN = (
    *("id", "version", "number", "customer_id", "ordered_on", "due_on", "amount", "stated"),
    *("status", "source", "remark"),
)


def _lines(session: Session, order_id: int) -> tuple[LineShown, ...]:
    rows = session.scalars(
        select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    )
    return tuple(
        LineShown(row.product, row.specification, row.quantity, row.price, row.amount)
        for row in rows
    )


def _events(session: Session, order_id: int) -> tuple[EventShown, ...]:
    rows = session.execute(
        select(OrderEvent, Person.name)
        .join(Person, Person.id == OrderEvent.recorded_by_id)
        .where(OrderEvent.order_id == order_id)
        .order_by(OrderEvent.happened_on.desc(), OrderEvent.id.desc())
    )
    return tuple(
        EventShown(
            event.id,
            event.kind,
            event.happened_on,
            event.quantity,
            event.remark,
            by,
            clock.local(event.recorded_at),
        )
        for event, by in rows
    )


def _related(session: Session, actor: Actor, order_id: int) -> Related | None:
    number = session.scalar(
        select(SalesOrder.number).where(SalesOrder.id == order_id, visible_orders(actor))
    )
    return Related(PAGE, order_id, number) if number else None


def _related_review(session: Session, actor: Actor, review_id: int) -> Related | None:
    number = session.scalar(
        select(Opportunity.number)
        .join(ContractReview, ContractReview.opportunity_id == Opportunity.id)
        .where(ContractReview.id == review_id, visible_reviews(actor))
    )
    return Related(REVIEW_PAGE, review_id, f"合同评审 {number}") if number else None


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.ORDER_MANAGE):
        return None
    asked = ContractReview.status == ReviewStatus.DRAFT
    count = session.scalar(select(func.count(ContractReview.id)).where(asked)) or 0
    return Pending("待录入合同评审", count, "contract_reviews")


open_with(SalesOrder.__tablename__, _related)
open_with(ContractReview.__tablename__, _related_review)
count_pending("contract_reviews", _waiting)

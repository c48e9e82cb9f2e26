"""服务工单 as people read them: the list, those of a customer or order, one with its open steps."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with
from crmlib.orders.model import SalesOrder
from crmlib.orders.rows import visible_orders
from crmlib.people.model import Person
from crmlib.service import rules
from crmlib.service.model import ServiceTicket, Severity, TicketKind, TicketStatus
from crmlib.service.rows import assignable_tickets, handled_tickets, visible_tickets
from crmlib.store.engine import reading

PAGE = "ticket"
MAX_SIZE = 500
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "number": pl.String(),
        "kind": pl.String(),
        "severity": pl.String(),
        "status": pl.String(),
        "customer_id": pl.Int64(),
        "customer": pl.String(),
        "order": pl.String(),  # null where there is none, or the actor may not see it
        "description": pl.String(),
        "handler": pl.String(),
        "reply_due": _MOMENT,
        "solve_due": _MOMENT,
        "score": pl.Int64(),
        "registered_at": _MOMENT,
        "overdue": pl.Boolean(),
    }
)
_MOMENTS = ("reply_due", "solve_due", "registered_at")


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """What part of the list is wanted; empty filters leave everything in."""

    page: int = 1
    size: int = 20
    sort: str = ""  # empty: what is not settled first, the most urgent on top
    descending: bool = False
    find_text: str = ""
    customer_id: int | None = None
    order_id: int | None = None
    kind: TicketKind | None = None
    status: TicketStatus | None = None
    severity: Severity | None = None
    mine: bool = False  # that I handle
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of the list (columns: SCHEMA) and the number of all rows found."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class TicketCard:
    """A ticket with what the actor may do about it (steps by their names in rules)."""

    id: int
    version: int
    number: str
    kind: TicketKind
    severity: Severity
    status: TicketStatus
    customer_id: int
    customer: str
    may_open_customer: bool
    order_id: int | None  # None also where the actor may not see the order
    order: str | None
    description: str
    handler_id: int | None
    handler: str | None
    reply_due: datetime
    solve_due: datetime
    replied_at: datetime | None
    solution: str | None
    solved_at: datetime | None
    revisit: str | None
    revisited_on: date | None
    score: int | None
    improvement: str | None
    closed_at: datetime | None
    reopen_reason: str | None
    registered_by: str
    registered_at: datetime
    overdue: bool
    reply_late: bool
    solve_late: bool
    steps: tuple[str, ...]


def ticket_page(actor: Actor, query: TicketQuery) -> TicketPage:
    """Return one page of the visible tickets."""
    where = [visible_tickets(actor), *_conditions(actor, query)]
    size = min(max(query.size, 1), MAX_SIZE)
    with reading() as session:
        total = session.scalar(_joined(select(func.count(ServiceTicket.id))).where(*where)) or 0
        rows = session.execute(
            _joined(_columns(actor))
            .where(*where)
            .order_by(*_order(query))
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).all()
    now = clock.now()
    records = [
        row._asdict()
        | {name: clock.local(getattr(row, name)) for name in _MOMENTS}
        | {name: getattr(row, name).value for name in ("kind", "severity", "status")}
        | {"overdue": rules.is_overdue(row.status.value, row.reply_due, row.solve_due, now)}
        for row in rows
    ]
    return TicketPage(pl.DataFrame(records, schema=SCHEMA), total)


def of_customer(actor: Actor, customer_id: int) -> pl.DataFrame:
    """Return the visible tickets of a customer (columns: SCHEMA)."""
    return ticket_page(actor, TicketQuery(customer_id=customer_id, size=MAX_SIZE)).rows


def of_order(actor: Actor, order_id: int) -> pl.DataFrame:
    """Return the visible tickets about an order (columns: SCHEMA)."""
    return ticket_page(actor, TicketQuery(order_id=order_id, size=MAX_SIZE)).rows


def _is_overdue() -> ColumnElement[bool]:
    now = clock.now()
    return or_(
        and_(ServiceTicket.status == TicketStatus.NEW, ServiceTicket.reply_due < now),
        and_(ServiceTicket.status.in_(rules.UNDONE), ServiceTicket.solve_due < now),
    )


def _conditions(actor: Actor, query: TicketQuery) -> list[ColumnElement[bool]]:
    text = query.find_text.strip()
    found = [
        column == value
        for column, value in (
            (ServiceTicket.customer_id, query.customer_id),
            (ServiceTicket.order_id, query.order_id),
            (ServiceTicket.kind, query.kind),
            (ServiceTicket.status, query.status),
            (ServiceTicket.severity, query.severity),
            (ServiceTicket.handler_id, actor.person_id if query.mine else None),
        )
        if value is not None
    ]
    if query.overdue:
        found.append(_is_overdue())
    if text:
        columns = (ServiceTicket.number, Customer.name, ServiceTicket.description)
        found.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return found


_SORTS: dict[str, Any] = {
    "number": ServiceTicket.number,
    "customer": Customer.pinyin,
    "status": ServiceTicket.status,
    "solve_due": ServiceTicket.solve_due,
    "registered_at": ServiceTicket.registered_at,
    "score": ServiceTicket.score,
}


def _order(query: TicketQuery) -> list[ColumnElement[Any]]:
    if query.sort not in _SORTS:
        settled = ServiceTicket.status.not_in(rules.UNDONE)
        return [settled, ServiceTicket.solve_due.expression, ServiceTicket.id.desc()]
    column = _SORTS[query.sort]
    first = column.desc().nulls_last() if query.descending else column.asc().nulls_last()
    return [first, ServiceTicket.id.desc()]


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(ServiceTicket)
        .join(Customer, Customer.id == ServiceTicket.customer_id)
        .outerjoin(Person, Person.id == ServiceTicket.handler_id)
    )


def _columns(actor: Actor) -> Any:
    order = (
        select(SalesOrder.number)
        .where(SalesOrder.id == ServiceTicket.order_id, visible_orders(actor))
        .scalar_subquery()
    )
    return select(
        ServiceTicket.id,
        ServiceTicket.number,
        ServiceTicket.kind,
        ServiceTicket.severity,
        ServiceTicket.status,
        ServiceTicket.customer_id,
        Customer.name.label("customer"),
        order.label("order"),
        ServiceTicket.description,
        Person.name.label("handler"),
        ServiceTicket.reply_due,
        ServiceTicket.solve_due,
        ServiceTicket.score,
        ServiceTicket.registered_at,
    )


def ticket_card(actor: Actor, ticket_id: int) -> TicketCard:
    """Return a visible ticket.

    Raises:
        NotAllowed: no such ticket, or not visible to the actor.
    """
    registrant = aliased(Person)
    with reading() as session:
        row = session.execute(
            _joined(select(ServiceTicket, Customer.name, Person.name, registrant.name))
            .join(registrant, registrant.id == ServiceTicket.registered_by_id)
            .where(ServiceTicket.id == ticket_id, visible_tickets(actor))
        ).one_or_none()
        if row is None:
            raise NotAllowed
        ticket, customer, handler, by = row
        order = session.execute(
            select(SalesOrder.id, SalesOrder.number).where(
                SalesOrder.id == ticket.order_id, visible_orders(actor)
            )
        ).one_or_none()
        opens = select(Customer.id).where(
            Customer.id == ticket.customer_id, visible_customers(actor)
        )
        return TicketCard(
            **{name: getattr(ticket, name) for name in _OWN},
            **{name: _local(getattr(ticket, name)) for name in _LOCAL},
            customer=customer,
            may_open_customer=session.scalar(opens) is not None,
            order_id=order.id if order else None,
            order=order.number if order else None,
            handler=handler,
            registered_by=by,
            **_lateness(ticket),
            steps=_steps(session, actor, ticket),
        )


_OWN = (
    *("id", "version", "number", "kind", "severity", "status", "customer_id", "description"),
    *("handler_id", "solution", "revisit", "revisited_on", "score", "improvement"),
    "reopen_reason",
)
_LOCAL = ("reply_due", "solve_due", "replied_at", "solved_at", "closed_at", "registered_at")


def _local(moment: datetime | None) -> Any:
    return None if moment is None else clock.local(moment)


def _lateness(ticket: ServiceTicket) -> dict[str, Any]:
    now, status = clock.now(), ticket.status.value
    return {
        "overdue": rules.is_overdue(status, ticket.reply_due, ticket.solve_due, now),
        "reply_late": (ticket.replied_at or now) > ticket.reply_due,
        "solve_late": (ticket.solved_at or now) > ticket.solve_due,
    }


def _steps(session: Session, actor: Actor, ticket: ServiceTicket) -> tuple[str, ...]:
    held = session.execute(
        select(
            handled_tickets(actor).label("handles"), assignable_tickets(actor).label("assigns")
        ).where(ServiceTicket.id == ticket.id)
    ).one()
    found = rules.open_steps(ticket.status.value) if held.handles else []
    closed = clock.local(ticket.closed_at).date() if ticket.closed_at else None
    if rules.reopen_refusal(closed, clock.today()):
        found = [step for step in found if step != rules.REOPEN]
    if held.assigns and actor.may(Permission.TICKET_ASSIGN) and ticket.closed_at is None:
        found.append(rules.ASSIGN)
    return tuple(found)


def _related(session: Session, actor: Actor, ticket_id: int) -> Related | None:
    number = session.scalar(
        select(ServiceTicket.number).where(ServiceTicket.id == ticket_id, visible_tickets(actor))
    )
    return Related(PAGE, ticket_id, number) if number else None


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.TICKET_HANDLE):
        return None
    mine = select(func.count(ServiceTicket.id)).where(
        ServiceTicket.handler_id == actor.person_id, ServiceTicket.status.in_(rules.UNDONE)
    )
    return Pending("待处理工单", session.scalar(mine) or 0, "tickets")


open_with(ServiceTicket.__tablename__, _related)
count_pending("tickets", _waiting)

"""Requests for conversion, the check list, and what may be done about them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.conversion import rules
from crmlib.conversion.facts import (
    conversion_of,
    facts_of,
    live_orders,
    pending_request,
    stake_of,
    standing_of,
    undo_refusal_of,
    won_deals,
)
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import step_with
from crmlib.people.model import Office, Person
from crmlib.people.workdays import work_calendar, workdays_between
from crmlib.store.engine import reading

MAX_SIZE = 500
UNDONE = "已撤销"
APPLICANT, DECIDER = aliased(Person), aliased(Person)
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "customer_id": pl.Int64,
    "customer": pl.String,
    "code": pl.String,
    "applicant": pl.String,
    "title": pl.String,
    "requested_at": _MOMENT,
    "age_days": pl.Int64,  # working days, to the decision or to today
    "overdue": pl.Boolean,
    "status": pl.String,
    "decided_by": pl.String,
    "decided_at": _MOMENT,
    "decision_note": pl.String,
    "version": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """What the form is filled with; ``refusal`` says why there is none to fill."""

    title: str
    body: str
    groups: tuple[str, ...]
    recipients_label: str
    people: tuple[tuple[int, str, str], ...]  # of 综合部: id, name, office
    refusal: str | None


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The newest request for a customer."""

    id: int
    status: str
    status_label: str
    applicant: str
    requested_at: datetime
    title: str
    body: str
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    override_reason: str
    version: int
    is_mine: bool
    can_decide: bool
    age_days: int  # working days, to the decision or to today
    overdue: bool
    undone_at: datetime | None
    undo_reason: str


@dataclass(frozen=True, slots=True)
class RequestsQuery:
    """What part of the requests is wanted."""

    page: int = 1
    size: int = 20
    statuses: tuple[RequestStatus, ...] = (RequestStatus.PENDING,)
    text: str = ""  # part of the customer's name or code
    overdue: bool = False  # only what waits too long


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """One page of requests (columns: SCHEMA), the oldest waiting first, and how many there are."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class ConversionState:
    """Which buttons of the customer card are on, and why not."""

    trading: bool
    can_request: bool
    request_refusal: str
    can_convert: bool
    convert_refusal: str
    can_undo: bool
    undo_refusal: str


def request_template(actor: Actor, customer_id: int) -> RequestTemplate:
    """Return the prefilled message of 申请转交易."""
    with reading() as session:
        customer = _customer(session, actor, customer_id, Permission.CONVERSION_REQUEST)
        deals = [deal.number for deal in won_deals(session, customer.id)]
        orders = [order.number for order in live_orders(session, customer.id)]
        title, body = rules.template(customer.name, customer.code, deals, orders)
        pending = pending_request(session, customer.id) is not None
        group = Role.GENERAL_OFFICE.value
        refusal = rules.request_refusal(standing_of(customer), pending=pending)
        people = session.execute(
            select(Person.id, Person.name, Office.name)
            .join(Office, Office.id == Person.office_id)
            .where(Person.role == Role.GENERAL_OFFICE, Person.active.is_(True))
            .order_by(Person.name)
        )
        told = tuple((row[0], row[1], row[2]) for row in people)
        return RequestTemplate(title, body, (group,), words.ROLES[group], told, refusal)


def check_list(actor: Actor, customer_id: int) -> list[rules.Check]:
    """Return the check list of a visible customer."""
    with reading() as session:
        customer = _customer(session, actor, customer_id, Permission.CUSTOMER_VIEW)
        return rules.checks(facts_of(session, customer))


def request_of(actor: Actor, customer_id: int) -> RequestInfo | None:
    """Return the newest request for a visible customer."""
    with reading() as session:
        customer = _customer(session, actor, customer_id, Permission.CUSTOMER_VIEW)
        row = session.execute(
            select(ConversionRequest, APPLICANT.name, DECIDER.name)
            .join(APPLICANT, APPLICANT.id == ConversionRequest.applicant_id)
            .outerjoin(DECIDER, DECIDER.id == ConversionRequest.decided_by_id)
            .where(ConversionRequest.customer_id == customer.id)
            .order_by(
                (ConversionRequest.status == RequestStatus.PENDING).desc(),
                ConversionRequest.requested_at.desc(),
                ConversionRequest.id.desc(),
            )
            .limit(1)
        ).one_or_none()
        return None if row is None else _info(actor, *row)


def conversion_state(actor: Actor, customer_id: int) -> ConversionState:
    """Return what the actor may do about the conversion of a visible customer."""
    with reading() as session:
        customer = _customer(session, actor, customer_id, Permission.CUSTOMER_VIEW)
        standing, request = standing_of(customer), pending_request(session, customer.id)
        may_request = _holds(session, actor, customer_id, Permission.CONVERSION_REQUEST)
        may_decide = _holds(session, actor, customer_id, Permission.CONVERSION_DECIDE)
        asking = rules.request_refusal(standing, pending=request is not None)
        converting = rules.convert_refusal(standing, stake_of(session, actor, customer, request))
        may_undo = _holds(session, actor, customer_id, Permission.CONVERSION_UNDO)
        undoing = None if standing.trading else rules.NOT_TRADING
        if may_undo and standing.trading:
            undoing = undo_refusal_of(session, customer, conversion_of(session, customer.id))
        return ConversionState(
            trading=standing.trading,
            can_request=may_request and asking is None,
            request_refusal=(asking or "") if may_request else NotAllowed.message,
            can_convert=may_decide and converting is None,
            convert_refusal=(converting or "") if may_decide else NotAllowed.message,
            can_undo=may_undo and undoing is None,
            undo_refusal=(undoing or "") if may_undo else NotAllowed.message,
        )


def requests_page(actor: Actor, query: RequestsQuery) -> RequestsPage:
    """Return requests for visible customers; those who decide see all of them."""
    with reading() as session:
        found = [visible_customers(actor)]
        if query.statuses:
            found.append(ConversionRequest.status.in_(query.statuses))
        if text := query.text.strip():
            columns = (Customer.name, Customer.code)
            found.append(or_(*(c.icontains(text, autoescape=True) for c in columns)))
        if query.overdue:
            day = rules.overdue_until(clock.today(), work_calendar()) + timedelta(days=1)
            found += [
                ConversionRequest.status == RequestStatus.PENDING,
                ConversionRequest.requested_at < datetime.combine(day, time(), clock.SHANGHAI),
            ]
        total = session.scalar(_joined(select(func.count(ConversionRequest.id))).where(*found)) or 0
        size = min(max(query.size, 1), MAX_SIZE)
        rows = session.execute(
            _joined(_columns())
            .where(*found)
            .order_by(
                # What waits stands first, the oldest on top; then the latest decisions.
                ConversionRequest.decided_at.is_not(None),
                ConversionRequest.decided_at.desc(),
                ConversionRequest.requested_at,
                ConversionRequest.id,
            )
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        )
        return RequestsPage(pl.DataFrame([_record(row) for row in rows], schema=SCHEMA), total)


def _customer(session: Session, actor: Actor, customer_id: int, permission: Permission) -> Customer:
    condition = visible_customers(actor, permission)
    customer = session.scalar(select(Customer).where(Customer.id == customer_id, condition))
    if customer is None:
        raise NotAllowed
    return customer


def _holds(session: Session, actor: Actor, customer_id: int, permission: Permission) -> bool:
    condition = visible_customers(actor, permission)
    held = select(Customer.id).where(Customer.id == customer_id, condition)
    return actor.may(permission) and session.scalar(held) is not None


def _info(actor: Actor, request: ConversionRequest, applicant: str, by: str | None) -> RequestInfo:
    is_mine = request.applicant_id == actor.person_id
    waits = request.status is RequestStatus.PENDING
    age = _age(request.requested_at, request.decided_at)
    return RequestInfo(
        id=request.id,
        status=request.status.value,
        status_label=UNDONE if request.undone_at else words.REQUEST_STATUS[request.status],
        applicant=applicant,
        requested_at=clock.local(request.requested_at),
        title=request.title,
        body=request.body,
        decided_by=by or "",
        decided_at=clock.local(request.decided_at) if request.decided_at else None,
        decision_note=request.decision_note or "",
        override_reason=request.override_reason or "",
        version=request.version,
        is_mine=is_mine,
        can_decide=waits and not is_mine and actor.may(Permission.CONVERSION_DECIDE),
        age_days=age,
        overdue=waits and rules.is_overdue(age),
        undone_at=clock.local(request.undone_at) if request.undone_at else None,
        undo_reason=request.undo_reason or "",
    )


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(ConversionRequest)
        .join(Customer, Customer.id == ConversionRequest.customer_id)
        .join(APPLICANT, APPLICANT.id == ConversionRequest.applicant_id)
        .outerjoin(DECIDER, DECIDER.id == ConversionRequest.decided_by_id)
    )


def _columns() -> Any:
    return select(
        ConversionRequest.id,
        ConversionRequest.customer_id,
        Customer.name.label("customer"),
        Customer.code,
        APPLICANT.name.label("applicant"),
        ConversionRequest.title,
        ConversionRequest.requested_at,
        ConversionRequest.status,
        DECIDER.name.label("decided_by"),
        ConversionRequest.decided_at,
        ConversionRequest.decision_note,
        ConversionRequest.version,
        ConversionRequest.undone_at,
        ConversionRequest.undo_reason,
    )


def _record(row: Any) -> dict[str, Any]:
    told: dict[str, Any] = row._asdict()
    undone_at, undo_reason = told.pop("undone_at"), told.pop("undo_reason")
    age = _age(row.requested_at, row.decided_at)
    return told | {
        "requested_at": clock.local(row.requested_at),
        "age_days": age,
        "overdue": row.status is RequestStatus.PENDING and rules.is_overdue(age),
        "status": UNDONE if undone_at else words.REQUEST_STATUS[row.status],
        "decided_at": clock.local(row.decided_at) if row.decided_at else None,
        "decision_note": undo_reason or row.decision_note,
    }


def _age(requested_at: datetime, decided_at: datetime | None) -> int:
    until = clock.local(decided_at).date() if decided_at else clock.today()
    return workdays_between(clock.local(requested_at).date(), until)


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.CONVERSION_DECIDE):
        return None
    pending = ConversionRequest.status == RequestStatus.PENDING
    count = session.scalar(_joined(select(func.count(ConversionRequest.id))).where(pending))
    return Pending("待处理转交易申请", count or 0, "conversions")


def _step_at(session: Session, actor: Actor, customer_id: int) -> str | None:
    if not actor.may(Permission.CONVERSION_DECIDE):
        return None
    waits = select(ConversionRequest.id).where(
        ConversionRequest.customer_id == customer_id,
        ConversionRequest.status == RequestStatus.PENDING,
    )
    return "处理" if session.scalar(waits) is not None else None


count_pending("conversion", _waiting)
step_with(Customer.__tablename__, "conversion", _step_at)

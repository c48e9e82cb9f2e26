"""Requests for conversion, the check list, and which customers are ready."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role, Scope
from crmlib.conversion import rules
from crmlib.conversion.facts import facts_of, pending_request, standing_of, won_deals
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

MAX_SIZE = 500
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
    "age_days": pl.Int64,
    "status": pl.String,
    "decided_by": pl.String,
    "decided_at": _MOMENT,
    "decision_note": pl.String,
    "version": pl.Int64,
}
READY_SCHEMA: dict[str, Any] = {
    "customer_id": pl.Int64,
    "code": pl.String,
    "name": pl.String,
    "owner": pl.String,
    "office": pl.String,
    "request_id": pl.Int64,
    "requested_at": _MOMENT,
    "won_deals": pl.Int64,
    "won_amount": pl.Decimal(16, 2),  # yuan
    "why": pl.String,
}


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """What the form is filled with; ``refusal`` says why there is none to fill."""

    title: str
    body: str
    groups: tuple[str, ...]
    recipients_label: str
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


@dataclass(frozen=True, slots=True)
class RequestsQuery:
    """What part of the requests is wanted."""

    page: int = 1
    size: int = 20
    statuses: tuple[RequestStatus, ...] = (RequestStatus.PENDING,)
    text: str = ""  # part of the customer's name or code


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


def request_template(actor: Actor, customer_id: int) -> RequestTemplate:
    """Return the prefilled message of 申请转交易."""
    with reading() as session:
        customer = _customer(session, actor, customer_id, Permission.CONVERSION_REQUEST)
        deals = [deal.number for deal in won_deals(session, customer.id)]
        title, body = rules.template(customer.name, customer.code, deals)
        pending = pending_request(session, customer.id) is not None
        group = Role.GENERAL_OFFICE.value
        refusal = rules.request_refusal(standing_of(customer), pending=pending)
        return RequestTemplate(title, body, (group,), words.ROLES[group], refusal)


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
        applicants = {request.applicant_id} if request else set()
        may_request = _holds(session, actor, customer_id, Permission.CONVERSION_REQUEST)
        may_decide = _holds(session, actor, customer_id, Permission.CONVERSION_DECIDE)
        asking = rules.request_refusal(standing, pending=request is not None)
        converting = rules.convert_refusal(standing, applicants, actor.person_id)
        may_undo = _holds(session, actor, customer_id, Permission.CONVERSION_UNDO)
        return ConversionState(
            trading=standing.trading,
            can_request=may_request and asking is None,
            request_refusal=(asking or "") if may_request else NotAllowed.message,
            can_convert=may_decide and converting is None,
            convert_refusal=(converting or "") if may_decide else NotAllowed.message,
            can_undo=may_undo and standing.trading,
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
        total = session.scalar(_joined(select(func.count(ConversionRequest.id))).where(*found)) or 0
        size = min(max(query.size, 1), MAX_SIZE)
        rows = session.execute(
            _joined(_columns())
            .where(*found)
            .order_by(ConversionRequest.requested_at, ConversionRequest.id)
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        )
        return RequestsPage(pl.DataFrame([_record(row) for row in rows], schema=SCHEMA), total)


def ready_frame(actor: Actor) -> pl.DataFrame:
    """Return visible 潜在客户 that are due (CONV-5): a won deal or a pending request."""
    deals = _won()
    waiting = aliased(ConversionRequest)
    with reading() as session:
        rows = session.execute(
            select(
                Customer.id.label("customer_id"),
                Customer.code,
                Customer.name,
                Person.name.label("owner"),
                Office.name.label("office"),
                waiting.id.label("request_id"),
                waiting.requested_at,
                deals.c.won_deals,
                deals.c.won_amount,
            )
            .outerjoin(deals, deals.c.customer_id == Customer.id)
            .outerjoin(waiting, _waits(waiting))
            .outerjoin(Person, Person.id == Customer.owner_id)
            .outerjoin(Office, Office.id == Customer.office_id)
            .where(
                visible_customers(actor),
                Customer.status == CustomerStatus.POTENTIAL,
                or_(deals.c.won_deals > 0, waiting.id.is_not(None)),
            )
            .order_by(waiting.requested_at.asc().nulls_last(), Customer.id)
        )
        # Sums of a customer may hold deals the actor does not see one by one.
        sees_amounts = Scope.ALL in actor.scopes(Permission.OPPORTUNITY_AMOUNT)
        records = [_ready(row, sees_amounts=sees_amounts) for row in rows]
    return pl.DataFrame(records, schema=READY_SCHEMA)


def _won() -> Any:
    return (
        select(
            Opportunity.customer_id,
            func.count().label("won_deals"),
            func.sum(func.coalesce(Opportunity.won_amount, Opportunity.amount)).label("won_amount"),
        )
        .where(Opportunity.outcome == Outcome.WON)
        .group_by(Opportunity.customer_id)
        .subquery()
    )


def _waits(request: Any) -> ColumnElement[bool]:
    is_pending = request.status == RequestStatus.PENDING
    return and_(is_pending, request.customer_id == Customer.id)


def _ready(row: Any, *, sees_amounts: bool) -> dict[str, Any]:
    why = [f"赢单商机 {row.won_deals} 个"] if row.won_deals else []
    why += ["待处理的申请"] if row.request_id else []
    return {**row._asdict()} | {
        "owner": row.owner or words.UNASSIGNED,
        "requested_at": clock.local(row.requested_at) if row.requested_at else None,
        "won_deals": row.won_deals or 0,
        "won_amount": row.won_amount if sees_amounts else None,
        "why": "；".join(why),
    }


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
    return RequestInfo(
        id=request.id,
        status=request.status.value,
        status_label=words.REQUEST_STATUS[request.status],
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
    )


def _record(row: Any) -> dict[str, Any]:
    requested = clock.local(row.requested_at)
    return {**row._asdict()} | {
        "requested_at": requested,
        "age_days": (clock.today() - requested.date()).days,
        "status": words.REQUEST_STATUS[row.status],
        "decided_at": clock.local(row.decided_at) if row.decided_at else None,
    }


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.CONVERSION_DECIDE):
        return None
    pending = ConversionRequest.status == RequestStatus.PENDING
    count = session.scalar(_joined(select(func.count(ConversionRequest.id))).where(pending))
    return Pending("待处理转交易申请", count or 0, "conversions")


count_pending("conversion", _waiting)

"""Requests a person made or has to answer, and how many wait for him."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.customers.model import Customer, CustomerShare
from crmlib.customers.queries import PersonOption, owner_options
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with, step_with
from crmlib.people.model import Office, Person
from crmlib.requests.model import AccessKind, AccessRequest, AccessStatus
from crmlib.requests.rows import answerable_requests, grantable_requests, visible_requests
from crmlib.store.engine import reading
from crmlib.store.text import clean

PAGE = "request"
MAX_SIZE = 500
_OWNER, _REQUESTER, _USER, _DECIDER = (aliased(Person) for _ in range(4))
_OFFICE, _REQUESTER_OFFICE = aliased(Office), aliased(Office)
# What a granted request led to; it may have been changed or taken back since.
_IS_ITS_SHARE = and_(
    CustomerShare.customer_id == AccessRequest.customer_id,
    CustomerShare.person_id == AccessRequest.person_id,
    AccessRequest.kind == AccessKind.SHARE,
    AccessRequest.status == AccessStatus.GRANTED,
)
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "kind": pl.String,
    "code": pl.String,
    "customer": pl.String,
    "owner": pl.String,
    "requester": pl.String,
    "person": pl.String,
    "reason": pl.String,
    "requested_at": _MOMENT,
    "status": pl.String,
    "decided_by": pl.String,
    "note": pl.String,
}


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """Which requests are wanted: those to answer, or the actor's own."""

    page: int = 1
    size: int = 20
    mine: bool = False
    status: AccessStatus | None = None
    text: str = ""  # part of the customer's name or code


@dataclass(frozen=True, slots=True)
class AccessPage:
    """One page of requests (columns: SCHEMA), waiting ones first, and how many there are."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class AccessDetail:
    """A request as its reader sees it; ``customer_id`` only if he may open the customer."""

    id: int
    version: int
    kind: AccessKind
    kind_label: str
    status: AccessStatus
    status_label: str
    customer_id: int | None
    code: str
    customer: str
    owner: str
    office: str
    requester: str
    requester_office: str
    person: str
    level: str
    level_label: str
    reason: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    is_shared: bool  # what was granted has not been taken back
    ends_on: date | None  # of the share, as it stands today
    share_ended: bool
    may_grant: bool
    may_refuse: bool
    may_withdraw: bool


def access_page(actor: Actor, query: AccessQuery | None = None) -> AccessPage:
    """Return one page of the actor's own requests or of those he answers."""
    query = query or AccessQuery()
    found = [
        AccessRequest.requester_id == actor.person_id if query.mine else answerable_requests(actor)
    ]
    if query.status is not None:
        found.append(AccessRequest.status == query.status)
    if text := clean(query.text):
        columns = (Customer.name, Customer.code)
        found.append(or_(*(c.icontains(text, autoescape=True) for c in columns)))
    size = min(max(query.size, 1), MAX_SIZE)
    order = ((AccessRequest.status == AccessStatus.OPEN).desc(), AccessRequest.id.desc())
    with reading() as session:
        total = session.scalar(_joined(select(func.count(AccessRequest.id))).where(*found)) or 0
        rows = session.execute(
            _joined(_columns())
            .where(*found)
            .order_by(*order)
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).mappings()
        made = [_line(row) for row in rows]
    return AccessPage(pl.DataFrame(made, schema=SCHEMA), total)


def access_detail(actor: Actor, request_id: int) -> AccessDetail:
    """Return a request the actor made or may answer.

    Raises:
        NotAllowed: neither, or no such request.
    """
    rights = {
        "opens": visible_customers(actor),
        "grants": grantable_requests(actor),
        "refuses": answerable_requests(actor),
    }
    with reading() as session:
        row = session.execute(
            _joined(_columns())
            .outerjoin(CustomerShare, _IS_ITS_SHARE)
            .add_columns(CustomerShare.id.label("share_id"), CustomerShare.ends_on)
            .add_columns(*(condition.label(name) for name, condition in rights.items()))
            .where(AccessRequest.id == request_id, visible_requests(actor))
        ).one_or_none()
    if row is None:
        raise NotAllowed
    return _detail(actor, row)


def person_options(actor: Actor) -> tuple[PersonOption, ...]:
    """Return for whom the actor may ask."""
    return owner_options(actor, Permission.ACCESS_REQUEST)


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(AccessRequest)
        .join(Customer, Customer.id == AccessRequest.customer_id)
        .join(_REQUESTER, _REQUESTER.id == AccessRequest.requester_id)
        .join(_REQUESTER_OFFICE, _REQUESTER_OFFICE.id == _REQUESTER.office_id)
        .join(_USER, _USER.id == AccessRequest.person_id)
        .outerjoin(_OWNER, _OWNER.id == Customer.owner_id)
        .outerjoin(_OFFICE, _OFFICE.id == Customer.office_id)
        .outerjoin(_DECIDER, _DECIDER.id == AccessRequest.decided_by_id)
    )


def _columns() -> Any:
    return select(
        AccessRequest.id,
        AccessRequest.version,
        AccessRequest.kind,
        AccessRequest.status,
        AccessRequest.level,
        AccessRequest.reason,
        AccessRequest.requested_at,
        AccessRequest.decided_at,
        AccessRequest.note,
        AccessRequest.requester_id,
        Customer.id.label("customer_id"),
        Customer.code,
        Customer.name.label("customer"),
        _OWNER.name.label("owner"),
        _OFFICE.name.label("office"),
        _REQUESTER.name.label("requester"),
        _REQUESTER_OFFICE.name.label("requester_office"),
        _USER.name.label("person"),
        _DECIDER.name.label("decided_by"),
    )


def _line(row: Any) -> dict[str, Any]:
    return {name: row.get(name) for name in SCHEMA} | {
        "kind": words.ACCESS_KINDS[row["kind"].value],
        "status": words.ACCESS_STATUS[row["status"].value],
        "owner": row["owner"] or words.UNASSIGNED,
        "requested_at": clock.local(row["requested_at"]),
    }


def _detail(actor: Actor, row: Any) -> AccessDetail:
    is_open = row.status is AccessStatus.OPEN
    level = row.level.value if row.level else ""
    return AccessDetail(
        id=row.id,
        version=row.version,
        kind=row.kind,
        kind_label=words.ACCESS_KINDS[row.kind.value],
        status=row.status,
        status_label=words.ACCESS_STATUS[row.status.value],
        customer_id=row.customer_id if row.opens else None,
        code=row.code,
        customer=row.customer,
        owner=row.owner or words.UNASSIGNED,
        office=row.office or "",
        requester=row.requester,
        requester_office=row.requester_office,
        person=row.person,
        level=level,
        level_label=words.SHARE_LEVELS.get(level, ""),
        reason=row.reason,
        requested_at=clock.local(row.requested_at),
        decided_by=row.decided_by or "",
        decided_at=clock.local(row.decided_at) if row.decided_at else None,
        note=row.note or "",
        is_shared=row.share_id is not None,
        ends_on=row.ends_on,
        share_ended=row.ends_on is not None and row.ends_on < clock.today(),
        may_grant=is_open and bool(row.grants),
        may_refuse=is_open and bool(row.refuses),
        may_withdraw=is_open and row.requester_id == actor.person_id,
    )


def _open_request(session: Session, actor: Actor, key: int) -> Related | None:
    row = session.execute(
        select(AccessRequest.kind, Customer.name, Customer.code)
        .join(Customer, Customer.id == AccessRequest.customer_id)
        .where(AccessRequest.id == key, visible_requests(actor))
    ).one_or_none()
    if row is None:
        return None
    return Related(PAGE, key, f"{words.ACCESS_KINDS[row.kind.value]} {row.name}（{row.code}）")


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.CUSTOMER_SHARE):
        return None
    conditions: list[ColumnElement[bool]] = [
        AccessRequest.status == AccessStatus.OPEN,
        grantable_requests(actor),
    ]
    if actor.role is Role.ADMIN:  # may share everything, which waits for the owners
        conditions.append(AccessRequest.kind == AccessKind.TRANSFER)
    count = session.scalar(select(func.count(AccessRequest.id)).where(*conditions))
    return Pending("待处理客户申请", count or 0, "requests")


def _step_at(session: Session, actor: Actor, key: int) -> str | None:
    waits = select(AccessRequest.id).where(
        AccessRequest.id == key,
        AccessRequest.status == AccessStatus.OPEN,
        grantable_requests(actor),
    )
    return "处理" if session.scalar(waits) is not None else None


open_with(AccessRequest.__tablename__, _open_request)
step_with(AccessRequest.__tablename__, "grant", _step_at)
count_pending("access", _waiting)

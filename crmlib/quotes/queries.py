"""报价单: lists of quotations a person may see, and how many wait for him."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.customers.model import Customer
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with
from crmlib.opportunities.model import Opportunity
from crmlib.people.model import Person
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import quotes_for, waiting_for
from crmlib.quotes.states import QuoteStatus
from crmlib.store.engine import reading
from crmlib.store.text import clean

PAGE = "quote"
MAX_SIZE = 500
_AUTHOR, _APPROVER, _OWNER = (aliased(Person) for _ in range(3))
_NEWER = aliased(Quotation)
SCHEMA: Mapping[str, Any] = {
    "id": pl.Int64,
    "number": pl.String,
    "revision": pl.Int64,
    "opportunity_id": pl.Int64,
    "deal": pl.String,
    "subject": pl.String,
    "customer_id": pl.Int64,
    "customer": pl.String,
    "owner": pl.String,
    "total": pl.Decimal(16, 2),  # yuan
    "valid_until": pl.Date,
    "status": pl.String,
    "created_by": pl.String,
    "created_at": pl.Datetime("us", "Asia/Shanghai"),
    "approver": pl.String,
}
_SORTS: Mapping[str, Any] = {
    "number": Quotation.number,
    "revision": Quotation.revision,
    "subject": Opportunity.subject,
    "customer": Customer.pinyin,
    "owner": _OWNER.name,
    "total": Quotation.total,
    "valid_until": Quotation.valid_until,
    "status": Quotation.status,
    "created_by": _AUTHOR.name,
    "created_at": Quotation.created_at,
}
_FINDS: Mapping[str, Any] = {
    "number": Quotation.number,
    "customer": Customer.name,
    "subject": Opportunity.subject,
}


@dataclass(frozen=True, slots=True)
class QuoteQuery:
    """What part of the list is wanted; without ``every_version`` the newest of each number."""

    page: int = 1
    size: int = 20
    sort: str = "created_at"
    descending: bool = True
    find_field: str = ""  # number, customer, subject; empty: any of them
    find_text: str = ""
    statuses: tuple[QuoteStatus, ...] = ()
    opportunity_id: int | None = None
    customer_id: int | None = None
    created_from: date | None = None
    created_to: date | None = None
    mine: bool = False  # made by the actor
    waiting: bool = False  # for the actor to decide
    every_version: bool = False


@dataclass(frozen=True, slots=True)
class QuotePage:
    """One page of the list (columns: SCHEMA) and the number of all rows found."""

    rows: pl.DataFrame
    total: int


def quote_page(actor: Actor, query: QuoteQuery | None = None) -> QuotePage:
    """Return one page of the visible quotations, sorted and filtered by the database."""
    query = query or QuoteQuery()
    found = _conditions(actor, query)
    column = _SORTS.get(query.sort, Quotation.created_at)
    size = min(max(query.size, 1), MAX_SIZE)
    with reading() as session:
        count = select(func.count(Quotation.id)).where(*found)
        if len(count.get_final_froms()) > 1:  # a condition names another table: seldom
            count = _joined(select(func.count(Quotation.id))).where(*found)
        total = session.scalar(count) or 0
        rows = session.execute(
            _joined(_columns())
            .where(*found)
            .order_by(column.desc() if query.descending else column.asc(), Quotation.id.desc())
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).mappings()
        made = [_line(row) for row in rows]
    return QuotePage(pl.DataFrame(made, schema=dict(SCHEMA)), total)


def of_opportunity(actor: Actor, opportunity_id: int) -> pl.DataFrame:
    """Return all versions of a deal's quotations, newest first (columns: SCHEMA)."""
    wanted = QuoteQuery(opportunity_id=opportunity_id, every_version=True, size=MAX_SIZE)
    return quote_page(actor, wanted).rows


def of_customer(actor: Actor, customer_id: int) -> pl.DataFrame:
    """Return the newest version of each quotation of a customer's deals (columns: SCHEMA)."""
    return quote_page(actor, QuoteQuery(customer_id=customer_id, size=MAX_SIZE)).rows


def _conditions(actor: Actor, query: QuoteQuery) -> list[ColumnElement[bool]]:
    is_wide = Scope.TREE in actor.scopes(Permission.QUOTE_VIEW)
    few = is_wide or query.opportunity_id is not None or query.waiting
    found = [quotes_for(actor, few=few)]
    if query.waiting:
        found.append(waiting_for(actor))
    elif not query.every_version:
        newer = (_NEWER.number == Quotation.number) & (_NEWER.revision > Quotation.revision)
        found.append(~exists().where(newer))
    if query.statuses:
        found.append(Quotation.status.in_(query.statuses))
    if query.opportunity_id is not None:
        found.append(Quotation.opportunity_id == query.opportunity_id)
    if query.customer_id is not None:
        found.append(Opportunity.customer_id == query.customer_id)
    if query.mine:
        found.append(Quotation.created_by_id == actor.person_id)
    if query.created_from is not None:
        found.append(Quotation.created_at >= _midnight(query.created_from))
    if query.created_to is not None:
        found.append(Quotation.created_at < _midnight(query.created_to) + timedelta(days=1))
    if text := clean(query.find_text):
        columns = [_FINDS[query.find_field]] if query.find_field in _FINDS else _FINDS.values()
        found.append(or_(*(c.icontains(text, autoescape=True) for c in columns)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(Quotation)
        .join(Opportunity, Opportunity.id == Quotation.opportunity_id)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(_OWNER, _OWNER.id == Opportunity.owner_id)
        .join(_AUTHOR, _AUTHOR.id == Quotation.created_by_id)
        .outerjoin(_APPROVER, _APPROVER.id == Quotation.approver_id)
    )


def _columns() -> Any:
    return select(
        Quotation.id,
        Quotation.number,
        Quotation.revision,
        Quotation.opportunity_id,
        Opportunity.number.label("deal"),
        Opportunity.subject,
        Opportunity.customer_id,
        Customer.name.label("customer"),
        _OWNER.name.label("owner"),
        Quotation.total,
        Quotation.valid_until,
        Quotation.status,
        _AUTHOR.name.label("created_by"),
        Quotation.created_at,
        _APPROVER.name.label("approver"),
    )


def _line(row: Any) -> dict[str, Any]:
    return dict(row) | {
        "status": row["status"].value,
        "created_at": clock.local(row["created_at"]),
        "approver": row["approver"] if row["status"] is QuoteStatus.WAITING else None,
    }


def _related(session: Session, actor: Actor, quote_id: int) -> Related | None:
    row = session.execute(
        select(Quotation.number, Quotation.revision).where(
            Quotation.id == quote_id, quotes_for(actor, few=True)
        )
    ).one_or_none()
    return Related(PAGE, quote_id, f"报价单 {row.number} 第 {row.revision} 版") if row else None


def count_waiting(actor: Actor) -> int:
    """Return how many quotations wait for the actor's decision."""
    with reading() as session:
        return _count_waiting(session, actor)


def _count_waiting(session: Session, actor: Actor) -> int:
    return session.scalar(select(func.count(Quotation.id)).where(waiting_for(actor))) or 0


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.QUOTE_APPROVE):
        return None
    return Pending("待审批报价", _count_waiting(session, actor), "quotes")


def _returned(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.QUOTE_EDIT):
        return None
    count = session.scalar(
        select(func.count(Quotation.id)).where(
            Quotation.created_by_id == actor.person_id,
            Quotation.status == QuoteStatus.DRAFT,
            Quotation.decided_by_id.is_not(None),
            quotes_for(actor, Permission.QUOTE_EDIT, few=True),
        )
    )
    return Pending("被退回的报价", count or 0, "quotes")


open_with(Quotation.__tablename__, _related)
count_pending("quotes", _waiting)
count_pending("quotes_returned", _returned)

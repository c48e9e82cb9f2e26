"""The 回收站 as a list, for those who may put things there."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer, CustomerStatus, RecycledCustomer
from crmlib.customers.recycle import refusals
from crmlib.customers.rows import recyclable_customers, visible_customers
from crmlib.people.model import Office, Person
from crmlib.recycling.rules import may_go_on
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import Option, labels, options
from crmlib.store.engine import reading
from crmlib.store.text import clean

SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "code": pl.String,
    "name": pl.String,
    "owner": pl.String,
    "office": pl.String,
    "reason": pl.String,
    "note": pl.String,
    "recycled_by": pl.String,
    "recycled_at": pl.Datetime("us", "Asia/Shanghai"),
    "may_go_on": pl.Date,
}
_OWNER, _BY = aliased(Person), aliased(Person)
_SORTS = {
    "code": Customer.code,
    "name": Customer.pinyin,
    "owner": _OWNER.name,
    "office": Office.name,
    "reason": RecycledCustomer.reason,
    "recycled_by": _BY.name,
    "recycled_at": Customer.recycled_at,
}


@dataclass(frozen=True, slots=True)
class BinQuery:
    """One page of the 回收站; an empty filter leaves everything in."""

    page: int = 1
    size: int = 20
    sort: str = "recycled_at"
    descending: bool = True
    text: str = ""  # in name or code
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BinPage:
    """Rows (``SCHEMA``) of the page and how many there are in all."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class Recycling:
    """Why, when and by whom one customer was put away; ``may_*``: what the actor may do with it."""

    reason: str
    note: str
    recycled_by: str
    recycled_at: Any  # datetime | None: brought in as recycled from elsewhere
    may_restore: bool
    may_purge: bool


def bin_page(actor: Actor, query: BinQuery) -> BinPage:
    """Return one page of the recycled customers the actor may take back or delete."""
    where = _conditions(actor, query)
    column = _SORTS.get(query.sort, Customer.recycled_at)
    order = column.desc().nulls_last() if query.descending else column.asc().nulls_last()
    with reading() as session:
        total = session.scalar(_joined(func.count(Customer.id)).where(*where)) or 0
        rows = session.execute(
            _joined(
                Customer.id,
                Customer.code,
                Customer.name,
                _OWNER.name.label("owner"),
                Office.name.label("office"),
                RecycledCustomer.reason,
                RecycledCustomer.note,
                _BY.name.label("recycled_by"),
                Customer.recycled_at,
            )
            .where(*where)
            .order_by(order, Customer.id.desc())
            .limit(query.size)
            .offset(max(query.page - 1, 0) * query.size)
        ).all()
        reasons = labels(session, DictKind.RECYCLE_REASON)
    return BinPage(
        pl.DataFrame([_line(row, reasons) for row in rows], schema=SCHEMA, orient="row"), total
    )


def recycling_of(actor: Actor, customer_id: int) -> Recycling | None:
    """Return how a customer the actor may see came into the 回收站; None if it is not there."""
    with reading() as session:
        row = session.execute(
            _joined(
                RecycledCustomer.reason,
                RecycledCustomer.note,
                _BY.name,
                Customer.recycled_at,
                recyclable_customers(actor),
                visible_customers(actor, Permission.CUSTOMER_PURGE),
            ).where(
                Customer.id == customer_id,
                Customer.status == CustomerStatus.RECYCLED,
                visible_customers(actor),
            )
        ).one_or_none()
        if row is None:
            return None
        reason, note, by, at, may_restore, may_purge = row
        return Recycling(
            labels(session, DictKind.RECYCLE_REASON).get(reason, reason or words.EMPTY),
            note or "",
            by or words.EMPTY,
            clock.local(at) if at else None,
            bool(may_restore),
            bool(may_purge),
        )


def recycle_refusal(actor: Actor, customer_id: int) -> str | None:
    """Return why a customer cannot be recycled now, empty if it can; None: not by this actor."""
    with reading() as session:
        customer = session.scalar(
            select(Customer).where(Customer.id == customer_id, recyclable_customers(actor))
        )
        if customer is None:
            return None
        return refusals(session, [customer]).get(customer.id, "")


def reason_options() -> list[Option]:
    """Return the 回收原因 in use."""
    with reading() as session:
        return options(session, DictKind.RECYCLE_REASON)


def _joined(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Customer)
        .outerjoin(RecycledCustomer, RecycledCustomer.customer_id == Customer.id)
        .outerjoin(_BY, _BY.id == RecycledCustomer.recycled_by_id)
        .outerjoin(_OWNER, _OWNER.id == Customer.owner_id)
        .outerjoin(Office, Office.id == Customer.office_id)
    )


def _conditions(actor: Actor, query: BinQuery) -> list[ColumnElement[bool]]:
    found = [Customer.status == CustomerStatus.RECYCLED, recyclable_customers(actor)]
    if text := clean(query.text):
        found.append(
            or_(
                Customer.name.contains(text, autoescape=True),
                Customer.code.contains(text.upper(), autoescape=True),
            )
        )
    if query.reason:
        found.append(RecycledCustomer.reason == query.reason)
    return found


def _line(row: Any, reasons: dict[str, str]) -> tuple[Any, ...]:
    at = clock.local(row.recycled_at) if row.recycled_at else None
    return (
        row.id,
        row.code,
        row.name,
        row.owner or words.UNASSIGNED,
        row.office,
        reasons.get(row.reason, row.reason),
        row.note,
        row.recycled_by,
        at,
        may_go_on(at.date()) if at else None,
    )

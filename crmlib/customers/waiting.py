"""待分配: customers nobody active owns, and how a head gives several of them away at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.actions import hand_over
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import Refused
from crmlib.people.model import Office, Person
from crmlib.reference.model import Region
from crmlib.store.engine import reading
from crmlib.store.text import clean

LATE = "已被分配，请刷新"
NOBODY = "未指定负责人"
SCHEMA: Mapping[str, Any] = {
    "id": pl.Int64,
    "code": pl.String,
    "name": pl.String,
    "region": pl.String,
    "office": pl.String,
    "registered_by": pl.String,
    "registered_at": pl.Datetime(time_zone="Asia/Shanghai"),
    "why": pl.String,
}


@dataclass(frozen=True, slots=True)
class WaitingQuery:
    """One page of what waits for an owner; who waits longest comes first."""

    page: int = 1
    size: int = 20
    sort: str = "registered_at"
    descending: bool = False
    find_text: str = ""

    def finds(self, *columns: Any) -> ColumnElement[bool]:
        """Return the condition that one of the columns holds the text that is looked for."""
        if not (text := clean(self.find_text)):
            return true()
        return or_(*(column.icontains(text, autoescape=True) for column in columns))


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Rows of the page and how many there are in all."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many got their owner, and how many somebody else had given away meanwhile."""

    count: int
    late: int
    owner: str


_OWNER, _REGISTRANT = aliased(Person), aliased(Person)
_SORTS: Mapping[str, Any] = {
    "code": Customer.code,
    "name": Customer.pinyin,
    "region": Region.sort,
    "office": Office.name,
    "registered_by": _REGISTRANT.name,
    "registered_at": Customer.registered_at,
}


def waits_for_owner(owner: Any) -> ColumnElement[bool]:
    """Return the condition that a column names nobody, or somebody who has left."""
    left = select(Person.id).where(Person.active.is_(False))
    return or_(owner.is_(None), owner.in_(left))


def waiting_customers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a customer waits for this actor to name its owner."""
    # Asked apart: next to the status SQLite reads every live customer instead of the few.
    unowned = aliased(Customer)
    return and_(
        Customer.id.in_(select(unowned.id).where(waits_for_owner(unowned.owner_id))),
        Customer.status.in_(LIVE),
        visible_customers(actor, Permission.CUSTOMER_ASSIGN),
    )


def why_waiting(former: str | None) -> str:
    """Say why a record has no owner who could work on it."""
    return f"原负责人 {former} 已停用" if former else NOBODY


def waiting_page(actor: Actor, query: WaitingQuery) -> WaitingPage:
    """Return one page of the customers that wait."""
    where = and_(waiting_customers(actor), query.finds(Customer.name, Customer.code))
    column = _SORTS.get(query.sort, Customer.registered_at)
    order = column.desc() if query.descending else column.asc()
    statement = (
        select(
            Customer.id,
            Customer.code,
            Customer.name,
            Region.name.label("region"),
            Office.name.label("office"),
            _REGISTRANT.name.label("registered_by"),
            Customer.registered_at,
            _OWNER.name.label("former"),
        )
        .outerjoin(Region, Region.id == Customer.region_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .outerjoin(_OWNER, _OWNER.id == Customer.owner_id)
        .outerjoin(_REGISTRANT, _REGISTRANT.id == Customer.registered_by_id)
        .where(where)
        .order_by(order.nulls_last(), Customer.id)
        .limit(query.size)
        .offset(max(query.page - 1, 0) * query.size)
    )
    with reading() as session:
        found = session.execute(statement).all()
        total = session.scalar(select(func.count()).select_from(Customer).where(where)) or 0
    rows = [(*row[:6], clock.local(row.registered_at), why_waiting(row.former)) for row in found]
    return WaitingPage(pl.DataFrame(rows, schema=SCHEMA, orient="row"), total)


@action(Permission.CUSTOMER_ASSIGN)
def assign_waiting_customers(
    work: Work,
    customer_ids: Sequence[int],
    owner_id: int | None,
    *,
    token: str | None = None,
) -> Assigned:
    """Give customers that still wait to somebody within the actor's reach; he is told of each.

    Raises:
        Invalid: ``owner``.
        Refused: none of them waits any more.
    """
    chosen = work.session.scalars(
        select(Customer)
        .where(Customer.id.in_(customer_ids), waiting_customers(work.actor))
        .order_by(Customer.id)
        .with_for_update(of=Customer)
    ).all()
    if not chosen:
        raise Refused(LATE)
    for customer in chosen:
        hand_over(work, customer, owner_id)
    owner = work.session.get_one(Person, owner_id)
    return Assigned(len(chosen), len(set(customer_ids)) - len(chosen), owner.name)

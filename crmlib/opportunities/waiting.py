"""待分配: open deals whose owner has left, and how a head gives several of them away at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.customers.model import Customer
from crmlib.customers.rows import possible_owners
from crmlib.customers.waiting import (
    LATE,
    Assigned,
    WaitingPage,
    WaitingQuery,
    why_waiting,
)
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import notify
from crmlib.inbox.queries import Pending, count_pending
from crmlib.opportunities.model import Opportunity, Outcome, Stage
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

SCHEMA: Mapping[str, Any] = {
    "id": pl.Int64,
    "number": pl.String,
    "subject": pl.String,
    "customer": pl.String,
    "stage": pl.String,
    "office": pl.String,
    "expected_close": pl.Date,
    "why": pl.String,
}
_SORTS: Mapping[str, Any] = {
    "number": Opportunity.number,
    "subject": Opportunity.subject,
    "customer": Customer.pinyin,
    "stage": Stage.position,
    "office": Office.name,
    "expected_close": Opportunity.expected_close,
}


def waiting_opportunities(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a deal waits for this actor to name its owner."""
    left = select(Person.id).where(Person.active.is_(False))  # a deal always has an owner
    # Asked apart: next to the outcome SQLite reads every open deal instead of the few.
    theirs = aliased(Opportunity)
    return and_(
        Opportunity.id.in_(select(theirs.id).where(theirs.owner_id.in_(left))),
        Opportunity.outcome == Outcome.OPEN,
        Opportunity.closed.is_(False),
        visible_opportunities(actor, Permission.CUSTOMER_ASSIGN),
    )


def waiting_deals(actor: Actor, query: WaitingQuery) -> WaitingPage:
    """Return one page of the deals that wait."""
    found_by = query.finds(Opportunity.subject, Opportunity.number)
    where = and_(waiting_opportunities(actor), found_by)
    column = _SORTS.get(query.sort, Opportunity.expected_close)
    statement = (
        select(
            Opportunity.id,
            Opportunity.number,
            Opportunity.subject,
            Customer.name.label("customer"),
            Stage.name.label("stage"),
            Office.name.label("office"),
            Opportunity.expected_close,
            Person.name.label("former"),
        )
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .join(Office, Office.id == Opportunity.office_id)
        .join(Person, Person.id == Opportunity.owner_id)
        .where(where)
        .order_by(column.desc() if query.descending else column.asc(), Opportunity.id)
        .limit(query.size)
        .offset(max(query.page - 1, 0) * query.size)
    )
    with reading() as session:
        found = session.execute(statement).all()
        total = _count(session, where)
    rows = [(*row[:7], why_waiting(row.former)) for row in found]
    return WaitingPage(pl.DataFrame(rows, schema=SCHEMA, orient="row"), total)


def _count(session: Session, where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(Opportunity.id)).where(where)) or 0


@action(Permission.CUSTOMER_ASSIGN)
def assign_waiting_opportunities(
    work: Work,
    opportunity_ids: Sequence[int],
    owner_id: int | None,
    *,
    token: str | None = None,
) -> Assigned:
    """Give deals that still wait to somebody within the actor's reach; he is told of each.

    Raises:
        Invalid: ``owner``.
        Refused: none of them waits any more.
    """
    session = work.session
    allowed = possible_owners(work.actor, Permission.CUSTOMER_ASSIGN)
    owner = session.scalar(select(Person).where(Person.id == owner_id, allowed))
    if owner is None:
        raise Invalid({"owner": "负责人 只能选择您权限范围内的在职业务员"})
    chosen = session.scalars(
        select(Opportunity)
        .where(Opportunity.id.in_(opportunity_ids), waiting_opportunities(work.actor))
        .order_by(Opportunity.id)
        .with_for_update(of=Opportunity)
    ).all()
    if not chosen:
        raise Refused(LATE)
    for deal in chosen:
        deal.owner_id, deal.office_id = owner.id, owner.office_id
        session.flush()
        body = f"{work.actor.name}将商机 {deal.number} {deal.subject} 分配给 {owner.name}"
        related = (Opportunity.__tablename__, deal.id)
        notify(session, {owner.id} - {work.actor.person_id}, "商机分配", body, related)
    return Assigned(len(chosen), len(set(opportunity_ids)) - len(chosen), owner.name)


def _waiting(session: Session, actor: Actor) -> Pending | None:
    # Every admin may assign every deal; it waits for the manager only.
    if actor.role is not Role.MANAGER:
        return None
    return Pending("待分配商机", _count(session, waiting_opportunities(actor)), "unassigned")


count_pending("unassigned_deals", _waiting)

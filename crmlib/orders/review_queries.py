"""合同评审 as people read them: the list, those of a deal, one with the steps that are open."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import func, or_, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.rules import state_refusal
from crmlib.orders import rules
from crmlib.orders.model import ContractReview, ReviewStatus
from crmlib.orders.reviews import deal_facts
from crmlib.orders.rows import visible_reviews
from crmlib.people.model import Person
from crmlib.store.engine import reading

MAX_SIZE = 500
SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "number": pl.String(),
        "status": pl.String(),
        "opportunity_id": pl.Int64(),
        "opportunity": pl.String(),
        "customer": pl.String(),
        "amount": pl.Decimal(16, 2),
        "asked_by": pl.String(),
        "asked_at": pl.Datetime("us", "Asia/Shanghai"),
        "submitted_on": pl.Date(),
        "decided_on": pl.Date(),
        "note": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """What part of the list is wanted."""

    page: int = 1
    size: int = 20
    opportunity_id: int | None = None
    status: ReviewStatus | None = None
    find_text: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of reviews (columns: SCHEMA), the newest first, and how many there are."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A review; ``steps`` are the states it may come into by the actor's hand."""

    id: int
    version: int
    number: str | None
    status: ReviewStatus
    opportunity_id: int
    opportunity: str
    customer: str
    amount: Decimal
    asked_by: str
    asked_at: datetime
    submitted_on: date | None
    decided_on: date | None
    file_name: str | None
    remark: str | None
    note: str | None
    steps: tuple[ReviewStatus, ...]


def review_page(actor: Actor, query: ReviewQuery) -> ReviewPage:
    """Return one page of the visible reviews."""
    where: list[Any] = [visible_reviews(actor)]
    if query.opportunity_id is not None:
        where.append(ContractReview.opportunity_id == query.opportunity_id)
    if query.status is not None:
        where.append(ContractReview.status == query.status)
    if text := query.find_text.strip():
        columns = (ContractReview.number, Opportunity.number, Opportunity.subject, Customer.name)
        where.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    size = min(max(query.size, 1), MAX_SIZE)
    with reading() as session:
        total = session.scalar(_joined(select(func.count(ContractReview.id))).where(*where)) or 0
        rows = session.execute(
            _joined(_columns())
            .where(*where)
            .order_by(ContractReview.id.desc())
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).all()
    records = [
        row._asdict() | {"status": row.status.value, "asked_at": clock.local(row.asked_at)}
        for row in rows
    ]
    return ReviewPage(pl.DataFrame(records, schema=SCHEMA), total)


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(ContractReview)
        .join(Opportunity, Opportunity.id == ContractReview.opportunity_id)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(Person, Person.id == ContractReview.asked_by_id)
    )


def _columns() -> Any:
    return select(
        ContractReview.id,
        ContractReview.number,
        ContractReview.status,
        ContractReview.opportunity_id,
        (Opportunity.number + " " + Opportunity.subject).label("opportunity"),
        Customer.name.label("customer"),
        ContractReview.amount,
        Person.name.label("asked_by"),
        ContractReview.asked_at,
        ContractReview.submitted_on,
        ContractReview.decided_on,
        ContractReview.note,
    )


def review_card(actor: Actor, review_id: int) -> ReviewCard:
    """Return a visible review.

    Raises:
        NotAllowed: no such review, or not visible to the actor.
    """
    with reading() as session:
        row = session.execute(
            _joined(select(ContractReview, Opportunity, Customer.name, Person.name)).where(
                ContractReview.id == review_id, visible_reviews(actor)
            )
        ).one_or_none()
    if row is None:
        raise NotAllowed
    review, deal, customer, asked_by = row
    manages = actor.may(Permission.ORDER_MANAGE)
    steps = [
        wanted
        for wanted in ReviewStatus
        if manages and review.status.value in rules.REVIEW_STEPS.get(wanted.value, ())
    ]
    own = {name: getattr(review, name) for name in _OWN}
    return ReviewCard(
        **own,
        opportunity=f"{deal.number} {deal.subject}",
        customer=customer,
        asked_by=asked_by,
        asked_at=clock.local(review.asked_at),
        steps=tuple(steps),
    )


_OWN = (
    *("id", "version", "number", "status", "opportunity_id", "amount", "submitted_on"),
    *("decided_on", "file_name", "remark", "note"),
)


def request_state(actor: Actor, opportunity_id: int) -> str | None:
    """Return why the actor can't take a deal to 合同评审 now, "" if he can, None if never."""
    permission = (
        Permission.ORDER_MANAGE if actor.may(Permission.ORDER_MANAGE) else Permission.REVIEW_REQUEST
    )
    with reading() as session:
        deal = session.scalar(
            select(Opportunity).where(
                Opportunity.id == opportunity_id, visible_opportunities(actor, permission)
            )
        )
        if deal is None:
            return None
        lost = deal.outcome is Outcome.LOST
        refusal = state_refusal(deal.number, closed=deal.closed, decided=lost)
        return refusal or rules.request_refusal(deal_facts(session, deal)) or ""

"""What stands behind a line of the check list, as far as the actor may open it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, false, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.conversion.facts import UNDECIDED
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.duplicates.model import DuplicatePair
from crmlib.duplicates.queue import visible_pairs
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.opportunities.rows import visible_opportunities
from crmlib.orders.model import ContractReview, OrderStatus, ReviewStatus, SalesOrder
from crmlib.orders.rows import visible_orders, visible_reviews
from crmlib.store.engine import reading


@dataclass(frozen=True, slots=True)
class Proof:
    """A record behind a line; ``opens`` False: it is there, but not for this actor."""

    id: int
    label: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """The duplicate pairs that wait, the won deals, orders and approved reviews of a customer."""

    pairs: tuple[Proof, ...]
    deals: tuple[Proof, ...]
    orders: tuple[Proof, ...] = ()
    reviews: tuple[Proof, ...] = ()


def evidence_of(actor: Actor, customer_id: int) -> Evidence:
    """Return what the check list of a visible customer rests on."""
    seen = select(Customer.id).where(Customer.id == customer_id, visible_customers(actor))
    is_a = DuplicatePair.a_id == customer_id
    other = case((is_a, DuplicatePair.b_id), else_=DuplicatePair.a_id)
    sees_pairs = visible_pairs(actor) if actor.may(Permission.DUPLICATE_VIEW) else false()
    with reading() as session:
        if session.scalar(seen) is None:
            raise NotAllowed
        pairs = session.execute(
            select(DuplicatePair.id, Customer.name, sees_pairs)
            .join(Customer, Customer.id == other)
            .where(
                is_a | (DuplicatePair.b_id == customer_id),
                DuplicatePair.status.in_(UNDECIDED),
                Customer.status.in_(LIVE),
            )
            .order_by(Customer.name)
        )
        deals = session.execute(
            select(Opportunity.id, Opportunity.number, visible_opportunities(actor))
            .where(Opportunity.customer_id == customer_id, Opportunity.outcome == Outcome.WON)
            .order_by(Opportunity.decided_on.desc().nulls_last(), Opportunity.id.desc())
        )
        orders, reviews = _mirrored(session, actor, customer_id)
        return Evidence(_proofs(pairs), _proofs(deals), orders, reviews)


def _mirrored(
    session: Session, actor: Actor, customer_id: int
) -> tuple[tuple[Proof, ...], tuple[Proof, ...]]:
    """Return the orders and approved reviews of a customer."""
    orders = session.execute(
        select(SalesOrder.id, SalesOrder.number, visible_orders(actor))
        .where(SalesOrder.customer_id == customer_id, SalesOrder.status != OrderStatus.CANCELLED)
        .order_by(SalesOrder.ordered_on.desc(), SalesOrder.id.desc())
    )
    reviews = session.execute(
        select(ContractReview.id, ContractReview.number, visible_reviews(actor))
        .join(Opportunity, Opportunity.id == ContractReview.opportunity_id)
        .where(
            Opportunity.customer_id == customer_id,
            ContractReview.status == ReviewStatus.APPROVED,
        )
        .order_by(ContractReview.id.desc())
    )
    return _proofs(orders), _proofs(reviews)


def _proofs(rows: Iterable[Any]) -> tuple[Proof, ...]:
    return tuple(Proof(key, label, bool(opens)) for key, label, opens in rows)

"""What the check list looks at, read from the tables; the action and the page ask the same."""

from datetime import date
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.actor import Actor, people_below
from crmlib.access.grants import Role
from crmlib.conversion import rules
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.conversion.rules import Facts, Stake, Standing
from crmlib.customers.model import LIVE, Contact, Customer, CustomerStatus
from crmlib.customers.rules import missing_fields
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.names import parse
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.orders.model import ContractReview, OrderStatus, ReviewStatus, SalesOrder
from crmlib.people.model import Person
from crmlib.store import log

UNDECIDED = (PairStatus.OPEN, PairStatus.DEFERRED)


def facts_of(session: Session, customer: Customer) -> Facts:
    """Read what the check list of a customer looks at."""
    primary = session.scalars(
        select(Contact.is_primary).where(
            Contact.customer_id == customer.id, Contact.active.is_(True)
        )
    ).all()
    values = log.row_of(customer) | {"region": customer.region_id}
    return Facts(
        missing=missing_fields(values),
        contacts=len(primary),
        has_primary=any(primary),
        open_pairs=_open_pairs(session, customer.id),
        won_deals=[f"{deal.number} {deal.subject}" for deal in won_deals(session, customer.id)],
        legal_form=parse(customer.name).form,
        orders=[order.number for order in live_orders(session, customer.id)],
        reviews=_approved_reviews(session, customer.id),
    )


def standing_of(customer: Customer) -> Standing:
    """Say where a customer stands."""
    return Standing(
        customer.status is CustomerStatus.TRADING,
        customer.status is CustomerStatus.POTENTIAL,
        words.CUSTOMER_STATUS[customer.status],
    )


def won_deals(session: Session, customer_id: int) -> list[Any]:
    """Return number, subject and day of the won deals, the latest first."""
    return list(
        session.execute(
            select(Opportunity.number, Opportunity.subject, Opportunity.decided_on)
            .where(Opportunity.customer_id == customer_id, Opportunity.outcome == Outcome.WON)
            .order_by(Opportunity.decided_on.desc().nulls_last(), Opportunity.id.desc())
        )
    )


def live_orders(session: Session, customer_id: int) -> list[Any]:
    """Return number and day of the orders that were not cancelled, the latest first."""
    return list(
        session.execute(
            select(SalesOrder.number, SalesOrder.ordered_on)
            .where(
                SalesOrder.customer_id == customer_id, SalesOrder.status != OrderStatus.CANCELLED
            )
            .order_by(SalesOrder.ordered_on.desc(), SalesOrder.id.desc())
        )
    )


def _approved_reviews(session: Session, customer_id: int) -> list[str]:
    numbers = session.scalars(
        select(ContractReview.number)
        .join(Opportunity, Opportunity.id == ContractReview.opportunity_id)
        .where(
            Opportunity.customer_id == customer_id,
            ContractReview.status == ReviewStatus.APPROVED,
        )
        .order_by(ContractReview.id.desc())
    )
    return [number for number in numbers if number]


def pending_request(session: Session, customer_id: int) -> ConversionRequest | None:
    """Return the request that waits for an answer."""
    return session.scalar(
        select(ConversionRequest).where(
            ConversionRequest.customer_id == customer_id,
            ConversionRequest.status == RequestStatus.PENDING,
        )
    )


def stake_of(
    session: Session, actor: Actor, customer: Customer, request: ConversionRequest | None
) -> Stake:
    """Say what ties the actor to the request that waits, or to the customer nobody asks for."""
    me = actor.person_id
    if request is not None:
        return Stake(
            applied=request.applicant_id == me,
            in_line=_in_line(session, me, request.applicant_id),
        )
    # An own request taken back or refused must not become an own decision.
    asked = select(ConversionRequest.id).where(
        ConversionRequest.customer_id == customer.id,
        ConversionRequest.applicant_id == me,
        or_(
            ConversionRequest.decided_by_id.is_(None),
            ConversionRequest.decided_by_id != me,
            ConversionRequest.status != RequestStatus.APPROVED,
        ),
    )
    below = select(Person.id).where(Person.id == customer.owner_id, Person.id.in_(people_below(me)))
    return Stake(
        asked_before=session.scalar(asked.limit(1)) is not None,
        holds=customer.registered_by_id == me or session.scalar(below) is not None,
    )


def _in_line(session: Session, decider: int, applicant: int) -> bool:
    if decider == applicant:
        return False
    below = select(Person.id).where(Person.id == applicant, Person.id.in_(people_below(decider)))
    if session.scalar(below) is not None:
        return True
    # A superior outside 综合部, up to the head of the firm, may apply like anybody else.
    if session.get_one(Person, applicant).role is not Role.GENERAL_OFFICE:
        return False
    above = select(Person.id).where(Person.id == decider, Person.id.in_(people_below(applicant)))
    return session.scalar(above) is not None


def conversion_of(session: Session, customer_id: int) -> ConversionRequest | None:
    """Return the request that made a customer a 交易客户, if it still is one by it."""
    return session.scalar(
        select(ConversionRequest)
        .where(
            ConversionRequest.customer_id == customer_id,
            ConversionRequest.status == RequestStatus.APPROVED,
            ConversionRequest.undone_at.is_(None),
        )
        .order_by(ConversionRequest.decided_at.desc(), ConversionRequest.id.desc())
        .limit(1)
    )


def undo_refusal_of(
    session: Session, customer: Customer, request: ConversionRequest | None
) -> str | None:
    """Return why the conversion of a 交易客户 can't be taken back, or None."""
    day = clock.local(request.decided_at).date() if request and request.decided_at else None
    orders = [order.number for order in live_orders(session, customer.id)]
    return rules.undo_refusal(day, clock.today(), _won_since(session, customer.id, day), orders)


def _won_since(session: Session, customer_id: int, day: date | None) -> list[str]:
    return [
        f"{deal.number} {deal.subject}"
        for deal in won_deals(session, customer_id)
        if day and deal.decided_on and deal.decided_on > day
    ]


def _open_pairs(session: Session, customer_id: int) -> list[str]:
    # 暂缓 decides nothing: it only puts the question off.
    is_a = DuplicatePair.a_id == customer_id
    other = case((is_a, DuplicatePair.b_id), else_=DuplicatePair.a_id)
    pairs = (is_a | (DuplicatePair.b_id == customer_id)) & DuplicatePair.status.in_(UNDECIDED)
    return list(
        session.scalars(
            select(Customer.name)
            .where(Customer.id.in_(select(other).where(pairs)), Customer.status.in_(LIVE))
            .order_by(Customer.name)
        )
    )

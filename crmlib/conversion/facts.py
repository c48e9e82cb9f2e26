"""What the check list looks at, read from the tables; the action and the page ask the same."""

from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.conversion.rules import Facts, Standing
from crmlib.customers.model import LIVE, Contact, Customer, CustomerStatus
from crmlib.customers.rules import missing_fields
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.names import parse
from crmlib.opportunities.model import Opportunity, Outcome
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


def pending_request(session: Session, customer_id: int) -> ConversionRequest | None:
    """Return the request that waits for an answer."""
    return session.scalar(
        select(ConversionRequest).where(
            ConversionRequest.customer_id == customer_id,
            ConversionRequest.status == RequestStatus.PENDING,
        )
    )


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

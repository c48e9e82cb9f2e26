"""Open deals follow their customer to his new owner; ended ones keep the owner they ended with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.customers.handover import goes_along
from crmlib.customers.model import Customer
from crmlib.opportunities.model import CustomerNeed, Opportunity, Outcome
from crmlib.people.model import Person


def _move(session: Session, customer: Customer, former_id: int, owner: Person) -> int:
    deals = session.scalars(
        select(Opportunity)
        .where(
            Opportunity.customer_id == customer.id,
            Opportunity.owner_id == former_id,
            Opportunity.outcome == Outcome.OPEN,
            Opportunity.closed.is_(False),
        )
        .order_by(Opportunity.id)
        .with_for_update(of=Opportunity)
    ).all()
    for deal in deals:
        deal.owner_id, deal.office_id = owner.id, owner.office_id
    waiting = select(CustomerNeed).where(
        CustomerNeed.opportunity_id.in_([deal.id for deal in deals]),
        CustomerNeed.owner_id == former_id,
        CustomerNeed.answer.is_(None),
    )
    for need in session.scalars(waiting):
        need.owner_id = owner.id
    return len(deals)


goes_along("个进行中商机", _move)

"""Who works on a deal: its owner, those it is shared with, those above; whoever may note on it."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import load_actor
from crmlib.access.grants import Permission
from crmlib.customers.model import CustomerShare
from crmlib.customers.queries import PersonOption
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity, OpportunityShare
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Office, Person


def above(session: Session, deal: Opportunity) -> Iterator[int]:
    """Yield those above the owner, then the heads of his office and the offices above."""
    boss: int | None = deal.owner_id
    seen: set[int] = set()
    while boss is not None and boss not in seen:
        seen.add(boss)
        boss = session.scalar(select(Person.reports_to_id).where(Person.id == boss))
        if boss is not None:
            yield boss
    office: int | None = deal.office_id
    offices: set[int] = set()
    while office is not None and office not in offices:
        offices.add(office)
        row = session.execute(
            select(Office.head_id, Office.parent_id).where(Office.id == office)
        ).one()
        if row.head_id is not None:
            yield row.head_id
        office = row.parent_id


def workers(session: Session, deal: Opportunity) -> tuple[PersonOption, ...]:
    """Return who may write into the papers of a deal, the owner first."""
    asked = dict.fromkeys([deal.owner_id, *_partners(session, deal), *above(session, deal)])
    may = [person_id for person_id in asked if _may_note(session, person_id, deal.id)]
    rows = session.execute(
        select(Person.id, Person.name, Office.name, Person.login, Person.seller_code)
        .join(Office, Office.id == Person.office_id)
        .where(Person.id.in_(may))
    )
    found = {row.id: PersonOption(*row) for row in rows}
    return tuple(found[person_id] for person_id in may)


def _partners(session: Session, deal: Opportunity) -> list[int]:
    found: list[int] = []
    for share, holds in (
        (OpportunityShare, OpportunityShare.opportunity_id == deal.id),
        (CustomerShare, CustomerShare.customer_id == deal.customer_id),
    ):
        current = or_(share.ends_on.is_(None), share.ends_on >= clock.today())
        found += session.scalars(select(share.person_id).where(holds, current).order_by(share.id))
    return found


def _may_note(session: Session, person_id: int, opportunity_id: int) -> bool:
    try:
        actor = load_actor(session, person_id)
    except NotAllowed:
        return False
    may = visible_opportunities(actor, Permission.OPPORTUNITY_NOTE)
    found = select(Opportunity.id).where(Opportunity.id == opportunity_id, may)
    return session.scalar(found) is not None

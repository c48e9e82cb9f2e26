"""Whom a quotation is put before: the nearest person above the deal who may approve it."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.actor import load_actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity
from crmlib.people.model import Office, Person
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import is_own, quotes_for


def approver_of(session: Session, quote: Quotation, deal: Opportunity) -> int | None:
    """Return who should approve a stored quotation; None if nobody above may."""
    for person_id in dict.fromkeys(_chain(session, deal)):
        if _may_approve(session, person_id, quote.id):
            return person_id
    return None


def _chain(session: Session, deal: Opportunity) -> Iterator[int]:
    """Yield those above the owner, then the heads of his office and the offices above."""
    above: int | None = deal.owner_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        seen.add(above)
        above = session.scalar(select(Person.reports_to_id).where(Person.id == above))
        if above is not None:
            yield above
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


def _may_approve(session: Session, person_id: int, quote_id: int) -> bool:
    try:
        actor = load_actor(session, person_id)
    except NotAllowed:
        return False
    if not actor.may(Permission.QUOTE_APPROVE):
        return False
    allowed = quotes_for(actor, Permission.QUOTE_APPROVE)
    may = select(Quotation.id).where(Quotation.id == quote_id, allowed, ~is_own(actor))
    return session.scalar(may) is not None

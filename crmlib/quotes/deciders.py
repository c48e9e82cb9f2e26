"""Whom a quotation is put before: the nearest person above the deal who may approve it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.actor import load_actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.workers import above
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import is_own, quotes_for


def approver_of(session: Session, quote: Quotation, deal: Opportunity) -> int | None:
    """Return who should approve a stored quotation; None if nobody above may."""
    for person_id in dict.fromkeys(above(session, deal)):
        if _may_approve(session, person_id, quote.id):
            return person_id
    return None


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

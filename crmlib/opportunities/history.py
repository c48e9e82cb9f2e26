"""阶段历史: what happens to a deal leaves a row, and the rows' days add up to its age."""

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work
from crmlib.customers.model import Customer
from crmlib.inbox.notices import head_of, notify
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityShare,
    Outcome,
    StageEvent,
    StageHistory,
)
from crmlib.opportunities.stage_switch import onto_current


def stamp(work: Work, deal: Opportunity, event: StageEvent, reason: str = "") -> int:
    """Write that a deal ended, was closed or came back; return the days since the row before."""
    last = work.session.scalar(
        select(StageHistory.moved_at)
        .where(StageHistory.opportunity_id == deal.id)
        .order_by(StageHistory.id.desc())
        .limit(1)
    )
    since = clock.local(last or deal.registered_at).date()
    now = clock.now()
    days = (clock.today() - since).days
    work.session.add(
        StageHistory(
            opportunity_id=deal.id,
            from_stage_id=deal.stage_id,
            to_stage_id=deal.stage_id,
            moved_at=now,
            moved_by_id=work.actor.person_id,
            days=days,
            event=event,
            reason=reason[:255] or None,
        )
    )
    back = event in {StageEvent.UNDONE, StageEvent.REOPENED}
    if back and deal.outcome is Outcome.OPEN:
        deal.stage_since = now  # the clock of the stage runs again from here
        onto_current(work, deal)
    return days


def announce(work: Work, deal: Opportunity, title: str, body: str) -> None:
    """Tell everybody the deal concerns: its owner, its customer's, the head, who works on it."""
    session, today = work.session, clock.today()
    people = {
        deal.owner_id,
        session.get_one(Customer, deal.customer_id).owner_id,
        head_of(session, deal.office_id),
    }
    shares = select(OpportunityShare.person_id, OpportunityShare.ends_on).where(
        OpportunityShare.opportunity_id == deal.id
    )
    people |= {who for who, end in session.execute(shares) if end is None or end >= today}
    related = (Opportunity.__tablename__, deal.id)
    notify(session, people - {work.actor.person_id}, title, body, related)

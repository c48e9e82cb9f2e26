"""为什么能看到: the paths by which a person sees an opportunity."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.why import Given, Held
from crmlib.customers.model import CustomerShare, ShareLevel
from crmlib.customers.why import Why, askable_person, explained, share_text
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity, OpportunityShare
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Person
from crmlib.store.engine import reading


def why_opportunity(actor: Actor, opportunity_id: int, person_id: int | None = None) -> Why:
    """Return by which paths a person (no one named: the actor himself) sees an opportunity.

    Raises:
        NotAllowed: the deal is not the actor's to see, or the person not his to ask about.
    """
    with reading() as session:
        asked = askable_person(session, actor, person_id)
        deal = session.scalar(
            select(Opportunity).where(
                Opportunity.id == opportunity_id, visible_opportunities(actor)
            )
        )
        if deal is None:
            raise NotAllowed
        held = Held(
            deal.owner_id,
            deal.registered_by_id,
            deal.office_id,
            _single(session, deal.id, asked.id) + _whole(session, deal.customer_id, asked.id),
        )
        return explained(session, asked, Permission.OPPORTUNITY_VIEW, held)


def _single(session: Session, opportunity_id: int, person_id: int) -> tuple[Given, ...]:
    share = OpportunityShare
    rows = session.execute(
        select(Person.name, share.ends_on)
        .join(Person, Person.id == share.shared_by_id)
        .where(
            share.opportunity_id == opportunity_id,
            share.person_id == person_id,
            or_(share.ends_on.is_(None), share.ends_on >= clock.today()),
        )
    )
    return tuple(
        Given(f"{by} 共享商机（协作，{f'至 {ends_on}' if ends_on else '长期'}）", works=True)
        for by, ends_on in rows
    )


def _whole(session: Session, customer_id: int, person_id: int) -> tuple[Given, ...]:
    share = CustomerShare
    rows = session.execute(
        select(share, Person.name)
        .join(Person, Person.id == share.shared_by_id)
        .where(
            share.customer_id == customer_id,
            share.person_id == person_id,
            share.with_opportunities.is_(True),
            or_(share.ends_on.is_(None), share.ends_on >= clock.today()),
        )
    )
    return tuple(
        Given(f"随客户：{share_text(row, by)}", row.level is ShareLevel.COLLABORATE)
        for row, by in rows
    )

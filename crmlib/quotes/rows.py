"""Which quotations an actor may see or work on: those of the deals he holds the right for."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from crmlib.access.actor import PERSON, Actor
from crmlib.access.grants import Permission, Scope
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.quotes.model import Quotation
from crmlib.quotes.states import QuoteStatus


def quotes_for(
    actor: Actor, permission: Permission = Permission.QUOTE_VIEW, *, few: bool = False
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a quotation.

    With ``few`` quotations meant, their deals are looked at one by one: a region head's deals
    are too many to gather first.
    """
    if actor.scopes(permission) & {Scope.ALL, Scope.MASKED}:
        return true()
    if few:
        here = Opportunity.id == Quotation.opportunity_id
        allowed = visible_opportunities(actor, permission)
        return exists().where(here, allowed).correlate(Quotation)
    deals = select(Opportunity.id).where(visible_opportunities(actor, permission))
    return Quotation.opportunity_id.in_(deals)


def visible_quotes(actor: Actor) -> Select[Any]:
    """Select the ids of the quotations the actor may see."""
    return select(Quotation.id).where(quotes_for(actor))


def is_own(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor made, submitted or sells by a quotation."""
    me = actor.person_id
    mine = select(Opportunity.id).where(Opportunity.owner_id == me)
    return or_(
        Quotation.created_by_id == me,
        and_(Quotation.submitted_by_id.is_not(None), Quotation.submitted_by_id == me),
        Quotation.opportunity_id.in_(mine),
    )


def answerable_quotes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may approve a quotation that waits."""
    return and_(
        Quotation.status == QuoteStatus.WAITING,
        quotes_for(actor, Permission.QUOTE_APPROVE, few=True),
        ~is_own(actor),
    )


def waiting_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a quotation was put before the actor, or before one who left."""
    gone = select(PERSON.c.id).where(PERSON.c.active.is_(False))
    before_me = or_(Quotation.approver_id == actor.person_id, Quotation.approver_id.in_(gone))
    return and_(answerable_quotes(actor), before_me)

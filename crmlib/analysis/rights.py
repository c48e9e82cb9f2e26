"""Which rows and which contents a reader of analysts' frames gets."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, true

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.rows import visible_activities
from crmlib.customers.rows import sees_every_customer, visible_customers
from crmlib.duplicates.queue import visible_pairs
from crmlib.opportunities.rows import visible_opportunities
from crmlib.orders.rows import visible_orders
from crmlib.people.rows import visible_people
from crmlib.quotes.rows import quotes_for
from crmlib.targets.kinds import TargetStatus
from crmlib.targets.model import Target
from crmlib.targets.rows import visible_targets

P = Permission
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Rights:
    """Which rows and which contents a reader gets."""

    customers: Condition
    phones: Condition
    opportunities: Condition
    amounts: Condition
    activities: Condition
    pairs: Condition
    people: Condition
    orders: Condition
    quotes: Condition
    targets: Condition


def masked() -> Rights:
    """Return the rights of the editor: every row, no number of anybody."""
    yes = true()
    issued = Target.status != TargetStatus.DRAFT
    return Rights(yes, false(), yes, yes, yes, yes, yes, orders=yes, quotes=yes, targets=issued)


def rights_of(actor: Actor) -> Rights:
    """Return the rights of a reader, by the conditions that all pages use."""
    sees_all = sees_every_customer(actor)
    # An analyst knows all pairs from his editor; others need a part in the review.
    pairs = true() if actor.may(P.ANALYSIS_EDIT) else visible_pairs(actor)
    if not (actor.may(P.ANALYSIS_EDIT) or actor.may(P.DUPLICATE_VIEW)):
        pairs = false()
    return Rights(
        visible_customers(actor),
        visible_customers(actor, P.CONTACT_PHONE),
        visible_opportunities(actor),
        visible_opportunities(actor, P.OPPORTUNITY_AMOUNT),
        visible_activities(actor),
        pairs,
        true() if sees_all else visible_people(actor),
        visible_orders(actor),
        quotes_for(actor),
        and_(visible_targets(actor), Target.status != TargetStatus.DRAFT),
    )

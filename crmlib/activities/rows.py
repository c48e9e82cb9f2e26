"""Which activities an actor may see or work on, and with whom; every query and action asks here."""

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, or_, select

from crmlib.access.actor import Actor, is_person_below
from crmlib.access.grants import Permission, Scope
from crmlib.access.rows import Ownership, condition
from crmlib.activities.model import Activity
from crmlib.customers.model import LIVE, Customer, CustomerShare, ShareLevel
from crmlib.customers.rows import shared_with as customers_shared_with
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import shared_with, visible_opportunities
from crmlib.people.model import Person


def visible_activities(
    actor: Actor, permission: Permission = Permission.ACTIVITY_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for an activity.

    An activity is shared with whoever shares its customer with them, or its opportunity.
    """
    return condition(actor, permission, ownership(actor))


def ownership(actor: Actor) -> Ownership:
    """Return by which columns, and which shares of today, activities belong to people."""
    return Ownership(
        key=Activity.id,
        owner=Activity.owner_id,
        registrant=Activity.owner_id,
        office=Activity.office_id,
        shared=_shared(actor, to_work_on=False),
        collaborate=_shared(actor, to_work_on=True),
    )


def _shared(actor: Actor, *, to_work_on: bool) -> CompoundSelect[Any]:
    # A union goes by the two indexes; PostgreSQL reads all activities for an OR.
    customers = _shared_customers(actor, to_work_on=to_work_on)
    deals = shared_with(actor, to_work_on=to_work_on)
    return (
        select(Activity.id)
        .where(Activity.customer_id.in_(customers))
        .union(select(Activity.id).where(Activity.opportunity_id.in_(deals)))
    )


def _shared_customers(actor: Actor, *, to_work_on: bool) -> Select[tuple[int]]:
    found = customers_shared_with(actor).where(CustomerShare.with_activities.is_(True))
    return found.where(CustomerShare.level == ShareLevel.COLLABORATE) if to_work_on else found


def reachable_customers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may have activities with a customer."""
    rows = Ownership(
        key=Customer.id,
        owner=Customer.owner_id,
        registrant=Customer.registered_by_id,
        office=Customer.office_id,
        collaborate=_shared_customers(actor, to_work_on=True),
    )
    live = Customer.status.in_(LIVE)
    return and_(live, condition(actor, Permission.ACTIVITY_CREATE, rows))


def reachable_deals(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may have activities about an opportunity."""
    return and_(
        Opportunity.closed.is_(False), visible_opportunities(actor, Permission.ACTIVITY_CREATE)
    )


def possible_doers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a person may be made 负责人 of an activity: oneself, those below."""
    is_below = (
        is_person_below(actor, Person.id.expression)
        if Scope.TREE in actor.scopes(Permission.ACTIVITY_CREATE)
        else false()
    )
    return and_(Person.active.is_(True), or_(Person.id == actor.person_id, is_below))

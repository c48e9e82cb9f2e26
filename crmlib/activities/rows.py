"""Which activities an actor may see; every query and action asks here."""

from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.rows import Ownership, condition
from crmlib.activities.model import Activity
from crmlib.customers.model import CustomerShare
from crmlib.customers.rows import shared_with as customers_shared_with
from crmlib.opportunities.rows import shared_with


def visible_activities(
    actor: Actor, permission: Permission = Permission.ACTIVITY_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for an activity.

    An activity is shared with whoever shares its customer with them, or its opportunity.
    """
    customers = customers_shared_with(actor).where(CustomerShare.with_activities.is_(True))
    shared: Select[Any] = select(Activity.id).where(
        or_(
            Activity.customer_id.in_(customers),
            Activity.opportunity_id.in_(shared_with(actor)),
        )
    )
    return condition(
        actor,
        permission,
        Ownership(
            key=Activity.id,
            owner=Activity.owner_id,
            registrant=Activity.owner_id,
            office=Activity.office_id,
            shared=shared,
        ),
    )

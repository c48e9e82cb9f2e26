"""Which orders and contract reviews an actor may see; every query and action asks here."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.access.rows import Ownership, condition
from crmlib.customers.model import Customer, CustomerShare
from crmlib.customers.rows import shared_with as customers_shared_with
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import shared_with, visible_opportunities
from crmlib.orders.model import ContractReview, SalesOrder

_EVERY = frozenset({Scope.ALL, Scope.MASKED})


def visible_orders(
    actor: Actor, permission: Permission = Permission.ORDER_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for an order.

    An order belongs to whom its customer belongs to, and to whom its deal does; it is shared
    where its deal is, alone or together with the customer.
    """
    if actor.scopes(permission) & _EVERY:
        return true()
    shared = customers_shared_with(actor).where(CustomerShare.with_opportunities.is_(True))
    of_customer = Ownership(
        key=Customer.id,
        owner=Customer.owner_id,
        registrant=Customer.registered_by_id,
        office=Customer.office_id,
        shared=shared,
        collaborate=shared,
    )
    deals = shared_with(actor)
    of_deal = Ownership(
        key=Opportunity.id,
        owner=Opportunity.owner_id,
        registrant=Opportunity.registered_by_id,
        office=Opportunity.office_id,
        shared=deals,
        collaborate=deals,
    )
    customers: Any = select(Customer.id).where(condition(actor, permission, of_customer))
    opportunities: Any = select(Opportunity.id).where(condition(actor, permission, of_deal))
    return or_(SalesOrder.customer_id.in_(customers), SalesOrder.opportunity_id.in_(opportunities))


def visible_reviews(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may read a review: he sees its deal with the amount."""
    if actor.scopes(Permission.OPPORTUNITY_AMOUNT) & _EVERY:
        return true()
    deals = select(Opportunity.id).where(
        visible_opportunities(actor), visible_opportunities(actor, Permission.OPPORTUNITY_AMOUNT)
    )
    return ContractReview.opportunity_id.in_(deals)

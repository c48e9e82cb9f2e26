"""Which opportunities an actor may see or work on; every query and action asks here."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, false, or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor, is_person_below, offices_headed
from crmlib.access.grants import Permission, Scope
from crmlib.access.rows import Ownership, condition
from crmlib.customers.model import CustomerShare, ShareLevel
from crmlib.customers.rows import shared_with as customers_shared_with
from crmlib.opportunities.model import Opportunity, OpportunityShare


def shared_with(
    actor: Actor, *, to_work_on: bool = False, with_contacts: bool = False
) -> CompoundSelect[Any]:
    """Select the opportunities shared with the actor today, by themselves or with their customer.

    A share of an opportunity always allows 协作, one of a customer as it says.
    """
    customers = customers_shared_with(actor).where(CustomerShare.with_opportunities.is_(True))
    if to_work_on:
        customers = customers.where(CustomerShare.level == ShareLevel.COLLABORATE)
    if with_contacts:
        customers = customers.where(CustomerShare.with_contacts.is_(True))
    single = select(OpportunityShare.opportunity_id).where(
        OpportunityShare.person_id == actor.person_id,
        or_(OpportunityShare.ends_on.is_(None), OpportunityShare.ends_on >= clock.today()),
    )
    # A union goes by the indexes of both; PostgreSQL reads all deals for an OR.
    return single.union(select(Opportunity.id).where(Opportunity.customer_id.in_(customers)))


def visible_opportunities(
    actor: Actor, permission: Permission = Permission.OPPORTUNITY_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for an opportunity."""
    return condition(actor, permission, ownership(actor, permission))


def held_on(
    session: Session, actor: Actor, opportunity_id: int, asked: Iterable[Permission]
) -> frozenset[Permission]:
    """Return which permissions the actor holds for a deal; those with the same reach at once."""
    alike: dict[frozenset[Scope], list[Permission]] = {}
    for permission in asked:
        alike.setdefault(frozenset(actor.scopes(permission)), []).append(permission)
    groups = list(alike.values())
    columns = [visible_opportunities(actor, group[0]) for group in groups]
    held = session.execute(select(*columns).where(Opportunity.id == opportunity_id)).one_or_none()
    return frozenset(
        permission
        for group, is_held in zip(groups, held or (), strict=held is not None)
        if is_held
        for permission in group
    )


def ownership(actor: Actor, permission: Permission = Permission.OPPORTUNITY_VIEW) -> Ownership:
    """Return by which columns, and which shares of today, opportunities belong to people."""
    phones = permission is Permission.CONTACT_PHONE
    return Ownership(
        key=Opportunity.id,
        owner=Opportunity.owner_id,
        registrant=Opportunity.registered_by_id,
        office=Opportunity.office_id,
        shared=shared_with(actor, with_contacts=phones),
        collaborate=shared_with(actor, to_work_on=True, with_contacts=phones),
    )


def owned_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor owns or registered an opportunity."""
    me = actor.person_id
    return or_(Opportunity.owner_id == me, Opportunity.registered_by_id == me)


def managed_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an opportunity belongs to the actor's subtree."""
    if Scope.TREE not in actor.scopes(Permission.OPPORTUNITY_EDIT):
        return false()
    in_offices = Opportunity.office_id.in_(offices_headed(actor.person_id))
    return or_(is_person_below(actor, Opportunity.owner_id.expression), in_offices)

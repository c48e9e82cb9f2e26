"""Which customers, and which colleagues as their owners, an actor may reach."""

from sqlalchemy import ColumnElement, Select, or_, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role, Scope
from crmlib.access.rows import Ownership, condition
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.people.model import Person

OWNING_ROLES = (Role.SALES, Role.MANAGER)


def visible_customers(
    actor: Actor, permission: Permission = Permission.CUSTOMER_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a customer."""
    shared = _shared_with(actor)
    return condition(
        actor,
        permission,
        Ownership(
            key=Customer.id,
            owner=Customer.owner_id,
            registrant=Customer.registered_by_id,
            office=Customer.office_id,
            shared=shared,
            collaborate=shared.where(CustomerShare.level == ShareLevel.COLLABORATE),
        ),
    )


def sees_every_customer(actor: Actor) -> bool:
    """Say whether no customer is hidden from the actor; for choosing a quick way, not for rights."""
    return bool(actor.scopes(Permission.CUSTOMER_VIEW) & {Scope.ALL, Scope.MASKED})


def possible_owners(
    actor: Actor, permission: Permission = Permission.CUSTOMER_CREATE
) -> ColumnElement[bool]:
    """Return the condition that a person may become owner by this actor's hand."""
    people = Ownership(
        key=Person.id, owner=Person.id, registrant=Person.id, office=Person.office_id
    )
    return (
        Person.active.is_(True)
        & Person.role.in_(OWNING_ROLES)
        & condition(actor, permission, people)
    )


def _shared_with(actor: Actor) -> Select[tuple[int]]:
    return select(CustomerShare.customer_id).where(  # type: ignore[return-value]
        CustomerShare.person_id == actor.person_id,
        or_(CustomerShare.ends_on.is_(None), CustomerShare.ends_on >= clock.today()),
    )

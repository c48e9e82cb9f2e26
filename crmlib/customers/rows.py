"""Which customers, and which colleagues as their owners, an actor may reach."""

from sqlalchemy import ColumnElement, Select, case, or_, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role, Scope
from crmlib.access.rows import Ownership, condition
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.people.model import Person

# What a share opens only if the contacts come along.
_OF_CONTACTS = frozenset({Permission.CONTACT_PHONE, Permission.CONTACT_EDIT})
OWNING_ROLES = (Role.SALES, Role.MANAGER)


def visible_customers(
    actor: Actor, permission: Permission = Permission.CUSTOMER_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a customer."""
    return condition(actor, permission, ownership(actor, permission))


def ownership(actor: Actor, permission: Permission = Permission.CUSTOMER_VIEW) -> Ownership:
    """Return by which columns, and which shares of today, customers belong to people."""
    shared = shared_with(actor)
    if permission in _OF_CONTACTS:
        shared = shared.where(CustomerShare.with_contacts.is_(True))
    return Ownership(
        key=Customer.id,
        owner=Customer.owner_id,
        registrant=Customer.registered_by_id,
        office=Customer.office_id,
        shared=shared,
        collaborate=shared.where(CustomerShare.level == ShareLevel.COLLABORATE),
    )


def recyclable_customers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may put a customer into the 回收站 or take it back.

    Who registered a customer may do so only while nobody owns it.
    """
    return condition(
        actor,
        Permission.CUSTOMER_RECYCLE,
        Ownership(
            key=Customer.id,
            owner=Customer.owner_id,
            registrant=case((Customer.owner_id.is_(None), Customer.registered_by_id)),
            office=Customer.office_id,
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


def shared_with(actor: Actor) -> Select[tuple[int]]:
    """Select the customers shared with the actor today; a caller may ask for more of the share."""
    return select(CustomerShare.customer_id).where(  # type: ignore[return-value]
        CustomerShare.person_id == actor.person_id,
        or_(CustomerShare.ends_on.is_(None), CustomerShare.ends_on >= clock.today()),
    )

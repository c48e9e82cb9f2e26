"""Which tickets an actor may see or work on; every query and action asks here."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from crmlib.access.actor import Actor, is_person_below
from crmlib.access.grants import Permission, Scope
from crmlib.access.rows import condition
from crmlib.customers.model import Customer
from crmlib.customers.rows import ownership
from crmlib.service.model import ServiceTicket

P = Permission


def visible_tickets(actor: Actor, permission: Permission = P.TICKET_VIEW) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a ticket.

    A ticket belongs to whom its customer belongs to; who handles or registered it sees it too.
    """
    if Scope.ALL in actor.scopes(permission):
        return true()
    mine = or_(
        ServiceTicket.handler_id == actor.person_id,
        ServiceTicket.registered_by_id == actor.person_id,
    )
    customers = ServiceTicket.customer_id.in_(_customers(actor, permission))
    return or_(mine, customers) if actor.may(permission) else customers


def handled_tickets(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a ticket is the actor's to work on.

    It is his, a subordinate's, or of a customer of his subtree.
    """
    held = actor.scopes(P.TICKET_HANDLE)
    parts = [ServiceTicket.handler_id == actor.person_id]
    if not held:
        return ServiceTicket.id.is_(None)
    if Scope.TREE in held:
        parts.append(is_person_below(actor, ServiceTicket.handler_id.expression))  # type: ignore[arg-type]
        parts.append(ServiceTicket.customer_id.in_(_customers(actor, P.TICKET_ASSIGN)))
    return or_(*parts)


def assignable_tickets(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may say who handles a ticket."""
    held = actor.scopes(P.TICKET_ASSIGN)
    if Scope.ALL in held:
        return true()
    return ServiceTicket.customer_id.in_(_customers(actor, P.TICKET_ASSIGN))


def _customers(actor: Actor, permission: Permission) -> Any:
    return select(Customer.id).where(condition(actor, permission, ownership(actor)))

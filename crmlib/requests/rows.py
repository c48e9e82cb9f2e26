"""Which requests an actor may see, and which he may decide."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.people.model import Person
from crmlib.requests.model import AccessKind, AccessRequest

# What grants a request: the right to do the thing itself.
NEEDED = {
    AccessKind.SHARE: Permission.CUSTOMER_SHARE,
    AccessKind.TRANSFER: Permission.CUSTOMER_ASSIGN,
}


def answerable_requests(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may refuse a request, being responsible for the customer."""
    return or_(*(and_(AccessRequest.kind == kind, _over(actor, kind)) for kind in NEEDED)) & (
        AccessRequest.requester_id != actor.person_id
    )


def grantable_requests(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may also grant it: a new owner must be in his reach."""
    owners = select(Person.id).where(possible_owners(actor, Permission.CUSTOMER_ASSIGN))
    reached = or_(AccessRequest.kind == AccessKind.SHARE, AccessRequest.person_id.in_(owners))
    return answerable_requests(actor) & reached


def visible_requests(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a request is the actor's, or for him, or his to answer."""
    mine = or_(
        AccessRequest.requester_id == actor.person_id, AccessRequest.person_id == actor.person_id
    )
    return or_(mine, answerable_requests(actor))


def _over(actor: Actor, kind: AccessKind) -> ColumnElement[bool]:
    # Customer by customer: requests are few, and a region head's customers are not.
    allowed = visible_customers(actor, NEEDED[kind])
    here = Customer.id == AccessRequest.customer_id
    return exists().where(here, allowed).correlate(AccessRequest)

"""Whom a request goes to: the nearest person who may grant it."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.actor import load_actor
from crmlib.access.grants import Role
from crmlib.customers.model import Customer
from crmlib.errors import NotAllowed
from crmlib.inbox.notices import head_of, people_of_role
from crmlib.people.model import Person
from crmlib.requests.model import AccessKind, AccessRequest
from crmlib.requests.rows import grantable_requests


def deciders(session: Session, request: AccessRequest) -> list[int]:
    """Return the owner or the nearest 上级 who may grant a stored request, else 信息部."""
    customer = session.get_one(Customer, request.customer_id)
    for person_id in dict.fromkeys(_chain(session, request, customer)):
        if _may_grant(session, person_id, request.id):
            return [person_id]
    return [i for i in people_of_role(session, Role.ADMIN) if _may_grant(session, i, request.id)]


def _chain(session: Session, request: AccessRequest, customer: Customer) -> Iterator[int]:
    """Yield the owner (of a share only), those above him, and the head of the office."""
    above = customer.owner_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        seen.add(above)
        # Nobody gives away his own customer; that is his 上级's to decide.
        if request.kind is AccessKind.SHARE or above != customer.owner_id:
            yield above
        above = session.scalar(select(Person.reports_to_id).where(Person.id == above))
    head = head_of(session, customer.office_id)
    if head is not None:
        yield head


def _may_grant(session: Session, person_id: int, request_id: int) -> bool:
    try:
        actor = load_actor(session, person_id)
    except NotAllowed:
        return False
    may = select(AccessRequest.id).where(AccessRequest.id == request_id, grantable_requests(actor))
    return session.scalar(may) is not None

"""Who may be given a ticket, by whose hand."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor, is_person_below
from crmlib.access.grants import Permission, Role, Scope
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading
from crmlib.ui.options import Option

HANDLING = (Role.CLERK, Role.SALES, Role.MANAGER)


def possible_handlers(session: Session, actor: Actor, customer: Customer) -> set[int]:
    """Return who may handle a ticket of a customer by the actor's hand."""
    return set(session.scalars(select(Person.id).where(_condition(actor, customer))))


def _condition(actor: Actor, customer: Customer) -> ColumnElement[bool]:
    held = actor.scopes(Permission.TICKET_ASSIGN)
    works = Person.active.is_(True) & Person.role.in_(HANDLING)
    if Scope.ALL in held:
        return works
    parts = [Person.id == actor.person_id, Person.id == customer.owner_id]
    if Scope.TREE in held:
        parts.append(is_person_below(actor, Person.id.expression))
    return works & or_(*parts)


def handler_options(actor: Actor, customer_id: int) -> list[Option]:
    """Return who may handle a ticket of a visible customer, for pickers.

    Raises:
        NotAllowed: no such customer, or not for this actor.
    """
    with reading() as session:
        customer = session.scalar(
            select(Customer).where(Customer.id == customer_id, visible_customers(actor))
        )
        if customer is None:
            raise NotAllowed
        rows = session.execute(
            select(Person.id, Person.name, Office.name)
            .join(Office, Office.id == Person.office_id)
            .where(_condition(actor, customer))
            .order_by(Person.id != customer.owner_id, Person.name)
        )
        return [Option(key, name, office) for key, name, office in rows]

"""Customers offered in pickers of forms, held to a right of the person who picks."""

from sqlalchemy import ColumnElement, or_, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.store.engine import reading
from crmlib.ui.options import Option

SHOWN = 20


def named_like(text: str) -> ColumnElement[bool]:
    """Return the condition that a customer is found by part of his name, initials or code."""
    typed = text.strip().lower()
    return or_(
        Customer.name.contains(typed, autoescape=True),
        Customer.initials.startswith(typed, autoescape=True),
        Customer.code.startswith(typed.upper(), autoescape=True),
    )


def customer_options(
    actor: Actor, text: str, permission: Permission = Permission.CUSTOMER_VIEW
) -> list[Option]:
    """Return live customers the permission covers, by name, initials or code."""
    with reading() as session:
        rows = session.execute(
            select(Customer.id, Customer.name, Customer.code)
            .where(
                visible_customers(actor, permission),
                Customer.status.in_(LIVE),
                named_like(text),
            )
            .order_by(Customer.name)
            .limit(SHOWN)
        )
        return [Option(key, name, code) for key, name, code in rows]


def customer_option(
    actor: Actor, customer_id: int, permission: Permission = Permission.CUSTOMER_VIEW
) -> Option | None:
    """Return one live customer the permission covers, as a link to a form names it."""
    with reading() as session:
        row = session.execute(
            select(Customer.id, Customer.name, Customer.code).where(
                Customer.id == customer_id,
                Customer.status.in_(LIVE),
                visible_customers(actor, permission),
            )
        ).one_or_none()
        return Option(row.id, row.name, row.code) if row else None

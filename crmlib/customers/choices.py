"""Customers offered in pickers of forms, held to a right of the person who picks."""

from sqlalchemy import or_, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.store.engine import reading
from crmlib.ui.options import Option

SHOWN = 20


def customer_options(
    actor: Actor, text: str, permission: Permission = Permission.CUSTOMER_VIEW
) -> list[Option]:
    """Return live customers the permission covers, by name, initials or code."""
    typed = text.strip().lower()
    with reading() as session:
        rows = session.execute(
            select(Customer.id, Customer.name, Customer.code)
            .where(
                visible_customers(actor, permission),
                Customer.status.in_(LIVE),
                or_(
                    Customer.name.contains(typed, autoescape=True),
                    Customer.initials.startswith(typed, autoescape=True),
                    Customer.code.startswith(typed.upper(), autoescape=True),
                ),
            )
            .order_by(Customer.name)
            .limit(SHOWN)
        )
        return [Option(key, name, code) for key, name, code in rows]


def customer_option(actor: Actor, customer_id: int) -> Option | None:
    """Return one visible live customer, as a link to a form names it."""
    with reading() as session:
        row = session.execute(
            select(Customer.id, Customer.name, Customer.code).where(
                Customer.id == customer_id, Customer.status.in_(LIVE), visible_customers(actor)
            )
        ).one_or_none()
        return Option(row.id, row.name, row.code) if row else None

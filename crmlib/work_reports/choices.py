"""What a report may be about: customers and deals the actor can see, found as he types."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.choices import named_like
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import Option as Coded
from crmlib.reference.queries import options
from crmlib.store.engine import reading
from crmlib.ui.options import Option

CUSTOMER, DEAL = "c", "o"  # before the id of what a line is about
_CUSTOMERS, _DEALS = 20, 10


def customer_choices(actor: Actor, text: str) -> list[Option]:
    """Return live customers by name, initials or code; without a text those met last."""
    with reading() as session:
        return [Option(row[0], row[1], row[2]) for row in _customers(session, actor, text)]


def about_choices(actor: Actor, text: str) -> list[Option]:
    """Return customers and open deals for a line; the value tells which (``about_of``)."""
    with reading() as session:
        customers = _customers(session, actor, text)
        deals = _deals(session, actor, text)
    return [
        *(Option(f"{CUSTOMER}{key}", name, code) for key, name, code in customers),
        *(Option(f"{DEAL}{key}", subject, customer) for key, subject, customer in deals),
    ]


def about_of(value: object) -> tuple[int | None, int | None]:
    """Return customer and deal a chosen value names; of a deal alone, the deal."""
    kind, number = str(value or "")[:1], str(value or "")[1:]
    if not number.isdecimal() or kind not in {CUSTOMER, DEAL}:
        return None, None
    return (int(number), None) if kind == CUSTOMER else (None, int(number))


def type_choices() -> list[Coded]:
    """Return the kinds of activities in use."""
    with reading() as session:
        return options(session, DictKind.ACTIVITY_TYPE)


def _customers(session: Session, actor: Actor, text: str) -> list[tuple[int, str, str]]:
    wanted: list[ColumnElement[bool]] = [
        visible_customers(actor, Permission.CUSTOMER_VIEW),
        Customer.status.in_(LIVE),
    ]
    if text.strip():
        wanted.append(named_like(text))
    rows = session.execute(
        select(Customer.id, Customer.name, Customer.code)
        .where(*wanted)
        .order_by(Customer.last_contact_on.desc().nulls_last(), Customer.id.desc())
        .limit(_CUSTOMERS)
    )
    return [(row.id, row.name, row.code) for row in rows]


def _deals(session: Session, actor: Actor, text: str) -> list[tuple[int, str, str]]:
    typed = text.strip()
    columns = (Opportunity.subject, Opportunity.number, Opportunity.project_name, Customer.name)
    rows = session.execute(
        select(Opportunity.id, Opportunity.subject, Customer.name)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .where(
            visible_opportunities(actor),
            Opportunity.closed.is_(False),
            Customer.status.in_(LIVE),
            or_(*(column.icontains(typed, autoescape=True) for column in columns)),
        )
        .order_by(Opportunity.stage_since.desc(), Opportunity.id.desc())
        .limit(_DEALS)
    )
    return [(row[0], row[1], row[2]) for row in rows]

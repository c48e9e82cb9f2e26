"""What the form of an activity offers, and what follows from a choice in it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.rows import possible_doers, reachable_customers, reachable_deals
from crmlib.customers.choices import named_like
from crmlib.customers.model import Contact, Customer
from crmlib.customers.rows import visible_customers
from crmlib.customers.seen import note_contacts_seen
from crmlib.opportunities.model import Opportunity, Stage
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import Option as Coded
from crmlib.reference.queries import options
from crmlib.store.engine import reading
from crmlib.ui.options import Option

SHOWN = 20


@dataclass(frozen=True, slots=True)
class FormOptions:
    """What the form offers before anything is chosen."""

    types: list[Coded]
    owners: list[Option]  # the actor first


@dataclass(frozen=True, slots=True)
class Start:
    """What a form begins with, or what follows from the customer or deal chosen in it."""

    customer: Option | None = None
    deal: Option | None = None
    stage: str = ""
    contact: Option | None = None
    phone: str = ""

    def values(self) -> dict[str, object]:
        """Return it as the fields of the form."""
        return {
            "customer_id": self.customer,
            "opportunity_id": self.deal,
            "stage": self.stage,
            "contact_id": self.contact,
            "phone": self.phone,
        }


def form_options(actor: Actor) -> FormOptions:
    """Return what the actor may choose from whoever the customer is."""
    with reading() as session:
        people = session.execute(
            select(Person.id, Person.name)
            .where(possible_doers(actor))
            .order_by(Person.id != actor.person_id, Person.name)
        )
        owners = [Option(key, name) for key, name in people]
        return FormOptions(options(session, DictKind.ACTIVITY_TYPE), owners)


def type_choices() -> list[Coded]:
    """Return 活动类型 for the filters of lists."""
    with reading() as session:
        return options(session, DictKind.ACTIVITY_TYPE)


def customer_choices(actor: Actor, text: str) -> list[Option]:
    """Return customers the actor may have activities with, by name, initials or code."""
    with reading() as session:
        rows = session.execute(
            select(Customer.id, Customer.name, Customer.code)
            .where(reachable_customers(actor), named_like(text))
            .order_by(Customer.name)
            .limit(SHOWN)
        )
        return [Option(*row) for row in rows]


def deal_choices(actor: Actor, text: str, customer_id: int | None) -> list[Option]:
    """Return deals the actor may have activities about; of the customer if one is chosen."""
    typed = text.strip()
    found = [reachable_deals(actor)]
    if customer_id is not None:
        found.append(Opportunity.customer_id == customer_id)
    if typed:
        found.append(
            or_(
                Opportunity.subject.icontains(typed, autoescape=True),
                Opportunity.number.icontains(typed, autoescape=True),
            )
        )
    with reading() as session:
        rows = session.execute(
            select(Opportunity.id, Opportunity.subject, Opportunity.number)
            .where(*found)
            .order_by(Opportunity.id.desc())
            .limit(SHOWN)
        )
        return [Option(*row) for row in rows]


def contact_choices(
    actor: Actor, customer_id: int | None, opportunity_id: int | None = None
) -> list[Option]:
    """Return the contacts the actor may choose: the customer's, or the shared deal's only one."""
    with reading() as session:
        rows = session.execute(
            _contacts(actor, customer_id, opportunity_id)
            .with_only_columns(Contact.id, Contact.name, Contact.title)
            .order_by(Contact.is_primary.desc(), Contact.id)
        )
        return [Option(key, name, title or "") for key, name, title in rows]


def _contacts(actor: Actor, customer_id: int | None, opportunity_id: int | None) -> Any:
    of_deal = (
        and_(Opportunity.id == opportunity_id, reachable_deals(actor))
        if opportunity_id is not None
        else false()
    )
    main = select(Opportunity.contact_id).where(of_deal)
    return (
        select(Contact)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(
            Customer.id == customer_id,
            Contact.active.is_(True),
            or_(reachable_customers(actor), Contact.id.in_(main)),
        )
    )


def from_customer(actor: Actor, customer_id: int | None, *, phone: bool = True) -> Start:
    """Return what choosing a customer brings: his 主联系人 and, if wanted, the phone (A11)."""
    with reading() as session:
        row = session.execute(
            select(Customer.id, Customer.name, Customer.code).where(
                Customer.id == customer_id, reachable_customers(actor)
            )
        ).one_or_none()
        if row is None:
            return Start()
        contact = _main_contact(session, actor, row.id, None)
    number = contact_phone(actor, contact, None) if phone else ""
    return Start(Option(*row), contact=contact, phone=number)


def from_deal(actor: Actor, opportunity_id: int | None, *, phone: bool = True) -> Start:
    """Return what choosing a deal brings: its customer, its stage, the 主联系人 and the phone."""
    with reading() as session:
        row = session.execute(
            select(
                Opportunity.id,
                Opportunity.subject,
                Opportunity.number,
                Stage.name.label("stage"),
                Customer.id.label("customer_id"),
                Customer.name.label("customer"),
                Customer.code,
            )
            .join(Customer, Customer.id == Opportunity.customer_id)
            .join(Stage, Stage.id == Opportunity.stage_id)
            .where(Opportunity.id == opportunity_id, reachable_deals(actor))
        ).one_or_none()
        if row is None:
            return Start()
        contact = _main_contact(session, actor, row.customer_id, row.id)
    return Start(
        Option(row.customer_id, row.customer, row.code),
        Option(row.id, row.subject, row.number),
        row.stage,
        contact,
        contact_phone(actor, contact, row.id) if phone else "",
    )


def _main_contact(
    session: Session, actor: Actor, customer_id: int, opportunity_id: int | None
) -> Option | None:
    """Return the deal's 主联系人, else the customer's."""
    deals = select(Opportunity.contact_id).where(Opportunity.id == opportunity_id)
    row = session.execute(
        _contacts(actor, customer_id, opportunity_id)
        .with_only_columns(Contact.id, Contact.name, Contact.title)
        .order_by(Contact.id.not_in(deals), Contact.is_primary.desc(), Contact.id)
        .limit(1)
    ).one_or_none()
    return Option(row.id, row.name, row.title or "") if row else None


def contact_phone(actor: Actor, contact: Option | int | None, opportunity_id: int | None) -> str:
    """Return the phone of a contact as the form fills it in; empty if the actor may not see it."""
    may = Permission.CONTACT_PHONE
    key = contact.value if isinstance(contact, Option) else contact
    of_deal = select(Opportunity.contact_id).where(
        Opportunity.id == opportunity_id, visible_opportunities(actor, may)
    )
    with reading() as session:
        found = session.execute(
            select(Contact.mobile, Contact.phone, Contact.customer_id)
            .join(Customer, Customer.id == Contact.customer_id)
            .where(
                Contact.id == key,
                or_(visible_customers(actor, may), Contact.id.in_(of_deal)),
            )
        ).one_or_none()
    phone = (found.mobile or found.phone or "") if found else ""
    if found and phone:
        note_contacts_seen(actor, found.customer_id)
    return phone

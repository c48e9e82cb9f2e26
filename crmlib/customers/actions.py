"""Keep contacts, assign customers.

Entering and editing a customer are actions of ``duplicates.entry``: they look for duplicates
first and build on ``customers.records``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers import rules
from crmlib.customers.handover import take_along
from crmlib.customers.model import Contact, Customer
from crmlib.customers.records import (
    CustomerSaved,
    assign,
    contact_choice_faults,
    contact_values,
    fetch_live,
)
from crmlib.customers.rows import possible_owners
from crmlib.customers.rules import ContactDraft
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox.notices import notify
from crmlib.people.model import Person


@dataclass(frozen=True, slots=True)
class ContactSaved:
    """A contact after a change."""

    contact_id: int
    customer_id: int
    name: str
    version: int


# --- contacts --------------------------------------------------------------------------------


@action(Permission.CONTACT_EDIT)
def add_contact(
    work: Work, customer_id: int, draft: ContactDraft, *, token: str | None = None
) -> ContactSaved:
    """Add a contact; the first one is the 主联系人."""
    customer = fetch_live(work, customer_id, Permission.CONTACT_EDIT)
    draft = rules.normalised_contact(draft)
    _check_contact(work.session, draft)
    primary = _primary_of(work.session, customer.id)
    draft = replace(draft, is_primary=draft.is_primary or primary is None)
    if draft.is_primary:
        _demote(work.session, primary)
    contact = Contact(customer_id=customer.id, **contact_values(draft))
    work.session.add(contact)
    work.session.flush()
    return ContactSaved(contact.id, customer.id, contact.name, contact.version)


@action(Permission.CONTACT_EDIT)
def edit_contact(
    work: Work,
    contact_id: int,
    changes: Mapping[str, Any],
    version: int | None,
    *,
    token: str | None = None,
) -> ContactSaved:
    """Change a contact; making it the 主联系人 takes the mark from the other one."""
    customer_id = work.session.scalar(select(Contact.customer_id).where(Contact.id == contact_id))
    if customer_id is None:
        raise NotAllowed
    customer = fetch_live(work, customer_id, Permission.CONTACT_EDIT)
    contact = work.session.get_one(Contact, contact_id)
    expect_version(contact, version)
    before = _contact_draft_of(contact)
    typed = {name: changes[name] for name in rules.CONTACT_EDITABLE & set(changes)}
    typed |= {name: "" for name, value in typed.items() if value is None and name != "birthday"}
    after = rules.normalised_contact(replace(before, **typed))
    _check_contact(work.session, after, before)
    if after.is_primary and not before.is_primary:
        _demote(work.session, _primary_of(work.session, customer.id))
    assign(contact, contact_values(after))
    work.session.flush()
    return ContactSaved(contact.id, customer.id, contact.name, contact.version)


def _contact_draft_of(contact: Contact) -> ContactDraft:
    values = {f.name: getattr(contact, f.name) for f in fields(ContactDraft)}
    return ContactDraft(**{name: value for name, value in values.items() if value is not None})


def _check_contact(
    session: Session, draft: ContactDraft, before: ContactDraft | None = None
) -> None:
    found = rules.contact_faults(draft)
    if draft.role:
        found |= contact_choice_faults(session, draft.role)
    if before is not None:
        found = {n: m for n, m in found.items() if getattr(draft, n) != getattr(before, n)}
        if before.is_primary and not (draft.is_primary and draft.active):
            found["is_primary"] = "请先将其他联系人设为主联系人"
    elif draft.is_primary and not draft.active:
        found["is_primary"] = "离职的联系人不能设为主联系人"
    if found:
        raise Invalid(found)


def _primary_of(session: Session, customer_id: int) -> Contact | None:
    return session.scalar(
        select(Contact).where(Contact.customer_id == customer_id, Contact.is_primary)
    )


def _demote(session: Session, contact: Contact | None) -> None:
    if contact is not None:
        contact.is_primary = False
        session.flush()  # two primaries may not stand at any moment


# --- assigning -------------------------------------------------------------------


@action(Permission.CUSTOMER_ASSIGN)
def assign_customer(
    work: Work,
    customer_id: int,
    owner_id: int | None,
    version: int | None,
    *,
    token: str | None = None,
) -> CustomerSaved:
    """Give a customer an owner within the actor's reach; the office follows the owner."""
    customer = fetch_live(work, customer_id, Permission.CUSTOMER_ASSIGN)
    expect_version(customer, version)
    return hand_over(work, customer, owner_id)


def hand_over(work: Work, customer: Customer, owner_id: int | None) -> CustomerSaved:
    """Change the owner within another action's transaction, with all of its checks.

    What the former owner has open with the customer goes along.
    """
    allowed = possible_owners(work.actor, Permission.CUSTOMER_ASSIGN)
    owner = work.session.scalar(select(Person).where(Person.id == owner_id, allowed))
    if owner is None:
        raise Invalid({"owner": "负责人 只能选择您权限范围内的在职业务员"})
    if owner.id == customer.owner_id:
        raise Invalid({"owner": f"{owner.name} 已经是该客户的负责人"})
    former, customer.owner_id, customer.office_id = customer.owner_id, owner.id, owner.office_id
    work.session.flush()
    along = take_along(work.session, customer, former, owner) if former else ""
    body = f"{work.actor.name} 把客户 {customer.name}（{customer.code}）分配给 {owner.name}。"
    notify(
        work.session,
        {owner.id, former} - {work.actor.person_id},
        f"客户分配：{customer.name}（{customer.code}）",
        f"{body}一并转给 {owner.name}：{along}。" if along else body,
        (Customer.__tablename__, customer.id),
    )
    return CustomerSaved(customer.id, customer.code, customer.name, customer.version)

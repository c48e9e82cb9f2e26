"""Keep contacts, share and assign customers.

Entering and editing a customer are actions of ``duplicates.entry``: they look for duplicates
first and build on ``customers.records``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers import rules
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerShare,
    ShareLevel,
)
from crmlib.customers.records import (
    CustomerSaved,
    assign,
    contact_choice_faults,
    contact_values,
    fetch_live,
)
from crmlib.customers.rows import possible_owners, visible_customers
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


@dataclass(frozen=True, slots=True)
class Shared:
    """A customer opened to a person."""

    customer_id: int
    person_id: int
    person: str


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


# --- sharing and assigning -------------------------------------------------------------------


@action(Permission.CUSTOMER_SHARE)
def share_customer(
    work: Work,
    customer_id: int,
    person_id: int,
    level: ShareLevel,
    ends_on: date | None = None,
    *,
    token: str | None = None,
) -> Shared:
    """Open a customer to a colleague, to read or to work on, perhaps until a day."""
    customer = fetch_live(work, customer_id, Permission.CUSTOMER_SHARE)
    person = work.session.get(Person, person_id)
    share = work.session.scalar(
        select(CustomerShare).where(
            CustomerShare.customer_id == customer.id, CustomerShare.person_id == person_id
        )
    )
    faults = _share_faults(work, customer, person, share, ends_on)
    if faults or person is None:
        raise Invalid(faults)
    if share is None:
        share = CustomerShare(customer_id=customer.id, person_id=person.id)
        work.session.add(share)
    share.level, share.ends_on = ShareLevel(level), ends_on
    share.shared_by_id, share.shared_at = work.actor.person_id, clock.now()
    work.session.flush()
    until = f"，至 {ends_on.isoformat()}" if ends_on else ""
    notify(
        work.session,
        [person.id],
        f"共享客户：{customer.name}（{customer.code}）",
        f"{work.actor.name} 把客户共享给您（{words.SHARE_LEVELS[share.level.value]}{until}）。",
        (Customer.__tablename__, customer.id),
    )
    return Shared(customer.id, person.id, person.name)


def _share_faults(
    work: Work,
    customer: Customer,
    person: Person | None,
    share: CustomerShare | None,
    ends_on: date | None,
) -> dict[str, str]:
    found = {}
    today = clock.today()
    if person is None or not person.active:
        found["person"] = "共享对象 不存在或已停用"
    elif person.id in {work.actor.person_id, customer.owner_id}:
        found["person"] = "不能共享给本人或负责人"
    elif share is not None and (share.ends_on is None or share.ends_on >= today):
        found["person"] = f"已共享给 {person.name}"
    if ends_on is not None and ends_on < today:
        found["ends_on"] = "截止日期 不能早于今天"
    return found


@action(Permission.CUSTOMER_SHARE)
def unshare_customer(work: Work, customer_id: int, person_id: int) -> None:
    """Take a share back."""
    customer = work.fetch(
        Customer, customer_id, visible_customers(work.actor, Permission.CUSTOMER_SHARE)
    )
    share = work.session.scalar(
        select(CustomerShare).where(
            CustomerShare.customer_id == customer.id, CustomerShare.person_id == person_id
        )
    )
    if share is None:
        raise NotAllowed
    work.session.delete(share)


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
    allowed = possible_owners(work.actor, Permission.CUSTOMER_ASSIGN)
    owner = work.session.scalar(select(Person).where(Person.id == owner_id, allowed))
    if owner is None:
        raise Invalid({"owner": "负责人 只能选择您权限范围内的在职业务员"})
    if owner.id == customer.owner_id:
        raise Invalid({"owner": f"{owner.name} 已经是该客户的负责人"})
    former, customer.owner_id, customer.office_id = customer.owner_id, owner.id, owner.office_id
    work.session.flush()
    notify(
        work.session,
        {owner.id, former} - {work.actor.person_id},
        f"客户分配：{customer.name}（{customer.code}）",
        f"{work.actor.name} 把客户 {customer.name}（{customer.code}）分配给 {owner.name}。",
        (Customer.__tablename__, customer.id),
    )
    return CustomerSaved(customer.id, customer.code, customer.name, customer.version)

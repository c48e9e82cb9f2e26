"""Check, store and change customer records inside an action's transaction; no actions themselves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.customers import rules
from crmlib.customers.formats import phone_key
from crmlib.customers.model import (
    LIVE,
    AliasKind,
    Contact,
    Customer,
    CustomerAlias,
    CustomerStatus,
)
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.customers.rules import ContactDraft, CustomerDraft, EditFacts, NameKeys
from crmlib.errors import NotAllowed, Refused
from crmlib.inbox.notices import head_of, notify
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region
from crmlib.store.numbers import next_number

CODE_SERIES = "KH"
_DICTIONARIES = {
    "level": DictKind.CUSTOMER_LEVEL,
    "industry": DictKind.INDUSTRY,
    "country": DictKind.COUNTRY,
    "customer_type": DictKind.CUSTOMER_TYPE,
    "source": DictKind.LEAD_SOURCE,
    "size": DictKind.CUSTOMER_SIZE,
}
_NOT_LIVE = {
    CustomerStatus.MERGED: "客户已合并，不能再修改",
    CustomerStatus.RECYCLED: "客户在回收站，恢复后才能修改",
}
# Form fields named otherwise than their columns.
_COLUMNS = {"region": "region_id", "owner": "owner_id"}


@dataclass(frozen=True, slots=True)
class CustomerSaved:
    """A customer after a change."""

    customer_id: int
    code: str
    name: str
    version: int


def choice_faults(session: Session, draft: CustomerDraft) -> dict[str, str]:
    """Return faults of what was chosen: codes and regions that do not exist or are disabled."""
    chosen = {name: getattr(draft, name) for name in _DICTIONARIES if getattr(draft, name)}
    found = _dictionary_faults(session, chosen, words.CUSTOMER, _DICTIONARIES)
    if draft.region is not None and session.get(Region, draft.region) is None:
        found["region"] = _unknown(words.CUSTOMER["region"])
    if draft.contact_role:
        role = contact_choice_faults(session, draft.contact_role)
        found |= {f"{rules.CONTACT_PREFIX}{name}": message for name, message in role.items()}
    return found


def contact_choice_faults(session: Session, role: str) -> dict[str, str]:
    """Return the fault of a 人员角色 that does not exist or is disabled."""
    return _dictionary_faults(
        session, {"role": role}, words.CONTACT, {"role": DictKind.CONTACT_ROLE}
    )


def _dictionary_faults(
    session: Session,
    chosen: Mapping[str, str],
    labels: Mapping[str, str],
    kinds: Mapping[str, DictKind],
) -> dict[str, str]:
    known = set(
        session.execute(
            select(DictItem.kind, DictItem.code).where(
                DictItem.code.in_(chosen.values()), DictItem.disabled.is_(False)
            )
        )
    )
    return {
        name: _unknown(labels[name])
        for name, code in chosen.items()
        if (kinds[name].value, code) not in known
    }


def _unknown(label: str) -> str:
    return f"{label} 请从列表中选择"


def owner_faults(work: Work, draft: CustomerDraft) -> dict[str, str]:
    """Return faults of the owner and of a code typed by hand."""
    found = {}
    own = work.actor.role is Role.SALES
    if draft.owner is not None and not (own and draft.owner == work.actor.person_id):
        allowed = possible_owners(work.actor)
        if not work.session.scalar(select(Person.id).where(Person.id == draft.owner, allowed)):
            found["owner"] = "负责人 只能选择您权限范围内的在职业务员"
    if draft.code and (fault := _code_fault(work, draft.code)):
        found["code"] = fault
    return found


def _code_fault(work: Work, code: str) -> str | None:
    if work.actor.role is not Role.ADMIN:
        return "客户代码 由系统自动生成，不用录入"
    if not all(c.isascii() and (c.isalnum() or c in "-_.") for c in code):
        return "客户代码 只能包含字母、数字和 - _ ."
    taken = work.session.scalar(select(Customer.id).where(Customer.code == code))
    return "客户代码 已被使用" if taken else None


def insert_customer(work: Work, draft: CustomerDraft, keys: NameKeys) -> Customer:
    """Add a checked customer with its first contact; a missing owner is told to the head."""
    session, actor = work.session, work.actor
    owner_id = actor.person_id if actor.role is Role.SALES else draft.owner
    owner = session.get(Person, owner_id) if owner_id else None
    values = _column_values(draft)
    customer = Customer(
        **values
        | asdict(keys)
        | {
            "code": draft.code or next_number(session, CODE_SERIES),
            "owner_id": owner_id,
            "office_id": owner.office_id if owner else actor.office_id,
            "registered_by_id": actor.person_id,
            "registered_at": clock.now(),
            "phone_key": phone_key(draft.phone),
            "incomplete": bool(rules.missing_fields(asdict(draft))),
        }
    )
    session.add(customer)
    session.flush()
    session.add(Contact(customer_id=customer.id, **contact_values(draft.contact())))
    session.flush()
    _tell_about_owner(work, customer)
    return customer


def _tell_about_owner(work: Work, customer: Customer) -> None:
    named = f"{customer.name}（{customer.code}）"
    if customer.owner_id is None:
        title, body = (
            f"待分配客户：{named}",
            f"{work.actor.name} 登记了客户 {named}，请分配负责人。",
        )
        receiver = head_of(work.session, customer.office_id)
    elif customer.owner_id != work.actor.person_id:
        title, body = f"新客户：{named}", f"{work.actor.name} 登记了客户 {named}，负责人是您。"
        receiver = customer.owner_id
    else:
        return
    notify(work.session, [receiver], title, body, (Customer.__tablename__, customer.id))


def _column_values(draft: CustomerDraft) -> dict[str, Any]:
    """Return the columns a draft fills; empty text is stored as NULL."""
    own = {
        _COLUMNS.get(name, name): value if value != "" else None
        for name, value in asdict(draft).items()
        if not name.startswith(rules.CONTACT_PREFIX) and name not in {"code", "owner"}
    }
    return {name: value for name, value in own.items() if name in Customer.__mapper__.attrs}


def contact_values(draft: ContactDraft) -> dict[str, Any]:
    """Return the columns a contact fills; empty text is stored as NULL."""
    return {name: value if value != "" else None for name, value in asdict(draft).items()}


def draft_of(customer: Customer) -> CustomerDraft:
    """Return a stored customer as a draft, without contact."""
    values = {
        f.name: getattr(customer, _COLUMNS.get(f.name, f.name))
        for f in fields(CustomerDraft)
        if not f.name.startswith(rules.CONTACT_PREFIX)
    }
    return CustomerDraft(**{name: value for name, value in values.items() if value is not None})


def fetch_live(work: Work, customer_id: int, permission: Permission) -> Customer:
    """Return a customer the actor holds the permission for.

    Raises:
        Refused: merged or in the 回收站.
    """
    customer = work.fetch(Customer, customer_id, visible_customers(work.actor, permission))
    if customer.status not in LIVE:
        raise Refused(_NOT_LIVE[customer.status])
    return customer


def edit_facts(session: Session, actor: Actor, customer: Customer) -> EditFacts:
    """Return what decides which fields of a customer the actor may change."""
    may_edit, manages = (
        session.scalar(
            select(Customer.id).where(
                Customer.id == customer.id, visible_customers(actor, permission)
            )
        )
        is not None
        for permission in (Permission.CUSTOMER_EDIT, Permission.CUSTOMER_ASSIGN)
    )
    return EditFacts(
        role=actor.role,
        may_edit=may_edit and customer.status in LIVE,
        manages=manages,
        is_trading=customer.status is CustomerStatus.TRADING,
        is_assigned=customer.owner_id not in (None, actor.person_id),
    )


def pending_changes(work: Work, customer: Customer, changes: Mapping[str, Any]) -> CustomerDraft:
    """Return the customer as it would be after the changes of a form.

    Raises:
        NotAllowed: a field that really changes is not the actor's to change.
    """
    before = rules.normalised(draft_of(customer))
    typed = {name: value for name, value in changes.items() if name in rules.EDITABLE | {"code"}}
    # An emptied field of a form arrives as None or "".
    after = rules.normalised(replace(before, **{n: _blank(before, n, v) for n, v in typed.items()}))
    if changed_fields(before, after) - rules.editable_fields(
        edit_facts(work.session, work.actor, customer)
    ):
        raise NotAllowed
    return after


def _blank(before: CustomerDraft, name: str, value: Any) -> Any:
    if value is not None:
        return value
    return None if name == "region" else type(getattr(before, name))()


def changed_fields(before: CustomerDraft, after: CustomerDraft) -> set[str]:
    """Return the fields that differ."""
    new = asdict(after)
    return {name for name, value in asdict(before).items() if new[name] != value}


def change_faults(work: Work, customer: Customer, after: CustomerDraft) -> dict[str, str]:
    """Return the faults of what changed; what stood wrong before (imported) may wait."""
    changed = changed_fields(rules.normalised(draft_of(customer)), after)
    changed |= {field for field, tick in rules.NONE_TICKS.items() if tick in changed}
    found = rules.faults(after, quick=customer.incomplete, with_contact=False)
    found |= choice_faults(work.session, after)
    if "code" in changed and (fault := _code_fault(work, after.code)):
        found["code"] = fault
    return {name: message for name, message in found.items() if name in changed}


def change_customer(
    work: Work, customer: Customer, after: CustomerDraft, keys: NameKeys
) -> CustomerSaved:
    """Store checked changes; a former name stays searchable as an alias."""
    if after.name != customer.name:
        work.session.add(
            CustomerAlias(
                customer_id=customer.id,
                kind=AliasKind.NAME,
                value=customer.name,
                key=customer.name_key,
                since=clock.now(),
            )
        )
        assign(customer, asdict(keys))
    values = _column_values(after) | ({"code": after.code} if after.code else {})
    values["phone_key"] = phone_key(after.phone)
    values["incomplete"] = bool(rules.missing_fields(asdict(after)))
    assign(customer, values)
    work.session.flush()
    return CustomerSaved(customer.id, customer.code, customer.name, customer.version)


def assign(record: Customer | Contact, values: Mapping[str, Any]) -> None:
    """Set the columns that differ, so that saving nothing new changes nothing."""
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)

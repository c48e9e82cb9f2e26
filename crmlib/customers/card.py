"""The card of one customer: what it holds, what hangs on it, what the actor may do with it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers import rules
from crmlib.customers.formats import mask_email, mask_phone
from crmlib.customers.model import (
    LIVE,
    AliasKind,
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    CustomerStatus,
    ShareLevel,
)
from crmlib.customers.queries import dictionary_labels, region_text
from crmlib.customers.records import draft_of
from crmlib.customers.rows import shared_with, visible_customers
from crmlib.customers.rules import EditFacts
from crmlib.customers.sharing import parts_of, parts_text
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import Region
from crmlib.store.engine import reading

_CODED = {
    "level": DictKind.CUSTOMER_LEVEL,
    "industry": DictKind.INDUSTRY,
    "country": DictKind.COUNTRY,
    "customer_type": DictKind.CUSTOMER_TYPE,
    "source": DictKind.LEAD_SOURCE,
    "size": DictKind.CUSTOMER_SIZE,
}
_PHONES = ("phone", "fax")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact on the card; numbers masked for those without the right to them."""

    id: int
    version: int
    name: str
    role: str
    role_text: str
    mobile: str
    is_primary: bool
    title: str
    department: str
    phone: str
    email: str
    wechat: str
    birthday: date | None
    active: bool
    remark: str


@dataclass(frozen=True, slots=True)
class ShareLine:
    """With whom the customer is shared, and how far."""

    person_id: int
    person: str
    level: ShareLevel
    level_text: str
    parts_text: str
    ends_on: date | None
    ended: bool
    shared_by: str
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer with its children.

    ``values`` are a form's (codes, ids; keys of ``CustomerDraft``), ``texts`` what is read (keys of
    ``words.CUSTOMER``; dates and moments in Shanghai time stay dates).
    """

    id: int
    version: int
    code: str
    name: str
    status: CustomerStatus
    owner_id: int | None
    office_id: int | None
    values: Mapping[str, Any]
    texts: Mapping[str, Any]
    contacts: tuple[ContactLine, ...]
    shares: tuple[ShareLine, ...]
    shared_with_me: str  # 只读 or 协作; empty: not by a share
    former_names: tuple[str, ...]
    merged_into: tuple[int, str, str] | None  # id, code, name
    editable: frozenset[str]
    locked: Mapping[str, str]  # why, of each field the actor may not change
    may_edit_contacts: bool
    may_assign: bool
    may_share: bool
    sees_phones: bool
    completeness: int  # percent
    missing: tuple[str, ...]  # labels of what conversion will ask for
    useful: tuple[str, ...]  # labels of what else would complete it


def customer_card(actor: Actor, customer_id: int) -> CustomerCard:
    """Return the card of a customer the actor may see, whatever its status.

    Raises:
        NotAllowed: no such customer, or not for this actor.
    """
    with reading() as session:
        row = _row(session, actor, customer_id)
        customer: Customer = row.Customer
        labels = dictionary_labels(session, (*_CODED.values(), DictKind.CONTACT_ROLE))
        values = _values(customer, sees_phones=row.phones)
        live, stored = customer.status in LIVE, asdict(draft_of(customer))
        facts = _facts(actor, row, customer)
        return CustomerCard(
            id=customer.id,
            version=customer.version,
            code=customer.code,
            name=customer.name,
            status=customer.status,
            owner_id=customer.owner_id,
            office_id=customer.office_id,
            values=values,
            texts=_texts(row, customer, values, labels),
            contacts=_contacts(session, customer_id, labels[DictKind.CONTACT_ROLE], row.phones),
            shares=_shares(session, actor, customer_id, may_share=row.shares),
            shared_with_me=_mine(session, actor, customer_id),
            former_names=_former_names(session, customer_id),
            merged_into=_survivor(row),
            editable=rules.editable_fields(facts),
            locked=rules.lock_reasons(facts),
            may_edit_contacts=row.edits_contacts and live,
            may_assign=row.assigns and live,
            may_share=row.shares and live,
            sees_phones=row.phones,
            completeness=rules.completeness(stored),
            missing=_labels(rules.missing_fields(stored)),
            useful=_labels(name for name in rules.USEFUL if not stored[name]),
        )


def _row(session: Session, actor: Actor, customer_id: int) -> Row[Any]:
    row: Row[Any] | None = session.execute(_head(actor, customer_id)).one_or_none()
    if row is None:
        raise NotAllowed
    return row


def _labels(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(words.CUSTOMER[name] for name in names)


def _former_names(session: Session, customer_id: int) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(CustomerAlias.value)
            .where(CustomerAlias.customer_id == customer_id, CustomerAlias.kind == AliasKind.NAME)
            .order_by(CustomerAlias.since.desc())
        )
    )


def _survivor(row: Row[Any]) -> tuple[int, str, str] | None:
    if row.survivor_id is None:
        return None
    return row.survivor_id, row.survivor_code, row.survivor_name


def _head(actor: Actor, customer_id: int) -> Any:
    owner, registrant, above, survivor = (
        aliased(Person),
        aliased(Person),
        aliased(Region),
        aliased(Customer),
    )
    rights = {
        "edits": Permission.CUSTOMER_EDIT,
        "edits_contacts": Permission.CONTACT_EDIT,
        "assigns": Permission.CUSTOMER_ASSIGN,
        "shares": Permission.CUSTOMER_SHARE,
        "phones": Permission.CONTACT_PHONE,
    }
    return (
        select(
            Customer,
            owner.name.label("owner"),
            registrant.name.label("registered_by"),
            Office.name.label("office"),
            Region.name.label("region"),
            above.name.label("region_above"),
            survivor.id.label("survivor_id"),
            survivor.code.label("survivor_code"),
            survivor.name.label("survivor_name"),
            *(visible_customers(actor, p).label(name) for name, p in rights.items()),
        )
        .outerjoin(owner, owner.id == Customer.owner_id)
        .outerjoin(registrant, registrant.id == Customer.registered_by_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .outerjoin(Region, Region.id == Customer.region_id)
        .outerjoin(above, above.id == Region.parent_id)
        .outerjoin(survivor, survivor.id == Customer.merged_into_id)
        .where(Customer.id == customer_id, visible_customers(actor))
    )


def _facts(actor: Actor, row: Row[Any], customer: Customer) -> EditFacts:
    return EditFacts(
        role=actor.role,
        may_edit=row.edits and customer.status in LIVE,
        manages=row.assigns,
        is_trading=customer.status is CustomerStatus.TRADING,
        is_assigned=customer.owner_id not in (None, actor.person_id),
    )


def _values(customer: Customer, *, sees_phones: bool) -> dict[str, Any]:
    values = {
        name: value
        for name, value in asdict(draft_of(customer)).items()
        if not name.startswith(rules.CONTACT_PREFIX)
    }
    if not sees_phones:
        values |= {name: mask_phone(values[name]) for name in _PHONES}
        values["email"] = mask_email(values["email"])
    return values


def _texts(
    row: Row[Any],
    customer: Customer,
    values: Mapping[str, Any],
    labels: Mapping[DictKind, Mapping[str, str]],
) -> dict[str, Any]:
    ticked = {n: "无" for n, tick in rules.NONE_TICKS.items() if values[tick]}
    coded = {n: labels[kind].get(values[n], values[n]) for n, kind in _CODED.items()}
    return {
        **{name: values.get(name) for name in words.CUSTOMER if name in values},
        **coded,
        **ticked,
        "owner": row.owner or words.UNASSIGNED,
        "office": row.office,
        "region": region_text(row.region, row.region_above),
        "registered_by": row.registered_by,
        "registered_at": clock.local(customer.registered_at),
        "value_score": customer.value_score,
        "last_contact_on": customer.last_contact_on,
        "last_trade_on": customer.last_trade_on,
        "trading": words.YES if customer.status is CustomerStatus.TRADING else words.NO,
        "status": words.CUSTOMER_STATUS[customer.status.value],
        "erp_code": customer.erp_code,
        "incomplete": words.YES if customer.incomplete else words.NO,
    }


def _contacts(
    session: Session, customer_id: int, roles: Mapping[str, str], sees_phones: bool
) -> tuple[ContactLine, ...]:
    found = session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer_id)
        .order_by(Contact.is_primary.desc(), Contact.active.desc(), Contact.id)
    )
    return tuple(_contact_line(c, roles, sees_phones) for c in found)


def _contact_line(c: Contact, roles: Mapping[str, str], sees_phones: bool) -> ContactLine:
    def number(text: str | None) -> str:
        return (text if sees_phones else mask_phone(text)) or ""

    return ContactLine(
        id=c.id,
        version=c.version,
        name=c.name,
        role=c.role or "",
        role_text=roles.get(c.role or "", c.role or ""),
        mobile=number(c.mobile),
        is_primary=c.is_primary,
        title=c.title or "",
        department=c.department or "",
        phone=number(c.phone),
        email=(c.email if sees_phones else mask_email(c.email)) or "",
        wechat=(c.wechat or "") if sees_phones else "",
        birthday=c.birthday if sees_phones else None,
        active=c.active,
        remark=c.remark or "",
    )


def _mine(session: Session, actor: Actor, customer_id: int) -> str:
    level = session.scalar(
        shared_with(actor)
        .with_only_columns(CustomerShare.level)
        .where(CustomerShare.customer_id == customer_id)
    )
    return words.SHARE_LEVELS[level.value] if level else ""


def _shares(
    session: Session, actor: Actor, customer_id: int, *, may_share: bool
) -> tuple[ShareLine, ...]:
    sharer = aliased(Person)
    rows = session.execute(
        select(CustomerShare, Person.name, sharer.name)
        .join(Person, Person.id == CustomerShare.person_id)
        .join(sharer, sharer.id == CustomerShare.shared_by_id)
        .where(CustomerShare.customer_id == customer_id)
        .order_by(CustomerShare.shared_at)
    )
    today, may_give = clock.today(), actor.may(Permission.CUSTOMER_SHARE)
    return tuple(
        ShareLine(
            person_id=s.person_id,
            person=person,
            level=s.level,
            level_text=words.SHARE_LEVELS[s.level.value],
            parts_text=parts_text(parts_of(s)),
            ends_on=s.ends_on,
            ended=s.ends_on is not None and s.ends_on < today,
            shared_by=by,
            may_revoke=may_share or (may_give and s.shared_by_id == actor.person_id),
        )
        for s, person, by in rows
    )

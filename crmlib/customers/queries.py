"""Lists and cards of customers, and what their forms choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.customers.formats import mask_phone
from crmlib.customers.listing import CustomerQuery, choose
from crmlib.customers.live_list import live_list
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.customers.waiting import waiting_customers
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with, step_with
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region
from crmlib.reference.queries import Option
from crmlib.store.engine import reading

PAGE_SCHEMA: Mapping[str, Any] = {
    "id": pl.Int64,
    "code": pl.String,
    "name": pl.String,
    "level": pl.String,
    "industry": pl.String,
    "region": pl.String,
    "owner": pl.String,
    "office": pl.String,
    "phone": pl.String,
    "trading": pl.String,
    "status": pl.String,
    "registered_by": pl.String,
    "registered_at": pl.Datetime(time_zone="Asia/Shanghai"),
    "last_contact_on": pl.Date,
    "incomplete": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Rows (``PAGE_SCHEMA``) of the page and how many there are in all."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class PersonOption:
    """A person to choose; the login (pinyin) and 编号 help to find him."""

    id: int
    name: str
    office: str
    login: str
    seller_code: str | None


@dataclass(frozen=True, slots=True)
class FormOptions:
    """Choices and defaults of the customer form for one actor."""

    levels: tuple[Option, ...]
    industries: tuple[Option, ...]
    countries: tuple[Option, ...]
    customer_types: tuple[Option, ...]
    sources: tuple[Option, ...]
    sizes: tuple[Option, ...]
    contact_roles: tuple[Option, ...]
    regions: tuple[Option, ...]  # code is the id as text; a province names its region as parent
    owners: tuple[PersonOption, ...]
    default_region: int | None
    default_country: str
    default_owner: int | None
    office: str
    may_be_quick: bool  # 销售 may enter the short form


_OWNER, _REGISTRANT, _PARENT = aliased(Person), aliased(Person), aliased(Region)


def customer_page(actor: Actor, query: CustomerQuery | None = None) -> CustomerPage:
    """Return one page of the customers the actor may see."""
    query = query or CustomerQuery()
    with reading() as session:
        table = live_list(session)
        chosen = table.choose(session, actor, query) if table else None
        ids, total = chosen or choose(session, actor, query)
        found = {row.id: row for row in session.execute(_columns(actor, ids))}
        labels = dictionary_labels(session, (DictKind.CUSTOMER_LEVEL, DictKind.INDUSTRY))
    # One that was taken from the actor a moment ago is not there any more.
    rows = [_line(found[i], labels) for i in ids if i in found]
    return CustomerPage(pl.DataFrame(rows, schema=PAGE_SCHEMA, orient="row"), total)


def _columns(actor: Actor, ids: list[int]) -> Any:
    return (
        select(
            Customer.id,
            Customer.code,
            Customer.name,
            Customer.level,
            Customer.industry,
            Region.name.label("region"),
            _PARENT.name.label("region_above"),
            _OWNER.name.label("owner"),
            Office.name.label("office"),
            Customer.phone,
            Customer.status,
            _REGISTRANT.name.label("registered_by"),
            Customer.registered_at,
            Customer.last_contact_on,
            Customer.incomplete,
            visible_customers(actor, Permission.CONTACT_PHONE).label("sees_phone"),
        )
        .outerjoin(Region, Region.id == Customer.region_id)
        .outerjoin(_PARENT, _PARENT.id == Region.parent_id)
        .outerjoin(_OWNER, _OWNER.id == Customer.owner_id)
        .outerjoin(_REGISTRANT, _REGISTRANT.id == Customer.registered_by_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .where(Customer.id.in_(ids), visible_customers(actor))
    )


def _line(row: Row[Any], labels: Mapping[DictKind, Mapping[str, str]]) -> tuple[Any, ...]:
    return (
        row.id,
        row.code,
        row.name,
        labels[DictKind.CUSTOMER_LEVEL].get(row.level, row.level),
        labels[DictKind.INDUSTRY].get(row.industry, row.industry),
        region_text(row.region, row.region_above),
        row.owner or words.UNASSIGNED,
        row.office,
        row.phone if row.sees_phone else mask_phone(row.phone),
        words.YES if row.status is CustomerStatus.TRADING else words.NO,
        words.CUSTOMER_STATUS[row.status.value],
        row.registered_by,
        clock.local(row.registered_at),
        row.last_contact_on,
        row.incomplete,
    )


def region_text(name: str | None, above: str | None) -> str | None:
    """Return a region as shown: 华南 / 广东."""
    return f"{above} / {name}" if above else name


def dictionary_labels(
    session: Session, kinds: tuple[DictKind, ...]
) -> dict[DictKind, dict[str, str]]:
    """Return code → name of several dictionaries in one statement, disabled rows included."""
    found: dict[DictKind, dict[str, str]] = {kind: {} for kind in kinds}
    rows = session.execute(
        select(DictItem.kind, DictItem.code, DictItem.name).where(DictItem.kind.in_(kinds))
    )
    for kind, code, name in rows:
        found[DictKind(kind)][code] = name
    return found


def owner_options(
    actor: Actor, permission: Permission = Permission.CUSTOMER_CREATE
) -> tuple[PersonOption, ...]:
    """Return whom the actor may name as owner when entering (or assigning)."""
    with reading() as session:
        return _people(session, possible_owners(actor, permission))


def share_options(actor: Actor, customer_id: int) -> tuple[PersonOption, ...]:
    """Return whom a customer may be shared with: everybody active but the actor and the owner."""
    with reading() as session:
        owner = select(Customer.owner_id).where(
            Customer.id == customer_id, visible_customers(actor), Customer.owner_id.is_not(None)
        )
        return _people(
            session,
            Person.active & (Person.id != actor.person_id) & Person.id.not_in(owner),
        )


def _people(session: Session, where: ColumnElement[bool]) -> tuple[PersonOption, ...]:
    rows = session.execute(
        select(Person.id, Person.name, Office.name, Person.login, Person.seller_code)
        .join(Office, Office.id == Person.office_id)
        .where(where)
        .order_by(Office.name, Person.seller_code, Person.name)
    )
    return tuple(PersonOption(*row) for row in rows)


def form_options(actor: Actor) -> FormOptions:
    """Return choices and defaults of the customer form."""
    kinds = {
        "levels": DictKind.CUSTOMER_LEVEL,
        "industries": DictKind.INDUSTRY,
        "countries": DictKind.COUNTRY,
        "customer_types": DictKind.CUSTOMER_TYPE,
        "sources": DictKind.LEAD_SOURCE,
        "sizes": DictKind.CUSTOMER_SIZE,
        "contact_roles": DictKind.CONTACT_ROLE,
    }
    chosen: dict[str, list[Option]] = {kind: [] for kind in kinds.values()}
    with reading() as session:
        for kind, code, name, parent in session.execute(
            select(DictItem.kind, DictItem.code, DictItem.name, DictItem.parent)
            .where(DictItem.kind.in_(kinds.values()), DictItem.disabled.is_(False))
            .order_by(DictItem.sort)
        ):
            chosen[kind].append(Option(code, name, parent))
        regions = session.execute(
            select(Region.id, Region.name, Region.parent_id).order_by(Region.sort)
        ).all()
        region = session.scalar(select(Office.region_id).where(Office.id == actor.office_id))
        owners = _people(session, possible_owners(actor))
    lists: dict[str, Any] = {name: tuple(chosen[kind]) for name, kind in kinds.items()}
    return FormOptions(
        **lists,
        regions=tuple(Option(str(i), n, str(p) if p is not None else None) for i, n, p in regions),
        owners=owners,
        default_region=region,
        default_country=lists["countries"][0].code if lists["countries"] else "",
        default_owner=actor.person_id if actor.role is Role.SALES else None,
        office=actor.office,
        may_be_quick=actor.role is Role.SALES,
    )


def _open_customer(session: Session, actor: Actor, key: int) -> Related | None:
    row = session.execute(
        select(Customer.name, Customer.code).where(Customer.id == key, visible_customers(actor))
    ).one_or_none()
    return Related("customer", key, f"{row.name}（{row.code}）") if row else None


def _unassigned(session: Session, actor: Actor) -> Pending | None:
    # Every admin may assign every customer; it waits for the manager only.
    if actor.role is not Role.MANAGER:
        return None
    count = session.scalar(select(func.count(Customer.id)).where(waiting_customers(actor)))
    return Pending("待分配客户", count or 0, "unassigned")


def _step_at(session: Session, actor: Actor, key: int) -> str | None:
    if not actor.may(Permission.CUSTOMER_ASSIGN):
        return None
    waits = select(Customer.id).where(Customer.id == key, waiting_customers(actor))
    return "分配" if session.scalar(waits) is not None else None


open_with(Customer.__tablename__, _open_customer)
step_with(Customer.__tablename__, "unassigned", _step_at)
count_pending("unassigned", _unassigned)

"""Lists and cards of customers, and what their forms choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import InstrumentedAttribute

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.customers.formats import mask_phone
from crmlib.customers.model import LIVE, AliasKind, Contact, Customer, CustomerAlias, CustomerStatus
from crmlib.customers.rows import possible_owners, sees_every_customer, visible_customers
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region
from crmlib.reference.queries import Option
from crmlib.store.engine import reading
from crmlib.store.text import clean, half_width

FIND_FIELDS = {"name": "客户名称", "code": "客户代码", "phone": "电话", "contact": "联系人"}
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
class CustomerQuery:
    """One page of the list; None filters nothing, a region includes its provinces."""

    page: int = 1
    size: int = 20
    sort: str = "registered_at"
    descending: bool = True
    find_field: str = "name"
    find_text: str = ""
    region: int | None = None
    industry: str | None = None
    level: str | None = None
    owner: int | None = None
    status: CustomerStatus | None = None  # None: 潜在 and 交易
    trading: bool | None = None
    incomplete: bool | None = None
    mine: bool = False
    unassigned: bool = False


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
_SORTS: Mapping[str, tuple[Any, ...]] = {
    "code": (Customer.code,),
    "name": (Customer.pinyin, Customer.name),
    "level": (Customer.level,),
    "industry": (Customer.industry,),
    "region": (Region.sort,),
    "owner": (_OWNER.name,),
    "office": (Office.name,),
    "status": (Customer.status,),
    "trading": (Customer.status,),
    "registered_at": (Customer.registered_at,),
    "last_contact_on": (Customer.last_contact_on,),
    "incomplete": (Customer.incomplete,),
}
_SORTS_BY_STATUS = {"registered_at", "status", "trading"}
_JOINS: Mapping[str, tuple[Any, Any]] = {
    "owner": (_OWNER, _OWNER.id == Customer.owner_id),
    "office": (Office, Office.id == Customer.office_id),
    "region": (Region, Region.id == Customer.region_id),
}


def customer_page(actor: Actor, query: CustomerQuery | None = None) -> CustomerPage:
    """Return one page of the customers the actor may see."""
    query = query or CustomerQuery()
    narrowing = _filters(actor, query)
    where = and_(visible_customers(actor), *narrowing)
    # The index on the status serves those who see all and filter nothing.
    is_wide = sees_every_customer(actor) and not narrowing
    counted = _in_status(query, by_index=is_wide)
    sorted_ = _in_status(query, by_index=is_wide and query.sort in _SORTS_BY_STATUS)
    with reading() as session:
        # First the ids alone, then the columns of one page: sorting carries little.
        chosen = _ids(query).where(where, sorted_)
        if query.find_text:  # looking into every name twice would cost double
            chosen = chosen.add_columns(func.count().over())
        picked = session.execute(chosen).all()
        ids = [row[0] for row in picked]
        if query.find_text and picked:
            total = picked[0][1]
        else:
            count = select(func.count()).select_from(Customer).where(where, counted)
            total = session.scalar(count) or 0
        found = {row.id: row for row in session.execute(_columns(actor, ids))}
        labels = dictionary_labels(session, (DictKind.CUSTOMER_LEVEL, DictKind.INDUSTRY))
    rows = [_line(found[i], labels) for i in ids]
    return CustomerPage(pl.DataFrame(rows, schema=PAGE_SCHEMA, orient="row"), total)


def _in_status(query: CustomerQuery, *, by_index: bool) -> ColumnElement[bool]:
    """Return the condition on the status; none asked for means 潜在 and 交易.

    So coarse an index misleads SQLite as soon as anything else narrows the rows; the condition
    put the other way round keeps it from that index.
    """
    wanted = set(LIVE if query.status is None else (query.status,))
    if query.trading is not None:
        wanted &= {CustomerStatus.TRADING if query.trading else CustomerStatus.POTENTIAL}
    if by_index:
        return Customer.status.in_(wanted)
    return Customer.status.not_in(set(CustomerStatus) - wanted)


def _ids(query: CustomerQuery) -> Select[Any]:
    made = select(Customer.id)
    if join := _JOINS.get(query.sort):
        made = made.outerjoin(*join)
    order = [
        (column.desc() if query.descending else column.asc()).nulls_last()
        for column in _SORTS.get(query.sort, _SORTS["registered_at"])
    ]
    order.append(Customer.id.desc() if query.descending else Customer.id.asc())
    return made.order_by(*order).limit(query.size).offset(max(query.page - 1, 0) * query.size)


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


def _filters(actor: Actor, query: CustomerQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.region is not None:
        inside = or_(Region.id == query.region, Region.parent_id == query.region)
        found.append(Customer.region_id.in_(select(Region.id).where(inside)))
    equal: dict[InstrumentedAttribute[Any], Any] = {
        Customer.industry: query.industry,
        Customer.level: query.level,
        Customer.owner_id: query.owner,
        Customer.incomplete: query.incomplete,
        Customer.owner_id: actor.person_id if query.mine else query.owner,
    }
    found += [column == value for column, value in equal.items() if value is not None]
    if query.unassigned:
        found.append(Customer.owner_id.is_(None))
    if text := clean(query.find_text):
        found.append(_finds(actor, query.find_field, text))
    return found


def _finds(actor: Actor, field: str, text: str) -> ColumnElement[bool]:
    if field == "code":
        return or_(
            Customer.code.contains(half_width(text).upper(), autoescape=True),
            _has_alias(AliasKind.CODE, half_width(text)),
        )
    if field == "contact":
        named = select(Contact.customer_id).where(Contact.name.contains(text, autoescape=True))
        return Customer.id.in_(named)
    if field == "phone":
        digits = "".join(c for c in half_width(text) if c.isdigit())
        if not digits:
            return false()
        mobile = select(Contact.customer_id).where(Contact.mobile.contains(digits, autoescape=True))
        # A masked number must not be found out by searching for it.
        return visible_customers(actor, Permission.CONTACT_PHONE) & or_(
            Customer.phone_key.contains(digits, autoescape=True), Customer.id.in_(mobile)
        )
    key = "".join(c for c in half_width(text).lower() if c.isalnum())
    found = [
        Customer.name.contains(text, autoescape=True),
        Customer.name_key.contains(key or text, autoescape=True),
        _has_alias(AliasKind.NAME, key or text),
    ]
    if key and key.isascii():
        found.append(Customer.initials.contains(key, autoescape=True))
    return or_(*found)


def _has_alias(kind: AliasKind, text: str) -> ColumnElement[bool]:
    return Customer.id.in_(
        select(CustomerAlias.customer_id).where(
            CustomerAlias.kind == kind,
            or_(
                CustomerAlias.key.contains(text, autoescape=True),
                CustomerAlias.value.contains(text, autoescape=True),
            ),
        )
    )


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
    count = session.scalar(
        select(func.count(Customer.id)).where(
            Customer.owner_id.is_(None),
            Customer.status.in_(LIVE),
            visible_customers(actor, Permission.CUSTOMER_ASSIGN),
        )
    )
    return Pending("待分配客户", count or 0, "customers")


open_with(Customer.__tablename__, _open_customer)
count_pending("unassigned", _unassigned)

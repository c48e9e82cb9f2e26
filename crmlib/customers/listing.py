"""What the list of customers may be asked for, and the rows of a page chosen by the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import InstrumentedAttribute

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, AliasKind, Contact, Customer, CustomerAlias, CustomerStatus
from crmlib.customers.rows import sees_every_customer, visible_customers
from crmlib.people.model import Office, Person
from crmlib.reference.model import Region
from crmlib.store.text import clean, half_width

FIND_FIELDS = {
    "name": "客户名称",
    "code": "客户代码",
    "phone": "电话",
    "contact": "联系人",
    "uscc": "税号",
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

    @property
    def offset(self) -> int:
        """Return how many rows come before the page."""
        return max(self.page - 1, 0) * self.size

    def statuses(self) -> set[CustomerStatus]:
        """Return the statuses asked for."""
        wanted = set(LIVE if self.status is None else (self.status,))
        if self.trading is not None:
            wanted &= {CustomerStatus.TRADING if self.trading else CustomerStatus.POTENTIAL}
        return wanted


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for in a field: any of ``texts``; nothing at all where that is empty."""

    field: str
    texts: tuple[str, ...]


def needle(query: CustomerQuery) -> Needle | None:
    """Return what the find bar asks for, in the spelling in which it is stored; None: nothing."""
    text = clean(query.find_text)
    if not text:
        return None
    plain = half_width(text)
    match query.find_field:
        case "code" | "uscc":
            return Needle(query.find_field, (plain.upper(),))
        case "contact":
            return Needle("contact", (text,))
        case "phone":
            digits = "".join(c for c in plain if c.isdigit())
            return Needle("phone", (digits,) if digits else ())
        case _:
            key = "".join(c for c in plain.lower() if c.isalnum())
            return Needle("name", (text, key or text))


_OWNER = aliased(Person)
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


def choose(session: Session, actor: Actor, query: CustomerQuery) -> tuple[list[int], int]:
    """Return the ids of the page in order, and how many there are in all."""
    narrowing = _filters(actor, query)
    where = and_(visible_customers(actor), *narrowing)
    # The index on the status serves those who see all and filter nothing.
    is_wide = sees_every_customer(actor) and not narrowing
    counted = _in_status(query, by_index=is_wide)
    sorted_ = _in_status(query, by_index=is_wide and query.sort in _SORTS_BY_STATUS)
    # First the ids alone, then the columns of one page: sorting carries little.
    chosen = _ids(query).where(where, sorted_)
    if query.find_text:  # looking into every name twice would cost double
        chosen = chosen.add_columns(func.count().over())
    picked = session.execute(chosen).all()
    ids = [row[0] for row in picked]
    if query.find_text and picked:
        return ids, picked[0][1]
    count = select(func.count()).select_from(Customer).where(where, counted)
    return ids, session.scalar(count) or 0


def _in_status(query: CustomerQuery, *, by_index: bool) -> ColumnElement[bool]:
    """Return the condition on the status; none asked for means 潜在 and 交易.

    So coarse an index misleads SQLite as soon as anything else narrows the rows; the condition
    put the other way round keeps it from that index.
    """
    wanted = query.statuses()
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
    return made.order_by(*order).limit(query.size).offset(query.offset)


def _filters(actor: Actor, query: CustomerQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.region is not None:
        found.append(Customer.region_id.in_(regions_inside(query.region)))
    equal: dict[InstrumentedAttribute[Any], Any] = {
        Customer.industry: query.industry,
        Customer.level: query.level,
        Customer.incomplete: query.incomplete,
        Customer.owner_id: actor.person_id if query.mine else query.owner,
    }
    found += [column == value for column, value in equal.items() if value is not None]
    if query.unassigned:
        found.append(Customer.owner_id.is_(None))
    if asked := needle(query):
        found.append(finds(actor, asked))
    return found


def regions_inside(region: int) -> Select[Any]:
    """Select a region and its provinces."""
    inside = or_(Region.id == region, Region.parent_id == region)
    return select(Region.id).where(inside)


def finds(actor: Actor, asked: Needle) -> ColumnElement[bool]:
    """Return the condition that a customer is found by what is asked."""
    if not asked.texts:
        return false()
    text = asked.texts[0]
    match asked.field:
        case "code":
            own = Customer.code.contains(text, autoescape=True)
            return or_(own, _has_alias(AliasKind.CODE, text))
        case "uscc":
            return Customer.uscc.contains(text, autoescape=True)
        case "contact":
            return Customer.id.in_(_with_contact(Contact.name, text))
        case "phone":
            # A masked number must not be found out by searching for it.
            return visible_customers(actor, Permission.CONTACT_PHONE) & or_(
                Customer.phone_key.contains(text, autoescape=True),
                Customer.id.in_(_with_contact(Contact.mobile, text)),
            )
    key = asked.texts[1]
    found = [
        Customer.name.icontains(text, autoescape=True),
        Customer.name_key.contains(key, autoescape=True),
        _has_alias(AliasKind.NAME, key),
    ]
    if key.isascii():
        found.append(Customer.initials.contains(key, autoescape=True))
    return or_(*found)


def _with_contact(column: InstrumentedAttribute[Any], text: str) -> Select[Any]:
    return select(Contact.customer_id).where(column.icontains(text, autoescape=True))


def _has_alias(kind: AliasKind, text: str) -> ColumnElement[bool]:
    return Customer.id.in_(
        select(CustomerAlias.customer_id).where(
            CustomerAlias.kind == kind,
            or_(
                CustomerAlias.key.icontains(text, autoescape=True),
                CustomerAlias.value.icontains(text, autoescape=True),
            ),
        )
    )

"""What the list of contacts may be asked for, and the rows of a page chosen by the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.listing import CustomerQuery, finds, needle
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.customers.rows import visible_customers
from crmlib.store.text import clean

FIND_FIELDS = {"name": "姓名", "mobile": "移动电话", "customer": "客户名称"}
NEWEST = "id"


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """One page of the list; None filters nothing. Numbers cannot be sorted by: some are masked."""

    page: int = 1
    size: int = 20
    sort: str = NEWEST
    descending: bool = True
    find_field: str = "name"
    find_text: str = ""
    role: str | None = None
    primary: bool | None = None
    active: bool | None = None
    mine: bool = False  # of customers the actor owns

    @property
    def offset(self) -> int:
        """Return how many rows come before the page."""
        return max(self.page - 1, 0) * self.size

    @property
    def text(self) -> str | None:
        """Return what is looked for in the contact itself; None: nothing, "": what nobody has."""
        wanted = clean(self.find_text)
        if not wanted or self.find_field == "customer":
            return None
        if self.find_field != "mobile":
            return wanted
        number = needle(CustomerQuery(find_field="phone", find_text=wanted))
        return number.texts[0] if number and number.texts else ""

    def of_customers(self) -> CustomerQuery:
        """Return what is asked of the customers."""
        looked_for = self.find_text if self.find_field == "customer" else ""
        return CustomerQuery(find_field="name", find_text=looked_for, mine=self.mine)


_SORTS: Mapping[str, tuple[Any, ...]] = {
    NEWEST: (),
    "name": (Contact.name,),
    "role": (Contact.role,),
    "customer": (Customer.pinyin, Customer.name),
}


def choose(session: Session, actor: Actor, query: ContactQuery) -> tuple[list[int], int]:
    """Return the ids of the page in order, and how many there are in all."""
    where = and_(visible_customers(actor), Customer.status.in_(LIVE), *_filters(actor, query))
    joined = select(Contact.id).join(Customer, Customer.id == Contact.customer_id).where(where)
    order = [
        (column.desc() if query.descending else column.asc()).nulls_last()
        for column in _SORTS.get(query.sort, ())
    ]
    order.append(Contact.id.desc() if query.descending else Contact.id.asc())
    ids = list(session.scalars(joined.order_by(*order).limit(query.size).offset(query.offset)))
    return ids, session.scalar(joined.with_only_columns(func.count())) or 0


def _filters(actor: Actor, query: ContactQuery) -> list[ColumnElement[bool]]:
    equal = {
        Contact.role: query.role,
        Contact.is_primary: query.primary,
        Contact.active: query.active,
    }
    found: list[ColumnElement[bool]] = [
        c == value for c, value in equal.items() if value is not None
    ]
    if query.mine:
        found.append(Customer.owner_id == actor.person_id)
    if asked := needle(query.of_customers()):
        found.append(finds(actor, asked))
    if query.text is not None:
        found.append(_has(actor, query.find_field, query.text))
    return found


def _has(actor: Actor, field: str, text: str) -> ColumnElement[bool]:
    if not text:
        return false()
    if field == "mobile":
        # A masked number must not be found out by searching for it.
        return visible_customers(actor, Permission.CONTACT_PHONE) & Contact.mobile.contains(
            text, autoescape=True
        )
    return Contact.name.icontains(text, autoescape=True)

"""The list of contacts: whom the actor meets at the customers he sees, numbers as he may read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.contact_listing import ContactQuery, choose
from crmlib.customers.formats import mask_email, mask_phone
from crmlib.customers.live_list import live_list
from crmlib.customers.model import Contact, Customer
from crmlib.customers.queries import dictionary_labels
from crmlib.customers.rows import visible_customers
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.store.engine import reading

SCHEMA: Mapping[str, Any] = {
    "id": pl.Int64,
    "customer_id": pl.Int64,
    "name": pl.String,
    "customer": pl.String,
    "code": pl.String,
    "role": pl.String,
    "title": pl.String,
    "mobile": pl.String,
    "email": pl.String,
    "primary": pl.String,
    "owner": pl.String,
    "active": pl.String,
    "in_clear": pl.Boolean,  # its numbers are not masked
}
_OWNER = aliased(Person)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of contacts (columns: SCHEMA) and how many there are."""

    rows: pl.DataFrame
    total: int


def contact_page(actor: Actor, query: ContactQuery | None = None) -> ContactPage:
    """Return one page of the contacts of 潜在 and 交易客户 the actor may see."""
    query = query or ContactQuery()
    with reading() as session:
        table = live_list(session)
        chosen = table.choose_contacts(session, actor, query) if table else None
        ids, total = chosen or choose(session, actor, query)
        found = {row.id: row for row in session.execute(_columns(actor, ids))}
        roles = dictionary_labels(session, (DictKind.CONTACT_ROLE,))[DictKind.CONTACT_ROLE]
    rows = [_line(found[i], roles) for i in ids if i in found]
    return ContactPage(pl.DataFrame(rows, schema=SCHEMA, orient="row"), total)


def _columns(actor: Actor, ids: list[int]) -> Any:
    return (
        select(
            Contact.id,
            Contact.customer_id,
            Contact.name,
            Customer.name.label("customer"),
            Customer.code,
            Contact.role,
            Contact.title,
            Contact.mobile,
            Contact.email,
            Contact.is_primary,
            _OWNER.name.label("owner"),
            Contact.active,
            visible_customers(actor, Permission.CONTACT_PHONE).label("sees"),
        )
        .join(Customer, Customer.id == Contact.customer_id)
        .outerjoin(_OWNER, _OWNER.id == Customer.owner_id)
        .where(Contact.id.in_(ids), visible_customers(actor))
    )


def _line(row: Row[Any], roles: Mapping[str, str]) -> tuple[Any, ...]:
    return (
        row.id,
        row.customer_id,
        row.name,
        row.customer,
        row.code,
        roles.get(row.role, row.role),
        row.title,
        row.mobile if row.sees else mask_phone(row.mobile),
        row.email if row.sees else mask_email(row.email),
        words.YES if row.is_primary else words.NO,
        row.owner or words.UNASSIGNED,
        words.YES if row.active else words.NO,
        bool(row.sees),
    )

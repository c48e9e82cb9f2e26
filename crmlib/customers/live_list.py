"""The lists of customers and contacts of this process, as of the last commit; small firms need none."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.reach import Reach, reach
from crmlib.customers.arrays import WornOut
from crmlib.customers.contact_listing import ContactQuery
from crmlib.customers.contact_table import ContactEntry, ContactTable
from crmlib.customers.listing import CustomerQuery, needle, regions_inside
from crmlib.customers.model import AliasKind, Contact, Customer, CustomerAlias
from crmlib.customers.rows import ownership
from crmlib.customers.table import Entry, ListTable, Sides, keys_of
from crmlib.people.model import Office, Person
from crmlib.reference.model import Region
from crmlib.settings import settings
from crmlib.store.engine import engine_for
from crmlib.store.feed import Change, Feed

_LOG = logging.getLogger(__name__)
WORTH = 20_000  # customers; fewer the database lists fast enough
_MOST_CHANGES = 5_000  # customers changed since the last look; more are read anew with all
_BULK = {Customer.__tablename__, "demo"}
_STREAMED = {"yield_per": 5000}
_NONE = float("nan")
_ORDERS: dict[str, Select[*tuple[Any, ...]]] = {
    "owner": select(Person.id, Person.name),
    "office": select(Office.id, Office.name),
    "region": select(Region.id, Region.sort),
}


class LiveList:
    """Tables over one database; built in the background, brought up to date at each look."""

    def __init__(self, url: str) -> None:
        self.url, self.ready, self.is_worn = url, Event(), False
        self._lock = Lock()
        # Before the first row is read: what is committed meanwhile must not be missed.
        self._feed = Feed()
        self._contacts: dict[int, int] = {}
        self._aliases: dict[int, int] = {}
        self._table, self._people = ListTable(()), ContactTable()
        self._thread = Thread(target=self._build, name="customer-list", daemon=True)
        self._thread.start()

    def _build(self) -> None:
        try:
            with Session(engine_for(self.url)) as session:
                self._table = ListTable(list(self._entries(session)))
                self._people = ContactTable(list(_contacts(session)))
        except Exception:
            # Lists are chosen by the database meanwhile; the next one starts another try.
            _LOG.exception("the list of customers could not be built")
        else:
            self.ready.set()

    @property
    def has_failed(self) -> bool:
        """Say whether building ended without a table, or the table is worn out."""
        return self.is_worn or not (self._thread.is_alive() or self.ready.is_set())

    def choose(
        self, session: Session, actor: Actor, query: CustomerQuery
    ) -> tuple[list[int], int] | None:
        """Return the ids of the page and how many there are; None while there is no table."""
        if not self.ready.is_set():
            return None
        sides, asked = _sides(session, actor, query), needle(query)
        with self._lock:
            try:
                self._follow(self._feed.poll())
            except WornOut:
                self.is_worn = True
            return None if self.is_worn else self._table.page(query, asked, sides)

    def choose_contacts(
        self, session: Session, actor: Actor, query: ContactQuery
    ) -> tuple[list[int], int] | None:
        """Return the ids of a page of contacts and how many; None while there is no table."""
        if not self.ready.is_set():
            return None
        of_customers = query.of_customers()
        sides, asked = _sides(session, actor, of_customers), needle(of_customers)
        sides = replace(sides, phones=_phones(session, actor))
        with self._lock:
            try:
                self._follow(self._feed.poll())
            except WornOut:
                self.is_worn = True
            if self.is_worn:
                return None
            customers = self._table.of_customers(of_customers, asked, sides)
            return self._people.page(query, customers)

    def _follow(self, changes: Sequence[Change]) -> None:
        if any(c.kind == "event" and c.entity_id is None and c.entity in _BULK for c in changes):
            raise WornOut
        seen: dict[str, set[int]] = defaultdict(set)
        for change in changes:
            if change.entity_id is not None and change.kind in {"insert", "update", "delete"}:
                seen[change.entity].add(change.entity_id)
        if not seen.keys() & {m.__tablename__ for m in (Customer, Contact, CustomerAlias)}:
            return
        with Session(engine_for(self.url)) as session:
            touched = self._touched(session, seen)
            if len(touched) > _MOST_CHANGES:
                raise WornOut
            left = set(touched)
            for entry in self._entries(session, touched):
                self._table.put(entry)
                left.discard(entry.keys[0])
            changed = seen[Contact.__tablename__]
            there = {person.keys[0]: person for person in _contacts(session, sorted(changed))}
        for key in left:
            self._table.remove(key)
        for key in changed - there.keys():
            self._people.remove(key)
        for person in there.values():
            self._people.put(person)

    def _touched(self, session: Session, seen: dict[str, set[int]]) -> list[int]:
        found = set(seen[Customer.__tablename__])
        for model, known in ((Contact, self._contacts), (CustomerAlias, self._aliases)):
            changed = seen[model.__tablename__]
            # One that went away or moved: the customer it was of changes too.
            found |= {known[key] for key in changed if key in known}
            if changed:
                of = select(model.customer_id).where(model.id.in_(changed))
                found |= set(session.scalars(of))
        return sorted(found)

    def _entries(self, session: Session, ids: Sequence[int] | None = None) -> Iterator[Entry]:
        """Yield the customers, whatever their status, with what they are found by."""
        customers = select(
            Customer.id,
            Customer.code,
            Customer.name,
            Customer.name_key,
            Customer.pinyin,
            Customer.initials,
            Customer.status,
            Customer.level,
            Customer.industry,
            Customer.region_id,
            Customer.owner_id,
            Customer.office_id,
            Customer.registered_by_id,
            Customer.registered_at,
            Customer.last_contact_on,
            Customer.phone_key,
            Customer.uscc,
            Customer.incomplete,
        ).order_by(Customer.id)
        more = self._found_by(session, ids)
        if ids is not None:
            customers = customers.where(Customer.id.in_(ids))
        with session.execute(customers, execution_options=_STREAMED) as rows:
            yield from (_entry(row, more.get(row.id, {})) for row in rows)

    def _found_by(
        self, session: Session, ids: Sequence[int] | None
    ) -> dict[int, dict[str, list[str | None]]]:
        """Return by customer what its contacts and other names let it be found by."""
        contacts = select(Contact.id, Contact.customer_id, Contact.name, Contact.mobile)
        aliases = select(
            CustomerAlias.id,
            CustomerAlias.customer_id,
            CustomerAlias.kind,
            CustomerAlias.value,
            CustomerAlias.key,
        ).where(CustomerAlias.kind.in_((AliasKind.NAME, AliasKind.CODE)))
        if ids is not None:
            contacts = contacts.where(Contact.customer_id.in_(ids))
            aliases = aliases.where(CustomerAlias.customer_id.in_(ids))
        found: dict[int, dict[str, list[str | None]]] = {}
        with session.execute(contacts, execution_options=_STREAMED) as rows:
            for key, customer, name, mobile in rows:
                self._contacts[key] = customer
                also = found.setdefault(customer, {})
                also.setdefault("contact", []).append(name)
                also.setdefault("phone", []).append(mobile)
        for key, customer, kind, value, spelt in session.execute(aliases):
            self._aliases[key] = customer
            of_kind = found.setdefault(customer, {}).setdefault(kind.value, [])
            of_kind += [value, spelt]
        return found


def _contacts(session: Session, ids: Sequence[int] | None = None) -> Iterator[ContactEntry]:
    """Yield the contacts as their list knows them."""
    asked = select(
        Contact.id,
        Contact.customer_id,
        Contact.is_primary,
        Contact.active,
        Contact.name,
        Contact.role,
        Contact.mobile,
    ).order_by(Contact.id)
    if ids is not None:
        asked = asked.where(Contact.id.in_(ids))
    with session.execute(asked, execution_options=_STREAMED) as rows:
        for key, customer, primary, active, name, role, mobile in rows:
            keys = (key, customer, int(primary), int(active))
            yield ContactEntry(keys, (name, role), (name.lower(), mobile or ""))


def _entry(row: Any, also: dict[str, list[str | None]]) -> Entry:
    contact = row.last_contact_on
    return Entry(
        keys_of(row),
        (row.code, f"{row.pinyin}\0{row.name}", row.level, row.industry),
        (row.registered_at.timestamp(), contact.toordinal() if contact else _NONE),
        (
            _lines(row.name, row.name_key, row.initials, *also.get("name", ())),
            _lines(row.code, *also.get("code", ())),
            _lines(row.phone_key, *also.get("phone", ())),
            _lines(*also.get("contact", ())),
            _lines(row.uscc),
        ),
    )


def _lines(*texts: str | None) -> str:
    return "\n".join(text.lower() for text in texts if text)


def _sides(session: Session, actor: Actor, query: CustomerQuery) -> Sides:
    """Read what the page needs beside the table: rights and small tables, always afresh."""
    view = Permission.CUSTOMER_VIEW
    seen = reach(session, actor, view, ownership(actor, view))
    is_by_phone = query.find_field == "phone" and query.find_text
    inside = None if query.region is None else regions_inside(query.region)
    by_name = _ORDERS.get(query.sort)
    return Sides(
        reach=seen,
        phones=_phones(session, actor) if is_by_phone else seen,
        me=actor.person_id,
        regions=None if inside is None else frozenset(session.scalars(inside)),
        order=None if by_name is None else _ranked(session.execute(by_name)),
    )


def _phones(session: Session, actor: Actor) -> Reach:
    """Read whose numbers the actor may look for."""
    phone = Permission.CONTACT_PHONE
    return reach(session, actor, phone, ownership(actor, phone))


def _ranked(rows: Iterable[Any]) -> dict[int, float]:
    """Return key → place by name; two of one name share a place."""
    named = {key: name for key, name in rows}  # noqa: C416 rows are no pairs to the checker
    places = {name: float(i) for i, name in enumerate(sorted(set(named.values()), key=_plain))}
    return {key: places[name] for key, name in named.items()}


def _plain(name: object) -> tuple[int, str]:
    return (name, "") if isinstance(name, int) else (0, str(name))


_starting = Lock()
_live: LiveList | None = None


def live_list(session: Session) -> LiveList | None:
    """Return the table of this process, begun if the firm is large enough for one."""
    global _live  # noqa: PLW0603 one table per process is the point
    url = settings().database_url
    with _starting:
        is_here = _live is not None and _live.url == url
        if is_here and _live is not None and not _live.has_failed:
            return _live
        if (session.scalar(select(func.max(Customer.id))) or 0) < WORTH:
            return None
        _live = LiveList(url)
        return _live

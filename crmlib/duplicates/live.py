"""The one search index of the process: read or built in the background, fresh at every search."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.customers.formats import phone_keys
from crmlib.customers.model import AliasKind, Contact, Customer, CustomerAlias
from crmlib.duplicates import storing
from crmlib.duplicates.bookmark import Bookmark, follow, here
from crmlib.duplicates.search import SearchIndex
from crmlib.reference.model import Region
from crmlib.settings import settings
from crmlib.store.engine import engine_for
from crmlib.store.feed import Change, Feed

_LOG = logging.getLogger(__name__)
_INDEXED = frozenset({"name", "address", "region_id", "phone", "fax", "email", "website", "uscc"})
_BULK = {Customer.__tablename__, "demo"}
_AT_ONCE = 5000
WORTH_SAVING = 20_000  # names; fewer are built in less time than it takes to notice
_CHANGES, _SECONDS = 5_000, 900.0  # as many changes, or as long after one, the index is saved
_STREAMED = 5000


def path_of(url: str) -> Path:
    """File of the index of a database."""
    name = blake2b(url.encode(), digest_size=8).hexdigest()
    return settings().var_dir / "index" / f"{name}.npz"


class LiveIndex:
    """A search index over one database; ``current`` brings it up to the last commit."""

    def __init__(self, url: str, *, anew: bool = False) -> None:
        """Begin to read the index from disk, or to build it; anew says that it must be built."""
        self.url = url
        self.path = path_of(url)
        self.ready = Event()
        self.is_outdated = False  # rows came in past the change log: build anew
        self._index = SearchIndex()
        self._alias_of: dict[int, int] = {}
        # Before the first row is read: what is committed meanwhile must not be missed.
        self._feed = Feed()
        self._writing = Lock()
        self._unsaved = 0
        self._saved_at = monotonic()
        self._saving = Lock()
        self._thread = Thread(
            target=self._prepare, args=(anew,), name="collision-index", daemon=True
        )
        self._thread.start()

    def _prepare(self, anew: bool) -> None:
        try:
            if anew or not self._read():
                with Session(engine_for(self.url)) as session:
                    self._index.build(self._rows(session))
                self._unsaved = 1
        except Exception:
            # Checks go on in SQL meanwhile; the next question starts another try.
            _LOG.exception("the collision index could not be built")
        else:
            self.ready.set()
            self.save()

    def _read(self) -> bool:
        """Take the index from disk and stand where it stood in the change log, if it fits."""
        try:
            index, facts = storing.read(self.path)
            aliases = {int(alias): int(customer) for alias, customer in facts["aliases"]}
            feed = follow(Bookmark(**facts["bookmark"]))
        except (storing.Unfit, KeyError, TypeError, ValueError):
            return False
        if feed is None:
            return False
        self._index, self._alias_of, self._feed = index, aliases, feed
        return True

    def save(self) -> bool:
        """Write the index to disk if that is worth it and nobody is doing so."""
        if not self.ready.is_set() or not self._unsaved or not self._saving.acquire(blocking=False):
            return False
        try:
            with self._writing:
                if sum(map(len, self._index.segments)) < WORTH_SAVING or self.is_outdated:
                    return False
                bookmark = here(self._feed)
                index = SearchIndex.of(self._index.frozen())
                aliases = list(self._alias_of.items())
                self._unsaved, self._saved_at = 0, monotonic()
            storing.write(self.path, index, {"bookmark": asdict(bookmark), "aliases": aliases})
        except OSError:
            _LOG.exception("the collision index could not be saved")
            return False
        finally:
            self._saving.release()
        return True

    def has_failed(self) -> bool:
        """Say whether building ended without an index."""
        return not self._thread.is_alive() and not self.ready.is_set()

    def current(self) -> SearchIndex | None:
        """Return the index with everything committed until now; None while it is built."""
        if not self.ready.is_set():
            return None
        with self._writing:
            self._apply(self._feed.poll())
            is_due = self._unsaved and (
                self._unsaved > _CHANGES or monotonic() - self._saved_at > _SECONDS
            )
        if is_due and not self._saving.locked():
            Thread(target=self.save, name="collision-index-save", daemon=True).start()
        return self._index

    def _apply(self, changes: Sequence[Change]) -> None:
        self.is_outdated |= any(_is_bulk(change) for change in changes)
        if not any(c.entity in _READERS for c in changes):
            return
        with Session(engine_for(self.url)) as session:
            touched = sorted(self._touched(session, changes))
            for start in range(0, len(touched), _AT_ONCE):
                self._put(session, touched[start : start + _AT_ONCE])
        if touched:
            self._unsaved += len(touched)
            self.is_outdated |= self._index.is_worn()

    def _touched(self, session: Session, changes: Sequence[Change]) -> set[int]:
        """Return the customers whose entry may be another one now."""
        seen: dict[str, set[int]] = defaultdict(set)
        for change in changes:
            if change.entity_id is not None and _READERS.get(change.entity, _never)(change):
                seen[change.entity].add(change.entity_id)
        found = seen[Customer.__tablename__]
        contacts = seen[Contact.__tablename__]
        if contacts:
            found |= set(
                session.scalars(select(Contact.customer_id).where(Contact.id.in_(contacts)))
            )
        aliases = seen[CustomerAlias.__tablename__]
        # An alias that went away or moved: the customer it was of changes too.
        found |= {self._alias_of[alias] for alias in aliases if alias in self._alias_of}
        if aliases:
            found |= set(
                session.scalars(
                    select(CustomerAlias.customer_id).where(CustomerAlias.id.in_(aliases))
                )
            )
        return found

    def _put(self, session: Session, ids: Sequence[int]) -> None:
        entries: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows(session, ids):
            entries[row["id"]].append(row)
        self._index.put_all(entries)
        for key in set(ids) - entries.keys():
            self._index.remove(key)

    def _rows(self, session: Session, ids: Sequence[int] | None = None) -> Iterator[dict[str, Any]]:
        """Yield a row per customer, whatever its status, and one per other name or phone."""
        customers = (
            select(
                Customer.id,
                Customer.name,
                Region.name.label("province"),
                Customer.address,
                Customer.phone,
                Customer.fax,
                Customer.email,
                Customer.website,
                Customer.uscc,
                Contact.mobile,
            )
            .outerjoin(Region, (Region.id == Customer.region_id) & Region.parent_id.is_not(None))
            .outerjoin(Contact, (Contact.customer_id == Customer.id) & Contact.is_primary)
        )
        aliases = select(
            CustomerAlias.id, CustomerAlias.customer_id, CustomerAlias.kind, CustomerAlias.value
        ).where(CustomerAlias.kind.in_((AliasKind.NAME, AliasKind.PHONE)))
        if ids is not None:
            customers = customers.where(Customer.id.in_(ids))
            aliases = aliases.where(CustomerAlias.customer_id.in_(ids))
        streamed = {"yield_per": _STREAMED}
        with session.execute(customers, execution_options=streamed) as found:
            for row in found.mappings():
                yield {**row, "phone": numbers(row["phone"]), "fax": numbers(row["fax"])}
        with session.execute(aliases, execution_options=streamed) as found:
            for alias, customer, kind, value in found:
                self._alias_of[alias] = customer
                is_name = kind is AliasKind.NAME
                other = {"name": value} if is_name else {"phone": numbers(value)}
                yield {"id": customer, **other}


def numbers(text: str | None) -> str:
    """Return phones in the one spelling the engine compares."""
    return "/".join(phone_keys(text))


def _changes_entry(change: Change) -> bool:
    return change.kind != "update" or bool(_INDEXED & set(change.after or ()))


def _always(_change: Change) -> bool:
    return True


def _never(_change: Change) -> bool:
    return False


_READERS = {
    Customer.__tablename__: _changes_entry,
    Contact.__tablename__: _always,
    CustomerAlias.__tablename__: _always,
}


def _is_bulk(change: Change) -> bool:
    """Say whether an event stands for customers that were written without a row each."""
    return change.kind == "event" and change.entity_id is None and change.entity in _BULK


_starting = Lock()
_live: LiveIndex | None = None
_successor: LiveIndex | None = None


def start() -> None:
    """Begin to build the index in the background, unless it is there or being built."""
    _live_index()


def _live_index() -> LiveIndex:
    global _live, _successor  # noqa: PLW0603 one index per process is the point
    url = settings().database_url
    with _starting:
        if _live is None or _live.url != url or _live.has_failed():
            _live, _successor = LiveIndex(url), None
        elif _live.is_outdated and (_successor is None or _successor.has_failed()):
            _successor = LiveIndex(url, anew=True)
        elif _successor is not None and _successor.ready.is_set():
            _live, _successor = _successor, None
        return _live


def index() -> SearchIndex | None:
    """Return the index as of the last commit; None while it is built."""
    return _live_index().current()


def stop() -> None:
    """Save what the index learned since it was saved; the process ends."""
    with _starting:
        found = _live
    if found is not None:
        found.save()


def wait(seconds: float) -> bool:
    """Wait until the index is built, at most so long; for commands and tests."""
    return _live_index().ready.wait(seconds)

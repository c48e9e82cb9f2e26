"""How far the search for pairs has followed the change log, and who changed meanwhile."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.customers.model import Contact, Customer, CustomerAlias
from crmlib.duplicates import keystore
from crmlib.duplicates.keystore import KeyStore
from crmlib.settings import settings
from crmlib.store.feed import Change, Feed

_SEEN = "seen.json"
_AT_ONCE = 5000
_BULK = {Customer.__tablename__, "demo"}
_COMPARED = frozenset(
    {"name", "address", "region_id", "phone", "fax", "email", "website", "uscc", "status"}
)
_OWNED: dict[str, type[Contact] | type[CustomerAlias]] = {
    Contact.__tablename__: Contact,
    CustomerAlias.__tablename__: CustomerAlias,
}


@dataclass(frozen=True, slots=True)
class Followed:
    """The keys on disk, who changed since they were written, and how far the log was read."""

    store: KeyStore
    changed: frozenset[int]
    place: str


def read() -> Followed | None:
    """Return where the last scan stopped; None when there was none, or its base is another."""
    folder = keystore.folder_of(settings().database_url)
    store = KeyStore.load(folder)
    if store is None:
        return None
    try:
        seen = json.loads((folder / _SEEN).read_text())
    except (OSError, ValueError):
        seen = {"store": "", "changed": [], "place": ""}
    if seen["store"] != store.place:
        seen = {"changed": [], "place": store.place}
    if _is_behind(seen["place"]):
        return None
    return Followed(store, frozenset(seen["changed"]), seen["place"])


def _is_behind(place: str) -> bool:
    """Say whether the log ends before the place: the base was put back from a backup."""
    now = Feed().place
    return place.isdecimal() and now.isdecimal() and int(now) < int(place)


def write(store: KeyStore) -> None:
    """Keep the keys of all customers."""
    store.save(keystore.folder_of(settings().database_url))


def note(followed: Followed, fresh: set[int], place: str) -> None:
    """Remember who was looked at, and where to go on."""
    path = keystore.folder_of(settings().database_url) / _SEEN
    seen = {
        "store": followed.store.place,
        "changed": sorted(followed.changed | fresh),
        "place": place,
    }
    path.write_text(json.dumps(seen))


def is_bulk(change: Change) -> bool:
    """Say whether an event stands for customers that were written without a row each."""
    return change.kind == "event" and change.entity_id is None and change.entity in _BULK


def concerns(change: Change) -> bool:
    """Say whether a change may give or take pairs."""
    if change.entity == Customer.__tablename__:
        return change.kind != "update" or bool(_COMPARED & set(change.after or ()))
    return change.entity in _OWNED or is_bulk(change)


def touched(session: Session, changes: Sequence[Change]) -> set[int]:
    """Return the customers whose pairs may be others now."""
    seen: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        if change.entity_id is not None and concerns(change):
            seen[change.entity].add(change.entity_id)
    found = seen.pop(Customer.__tablename__, set())
    for entity, keys in seen.items():
        model = _OWNED[entity]
        ordered = sorted(keys)
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            found |= set(session.scalars(select(model.customer_id).where(model.id.in_(part))))
    return found

"""The list of customers in memory: one array for each thing it is sorted, filtered or found by.

A page of 250,000 customers is chosen in a few milliseconds, whatever the sort, filter or text;
no index of a database does that for all of them together. The rows shown are read from the
database, under the actor's rights there too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.access.reach import Reach
from crmlib.customers.arrays import Mask, Ranks, WornOut, first, roomy
from crmlib.customers.contact_table import OfCustomers
from crmlib.customers.listing import CustomerQuery, Needle
from crmlib.customers.model import CustomerStatus

FINDS = ("name", "code", "phone", "contact", "uscc")
_STATUSES = sorted(CustomerStatus)  # as the database orders them
_STATUS_CODE = {status: code for code, status in enumerate(_STATUSES)}
_GONE = len(_STATUSES)  # purged
_KEYS = ("id", "owner", "registrant", "office", "region", "status", "incomplete")
_PLACED = ("code", "name", "level", "industry")
_TIMES = ("registered_at", "last_contact_on")
_MOST_PATCHES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer as the list knows it; what is found by is in small letters."""

    keys: tuple[int, ...]  # in the order of _KEYS; 0 for none
    placed: tuple[str | None, ...]  # in the order of _PLACED
    times: tuple[float, ...]  # in the order of _TIMES; NaN for none
    finds: tuple[str, ...]  # in the order of FINDS


@dataclass(frozen=True, slots=True)
class Sides:
    """What a page needs beside the table: rights, and tables too small to copy."""

    reach: Reach
    phones: Reach  # whose numbers may be searched
    me: int
    regions: frozenset[int] | None  # those the asked one holds
    order: Mapping[int, float] | None  # owners, offices or regions by their names


class ListTable:
    """The arrays; one writer or reader at a time (see ``live_list``)."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._size = len(entries)
        keys = np.array([e.keys for e in entries], dtype=np.int64).reshape(-1, len(_KEYS))
        times = np.array([e.times for e in entries], dtype=np.float64).reshape(-1, len(_TIMES))
        self._keys = {name: roomy(keys[:, i]) for i, name in enumerate(_KEYS)}
        self._sorts = {name: roomy(times[:, i]) for i, name in enumerate(_TIMES)}
        self._ranks: dict[str, Ranks] = {}
        for i, name in enumerate(_PLACED):
            ranks = self._ranks[name] = Ranks(e.placed[i] for e in entries)
            places = ranks.all()
            self._sorts[name] = roomy(
                np.array([places[e.placed[i]] for e in entries], dtype=np.float64)
            )
        self._row_of = {e.keys[0]: row for row, e in enumerate(entries)}
        self._texts = {
            name: pl.Series([e.finds[i] for e in entries], dtype=pl.String)
            for i, name in enumerate(FINDS)
        }
        self._patches: dict[int, tuple[str, ...]] = {}

    def __len__(self) -> int:
        """Number of customers, those gone included."""
        return self._size

    def put(self, entry: Entry) -> None:
        """Add a customer or replace it.

        Raises:
            WornOut: so much has changed that the table should be built anew.
        """
        row = self._row_of.get(entry.keys[0])
        if row is None:
            row = self._new_row(entry.keys[0])
        for name, key in zip(_KEYS, entry.keys, strict=True):
            self._keys[name][row] = key
        for name, text in zip(_PLACED, entry.placed, strict=True):
            self._sorts[name][row] = self._ranks[name].place(text)
        for name, moment in zip(_TIMES, entry.times, strict=True):
            self._sorts[name][row] = moment
        self._patches[row] = entry.finds
        if len(self._patches) > _MOST_PATCHES:
            raise WornOut

    def remove(self, key: int) -> None:
        """Take a purged customer out; one that is not there is no error."""
        if (row := self._row_of.get(key)) is not None:
            self._keys["status"][row] = _GONE

    def page(
        self, query: CustomerQuery, asked: Needle | None, sides: Sides
    ) -> tuple[list[int], int]:
        """Return the ids of the page in order, and how many there are in all."""
        rows = np.flatnonzero(self._wanted(query, asked, sides))
        keys, ids = self._sort_keys(query, sides)[rows], self._keys["id"][rows]
        # What has no value comes last both ways.
        keys = np.nan_to_num(-keys if query.descending else keys, nan=np.inf)
        best = first(keys, -ids if query.descending else ids, query.offset + query.size)
        return ids[best[query.offset :]].tolist(), len(rows)

    def of_customers(self, query: CustomerQuery, asked: Needle | None, sides: Sides) -> OfCustomers:
        """Return, by the numbers of the customers, who is asked for and seen, and their order."""
        ids = self._key("id")
        seen, phones = (np.zeros(_top(ids) + 1, dtype=np.bool_) for _ in range(2))
        seen[ids] = self._wanted(query, asked, sides)
        phones[ids] = self._within(sides.phones)
        places = np.full(len(seen), np.nan)
        places[ids] = self._sorts["name"][: self._size]
        return OfCustomers(seen, phones, places)

    def _wanted(self, query: CustomerQuery, asked: Needle | None, sides: Sides) -> Mask:
        mask = self._filtered(query, sides)
        if asked is not None:
            mask &= self._found(asked)
            if asked.field == "phone":
                mask &= self._within(sides.phones)
        return mask

    def _new_row(self, key: int) -> int:
        row, self._size = self._size, self._size + 1
        if self._size > len(self._keys["id"]):
            self._keys = {name: roomy(column) for name, column in self._keys.items()}
            self._sorts = {name: roomy(column) for name, column in self._sorts.items()}
        self._row_of[key] = row
        return row

    def _key(self, name: str) -> NDArray[np.int64]:
        return self._keys[name][: self._size]

    def _filtered(self, query: CustomerQuery, sides: Sides) -> Mask:
        wanted = {_STATUS_CODE[status] for status in query.statuses()}
        mask = _is_in(self._key("status"), wanted) & self._within(sides.reach)
        if sides.regions is not None:
            mask &= _is_in(self._key("region"), sides.regions)
        for name, text in (("industry", query.industry), ("level", query.level)):
            if text is not None:
                place = self._ranks[name].find(text)
                mask &= False if place is None else self._sorts[name][: self._size] == place
        owner = sides.me if query.mine else query.owner
        if owner is not None:
            mask &= self._key("owner") == owner
        if query.unassigned:
            mask &= self._key("owner") == 0
        if query.incomplete is not None:
            mask &= self._key("incomplete") == int(query.incomplete)
        return mask

    def _within(self, reach: Reach) -> Mask:
        if reach.everything:
            return np.ones(self._size, dtype=np.bool_)
        mask = _is_in(self._key("owner"), reach.owners)
        mask |= _is_in(self._key("registrant"), reach.registrants)
        mask |= _is_in(self._key("office"), reach.offices)
        mask[[self._row_of[key] for key in reach.keys if key in self._row_of]] = True
        return mask

    def _found(self, asked: Needle) -> Mask:
        texts, base = [text.lower() for text in asked.texts], self._texts[asked.field]
        mask = np.zeros(self._size, dtype=np.bool_)
        for text in dict.fromkeys(texts):
            mask[: len(base)] |= base.str.contains(text, literal=True).to_numpy()
        place = FINDS.index(asked.field)
        for row, finds in self._patches.items():
            mask[row] = any(text in finds[place] for text in texts)
        return mask

    def _sort_keys(self, query: CustomerQuery, sides: Sides) -> NDArray[np.float64]:
        name = {"trading": "status"}.get(query.sort, query.sort)
        if name in {"status", "incomplete"}:
            return self._keys[name].astype(np.float64)
        if sides.order is None:
            return self._sorts.get(name, self._sorts["registered_at"])
        keys = self._keys[name]
        places = np.full(max([*sides.order, _top(keys)]) + 1, np.nan)
        places[list(sides.order)] = list(sides.order.values())
        found: NDArray[np.float64] = places[keys]
        return found


def keys_of(row: Any) -> tuple[int, ...]:
    """Return the keys of an entry from a row of the database."""
    links = (row.owner_id, row.registered_by_id, row.office_id, row.region_id)
    return (
        row.id,
        *(link or 0 for link in links),
        _STATUS_CODE[row.status],
        int(row.incomplete),
    )


def _top(column: NDArray[np.int64]) -> int:
    return int(np.max(column)) if len(column) else 0


def _is_in(column: NDArray[np.int64], wanted: Iterable[int]) -> Mask:
    """Say which keys are among the wanted ones; none (0) never is, but for a status."""
    table = np.zeros(_top(column) + 1, dtype=np.bool_)
    table[[key for key in wanted if key < len(table)]] = True
    return table[column]

"""The list of contacts in memory, beside that of the customers (``table``), whose rights it takes.

Which customers are seen is an array by the customer's number; a contact is seen with his customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.customers.arrays import Mask, Ranks, WornOut, first, roomy
from crmlib.customers.contact_listing import NEWEST, ContactQuery

_KEYS = ("id", "customer", "primary", "active")
_PLACED = ("name", "role")
_FINDS = ("name", "mobile")
_MOST_PATCHES = 20_000
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A contact as the list knows it; what is found by is in small letters."""

    keys: tuple[int, int, int, int]  # in the order of _KEYS
    placed: tuple[str | None, str | None]  # in the order of _PLACED
    finds: tuple[str, str]  # in the order of _FINDS


@dataclass(frozen=True, slots=True)
class OfCustomers:
    """What the customers' table says, each an array by the customer's number."""

    seen: Mask
    phones: Mask  # whose numbers may be searched
    places: NDArray[np.float64]  # by name


class ContactTable:
    """The arrays; whoever reads or changes them holds the lock of the customers' list."""

    def __init__(self, entries: Sequence[ContactEntry] = ()) -> None:
        self._size = len(entries)
        keys = np.array([e.keys for e in entries], dtype=np.int64).reshape(-1, len(_KEYS))
        self._keys = {name: roomy(keys[:, i]) for i, name in enumerate(_KEYS)}
        self._ranks: dict[str, Ranks] = {}
        self._sorts: dict[str, NDArray[np.float64]] = {}
        for i, name in enumerate(_PLACED):
            ranks = self._ranks[name] = Ranks(e.placed[i] for e in entries)
            places = ranks.all()
            column = np.array([places[e.placed[i]] for e in entries], dtype=np.float64)
            self._sorts[name] = roomy(column)
        self._row_of = {e.keys[0]: row for row, e in enumerate(entries)}
        self._texts = {
            name: pl.Series([e.finds[i] for e in entries], dtype=pl.String)
            for i, name in enumerate(_FINDS)
        }
        self._patches: dict[int, tuple[str, str]] = {}

    def put(self, entry: ContactEntry) -> None:
        """Add a contact or replace it.

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
        self._patches[row] = entry.finds
        if len(self._patches) > _MOST_PATCHES:
            raise WornOut

    def remove(self, key: int) -> None:
        """Take a deleted contact out; one that is not there is no error."""
        if (row := self._row_of.get(key)) is not None:
            self._keys["customer"][row] = _NOBODY

    def page(self, query: ContactQuery, sides: OfCustomers) -> tuple[list[int], int]:
        """Return the ids of the page in order, and how many there are in all."""
        rows = np.flatnonzero(self._wanted(query, sides))
        ids = self._key("id")[rows]
        keys = self._sort_keys(query, sides)[rows]
        # What has no value comes last both ways.
        keys = np.nan_to_num(-keys if query.descending else keys, nan=np.inf)
        best = first(keys, -ids if query.descending else ids, query.offset + query.size)
        return ids[best[query.offset :]].tolist(), len(rows)

    def _new_row(self, key: int) -> int:
        row, self._size = self._size, self._size + 1
        if self._size > len(self._keys["id"]):
            self._keys = {name: roomy(column) for name, column in self._keys.items()}
            self._sorts = {name: roomy(column) for name, column in self._sorts.items()}
        self._row_of[key] = row
        return row

    def _key(self, name: str) -> NDArray[np.int64]:
        return self._keys[name][: self._size]

    def _by_customer(self, column: NDArray) -> NDArray:  # type: ignore[type-arg]
        # A customer who came after the array was made is not seen yet.
        owner = self._key("customer")
        return column[np.where(owner < len(column), owner, _NOBODY)]

    def _wanted(self, query: ContactQuery, sides: OfCustomers) -> Mask:
        mask = self._by_customer(sides.seen)
        if query.role is not None:
            place = self._ranks["role"].find(query.role)
            mask &= False if place is None else self._sorts["role"][: self._size] == place
        for name, wanted in (("primary", query.primary), ("active", query.active)):
            if wanted is not None:
                mask &= self._key(name) == int(wanted)
        if query.text is not None:
            mask &= self._found(query.find_field, query.text.lower())
            if query.find_field == "mobile":
                mask &= self._by_customer(sides.phones)
        return mask

    def _found(self, field: str, text: str) -> Mask:
        mask = np.zeros(self._size, dtype=np.bool_)
        if not text:
            return mask
        field = field if field in _FINDS else "name"
        base, place = self._texts[field], _FINDS.index(field)
        mask[: len(base)] = base.str.contains(text, literal=True).to_numpy()
        for row, found in self._patches.items():
            mask[row] = text in found[place]
        return mask

    def _sort_keys(self, query: ContactQuery, sides: OfCustomers) -> NDArray[np.float64]:
        if query.sort == "customer":
            return self._by_customer(sides.places)
        if query.sort in self._sorts and query.sort != NEWEST:
            return self._sorts[query.sort][: self._size]
        return np.zeros(self._size)

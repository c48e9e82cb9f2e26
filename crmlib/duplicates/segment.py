"""A part of the 撞单 index that does not change except that rows die."""

import ctypes
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import log
from threading import local
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates import features
from crmlib.duplicates.contacts import contact_keys
from crmlib.duplicates.features import Hashes, Rows
from crmlib.duplicates.gazetteer import NOWHERE, Place, match
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.packing import PackedNames, Packer
from crmlib.duplicates.postings import Postings

_CHUNK = 20_000
_BUDGET = 40_000  # rows looked at in one search
_MOST = 8_000  # a feature on more rows is left out
_WEIGHTS = (1.0, 0.8, 0.9, 0.6, 3.0)  # by kind of feature
_POOL = 400
_SHARES = (0.7, 0.55, 0.4, 0.3, 0.2, 0.1)  # of the best value: tried until enough rows have it
_LENGTH_COST = 0.6  # for each character the names differ in length


class Kept(Protocol):
    """Arrays by name."""

    def __getitem__(self, name: str, /) -> NDArray[Any]:
        """The array of that name."""


def release_memory() -> None:
    """Give back what building an index left with the allocator, where that can be asked for."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


class Entry(NamedTuple):
    """A name of a customer with what else identifies it."""

    id: int
    name: str
    home: Place
    contacts: tuple[str, ...]


def entry_of(id_: int, row: Mapping[str, Any]) -> Entry:
    """Entry of a row as the callers have it."""
    return Entry(id_, row.get("name") or "", _home(row), tuple(contact_keys(row)))


_homes: dict[tuple[str, str], Place] = {}  # few distinct ones, read for every row


def _home(row: Mapping[str, Any]) -> Place:
    """Place of the province and city columns."""
    asked: tuple[str, str] = (row.get("province") or "", row.get("city") or "")
    known = _homes.get(asked)
    if known is None:
        known = NOWHERE
        for text in asked:
            spot = match(text, 0, known) if text else None
            known = spot.place if spot else known
        _homes[asked] = known
    return known


class _Draft:
    """What a segment is made of, collected chunk by chunk."""

    def __init__(self) -> None:
        self.ids: array[int] = array("q")
        self.texts: list[bytes] = []
        self.lengths: array[int] = array("q")
        self.homes: array[int] = array("i")
        self.places: dict[Place, int] = {}
        self.sizes = bytearray()
        self.packer = Packer()
        self._found: list[list[tuple[Hashes, Rows]]] = [[] for _ in range(features.KINDS)]

    def add(self, chunk: Sequence[Entry]) -> None:
        """Parse and hash some entries."""
        start = len(self.ids)
        names = [parse(e.name) for e in chunk]
        raw = [e.name.encode() for e in chunk]
        self.texts.append(b"".join(raw))
        self.lengths.extend(map(len, raw))
        self.ids.extend(e.id for e in chunk)
        self.homes.extend(self.places.setdefault(e.home, len(self.places)) for e in chunk)
        for entry, name in zip(chunk, names, strict=True):
            self.packer.add(entry.name, name)
        self.sizes.extend(min(255, len(n.area) + len(n.brand) + len(n.trade)) for n in names)
        for kind, (hashes, rows) in enumerate(features.rows_of(names)):
            self._found[kind].append((hashes, rows + np.int32(start)))
        contacts = [
            (features.whole("contact", key), start + i)
            for i, e in enumerate(chunk)
            for key in e.contacts
        ]
        if contacts:
            pairs = np.array(contacts, dtype=np.int64)
            self._found[features.WHOLES].append(
                (pairs[:, 0].astype(np.uint32), pairs[:, 1].astype(np.int32))
            )

    def postings(self) -> list[Postings]:
        """Inverted lists of every kind; what they are made from is let go."""
        made = []
        for kind in range(features.KINDS):
            parts, self._found[kind] = self._found[kind], []
            made.append(
                Postings.build(
                    np.concatenate([h for h, _ in parts]) if parts else np.empty(0, np.uint32),
                    np.concatenate([r for _, r in parts]) if parts else np.empty(0, np.int32),
                    _MOST,
                )
            )
        return made


def _best(rows: Rows, values: NDArray[np.float32]) -> Rows:
    """Rows with the higher values, each once; many more than are compared in full."""
    if len(rows) > _POOL:
        top = float(np.max(values))
        for share in _SHARES:
            chosen = rows[values >= np.float32(share * top)]
            if len(chosen) >= _POOL:
                return np.unique(chosen)
    return np.unique(rows)


@dataclass(slots=True)
class Segment:
    """Rows and the lists by which they are found."""

    ids: NDArray[np.int64]
    text: bytes
    ends: NDArray[np.int64]
    homes: NDArray[np.int32]
    places: list[Place]
    sizes: NDArray[np.uint8]
    packed: PackedNames
    postings: list[Postings]
    dead: NDArray[np.bool_]
    entries: list[Entry] | None = None  # kept while the segment is small, to merge it
    scratch: local = field(default_factory=local)

    @classmethod
    def of(cls, entries: Iterable[Entry], *, keep: bool = False) -> "Segment":
        """Index entries; keep them for merging when the segment is small."""
        draft = _Draft()
        kept: list[Entry] = []
        rest = iter(entries)
        while chunk := list(islice(rest, _CHUNK)):
            draft.add(chunk)
            if keep:
                kept.extend(chunk)
        return cls(
            ids=np.array(draft.ids, dtype=np.int64),
            text=b"".join(draft.texts),
            ends=np.cumsum(np.array([0, *draft.lengths], dtype=np.int64)),
            homes=np.array(draft.homes, dtype=np.int32),
            places=list(draft.places),
            sizes=np.array(draft.sizes, dtype=np.uint8),
            packed=draft.packer.packed(),
            postings=draft.postings(),
            dead=np.zeros(len(draft.ids), bool),
            entries=kept if keep else None,
        )

    def __len__(self) -> int:
        """Number of rows, dead ones included."""
        return len(self.ids)

    def name(self, row: int) -> str:
        """Name of a row as it was given."""
        return self.text[self.ends[row] : self.ends[row + 1]].decode()

    def parsed(self, row: int) -> ParsedName:
        """Parts of the name of a row."""
        return self.packed.name(row, self.name(row))

    def home(self, row: int) -> Place:
        """Place of the row's province and city columns."""
        return self.places[int(self.homes[row])]

    def live_ids(self) -> NDArray[np.int64]:
        """Customers with a row that is not dead."""
        return np.unique(self.ids[~self.dead])

    def kill(self, *ids: int) -> None:
        """Take all rows of these customers out of the answers."""
        self.dead[np.isin(self.ids, ids)] = True

    def living(self) -> Iterator[Entry]:
        """Entries that are not dead; only of a segment that keeps them."""
        for entry, dead in zip(self.entries or (), self.dead.tolist(), strict=True):
            if not dead:
                yield entry

    def candidates(self, asked: Sequence[Hashes], size: int, most: int) -> list[int]:
        """Rows that share most with the hashes asked for, best first."""
        lists = self._lists(asked)
        if not lists:
            return []
        score: NDArray[np.float32] | None = getattr(self.scratch, "score", None)
        if score is None:  # one per reading thread, always left at zero
            score = self.scratch.score = np.zeros(len(self), np.float32)
        used: list[Rows] = []
        seen = 0
        for rows, weight in lists:
            if used and seen + len(rows) > _BUDGET:
                break
            score[rows] += np.float32(weight)
            used.append(rows)
            seen += len(rows)
        everything = np.concatenate(used)
        pool = _best(everything, score[everything])
        pool = pool[~self.dead[pool]]
        apart = np.abs(self.sizes[pool].astype(np.float32) - np.float32(size))
        rank = score[pool] - np.float32(_LENGTH_COST) * apart
        score[everything] = 0
        order = np.argsort(-rank, kind="stable")[:most]
        return [int(row) for row in pool[order]]

    def _lists(self, asked: Sequence[Hashes]) -> list[tuple[Rows, float]]:
        """Inverted lists of the hashes with their weights, the rarest first."""
        found: list[tuple[Rows, float]] = []
        for kind, hashes in enumerate(asked):
            found.extend(
                (rows, _WEIGHTS[kind] * log(1 + len(self) / len(rows)))
                for rows in self.postings[kind].find(hashes)
            )
        found.sort(key=lambda item: len(item[0]))
        return found

    def frozen(self) -> "Segment":
        """The segment as it is now; later deaths leave it alone."""
        return replace(self, dead=self.dead.copy(), scratch=local())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that has to be kept, as arrays."""
        arrays: dict[str, NDArray[Any]] = {
            "ids": self.ids, "text": np.frombuffer(self.text, np.uint8), "ends": self.ends,
            "homes": self.homes, "sizes": self.sizes, "dead": self.dead,
            **self.packed.arrays(),
            "places": np.array([*map(list, self.places)], dtype=np.str_).reshape(-1, 3),
        }  # fmt: skip
        for kind, lists in enumerate(self.postings):
            arrays |= {
                f"hashes{kind}": lists.hashes,
                f"starts{kind}": lists.starts,
                f"rows{kind}": lists.rows,
            }
        return arrays

    @classmethod
    def from_arrays(cls, kept: Kept) -> "Segment":
        """The segment of such arrays.

        Raises:
            ValueError: they do not belong together.
        """
        made = cls(
            ids=kept["ids"],
            text=kept["text"].tobytes(),
            ends=kept["ends"],
            homes=kept["homes"],
            places=[Place(*map(str, row)) for row in kept["places"]],
            sizes=kept["sizes"],
            packed=PackedNames.of(kept["lengths"], kept["regions"], kept["known"]),
            postings=[
                Postings(kept[f"hashes{k}"], kept[f"starts{k}"], kept[f"rows{k}"])
                for k in range(features.KINDS)
            ],
            dead=kept["dead"],
        )
        per_row = (made.homes, made.sizes, made.packed.lengths, made.packed.regions, made.dead)
        if {len(made.ends) - 1, *(len(values) for values in per_row)} != {len(made)}:
            raise ValueError("arrays of different lengths")
        return made

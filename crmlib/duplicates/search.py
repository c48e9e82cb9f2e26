"""The 撞单 index: finds the customer that is already there, however its name was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import polars as pl

from crmlib.duplicates.answering import Answer, answers, ask, judge
from crmlib.duplicates.contacts import contact_keys
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.segment import Segment, entry_of, release_memory

_WORN_FROM, _WORN = 20_000, 0.25


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that may be the one asked for."""

    id: int
    name: str  # the name that matched; a customer may have several
    same: float
    related: float
    reasons: tuple[Reason, ...]


class SearchIndex:
    """Names and contacts of all customers; many may read while one writes."""

    def __init__(self) -> None:
        self._segments: tuple[Segment, ...] = ()  # replaced as a whole, never changed in place
        self._lock = Lock()

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> "SearchIndex":
        """An index of parts that are there already."""
        index = cls()
        index._segments = tuple(segments)
        return index

    def frozen(self) -> list[Segment]:
        """The parts as they are now; what is changed later does not reach them."""
        with self._lock:
            return [segment.frozen() for segment in self._segments]

    def is_worn(self) -> bool:
        """Whether so much was replaced or removed that building anew saves memory and time."""
        rows = sum(map(len, self._segments))
        late = sum(len(s) for s in self._segments if s.entries is not None)
        dead = sum(int(s.dead.sum()) for s in self._segments)
        return rows > _WORN_FROM and max(dead, late) > rows * _WORN

    def __len__(self) -> int:
        """Number of customers."""
        found = [s.live_ids() for s in self._segments]
        return len(np.unique(np.concatenate(found))) if found else 0

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Parts of the index as they are now."""
        return self._segments

    def build(self, rows: Iterable[Mapping[str, Any]] | pl.DataFrame) -> None:
        """Index all rows anew; several rows of one id are names of one customer."""
        records: Iterable[Mapping[str, Any]] = (
            rows.iter_rows(named=True) if isinstance(rows, pl.DataFrame) else rows
        )
        segment = Segment.of(entry_of(int(r["id"]), r) for r in records)
        with self._lock:
            self._segments = (segment,) if len(segment) else ()
        release_memory()

    def put(self, id_: int, row: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Add a customer or replace it; several rows are several names of it."""
        self.put_all({id_: [row] if isinstance(row, Mapping) else row})

    def put_all(self, rows: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
        """Add or replace many customers at once; each has one row per name."""
        entries = [entry_of(id_, row) for id_, names in rows.items() for row in names]
        fresh = Segment.of(entries, keep=True)
        with self._lock:
            segments = list(self._segments)
            while segments and segments[-1].entries is not None:
                last = segments[-1]
                if len(last) > 4 * len(fresh):
                    break
                living = [e for e in last.living() if e.id not in rows]
                fresh = Segment.of([*living, *(fresh.entries or ())], keep=True)
                segments.pop()
            replaced = (*segments, fresh)
            for segment in segments:
                segment.kill(*rows)
            self._segments = replaced

    def remove(self, id_: int) -> None:
        """Take a customer out; one that is not there is no error."""
        with self._lock:
            for segment in self._segments:
                segment.kill(id_)

    def search(self, query: str, k: int = 5) -> list[tuple[int, float]]:
        """Customers that may be meant, best first, with the probability of being the same."""
        return [(hit.id, hit.same) for hit in self.find(query, k)]

    def find(
        self,
        query: str,
        k: int = 10,
        *,
        phone: str | None = None,
        website: str | None = None,
        fax: str | None = None,
        uscc: str | None = None,
    ) -> list[Hit]:
        """Customers that may be meant, best first, with the reasons."""
        row = {"phone": phone, "website": website, "fax": fax, "uscc": uscc}
        segments = self._segments
        question = ask(query, tuple(contact_keys(row)))
        best: dict[int, Answer] = {}
        for segment in segments:
            for answer in answers(segment, question):
                known = best.get(answer.id)
                if known is None or known.rank < answer.rank:
                    best[answer.id] = answer
        ordered = sorted(best.values(), key=lambda answer: -answer.rank)
        return [Hit(*judged) for judged in judge(segments, question, ordered, k)]

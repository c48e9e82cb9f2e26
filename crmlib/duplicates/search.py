"""The 撞单 index: finds the customer that is already there, however its name was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import polars as pl

from crmlib.duplicates import features
from crmlib.duplicates.comparison import NEVER, Likeness, compare_names, probability
from crmlib.duplicates.contacts import contact_keys
from crmlib.duplicates.gazetteer import NOWHERE, Fit, Place, compare
from crmlib.duplicates.latin import LatinName, compare_latin, latin_hashes, read_latin
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.segment import Segment, entry_of, release_memory

_SHORTLIST = 48  # rows compared in full, of the large segment
_CONTACTS = 40  # rows looked at for one phone or domain
_SHORT = 5  # a name this short may pick single characters of the full one
_COMMON = 5  # a phone on more customers than this is a switchboard
_CONTACT_WEIGHT = {"电话": 2.4, "域名": 2.2, "税号": 9.0}
_CONTACT_WORD = {"电话": "电话相同", "域名": "网站或邮箱域名相同", "税号": "统一社会信用代码相同"}
_CONTACT_ALONE = {"电话": -1.6, "域名": -1.6, "税号": 4.0}  # when the names do not match
_CONTACT_RELATED = 0.6


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that may be the one asked for."""

    id: int
    name: str  # the name that matched; a customer may have several
    same: float
    related: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """A search, prepared once for all segments."""

    name: ParsedName
    latin: LatinName | None
    hashes: list[features.Hashes]
    contacts: tuple[str, ...]


class SearchIndex:
    """Names and contacts of all customers; many may read while one writes."""

    def __init__(self) -> None:
        self._segments: tuple[Segment, ...] = ()  # replaced as a whole, never changed in place
        self._lock = Lock()

    def __len__(self) -> int:
        """Number of customers."""
        found = [s.live_ids() for s in self._segments]
        return len(np.unique(np.concatenate(found))) if found else 0

    def build(self, rows: Sequence[Mapping[str, Any]] | pl.DataFrame) -> None:
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
        question = _ask(query, tuple(contact_keys(row)))
        best: dict[int, tuple[float, Hit]] = {}
        for segment in self._segments:
            for rank, hit in _answers(segment, question):
                known = best.get(hit.id)
                if known is None or known[0] < rank:
                    best[hit.id] = rank, hit
        ordered = sorted(best.values(), key=lambda item: -item[0])
        return [hit for _, hit in ordered[:k]]

    def save(self, folder: Path) -> None:
        """Write the index to files in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("segment*.npz"):
            old.unlink()
        for number, segment in enumerate(self._segments):
            segment.save(folder / f"segment{number:03}.npz")

    @classmethod
    def load(cls, folder: Path) -> "SearchIndex":
        """Read an index that save wrote."""
        index = cls()
        index._segments = tuple(Segment.load(p) for p in sorted(folder.glob("segment*.npz")))
        return index


def _ask(query: str, contacts: tuple[str, ...]) -> _Question:
    name = parse(query)
    latin = read_latin(query)
    if latin:
        hashes = latin_hashes(latin)
    else:
        hashes = [h for h, _ in features.rows_of([name])] if name.key else []
        if hashes and len(name.stem) <= _SHORT:
            picked = np.array([features.whole("short", name.stem[:2])], dtype=np.uint32)
            hashes[features.WHOLES] = np.append(hashes[features.WHOLES], picked)
    return _Question(name, latin, hashes, contacts)


def _answers(segment: Segment, question: _Question) -> list[tuple[float, Hit]]:
    """Rows of one segment that may answer, with what they are ranked by."""
    shared: dict[int, list[tuple[str, int]]] = {}
    for key in question.contacts:
        hashes = np.array([features.whole("contact", key)], dtype=np.uint32)
        for found in segment.postings[features.WHOLES].find(hashes):
            living = found[~segment.dead[found]]
            for row in living[:_CONTACTS].tolist():
                shared.setdefault(row, []).append((key[:2], len(living)))
    size = len(question.name.stem)
    rows = segment.candidates(question.hashes, size, _SHORTLIST)
    answers = []
    for row in dict.fromkeys([*rows, *shared]):
        likeness = _compare(segment, row, question)
        likeness = _with_contacts(likeness, shared.get(row, ()))
        same = probability(likeness.same)
        if likeness.same <= NEVER and likeness.related < 0.1:
            continue
        related = round(likeness.related * (1 - same), 4)
        hit = Hit(
            int(segment.ids[row]), segment.name(row), round(same, 4), related, likeness.reasons
        )
        answers.append((likeness.same + 2.5 * likeness.related, hit))
    return answers


def _compare(segment: Segment, row: int, question: _Question) -> Likeness:
    """Compare the question with a row by name and place."""
    name = parse(segment.name(row))
    if question.latin:
        return compare_latin(question.latin, name)
    likeness = compare_names(question.name, name)
    home = segment.home(row)
    if name.place == NOWHERE and home != NOWHERE and question.name.place != NOWHERE:
        return _weigh_home(likeness, question.name.place, home)
    return likeness


def _weigh_home(likeness: Likeness, asked: Place, home: Place) -> Likeness:
    """Let the registered place count where the name has none."""
    conflict = compare(asked, home) is Fit.CONFLICT
    reason = Reason("所在地区不同", -2.5) if conflict else Reason("所在地区相容", 0.8)
    return Likeness(likeness.same + reason.weight, likeness.related, (*likeness.reasons, reason))


def _with_contacts(likeness: Likeness, shared: Iterable[tuple[str, int]]) -> Likeness:
    """Let a shared phone or domain count by its rarity."""
    same, related, reasons = likeness.same, likeness.related, likeness.reasons
    for kind, count in shared:
        weight = _CONTACT_WEIGHT[kind] if count <= _COMMON else 0.5
        if same < -2:
            same = max(same, _CONTACT_ALONE[kind] if count <= _COMMON else -4.0)
        else:
            same += weight
        related = max(related, _CONTACT_RELATED if count <= _COMMON else 0.3)
        reasons = (*reasons, Reason(_CONTACT_WORD[kind], weight))
    return Likeness(same, related, reasons)

"""Duplicates within a table: blocking, then names and all other evidence together."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from crmlib.duplicates.blocking import candidate_pairs
from crmlib.duplicates.comparison import NEVER, Likeness, compare_names, probability
from crmlib.duplicates.evidence import Profile, count_keys, profile_of, weigh
from crmlib.duplicates.gazetteer import NOWHERE, Fit, compare
from crmlib.duplicates.latin import LatinName, compare_latin, read_latin
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.reasons import Reason

_LEAST_SAME = 0.05  # pairs below both are not returned
_LEAST_RELATED = 0.3
_PRIOR = -0.6  # most candidates are no duplicates …
_PRIOR_SIZE = 10_000  # … and in a larger table more names agree by chance
_CROWDING = 0.85
_SUPPORTED = 1.0  # contacts that agree this much do not agree by chance
_BARRED_MOST = 0.5
_ALONE = 2  # a brand and trade at home in one place, once without it
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "id1": pl.Int64,
    "id2": pl.Int64,
    "prob": pl.Float64,
    "related": pl.Float64,
    "reasons": pl.List(pl.String),
}


class _Record(NamedTuple):
    """A row, read once."""

    id: int
    name: ParsedName
    latin: LatinName | None
    profile: Profile


def _read(row: Mapping[str, Any]) -> _Record:
    text = row.get("name") or ""
    return _Record(int(row.get("id") or 0), parse(text), read_latin(text), profile_of(row))


def find_pairs(records: pl.DataFrame) -> pl.DataFrame:
    """Pairs that may be one customer (prob) or related, with reasons; prob is P(same)."""
    rows = [_read(row) for row in records.iter_rows(named=True)]
    counts = count_keys(r.profile for r in rows)
    for core, spread in _spread(rows).items():
        counts[core] = spread
    keyed = (
        (key, i) for i, r in enumerate(rows) for key in r.profile.shared_keys() if counts[key] > 1
    )
    packed = candidate_pairs([r.name for r in rows], [r.latin for r in rows], keyed)
    lows = (packed >> np.uint64(32)).astype(np.int64).tolist()
    highs = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64).tolist()
    prior = _PRIOR - _CROWDING * max(0.0, log(max(1, len(rows)) / _PRIOR_SIZE))
    found: dict[str, list[Any]] = {column: [] for column in _SCHEMA}
    for low, high in zip(lows, highs, strict=True):
        a, b = rows[low], rows[high]
        same, related, reasons = _weigh_all(a, b, counts, prior)
        if (same < _LEAST_SAME and related < _LEAST_RELATED) or a.id == b.id:
            continue
        found["id1"].append(min(a.id, b.id))
        found["id2"].append(max(a.id, b.id))
        found["prob"].append(round(same, 4))
        found["related"].append(round(related, 4))
        found["reasons"].append([r.text for r in sorted(reasons, key=_size)])
    return pl.DataFrame(found, schema=_SCHEMA)


def _core(record: _Record) -> str:
    return "c" + record.name.brand + record.name.trade[:2]


def _spread(rows: Sequence[_Record]) -> dict[str, int]:
    """In how many places each brand and trade is at home."""
    seen: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        place = row.name.place if row.name.place != NOWHERE else row.profile.place
        seen.setdefault(_core(row), set()).add(place[:2])
    return {core: len(places) for core, places in seen.items() if len(places) > _ALONE}


def pair_verdict(
    a: Mapping[str, Any], b: Mapping[str, Any]
) -> tuple[float, float, tuple[Reason, ...]]:
    """P(same), P(related) and the reasons for one pair of records, the weightiest first."""
    records = _read(a), _read(b)
    counts = count_keys(r.profile for r in records)
    same, related, reasons = _weigh_all(*records, counts, _PRIOR)
    return round(same, 4), round(related, 4), tuple(sorted(reasons, key=_size))


def _size(reason: Reason) -> float:
    return -abs(reason.weight)


def _weigh_all(
    a: _Record, b: _Record, counts: Mapping[str, int], prior: float
) -> tuple[float, float, list[Reason]]:
    likeness = _names(a, b)
    beside, relation, reasons = weigh(a.profile, b.profile, counts)
    if likeness.barred:
        beside = min(beside, _BARRED_MOST)
    if beside > _SUPPORTED:
        prior = max(prior, _PRIOR)
    if a.name.key == b.name.key and a.name.form:
        prior = 0.0
    total = prior + likeness.same + beside
    if not a.name.area or not b.name.area:
        total -= log(max(1, counts.get(_core(a), 1) - 1))
    place_a, place_b = a.name.place, b.name.place
    if compare(place_a, place_b) is Fit.UNKNOWN:
        for named, other in ((place_a, b.profile.place), (place_b, a.profile.place)):
            if named != NOWHERE and compare(named, other) is Fit.CONFLICT:
                total -= 2.5
                reasons.append(Reason("所在地区不同", -2.5))
                break
    if likeness.same <= NEVER:
        total = min(total, NEVER + 3)
    same = probability(total)
    related = max(likeness.related, relation) * (1 - same)
    return same, related, [*likeness.reasons, *(r for r in reasons if r.text)]


def _names(a: _Record, b: _Record) -> Likeness:
    if a.latin and not b.latin:
        return compare_latin(a.latin, b.name)
    if b.latin and not a.latin:
        return compare_latin(b.latin, a.name)
    return compare_names(a.name, b.name)

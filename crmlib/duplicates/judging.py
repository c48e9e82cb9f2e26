"""Names and all other evidence together: P(same), P(related) and why, pair by pair."""

from dataclasses import dataclass, replace
from math import log

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.duplicates.columns import LEVELS, parsed_of
from crmlib.duplicates.comparison import NEVER, Likeness, compare_names, probability
from crmlib.duplicates.crew import Crew
from crmlib.duplicates.gazetteer import Fit, Place
from crmlib.duplicates.latin import LatinName, compare_latin, read_latin
from crmlib.duplicates.names import ParsedName
from crmlib.duplicates.reach import Flags, Ints, Reach, place_code
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.weighing import Floats, Rarity, Rows, fits, weigh
from crmlib.duplicates.whole import compare_whole

LEAST_SAME, LEAST_RELATED = 0.05, 0.3  # pairs below both are not returned
PRIOR = -0.6  # most candidates are no duplicates …
_PRIOR_SIZE = 10_000  # … and in a larger table more names agree by chance
_CROWDING, _MOST_CROWDED = 0.85, 3.3  # … up to some hundred thousand, where areas tell them apart
_SUPPORTED = 1.0  # contacts that agree this much do not agree by chance
_BARRED_MOST = 0.5
_DOUBTFUL = 1.0  # names less alike than this are looked at once more as they are written
_ELSEWHERE = Reason("所在地区不同", -2.5)
# Neighbours of one trade often bear names one character apart, but never one telephone.
_NEIGHBOUR, _NEIGHBOURS, _NEIGHBOUR_SHIFT = "字号一字之差", 1.6, 0.4
_OUTLETS, _OUTLET_SHIFT = 1.0, 0.8
_TWO_AREAS = -2.0
_FORMER = -0.5  # a name that was given up may belong to somebody else by now
_AT_ONCE = 40_000
JUDGED: dict[str, pl.DataType | type[pl.DataType]] = {
    "a": pl.Int64,
    "b": pl.Int64,
    "prob": pl.Float64,
    "related": pl.Float64,
    "barred": pl.Boolean,
    "reasons": pl.List(pl.String),
    "weights": pl.List(pl.Float64),
}


@dataclass(frozen=True, slots=True)
class Base:
    """All records: one row of ``names`` per name, the first of them the records' own, in order."""

    ids: NDArray[np.int64]
    names: pl.DataFrame
    owner: NDArray[np.int64]  # record of each name
    former: Flags  # names given up, or of a merged customer
    reach: Reach
    rarity: Rarity
    spread: Ints  # in how many places the brand and trade of each name are at home
    outlets: Ints  # how many branches of this head office there are
    size: int  # customers in the whole base


def codes_of(names: pl.DataFrame) -> Ints:
    """Places of names as numbers."""
    distinct = names.select(LEVELS).unique(maintain_order=True)
    codes = [place_code(Place(*row)) for row in distinct.iter_rows()]
    index = names.select(LEVELS).join(
        distinct.with_row_index("code"), on=LEVELS, maintain_order="left"
    )["code"]
    found: Ints = np.array(codes, np.int32).reshape(-1, 3)[index.to_numpy()]
    return found


def judge(base: Base, a: Rows, b: Rows, crew: Crew, *, worth_a_look: bool = True) -> pl.DataFrame:
    """Judge the pairs of names (a, b); only those worth a look are answered, or all."""
    parts = (
        (*_part(base, a[i : i + _AT_ONCE], b[i : i + _AT_ONCE]), worth_a_look)
        for i in range(0, len(a), _AT_ONCE)
    )
    return pl.concat([pl.DataFrame(schema=JUDGED), *crew(judge_part, parts)])


def _part(base: Base, a: Rows, b: Rows) -> tuple[Base, Rows, Rows, Rows]:
    """Only what one part needs to know; the rows of the whole base its names stand in."""
    rows, index = np.unique(np.concatenate([a, b]), return_inverse=True)
    owners, owner = np.unique(base.owner[rows], return_inverse=True)
    small = replace(
        base,
        ids=base.ids[owners],
        names=base.names[rows],
        owner=owner,
        former=base.former[rows],
        reach=base.reach.take(owners),
        rarity=base.rarity.take(owners),
        spread=base.spread[rows],
        outlets=base.outlets[rows],
    )
    return small, index[: len(a)], index[len(a) :], rows


def judge_part(base: Base, a: Rows, b: Rows, rows: Rows, worth_a_look: bool) -> pl.DataFrame:
    """Judge a part of the pairs; what is answered names the rows of the whole base."""
    places = codes_of(base.names)
    evidence = weigh(base.reach, base.rarity, base.owner[a], base.owner[b])
    elsewhere = _elsewhere(base, places, a, b)
    offset = np.where(elsewhere, _ELSEWHERE.weight, 0.0) - _crowd(base, a, b)
    offset += np.where(base.former[a] | base.former[b], _FORMER, 0.0)
    crowd = _CROWDING * max(0.0, log(max(1, base.size) / _PRIOR_SIZE))
    prior = PRIOR - min(_MOST_CROWDED, crowd)
    names = [
        _Name(parsed_of(row), read_latin(row["text"])) for row in base.names.iter_rows(named=True)
    ]
    outlets = base.outlets.tolist()
    answer = _Answer()
    for pair, (i, j, beside, linked, shift) in enumerate(
        zip(
            a.tolist(),
            b.tolist(),
            evidence.total.tolist(),
            evidence.related.tolist(),
            offset.tolist(),
            strict=True,
        )
    ):
        likeness = _compare(names[i], names[j], beside)
        x, y = names[i].parsed, names[j].parsed
        total = shift + _outlet_shift(x, y, beside, outlets[i]) + _area_shift(x, y)
        total += _total(likeness, beside, prior, x, y)
        if likeness.same <= NEVER:
            total = min(total, NEVER + 3)
        same = probability(total)
        related = max(likeness.related, linked) * (1 - same)
        if same >= LEAST_SAME or related >= LEAST_RELATED or not worth_a_look:
            reasons = [*likeness.reasons, *evidence.reasons(pair)]
            if elsewhere[pair]:
                reasons.append(_ELSEWHERE)
            answer.add(pair, same, related, likeness.barred, reasons)
    return answer.frame(rows[a], rows[b])


def _elsewhere(base: Base, places: Ints, a: Rows, b: Rows) -> Flags:
    """Whether one name is silent on its place and the record says another than the other name."""
    silent = fits(places[a], places[b]) == Fit.UNKNOWN
    regions = base.reach.places
    clash = fits(places[a], regions[base.owner[b]]) == Fit.CONFLICT
    clash |= fits(places[b], regions[base.owner[a]]) == Fit.CONFLICT
    elsewhere: Flags = silent & clash
    return elsewhere


def _crowd(base: Base, a: Rows, b: Rows) -> Floats:
    """What names that many could bear lose of their weight."""
    bare = (base.names["area"] == "").to_numpy()
    homes = np.log(np.maximum(1, np.maximum(base.spread[a], base.spread[b]) - 1))
    return np.where(bare[a] | bare[b], homes, 0.0)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as its comparison needs it."""

    parsed: ParsedName
    latin: LatinName | None


def _outlet_shift(a: ParsedName, b: ParsedName, beside: float, outlets: int) -> float:
    """What two branches lose that are not written alike: the more there are, the likelier two."""
    if not a.branch or not b.branch or a.branch == b.branch:
        return 0.0
    return -_OUTLETS * log(max(1, outlets - 1)) + min(0.0, 1.5 * beside - _OUTLET_SHIFT)


def _area_shift(a: ParsedName, b: ParsedName) -> float:
    """What names lose that both say where they are at home, and name two places."""
    apart = a.area and b.area and a.place != b.place
    return _TWO_AREAS if apart and a.area not in b.area and b.area not in a.area else 0.0


def _total(
    likeness: Likeness, contacts: float, prior: float, a: ParsedName, b: ParsedName
) -> float:
    if likeness.barred:
        contacts = min(contacts, _BARRED_MOST)
    if contacts < 0 and any(reason.text == _NEIGHBOUR for reason in likeness.reasons):
        contacts = _NEIGHBOURS * contacts - _NEIGHBOUR_SHIFT
    if a.key == b.key and a.form:
        prior = 0.0
    elif contacts > _SUPPORTED:
        prior = max(prior, PRIOR)
    return prior + likeness.same + contacts


def _compare(a: _Name, b: _Name, beside: float) -> Likeness:
    if a.latin and not b.latin:
        return compare_latin(a.latin, b.parsed)
    if b.latin and not a.latin:
        return compare_latin(b.latin, a.parsed)
    likeness = compare_names(a.parsed, b.parsed)
    if likeness.same < _DOUBTFUL and beside > _SUPPORTED:
        whole = compare_whole(a.parsed, b.parsed)
        if whole is not None and whole.same > likeness.same:
            return whole
    return likeness


class _Answer:
    """Pairs worth a look, as they are found."""

    def __init__(self) -> None:
        self._pairs: list[int] = []
        self._rows: list[tuple[float, float, bool, str, str]] = []

    def add(
        self, pair: int, same: float, related: float, barred: bool, reasons: list[Reason]
    ) -> None:
        """Note a pair with its reasons, the weightiest first."""
        told = sorted((r for r in reasons if r.text), key=_size)
        self._pairs.append(pair)
        texts, weights = "\n".join(r.text for r in told), " ".join(str(r.weight) for r in told)
        self._rows.append((round(same, 4), round(related, 4), barred, texts, weights))

    def frame(self, a: Rows, b: Rows) -> pl.DataFrame:
        """Return the pairs by their rows in the whole base."""
        columns = ("prob", "related", "barred", "reasons", "weights")
        types = (pl.Float64, pl.Float64, pl.Boolean, pl.String, pl.String)
        found = pl.DataFrame(
            self._rows, schema=dict(zip(columns, types, strict=True)), orient="row"
        )
        return found.select(
            pl.Series("a", a[self._pairs], dtype=pl.Int64),
            pl.Series("b", b[self._pairs], dtype=pl.Int64),
            "prob",
            "related",
            "barred",
            _listed("reasons", "\n"),
            _listed("weights", " ").cast(pl.List(pl.Float64)),
        )


def _listed(column: str, by: str) -> pl.Expr:
    return pl.col(column).str.split(by).list.filter(pl.element() != "")


def _size(reason: Reason) -> float:
    return -abs(reason.weight)

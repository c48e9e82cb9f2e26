"""The figures of 重复候选看板, computed from the pairs somebody may see (``pairs.pair_data``)."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import select

from crmlib import words
from crmlib.reference.model import Region
from crmlib.store.engine import reading

# Where a pair is, how it came in: the words of the board.
PASSED, UNSEEN, IMPORTED, BY_HAND, BEFORE = (
    "相似放行（写了原因）",
    "录入时未提示",
    "导入",
    "人工提交",
    "历史数据",
)
ORIGINS = (PASSED, UNSEEN, IMPORTED, BY_HAND, BEFORE)
UNKNOWN = "未填写"
# Low and high of a band of scores; the high is not part of it, but for the last.
BANDS = ((0.95, None), (0.9, 0.95), (0.8, 0.9), (0.7, 0.8), (0.6, 0.7), (0.5, 0.6), (0.0, 0.5))
AGES = ((0, 7), (7, 30), (30, 90), (90, None))  # days; the second is not part of it
WEEKS = 12
REFUSED = ("distinct", "affiliated")
# What happens to pairs in a week: the day that says so, and the states counted (none: all).
_EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "发现": ("found_on", ()),
    "合并": ("decided_on", ("merged",)),
    "判为不同": ("decided_on", REFUSED),
    "暂缓": ("decided_on", ("deferred",)),
}
_DAYS = timedelta(days=7)
_TEXT, _INT = pl.String(), pl.Int64()

PAIRS = pl.Schema(
    {
        "pair_id": _INT,
        "a_name": _TEXT,
        "b_name": _TEXT,
        "same": pl.Float64(),
        "source": _TEXT,
        "state": _TEXT,  # PairStatus; a 暂缓 that is due is open
        "origin": _TEXT,  # one of ORIGINS
        "channel": _TEXT,  # 来源 of the newer customer
        "person_id": _INT,  # who registered the newer customer
        "person": _TEXT,
        "owner_id": _INT,  # whose the newer customer is
        "office_id": _INT,
        "region_ids": pl.List(pl.Int64()),  # top regions of both sides
        "found_on": pl.Date(),
        "decided_on": pl.Date(),
        "age_days": _INT,
        "wait_days": _INT,  # from found to decided
    }
)
GROUPS = pl.Schema(
    {"key": _TEXT, "label": _TEXT, "open": _INT, "merged": _INT, "refused": _INT, "total": _INT}
)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores or days: what waits, what was decided, and how often it was the same."""

    label: str
    low: float
    high: float | None
    open: int
    merged: int
    distinct: int
    affiliated: int

    @property
    def precision(self) -> float | None:
        """Return the share judged the same; None while nothing is judged."""
        judged = self.merged + self.distinct + self.affiliated
        return self.merged / judged if judged else None


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures over the board; ``median_days`` is from found to decided."""

    open: int
    merged: int
    refused: int
    deferred: int
    median_days: float | None

    @property
    def precision(self) -> float | None:
        """Return the share judged the same."""
        judged = self.merged + self.refused
        return self.merged / judged if judged else None


def kept(
    pairs: pl.DataFrame, region_id: int | None = None, source: str = "", kind: str = ""
) -> pl.DataFrame:
    """Return the pairs of a region, a source and a kind (same or related); empty leaves all."""
    if region_id is not None:
        pairs = pairs.filter(pl.col("region_ids").list.contains(region_id))
    if source:
        pairs = pairs.filter(pl.col("source") == source)
    if kind:
        is_same = pl.col("same") >= BANDS[-1][1]
        pairs = pairs.filter(is_same if kind == "same" else ~is_same)
    return pairs


def totals(pairs: pl.DataFrame) -> Totals:
    """Return the figures over the board."""
    count = dict(pairs["state"].value_counts().rows())
    waits = pairs.filter(pl.col("state").is_in(["merged", *REFUSED]))["wait_days"]
    median = waits.median()
    return Totals(
        open=count.get("open", 0),
        merged=count.get("merged", 0),
        refused=count.get("distinct", 0) + count.get("affiliated", 0),
        deferred=count.get("deferred", 0),
        median_days=float(median) if isinstance(median, (int, float)) else None,
    )


def bands(pairs: pl.DataFrame) -> list[Band]:
    """Return the bands of scores, the highest first."""
    return [
        _band(pairs, "same", low, high, _percent(low, high))
        for low, high in BANDS
    ]  # fmt: skip


def ages(pairs: pl.DataFrame) -> list[Band]:
    """Return the bands of days since the pair was found."""
    return [_band(pairs, "age_days", low, high, _days(low, high)) for low, high in AGES]


def _band(pairs: pl.DataFrame, column: str, low: float, high: float | None, label: str) -> Band:
    inside = pl.col(column) >= low
    if high is not None:
        inside &= pl.col(column) < high
    count = dict(pairs.filter(inside)["state"].value_counts().rows())
    states = ("open", "merged", "distinct", "affiliated")
    return Band(label, low, high, *(count.get(state, 0) for state in states))


def _percent(low: float, high: float | None) -> str:
    if high is None:
        return f"≥ {low:.0%}"
    return f"{low * 100:.0f}–{high:.0%}" if low else f"< {high:.0%}"


def _days(low: int, high: int | None) -> str:
    return f"{low}–{high - 1} 天" if high else f"≥ {low} 天"


def by_region(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count by region, the most waiting first (columns: GROUPS); a pair counts for both sides'."""
    with reading() as session:
        names = {str(r.id): r.name for r in session.scalars(select(Region))}
    rows = pairs.explode("region_ids", empty_as_null=True).rename({"region_ids": "key"})
    return _grouped(rows, names)


def by_source(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count by where the pair was found (columns: GROUPS)."""
    return _grouped(pairs.rename({"source": "key"}), words.PAIR_SOURCE)


def by_origin(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count by the rule that let the newer customer pass (columns: GROUPS)."""
    return _grouped(pairs.rename({"origin": "key"}))


def by_channel(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count by 来源 of the newer customer (columns: GROUPS)."""
    return _grouped(pairs.rename({"channel": "key"}))


def by_person(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count by who registered the newer customer (columns: GROUPS)."""
    names = {str(key): name for key, name in pairs.select("person_id", "person").unique().rows()}
    return _grouped(pairs.rename({"person_id": "key"}), names)


def _grouped(pairs: pl.DataFrame, names: dict[str, str] | None = None) -> pl.DataFrame:
    state = pl.col("state")
    key = pl.col("key").cast(pl.String).fill_null("")
    counted = pairs.group_by(key).agg(
        open=(state == "open").sum(),
        merged=(state == "merged").sum(),
        refused=state.is_in(REFUSED).sum(),
        total=pl.len(),
    )
    label = key if names is None else key.replace_strict(names, default=UNKNOWN)
    return (
        counted.with_columns(label=label)
        .sort("open", "total", "key", descending=[True, True, False])
        .select(pl.col(name).cast(kind) for name, kind in GROUPS.items())
    )


def by_week(pairs: pl.DataFrame, today: date) -> pl.DataFrame:
    """Count found and decided pairs of the last weeks: week (its Monday), what, count."""
    this = today - timedelta(days=today.weekday())
    weeks = [this - _DAYS * back for back in range(WEEKS - 1, -1, -1)]
    rows = []
    for what, (column, states) in _EVENTS.items():
        which = pairs.filter(pl.col("state").is_in(states)) if states else pairs
        count = dict(which[column].dt.truncate("1w").value_counts().rows())
        rows += [(week, what, count.get(week, 0)) for week in weeks]
    return pl.DataFrame(rows, schema={"week": pl.Date, "what": _TEXT, "count": _INT}, orient="row")


def picked(pairs: pl.DataFrame, dimension: str, key: str, state: str = "") -> pl.DataFrame:
    """Return the pairs behind a number, the most alike first; an unknown dimension has none.

    Dimensions: judged, person (its id), channel, origin, source, week (its Monday and the word of
    ``by_week``, parted by a space); ``state`` is open, merged, refused or empty for all.
    """
    if dimension == "person":
        found = pairs.filter(pl.col("person_id").cast(pl.String).fill_null("") == key)
    elif dimension in {"channel", "origin", "source"}:
        found = pairs.filter(pl.col(dimension) == key)
    elif dimension == "judged":
        found = pairs.filter(pl.col("state").is_in(["merged", *REFUSED]))
    elif dimension == "week":
        found = _of_week(pairs, *key.partition(" ")[::2])
    else:
        found = pairs.clear()
    if state:
        states = REFUSED if state == "refused" else (state,)
        found = found.filter(pl.col("state").is_in(states))
    return found.sort("same", "pair_id", descending=[True, False])


def _of_week(pairs: pl.DataFrame, monday: str, what: str) -> pl.DataFrame:
    if what not in _EVENTS:
        return pairs.clear()
    column, states = _EVENTS[what]
    found = pairs.filter(pl.col(column).dt.truncate("1w").cast(pl.String) == monday)
    return found.filter(pl.col("state").is_in(states)) if states else found

"""The figures of 转交易看板 and the rows behind each of them; values in, frames out."""

from collections.abc import Mapping

import polars as pl

from crmlib.conversion.board import AGES, GROUPS, IN_TIME, LACKS, LATE, UNASKED, WAITS, Totals
from crmlib.conversion.model import RequestStatus

PENDING, READY, ONE = "pending", "ready", "one"
APPROVED, REFUSED = RequestStatus.APPROVED.value, RequestStatus.REFUSED.value
ANSWERED = "answered"  # both, but for what nobody had asked for
_AGE, _ONLY, _LACK = "age", "only", "lack"
_LABELS = {
    "": "全部",
    PENDING: "待处理申请",
    LATE: WAITS[LATE],
    READY: "可转交易",
    ONE: "只差一项",
    APPROVED: "通过",
    REFUSED: "驳回",
    ANSWERED: "已处理的申请",
}

_is_pending = pl.col("request_id").is_not_null()
_is_late = pl.col("overdue")
_is_ready = pl.col("lacks").list.len() == 0
_is_one = pl.col("lacks").list.len() == 1
_STATES = {PENDING: _is_pending, LATE: _is_late, READY: _is_ready, ONE: _is_one}


def kept(
    frame: pl.DataFrame,
    region: str = "",
    office: str = "",
    owner: str = "",
    wait: str = "",
) -> pl.DataFrame:
    """Return the rows of a region (name), an office, an owner (ids as text), a wait (``WAITS``)."""
    for name, value in (("region", region), ("office", office), ("owner", owner)):
        if value:
            frame = frame.filter(_key(name) == value)
    if wait and "overdue" in frame.columns:
        asked = {LATE: _is_late, IN_TIME: _is_pending & ~_is_late, UNASKED: ~_is_pending}
        frame = frame.filter(asked.get(wait, pl.lit(value=True)))
    return frame


def totals(due: pl.DataFrame, decided: pl.DataFrame) -> Totals:
    """Return the figures at the head of the board."""
    count = due.select(**{name: state.sum() for name, state in _STATES.items()}).row(0, named=True)
    median = decided.filter(~pl.col("direct"))["age_days"].median()
    by_status = dict(decided["status"].value_counts().rows())
    return Totals(
        **count,
        approved=by_status.get(APPROVED, 0),
        refused=by_status.get(REFUSED, 0),
        median_days=float(median) if isinstance(median, int | float) else None,
    )


def by_age(due: pl.DataFrame) -> list[tuple[str, str, int]]:
    """Return key, label and number of requests of each band of working days."""
    return [
        (f"{_AGE}:{low}", _days(low, high), due.filter(_in_band(low, high)).height)
        for low, high in AGES
    ]


def _days(low: int, high: int | None) -> str:
    if high is None:
        return f"≥ {low}"
    return str(low) if high == low + 1 else f"{low}–{high - 1}"


def _in_band(low: int, high: int | None) -> pl.Expr:
    age = pl.col("age_days")
    inside = age >= low
    return inside if high is None else inside & (age < high)


def by_lack(due: pl.DataFrame) -> list[tuple[str, str, int, int]]:
    """Return key, label, how many lack only this, and how many lack it, of each check."""
    return [
        (key, label, _lacking(due, key).filter(_is_one).height, _lacking(due, key).height)
        for key, label in LACKS.items()
    ]


def _lacking(due: pl.DataFrame, key: str) -> pl.DataFrame:
    return due.filter(pl.col("lacks").list.contains(key))


def by_group(due: pl.DataFrame, group: str) -> pl.DataFrame:
    """Count by region, office or owner, the most waiting first.

    Columns: key (name of a region, else id as text; 0: none), label, pending, late, ready, one,
    total.
    """
    if group not in GROUPS:
        return pl.DataFrame()
    return (
        due.group_by(
            key=_key(group),
            label=pl.col(group).fill_null("未填写"),
        )
        .agg(*(state.sum().alias(name) for name, state in _STATES.items()), total=pl.len())
        .sort("pending", "ready", "total", "key", descending=[True, True, True, False])
    )


def _key(group: str) -> pl.Expr:
    # Regions go by name as on all dashboards, so that they can be carried from one to the next.
    key = "region" if group == "region" else f"{group}_id"
    return pl.col(key).cast(pl.String).fill_null("0")


def picked(due: pl.DataFrame, show: str) -> pl.DataFrame:
    """Return the rows behind a number: a state, ``age:LOW``, ``only:CHECK`` or ``lack:CHECK``.

    Nothing asked for is everything; what is not known has no rows.
    """
    kind, _, key = show.partition(":")
    if not show:
        return due
    if show in _STATES:
        return due.filter(_STATES[show])
    if kind == _AGE:
        bands = [band for band in AGES if str(band[0]) == key]
        return due.filter(_in_band(*bands[0])) if bands else due.clear()
    if kind in (_ONLY, _LACK) and key in LACKS:
        found = _lacking(due, key)
        return found.filter(_is_one) if kind == _ONLY else found
    return due.clear()


def is_decided(show: str) -> bool:
    """Say whether the rows behind a number are decisions."""
    return show in (APPROVED, REFUSED, ANSWERED)


def picked_decisions(decided: pl.DataFrame, show: str) -> pl.DataFrame:
    """Return the decisions behind a number."""
    if show == ANSWERED:
        return decided.filter(~pl.col("direct"))
    return decided.filter(pl.col("status") == show)


def label_of(show: str) -> str:
    """Return what the rows behind a number are called."""
    kind, _, key = show.partition(":")
    if kind == _AGE:
        bands = {str(low): _days(low, high) for low, high in AGES}
        return f"等待 {bands.get(key, key)} 个工作日"
    if kind in (_ONLY, _LACK):
        return f"{'只差' if kind == _ONLY else '缺'} {LACKS.get(key, key)}"
    return _LABELS.get(show, show)


def state_text(labels: Mapping[str, str]) -> pl.Expr:
    """Return the status of decisions in words."""
    return pl.col("status").replace_strict(labels, default="")


def wait_text() -> pl.Expr:
    """Return how long a request waits; nothing where nobody asked."""
    days = pl.col("age_days").cast(pl.String)
    return pl.when(_is_late).then(pl.format("{} 已逾期", days)).otherwise(days)


def late_tones(due: pl.DataFrame) -> dict[str, str]:
    """Return the tone of each text of ``wait_text`` that marks a late request."""
    late = due.filter(_is_late).select(wait_text().unique()).to_series().to_list()
    return dict.fromkeys(late, "bad")


def pass_text() -> pl.Expr:
    """Return whether the check list is in order, or how much is missing."""
    lacks = pl.col("lacks").list.len()
    return pl.when(lacks == 0).then(pl.lit("可转")).otherwise(pl.format("差 {} 项", lacks))

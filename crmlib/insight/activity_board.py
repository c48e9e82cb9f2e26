"""活动看板: planned, done and overdue per person and type, weeks, and customers left untouched.

Pure Polars on ``live.activity_data`` and ``live.customer_data``; moments are Shanghai wall time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from crmlib.activities.model import ActivityStatus
from crmlib.insight.live import Visible
from crmlib.insight.per_frame import PerFrame
from crmlib.insight.spans import Span, midnight
from crmlib.insight.units import Part

UNTOUCHED = (30, 60, 90)  # days, the first is usual
WEEKS = 12
VISITS = ("01", "02")  # 上门拜访, 约见
_DONE = pl.col("status") == ActivityStatus.DONE.value
_WAITS = pl.col("status") == ActivityStatus.NOT_STARTED.value
_DAY, _COUNT = pl.Date(), pl.Int64()
BRIEF = timedelta(days=100)  # a quarter; longer periods concern most activities anyway
_KEPT = PerFrame[pl.DataFrame](most=2)
IS_VISIT = pl.col("activity_type").cast(pl.String).is_in(list(VISITS))
COUNTS = {
    "planned": _COUNT,  # whose planned end lies in the period
    "done": _COUNT,  # completed in the period
    "visits": _COUNT,  # of them
    "judged": _COUNT,  # planned for a day of the period that is over, or done already
    "on_time": _COUNT,  # of those: done on the planned day or before
    "overdue": _COUNT,  # now, whatever the period
}
PEOPLE = pl.Schema({"owner_id": _COUNT, **COUNTS, "untouched": _COUNT})
# What became of the activities planned or done in the period; the order of the chart.
ON_TIME, DONE_LATE, UNPLANNED = "按时完成", "迟完成", "计划外完成"
WAITING, OVERDUE = "未到期", "到期未完成"
FATES = (ON_TIME, DONE_LATE, UNPLANNED, WAITING, OVERDUE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the activities is wanted; ``customers`` are those of a region."""

    part: Part
    span: Span
    now: datetime  # Shanghai wall time, without a zone
    types: tuple[str, ...] = ()
    customers: pl.Series | None = None

    @property
    def today(self) -> date:
        """Return the day of ``now``."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures at the head of the board."""

    planned: int
    done: int
    judged: int
    on_time: int
    overdue: int

    @property
    def share(self) -> float | None:
        """Return 按时完成率; None while nothing was due."""
        return self.on_time / self.judged if self.judged else None


def planned(span: Span) -> pl.Expr:
    """Return the condition that an activity's planned end lies in the period."""
    return span.has_moment("planned_end")


def done(span: Span) -> pl.Expr:
    """Return the condition that an activity was completed in the period."""
    return _DONE & span.has_moment("ended_at")


def judged(span: Span, today: date) -> pl.Expr:
    """Return the condition that it can be said whether an activity was on time."""
    is_past = pl.col("planned_end") < midnight(today)
    return planned(span) & (is_past | _DONE)


def on_time() -> pl.Expr:
    """Return the condition that an activity was done on its planned day or before."""
    return _DONE & (pl.col("ended_at").dt.date() <= pl.col("planned_end").dt.date())


def overdue(now: datetime) -> pl.Expr:
    """Return the condition that an activity has not begun though its planned end has passed."""
    return _WAITS & (pl.col("planned_end") < now)


def overdue_at(day: date) -> pl.Expr:
    """Return the condition that an activity was not done at the end of a day though it was due."""
    after = midnight(day + timedelta(days=1))
    is_left = pl.col("ended_at").is_null() | (pl.col("ended_at") >= after)
    return (pl.col("created_on") <= day) & (pl.col("planned_end") < after) & is_left


def chosen(rows: pl.DataFrame, asked: Asked) -> pl.LazyFrame:
    """Return the activities of the people, types and customers asked for, of any time."""
    found = rows.lazy().filter(asked.part.condition())
    if asked.types:
        found = found.filter(pl.col("activity_type").cast(pl.String).is_in(list(asked.types)))
    if asked.customers is not None:
        found = found.filter(pl.col("customer_id").is_in(asked.customers.implode()))
    return found


def counted(rows: pl.DataFrame, asked: Asked, earlier: Span) -> pl.DataFrame:
    """Return the activities that the figures of a board may count, with the period before.

    They are looked out once for all figures: of millions a month concerns a part, an office less.
    """
    near = _around(rows, asked.span, min(earlier.start, _weeks(asked.today, WEEKS).start))
    part = asked.part
    narrows = part.offices or part.owners or asked.types or asked.customers is not None
    return chosen(near, asked).collect() if narrows or not part.reach.everything else near


def _around(rows: pl.DataFrame, span: Span, first: date) -> pl.DataFrame:
    if span.end - span.start > BRIEF:
        return rows
    begin = midnight(min(span.start, first))
    is_left = ~_DONE | pl.col("ended_at").is_null()
    is_late = (pl.col("planned_end") >= begin) | (pl.col("ended_at") >= begin)
    return _KEPT.get(rows, lambda: rows.filter(is_left | is_late), begin)


def _in_question(asked: Asked) -> pl.Expr:
    return planned(asked.span) | done(asked.span) | overdue(asked.now)


def _counts(asked: Asked) -> dict[str, pl.Expr]:
    due = judged(asked.span, asked.today)
    found = {
        "planned": planned(asked.span),
        "done": done(asked.span),
        "visits": done(asked.span) & IS_VISIT,
        "judged": due,
        "on_time": due & on_time(),
        "overdue": overdue(asked.now),
    }
    return {name: is_one.sum().cast(_COUNT) for name, is_one in found.items()}


def totals(rows: pl.DataFrame, asked: Asked) -> Totals:
    """Return the figures of the period."""
    found = chosen(rows, asked).filter(_in_question(asked)).select(**_counts(asked)).collect()
    told = found.drop("visits").row(0, named=True)
    return Totals(**{name: count or 0 for name, count in told.items()})


def totals_before(rows: pl.DataFrame, asked: Asked, earlier: Span) -> Totals:
    """Return the figures as they stood at the end of an earlier period."""
    is_judged = planned(earlier) & (on_time() | (pl.col("planned_end") < asked.now))
    left = overdue_at(earlier.end)
    found = (
        chosen(rows, asked)
        .filter(planned(earlier) | done(earlier) | left)
        .select(
            planned=planned(earlier).sum(),
            done=done(earlier).sum(),
            judged=is_judged.sum(),
            on_time=(is_judged & on_time()).sum(),
            overdue=left.sum(),
        )
        .collect()
    )
    return Totals(**{name: int(count or 0) for name, count in found.row(0, named=True).items()})


def by_person(rows: pl.DataFrame, left: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Return one row per person with activities or untouched customers (columns: PEOPLE).

    ``left`` are the customers of ``untouched``.
    """
    active = (
        chosen(rows, asked)
        .filter(_in_question(asked))
        .group_by(pl.col("owner_id").cast(pl.Int64))
        .agg(**_counts(asked))
        .collect()
    )
    idle = left.group_by("owner_id").agg(untouched=pl.len())
    found = active.join(idle, on="owner_id", how="full", coalesce=True)
    return found.select(pl.col(name).fill_null(0).cast(kind) for name, kind in PEOPLE.items()).sort(
        "overdue", "planned", "owner_id", descending=[True, True, False]
    )


def fates(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Count what became of the activities planned or done in the period: owner_id, fate, count."""
    is_past = pl.col("planned_end") < asked.now
    fate = (
        pl.when(pl.col("planned_end").is_null())
        .then(pl.lit(UNPLANNED))
        .when(on_time())
        .then(pl.lit(ON_TIME))
        .when(_DONE)
        .then(pl.lit(DONE_LATE))
        .when(is_past)
        .then(pl.lit(OVERDUE))
        .otherwise(pl.lit(WAITING))
    )
    return (
        chosen(rows, asked)
        .filter(planned(asked.span) | done(asked.span))
        .group_by(pl.col("owner_id").cast(pl.Int64), fate=fate)
        .agg(count=pl.len().cast(_COUNT))
        .collect()
        .sort("owner_id", "fate")
    )


def by_type(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Count what was done in the period by type, the most first: activity_type (code), count."""
    return (
        chosen(rows, asked)
        .filter(done(asked.span))
        .group_by(pl.col("activity_type").cast(pl.String))
        .agg(count=pl.len().cast(_COUNT))
        .collect()
        .sort("count", "activity_type", descending=[True, False])
    )


def by_week(rows: pl.DataFrame, asked: Asked, weeks: int = WEEKS) -> pl.DataFrame:
    """Count planned and done of the latest weeks, this one last: week (its Monday), what, count."""
    span = _weeks(asked.today, weeks)
    every = pl.DataFrame(
        {"week": [span.start + timedelta(weeks=n) for n in range(weeks)]}, schema={"week": _DAY}
    )
    found = chosen(rows, asked)
    parts = [
        every.lazy()
        .join(
            found.filter(is_one)
            .group_by(week=pl.col(column).dt.truncate("1w").dt.date())
            .agg(count=pl.len()),
            on="week",
            how="left",
        )
        .select("week", what=pl.lit(what), count=pl.col("count").fill_null(0).cast(_COUNT))
        for what, column, is_one in (
            ("计划", "planned_end", planned(span)),
            ("完成", "ended_at", done(span)),
        )
    ]
    return pl.concat(parts).collect().sort("week", "what")


def _weeks(today: date, weeks: int) -> Span:
    monday = today - timedelta(days=today.weekday())
    return Span(monday - timedelta(weeks=weeks - 1), monday + timedelta(days=6))


def untouched(customers: pl.DataFrame, asked: Asked, days: int) -> pl.DataFrame:
    """Return the customers somebody owns and nobody contacted for longer than so many days.

    Longest first, with ``idle`` days; one never contacted counts from his registration.
    Columns: frames.CUSTOMERS and idle.
    """
    last = pl.coalesce("last_contact_on", "registered_on")
    found = customers.lazy().filter(pl.col("owner_id").is_not_null(), asked.part.condition())
    if asked.customers is not None:
        found = found.filter(pl.col("customer_id").is_in(asked.customers.implode()))
    return (
        found.with_columns(idle=(pl.lit(asked.today) - last).dt.total_days())
        .filter(pl.col("idle") > days)
        .sort("idle", "customer_id", descending=[True, False])
        .collect()
    )


def listed(rows: pl.DataFrame, asked: Asked, show: str) -> pl.DataFrame:
    """Return the activities behind a figure (``planned``, ``done``, ``on_time``, ``overdue``).

    Newest first, overdue ones oldest first; ``on_time`` are those that can be judged, late ones
    first.
    """
    kinds = {
        "planned": planned(asked.span),
        "done": done(asked.span),
        "on_time": judged(asked.span, asked.today),
        "overdue": overdue(asked.now),
    }
    found = chosen(rows, asked).filter(kinds.get(show, kinds["planned"]))
    if show == "on_time":
        found = found.sort(on_time().fill_null(value=False), "planned_end", "activity_id")
    elif show == "done":
        found = found.sort("ended_at", "activity_id", descending=True)
    else:
        found = found.sort("planned_end", "activity_id", descending=show != "overdue")
    return found.collect()


def in_region(customers: Visible, region: str) -> pl.Series | None:
    """Return the ids of the visible customers of a region or province; None: no region asked."""
    if not region:
        return None
    is_there = (pl.col("region") == region) | (pl.col("province") == region)
    return customers.rows.filter(is_there)["customer_id"]

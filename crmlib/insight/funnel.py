"""The sales funnel (销售漏斗): pure Polars on frames that hold visible deals only."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from crmlib.insight.asof import NO_PAST, as_of
from crmlib.insight.cut import EVERYTHING, Filters, condition
from crmlib.insight.frames import FunnelData
from crmlib.insight.per_frame import PerFrame

COMPARE_DAYS = 30  # how far to look back when no period is chosen
ROWS = (
    "opportunity_id",
    "number",
    "subject",
    "customer_id",
    "customer",
    "owner",
    "office",
    "region",
    "stage_code",
    "stage",
    "probability",
    "amount",
    "weighted",
    "expected_close",
    "stage_since",
    "days",
    "standard_days",
    "stalled",
)
STAGES = pl.Schema(
    {
        "stage_code": pl.Categorical(),
        "stage": pl.Categorical(),
        "position": pl.Int64(),
        "count": pl.Int64(),
        "amount": pl.Decimal(38, 2),  # yuan
        "weighted": pl.Decimal(38, 4),  # yuan
        "stalled": pl.Int64(),
        "stalled_share": pl.Float64(),
        "stalled_amount": pl.Decimal(38, 2),  # yuan
        "conversion": pl.Float64(),  # of the deals that ever entered; null: none did
        "median_days": pl.Float64(),  # of the stays that ended; null: none did
    }
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it was before; None where nothing can be compared."""

    value: Decimal
    before: Decimal

    @property
    def change(self) -> float | None:
        """Return the relative change: 0.25 = a quarter more."""
        return float(self.value / self.before) - 1 if self.before else None


@dataclass(frozen=True, slots=True)
class Summary:
    """The four figures over a funnel; ``before`` is how it stood on that day."""

    count: Figure
    amount: Figure
    weighted: Figure
    stalled: Figure
    before: date


def summary(
    data: FunnelData, filters: Filters, then: Callable[[date], FunnelData] | None = None
) -> Summary:
    """Return count, amount, weighted amount and stalled deals, with the period before.

    Before means: the funnel as it stood one period ago, filtered by the period before. ``then``
    answers the funnel of a day (``past.funnel_as_of``); without it amounts are today's.
    """
    earlier, day = _period_before(filters, data.day)
    stood = then(day) if then else as_of(data, NO_PAST, day)
    now = _totals(data.deals.lazy().filter(pl.col("is_open"), condition(filters)))
    before = _totals(stood.deals.lazy().filter(pl.col("is_open"), condition(earlier)))
    count, amount, weighted, over = (
        Figure(Decimal(a), Decimal(b)) for a, b in zip(now, before, strict=True)
    )
    return Summary(count, amount, weighted, over, day)


def _totals(deals: pl.LazyFrame) -> tuple[int | Decimal, ...]:
    sums = pl.col("amount", "weighted", "stalled").sum()
    return deals.select(pl.len(), sums).collect().row(0)


def stages(data: FunnelData, filters: Filters) -> pl.DataFrame:
    """Return one row per stage in order (columns: STAGES); no deals at all give no rows."""
    counted = (
        data.deals.lazy()
        .filter(pl.col("is_open"), condition(filters))
        .group_by("stage_code")
        .agg(
            pl.len().alias("count"),
            pl.col("amount", "weighted", "stalled").sum(),
            stalled_amount=pl.col("amount").filter("stalled").sum(),
        )
        .collect()
    )
    if counted.is_empty():
        return STAGES.to_frame()
    steps = data.steps
    if filters.stages:
        steps = steps.filter(pl.col("stage_code").is_in(list(filters.stages)))
    return (
        steps.join(counted, on="stage_code", how="left", maintain_order="left")
        .join(_passages(data, filters), on="stage_code", how="left", maintain_order="left")
        .with_columns(
            pl.col("count", "amount", "weighted", "stalled", "stalled_amount").fill_null(0)
        )
        .with_columns(
            stalled_share=pl.when(pl.col("count") > 0).then(pl.col("stalled") / pl.col("count"))
        )
        .select(pl.col(name).cast(kind) for name, kind in STAGES.items())
    )


def _passages(data: FunnelData, filters: Filters) -> pl.DataFrame:
    # Won and lost deals count too: they are what the history of a stage consists of.
    if replace(filters, stages=()) == EVERYTHING:
        return _whole_passages.get(data.stays, lambda: _passed(data.stays.lazy()))
    return _passed(_stays(data, filters))


_whole_passages = PerFrame[pl.DataFrame]()


def _passed(stays: pl.LazyFrame) -> pl.DataFrame:
    # Two passes: a filter inside of a group costs more than both.
    by_stage = stays.group_by("stage_code").agg(median_days=pl.col("days").median())
    first = stays.filter("first").group_by("stage_code").agg(conversion=pl.col("advanced").mean())
    return first.join(by_stage, on="stage_code", how="full", coalesce=True).collect()


def rows(data: FunnelData, filters: Filters, stage: str | None = None) -> pl.LazyFrame:
    """Return the open deals (of one stage, by code), the largest first (columns: ROWS).

    Lazy, so that of tens of thousands only the page that is shown is put in order.
    """
    if stage is not None:
        filters = replace(filters, stages=(stage,))
    return (
        data.deals.lazy()
        .filter(pl.col("is_open"), condition(filters))
        .select(ROWS)
        .sort("amount", "opportunity_id", descending=[True, False])
    )


def stalled(data: FunnelData, filters: Filters) -> pl.LazyFrame:
    """Return the stalled deals, the longest over their standard days first (columns: ROWS)."""
    over = pl.col("days") - pl.col("standard_days")
    return (
        data.deals.lazy()
        .filter(pl.col("stalled"), condition(filters))
        .select(ROWS)
        .sort(over, pl.col("amount"), descending=True)
    )


def _stays(data: FunnelData, filters: Filters) -> pl.LazyFrame:
    """Return the stays of the deals that pass the filters, whatever stage they are in now."""
    wanted = data.deals.select(condition(replace(filters, stages=()))).to_series()
    return data.stays.lazy().filter(pl.lit(wanted).gather(pl.col("row")))


def _period_before(filters: Filters, today: date) -> tuple[Filters, date]:
    """Return the filters of the period before, and the day one period ago."""
    if filters.start is None or filters.end is None:
        return filters, today - timedelta(days=COMPARE_DAYS)
    months = _whole_months(filters.start, filters.end)
    if months:
        start = _months_back(filters.start, months)
        end, day = filters.start - timedelta(days=1), _months_back(today, months)
    else:
        length = filters.end - filters.start + timedelta(days=1)
        start, end, day = filters.start - length, filters.end - length, today - length
    return replace(filters, start=start, end=end), day


def period(name: str, today: date) -> tuple[date, date]:
    """Return first and last day of this month, quarter or year, of next_quarter or last_year."""
    months = {"month": 1, "quarter": 3, "next_quarter": 3, "year": 12, "last_year": 12}[name]
    if name == "last_year":
        today = date(today.year - 1, 1, 1)
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    if name == "next_quarter":
        first = _months_back(first, -months)
    return first, _months_back(first, -months) - timedelta(days=1)


def _whole_months(start: date, end: date) -> int:
    """Return how many calendar months a period is, 0 if it does not consist of whole ones."""
    after = end + timedelta(days=1)
    if start.day != 1 or after.day != 1:
        return 0
    return (after.year - start.year) * 12 + after.month - start.month


def _months_back(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

"""The sales funnel (销售漏斗): pure Polars on frames that hold visible deals only."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import polars as pl

from crmlib.insight.frames import FunnelData

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


class Basis(StrEnum):
    """Which date a period is about; the value is the frame's column."""

    EXPECTED_CLOSE = "expected_close"
    REGISTERED = "registered_on"


@dataclass(frozen=True, slots=True)
class Filters:
    """What part of the funnel is wanted; empty leaves everything in."""

    offices: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()  # names of regions or provinces
    start: date | None = None
    end: date | None = None  # inclusive
    basis: Basis = Basis.EXPECTED_CLOSE
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    family: str = ""  # name of a product family
    stages: tuple[str, ...] = ()  # codes


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter line offers: only what occurs among the visible deals."""

    offices: list[tuple[int, str]]
    owners: list[tuple[int, str]]
    regions: list[str]
    families: list[str]
    stages: list[tuple[str, str]]  # code, name


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


def choices(data: FunnelData) -> Choices:
    """Return what there is to filter by."""

    def pairs(key: str, name: str) -> list[tuple[int, str]]:
        found = data.deals.select(key, pl.col(name).cast(pl.String)).unique().drop_nulls()
        return found.sort(name).rows()

    regions = data.deals["region"].cast(pl.String).unique().drop_nulls().sort()
    families = data.deals["families"].explode().unique().drop_nulls().sort()
    return Choices(
        pairs("office_id", "office"),
        pairs("owner_id", "owner"),
        regions.to_list(),
        families.to_list(),
        data.steps.select(pl.col("stage_code", "stage").cast(pl.String)).rows(),
    )


def summary(data: FunnelData, filters: Filters) -> Summary:
    """Return count, amount, weighted amount and stalled deals, with the period before.

    Before means: the funnel as it stood one period ago, filtered by the period before.
    """
    earlier, day = _period_before(filters, data.day)
    now = _totals(data.deals.lazy().filter(pl.col("is_open"), _condition(filters)))
    then = _totals(as_of(data, earlier, day))
    count, amount, weighted, over = (
        Figure(Decimal(a), Decimal(b)) for a, b in zip(now, then, strict=True)
    )
    return Summary(count, amount, weighted, over, day)


def _totals(deals: pl.LazyFrame) -> tuple[int | Decimal, ...]:
    sums = pl.col("amount", "weighted", "stalled").sum()
    return deals.select(pl.len(), sums).collect().row(0)


def stages(data: FunnelData, filters: Filters) -> pl.DataFrame:
    """Return one row per stage in order (columns: STAGES); no deals at all give no rows."""
    counted = (
        data.deals.lazy()
        .filter(pl.col("is_open"), _condition(filters))
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
        steps = steps.filter(_is_one_of("stage_code", filters.stages))
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
    return (
        _stays(data, filters)
        .group_by("stage_code")
        .agg(
            conversion=pl.col("advanced").filter("first").mean(),
            median_days=pl.col("days").median(),
        )
        .collect()
    )


def rows(data: FunnelData, filters: Filters, stage: str | None = None) -> pl.DataFrame:
    """Return the open deals (of one stage, by code), the largest first (columns: ROWS)."""
    if stage is not None:
        filters = replace(filters, stages=(stage,))
    return (
        data.deals.lazy()
        .filter(pl.col("is_open"), _condition(filters))
        .select(ROWS)
        .sort("amount", "opportunity_id", descending=[True, False])
        .collect()
    )


def stalled(data: FunnelData, filters: Filters) -> pl.DataFrame:
    """Return the stalled deals, the longest over their standard days first (columns: ROWS)."""
    over = pl.col("days") - pl.col("standard_days")
    return (
        data.deals.lazy()
        .filter(pl.col("stalled"), _condition(filters))
        .select(ROWS)
        .sort(over, pl.col("amount"), descending=True)
        .collect()
    )


def as_of(data: FunnelData, filters: Filters, day: date) -> pl.LazyFrame:
    """Return the deals open at the end of a day, in the stage they then stood in.

    Amounts and owners are today's: their history is not part of the frames.
    """
    staying = (pl.col("entered_on") <= day) & (
        pl.col("left_on").is_null() | (pl.col("left_on") > day)
    )
    shelved = pl.col("closed") & (pl.col("outcome") == "open")
    wanted = data.deals.lazy().select(
        pl.col("amount"), wanted=_condition(replace(filters, stages=())) & ~shelved
    )
    then = data.stays.lazy().filter(staying)
    if filters.stages:
        then = then.filter(_is_one_of("stage_code", filters.stages))
    deals = wanted.collect()
    weighted = pl.col("amount").cast(pl.Decimal(20, 4)) * pl.col("probability") / 100
    return (
        then.with_columns(
            amount=pl.lit(deals["amount"]).gather(pl.col("row")),
            wanted=pl.lit(deals["wanted"]).gather(pl.col("row")),
        )
        .filter("wanted")
        .with_columns(
            weighted=weighted,
            stalled=(pl.lit(day) - pl.col("entered_on")).dt.total_days() > pl.col("standard_days"),
        )
    )


def _stays(data: FunnelData, filters: Filters) -> pl.LazyFrame:
    """Return the stays of the deals that pass the filters, whatever stage they are in now."""
    everything = replace(filters, stages=())
    stays = data.stays.lazy()
    if everything == Filters():
        return stays
    wanted = data.deals.select(_condition(everything)).to_series()
    return stays.filter(pl.lit(wanted).gather(pl.col("row")))


def _condition(filters: Filters) -> pl.Expr:
    parts = [pl.lit(value=True)]
    for column, wanted in (
        ("office_id", filters.offices),
        ("owner_id", filters.owners),
        ("stage_code", filters.stages),
    ):
        if wanted:
            parts.append(_is_one_of(column, wanted))
    if filters.regions:
        region, province = (_is_one_of(c, filters.regions) for c in ("region", "province"))
        parts.append(region | province)
    if filters.start is not None:
        parts.append(pl.col(filters.basis) >= filters.start)
    if filters.end is not None:
        parts.append(pl.col(filters.basis) <= filters.end)
    if filters.min_amount is not None:
        parts.append(pl.col("amount") >= filters.min_amount)
    if filters.max_amount is not None:
        parts.append(pl.col("amount") <= filters.max_amount)
    if filters.family:
        parts.append(pl.col("families").list.contains(filters.family))
    return pl.all_horizontal(parts).fill_null(value=False)


def _is_one_of(column: str, wanted: Iterable[object]) -> pl.Expr:
    return pl.col(column).is_in(list(wanted))


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
    """Return first and last day of this month, quarter or year, or of next_quarter."""
    months = {"month": 1, "quarter": 3, "next_quarter": 3, "year": 12}[name]
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

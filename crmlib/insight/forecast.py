"""销售预测: what open deals may bring in each month, in two ways, beside last year's months.

By plan: a deal counts in the month of its 预计成交日期 with 预计金额 × its probability. What should
have been closed before today is no forecast and stands apart (已过期).

By velocity: what history says of the stage a deal stands in (``paces``), per 销售阶段定义:

- its chance is the share won among all decided deals that ever stood in this stage (with fewer
  than ``ENOUGH`` of them: its own probability);
- its day is today plus what is left of the median days in this stage (nothing, once it has been
  here longer) plus the median days of each later stage that history knows.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import polars as pl

from crmlib.insight.cut import Filters, condition
from crmlib.insight.frames import FunnelData
from crmlib.insight.funnel import ROWS
from crmlib.insight.per_frame import PerFrame
from crmlib.opportunities.model import Outcome

MONTHS = 12  # shown, the present one first
ENOUGH = 5  # decided deals that make a history
LATER = "later"  # beyond the months shown
OVERDUE = "overdue"
GROUPS = {"office": "office_id", "owner": "owner_id"}
_AMOUNT = pl.Decimal(38, 2)
BY_MONTH = pl.Schema(
    {
        "month": pl.String(),  # 2026-11, or LATER
        "count": pl.Int64(),  # deals by plan
        "amount": _AMOUNT,  # yuan, by plan
        "weighted": _AMOUNT,  # yuan × probability, by plan
        "projected_count": pl.Int64(),
        "projected": _AMOUNT,  # yuan × chance, by velocity
        "won": _AMOUNT,  # yuan won in this month so far
        "last_year": _AMOUNT,  # yuan won in the same month a year ago; null of LATER
    }
)
PACES = pl.Schema(
    {
        "stage_set": pl.Categorical(),
        "stage_code": pl.Categorical(),
        "median_days": pl.Float64(),  # of the stays that ended; 0: none did
        "later_days": pl.Float64(),  # from leaving the stage to the end
        "decided": pl.Int64(),
        "chance": pl.Float64(),  # null: no decided deal stood here
    }
)
DEALS = (*ROWS, "office_id", "owner_id", "month", "is_overdue", "chance", "ends_on", "ends_month")
_PACES = PerFrame[pl.DataFrame]()
WON = ("opportunity_id", "number", "subject", "customer", "owner", "office", "decided_on", "won")


@dataclass(frozen=True, slots=True)
class Outlook:
    """The four figures of the page (yuan)."""

    count: int  # open deals
    amount: Decimal
    weighted: Decimal  # of the months shown
    projected: Decimal  # of the months shown
    last_year: Decimal  # won in the same months
    overdue_count: int
    overdue_amount: Decimal


def paces(data: FunnelData) -> pl.DataFrame:
    """Return what history says of each stage (columns: PACES); no filter changes it."""
    return _PACES.get(data.stays, lambda: _paces(data))


def _paces(data: FunnelData) -> pl.DataFrame:
    deals = data.deals.select("stage_set", "outcome")
    stays = data.stays.lazy().with_columns(
        stage_set=pl.lit(deals["stage_set"]).gather(pl.col("row")),
        outcome=pl.lit(deals["outcome"].cast(pl.String)).gather(pl.col("row")),
    )
    decided = pl.col("first") & (pl.col("outcome") != Outcome.OPEN.value)
    won = pl.col("outcome") == Outcome.WON.value
    through = pl.col("median_days").cum_sum(reverse=True)
    return (
        stays.group_by("stage_set", "stage_code")
        .agg(
            pl.col("position").max(),
            median_days=pl.col("days").median().fill_null(0),
            decided=decided.sum().cast(pl.Int64),
            chance=won.filter(decided).mean(),
        )
        .sort("stage_set", "position", "stage_code")
        .with_columns(later_days=through.over("stage_set") - pl.col("median_days"))
        .select(pl.col(name).cast(kind) for name, kind in PACES.items())
        .collect()
    )


def outlook_deals(data: FunnelData, filters: Filters) -> pl.DataFrame:
    """Return the open deals with plan and velocity (columns: DEALS), the largest first."""
    spent = pl.col("days").clip(lower_bound=0)
    here = (pl.col("median_days") - spent).clip(lower_bound=0)
    left = (here + pl.col("later_days")).fill_null(0).ceil()
    return (
        data.deals.lazy()
        .filter(pl.col("is_open"), condition(filters))
        .join(paces(data).lazy(), on=["stage_set", "stage_code"], how="left")
        .with_columns(
            chance=pl.when(pl.col("decided") >= ENOUGH)
            .then("chance")
            .otherwise(pl.col("probability") / 100),
            ends_on=pl.lit(data.day) + pl.duration(days=left.cast(pl.Int64)),
            is_overdue=pl.col("expected_close") < data.day,
        )
        .with_columns(
            month=_month("expected_close", data.day), ends_month=_month("ends_on", data.day)
        )
        .select(DEALS)
        .sort("amount", "opportunity_id", descending=[True, False])
        .collect()
    )


def by_month(data: FunnelData, deals: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    """Return a row per month and one for what comes later (columns: BY_MONTH).

    ``deals`` are of ``outlook_deals``; won amounts follow the filters but for the period.
    """
    order = [*months(data.day), LATER]
    planned = (
        deals.filter(~pl.col("is_overdue"))
        .group_by("month")
        .agg(pl.len().alias("count"), pl.col("amount", "weighted").sum())
    )
    projected = deals.group_by(month="ends_month").agg(
        pl.len().alias("projected_count"), projected=_expected().sum()
    )
    won = _won(data, filters)
    last_year = won.select(_year_on(), last_year="won")
    made = (
        pl.DataFrame({"month": order}, schema={"month": pl.String})
        .join(planned, on="month", how="left", maintain_order="left")
        .join(projected, on="month", how="left", maintain_order="left")
        .join(won, on="month", how="left", maintain_order="left")
        .join(last_year, on="month", how="left", maintain_order="left")
    )
    sums = [name for name in BY_MONTH if name != "month"]
    told = made.with_columns(pl.col(sums).fill_null(0)).with_columns(
        last_year=pl.when(pl.col("month") != LATER).then("last_year")
    )
    return told.select(pl.col(name).cast(kind) for name, kind in BY_MONTH.items())


def outlook(deals: pl.DataFrame, table: pl.DataFrame) -> Outlook:
    """Return the figures over the page, of ``outlook_deals`` and ``by_month``."""
    shown = table.filter(pl.col("month") != LATER)
    late = deals.filter("is_overdue")
    return Outlook(
        count=deals.height,
        amount=Decimal(deals["amount"].sum()),
        weighted=Decimal(shown["weighted"].sum()),
        projected=Decimal(shown["projected"].sum()),
        last_year=Decimal(shown["last_year"].sum()),
        overdue_count=late.height,
        overdue_amount=Decimal(late["amount"].sum()),
    )


def by_group(deals: pl.DataFrame, group: str) -> pl.DataFrame:
    """Return sums per office or owner: key, label, count, amount, weighted, projected, overdue."""
    planned = ~pl.col("is_overdue")
    return (
        deals.group_by(key=GROUPS[group], label=pl.col(group).cast(pl.String))
        .agg(
            pl.len().alias("count"),
            pl.col("amount").sum(),
            weighted=pl.col("weighted").filter(planned).sum(),
            projected=_expected().sum(),
            overdue=pl.col("is_overdue").sum(),
        )
        .sort("weighted", "label", descending=[True, False], nulls_last=True)
    )


def picked(deals: pl.DataFrame, months: tuple[str, ...]) -> pl.DataFrame:
    """Return the deals planned for some months (or LATER, OVERDUE); none: all."""
    if not months:
        return deals
    planned = ~pl.col("is_overdue") & pl.col("month").is_in(list(months))
    return deals.filter(planned | (pl.col("is_overdue") & (OVERDUE in months)))


def ending(deals: pl.DataFrame) -> pl.DataFrame:
    """Return the deals that end in the months shown by velocity."""
    return deals.filter(pl.col("ends_month") != LATER)


def won_before(data: FunnelData, filters: Filters) -> pl.DataFrame:
    """Return the deals won in the months shown, a year ago, the largest first (columns: WON)."""
    year_ago = {f"{int(month[:4]) - 1}{month[4:]}" for month in months(data.day)}
    return (
        _won_deals(data, filters)
        .filter(pl.col("decided_on").dt.strftime("%Y-%m").is_in(sorted(year_ago)))
        .with_columns(won=pl.coalesce("won_amount", "amount"))
        .select(WON)
        .sort("won", "opportunity_id", descending=[True, False])
        .collect()
    )


def months(day: date) -> list[str]:
    """Return the months shown from a day on: 2026-11, 2026-12 and so on."""
    first = day.year * 12 + day.month - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(first, first + MONTHS)]


def _expected() -> pl.Expr:
    return (pl.col("amount").cast(pl.Float64) * pl.col("chance")).round(2)


def _month(column: str, day: date) -> pl.Expr:
    last = months(day)[-1]
    told = pl.col(column).dt.strftime("%Y-%m")
    return pl.when(told <= last).then(told).otherwise(pl.lit(LATER))


def _won(data: FunnelData, filters: Filters) -> pl.DataFrame:
    return (
        _won_deals(data, filters)
        .group_by(month=pl.col("decided_on").dt.strftime("%Y-%m"))
        .agg(won=pl.coalesce("won_amount", "amount").sum())
        .collect()
    )


def _won_deals(data: FunnelData, filters: Filters) -> pl.LazyFrame:
    everything = replace(filters, start=None, end=None, stages=())
    is_won = pl.col("outcome") == Outcome.WON.value
    return data.deals.lazy().filter(
        is_won, pl.col("decided_on").is_not_null(), condition(everything)
    )


def _year_on() -> pl.Expr:
    year = pl.col("month").str.slice(0, 4).cast(pl.Int32) + 1
    return (year.cast(pl.String) + pl.col("month").str.slice(4)).alias("month")

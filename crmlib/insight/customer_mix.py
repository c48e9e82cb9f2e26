"""客户分析: how many customers of which kind, how many are active, how complete they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import polars as pl

from crmlib.customers.model import CustomerStatus
from crmlib.insight.cut import Filters, condition
from crmlib.insight.live import Visible

CONTACT_DAYS, TRADE_DAYS = 90, 365  # how long somebody stays active after his last one
UNKNOWN, UNASSIGNED = "未填", "待分配"
GROUPS = pl.Schema(
    {
        "key": pl.String(),  # what a link carries; "" for those without
        "label": pl.String(),
        "count": pl.Int64(),
        "active": pl.Int64(),
        "trading": pl.Int64(),
        "complete": pl.Int64(),
        "active_share": pl.Float64(),
        "trading_share": pl.Float64(),
        "complete_share": pl.Float64(),
    }
)
FLAGS = ("active", "trading", "complete", "contacted", "traded")


class By(StrEnum):
    """What customers are put together by; the value stands in addresses."""

    INDUSTRY = "industry"
    LEVEL = "level"
    SOURCE = "source"
    REGION = "region"
    OFFICE = "office"
    PERSON = "person"


_COLUMNS = {By.PERSON: ("owner_id", "owner")}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures over the customers; those of before are of the last day of last month."""

    count: int
    before: int
    active: int
    trading: int
    complete: int

    def share(self, part: int) -> float | None:
        """Return which share of the customers a number is."""
        return part / self.count if self.count else None


def customers(data: Visible, cut: Filters, *, level: str = "", status: str = "") -> pl.DataFrame:
    """Return the customers of a cut with yes and no for each of FLAGS.

    Active is who was in contact within 90 days or traded within 365.
    """
    since = {
        "contacted": pl.col("last_contact_on") >= data.day - timedelta(days=CONTACT_DAYS),
        "traded": pl.col("last_trade_on") >= data.day - timedelta(days=TRADE_DAYS),
    }
    conditions = [condition(cut)]
    conditions += [pl.col("level") == level] if level else []
    conditions += [pl.col("status") == status] if status else []
    return (
        data.rows.lazy()
        .filter(*conditions)
        .with_columns(
            trading=pl.col("status") == CustomerStatus.TRADING.value,
            complete=~pl.col("incomplete"),
            **{name: known.fill_null(value=False) for name, known in since.items()},
        )
        .with_columns(active=pl.col("contacted") | pl.col("traded"))
        .collect()
    )


def figures(found: pl.DataFrame, data: Visible) -> Figures:
    """Return the figures of ``customers``."""
    is_earlier = pl.col("registered_on") < data.day.replace(day=1)
    sums = pl.col("active", "trading", "complete").sum()
    row = found.select(pl.len(), is_earlier.sum().alias("before"), sums).row(0)
    return Figures(*(int(value or 0) for value in row))


def grouped(found: pl.DataFrame, by: By) -> pl.DataFrame:
    """Return the customers put together, the most first (columns: GROUPS)."""
    key, label = _COLUMNS.get(by, (by.value, by.value))
    parts = ("active", "trading", "complete")
    return (
        found.lazy()
        .group_by(key=pl.col(key))
        .agg(pl.col(label).first().alias("label"), pl.len().alias("count"), pl.col(parts).sum())
        .with_columns(
            pl.col("key").cast(pl.String).fill_null(""),
            pl.col("label").cast(pl.String).fill_null(UNASSIGNED if by is By.PERSON else UNKNOWN),
            *((pl.col(part) / pl.col("count")).alias(f"{part}_share") for part in parts),
        )
        .sort("count", "label", descending=[True, False])
        .select(pl.col(name).cast(kind) for name, kind in GROUPS.items())
        .collect()
    )


def behind(found: pl.DataFrame, by: By, keys: Sequence[str], state: str = "") -> pl.LazyFrame:
    """Return the customers behind figures, the latest contact first.

    ``state`` is one of FLAGS, or with ``no_`` before it its opposite; anything else leaves all in.
    """
    rows = found.lazy()  # so that only the page that is shown is put in order
    if keys:
        key = _COLUMNS.get(by, (by.value, by.value))[0]
        rows = rows.filter(pl.col(key).cast(pl.String).fill_null("").is_in(list(keys)))
    name = state.removeprefix("no_")
    if name in FLAGS:
        rows = rows.filter(~pl.col(name) if state.startswith("no_") else pl.col(name))
    return rows.sort("last_contact_on", "customer_id", descending=True, nulls_last=True)

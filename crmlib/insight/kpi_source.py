"""What 绩效指标 are computed from: the frames of one moment and one person's rights."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from crmlib.insight.attainment import Board
from crmlib.insight.hand_ins import TALLY
from crmlib.insight.spans import Span

# Rows of a figure: id of the record, whose it is, and what it adds above and below the line.
# Rows without an id only add to the figure: there is nothing of them to be opened.
ROWS = pl.Schema(
    {
        "id": pl.Int64(),
        "owner_id": pl.Int64(),
        "office_id": pl.Int64(),
        "num": pl.Float64(),
        "den": pl.Float64(),
    }
)
Reports = Callable[[Span], pl.DataFrame]


def no_reports(_span: Span) -> pl.DataFrame:
    """Return no reports: for those who follow nobody's."""
    return TALLY.to_frame()


@dataclass(frozen=True, slots=True)
class Source:
    """The frames of one moment and one person's rights.

    ``keys`` are the figures he may see (of ``kpi.KPIS``); ``reports`` counts those of a period.
    """

    customers: pl.DataFrame  # frames.CUSTOMERS
    deals: pl.DataFrame  # frames.DEALS
    stays: pl.DataFrame  # frames.STAYS
    steps: pl.DataFrame  # frames.STEPS
    activities: pl.DataFrame  # tables.ACTIVITIES
    conversions: pl.DataFrame  # paper_tables.CONVERSIONS
    tickets: pl.DataFrame  # paper_tables.TICKETS
    pairs: pl.DataFrame  # duplicates.PAIRS
    reports: Reports
    board: Board | None  # of targets; None: they are not for him
    keys: tuple[str, ...]
    today: date


def rows_of(frame: pl.LazyFrame, key: str | None, num: Any = 1.0, den: Any = 1.0) -> pl.LazyFrame:
    """Return the rows of a figure; without a key nothing can be opened."""
    told = {
        "id": pl.lit(None) if key is None else pl.col(key),
        "owner_id": pl.col("owner_id"),
        "office_id": pl.col("office_id"),
        "num": pl.lit(num) if isinstance(num, float) else num,
        "den": pl.lit(den) if isinstance(den, float) else den,
    }
    return frame.select(**{name: told[name].cast(kind) for name, kind in ROWS.items()})

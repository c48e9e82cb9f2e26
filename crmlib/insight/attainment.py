"""目标达成: what was won and what is to be expected, against the targets in force; pure Polars."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from crmlib.insight.aims import Aims, By, Period
from crmlib.insight.frames import FunnelData
from crmlib.insight.live import Visible
from crmlib.insight.naming import Names
from crmlib.insight.paper_tables import TICKETS
from crmlib.insight.spans import Span
from crmlib.insight.units import Part, areas
from crmlib.opportunities.model import Outcome
from crmlib.targets import rules
from crmlib.targets.kinds import TargetKind

_MONEY = pl.Decimal(38, 2)
NO_MONEY = Decimal(0)
ROWS = pl.Schema(
    {
        "key": pl.Int64(),  # of the person or the office
        "label": pl.String(),
        "target": _MONEY,  # yuan; null: none was issued
        "actual": _MONEY,  # won in the period
        "won": pl.Int64(),
        "forecast": _MONEY,  # weighted, of open deals expected in the period
        "open": pl.Int64(),
        "customers_target": pl.Int64(),
        "customers": pl.Int64(),  # registered in the period
        "rate": pl.Float64(),  # actual ÷ target
        "satisfaction_target": pl.Float64(),
        "satisfaction": pl.Float64(),  # mean of the scores of the period, by who handled it
    }
)
DEALS = (
    "opportunity_id",
    "number",
    "subject",
    "customer",
    "owner_id",
    "owner",
    "office_id",
    "office",
)


@dataclass(frozen=True, slots=True)
class Board:
    """All that attainment is computed from, of one person's rights."""

    deals: FunnelData
    customers: Visible
    targets: pl.DataFrame  # targets.queries.TARGETS
    part: Part
    tickets: pl.DataFrame = field(default_factory=TICKETS.to_frame)  # paper_tables.TICKETS

    @property
    def aims(self) -> Aims:
        """Return the targets of the part."""
        return Aims(self.targets, self.customers.names, self.part)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of the rows; a target of None: nobody has one."""

    target: Decimal | None
    actual: Decimal
    forecast: Decimal
    won: int
    open: int

    @property
    def rate(self) -> float | None:
        """Return actual ÷ target."""
        return float(self.actual / self.target) if self.target else None

    @property
    def expected_rate(self) -> float | None:
        """Return (actual + forecast) ÷ target."""
        return float((self.actual + self.forecast) / self.target) if self.target else None

    @property
    def gap(self) -> Decimal | None:
        """Return what is missing; below zero, what there is beyond."""
        return None if self.target is None else self.target - self.actual


def rows(board: Board, by: By, period: Period) -> pl.DataFrame:
    """Return target, actual and forecast of each person, office or area (columns: ROWS)."""
    names = board.customers.names
    found = _reached(board, by, period.span)
    if by is By.AREA:
        told = areas(names).select(key="office_id", area="area_id")
        found = found.join(told, on="key").drop("key").group_by(key="area").agg(pl.all().sum())
    aimed = _aimed(board, by, period)
    return (
        aimed.join(found, on="key", how="full", coalesce=True)
        .join(_labels(names, by), on="key")
        .with_columns(pl.col("actual", "won", "forecast", "open", "customers").fill_null(0))
        .with_columns(
            rate=pl.when(pl.col("target") > 0).then(
                pl.col("actual").cast(pl.Float64) / pl.col("target").cast(pl.Float64)
            ),
            satisfaction=pl.when(pl.col("scores") > 0)
            .then(pl.col("scored") / pl.col("scores"))
            .round(2),
        )
        .sort("target", "actual", "label", descending=[True, True, False], nulls_last=True)
        .select(pl.col(name).cast(kind) for name, kind in ROWS.items())
    )


def _reached(board: Board, by: By, span: Span) -> pl.DataFrame:
    """Return what was won, is expected and was registered, by person or by office."""
    key = "owner_id" if by is By.PERSON else "office_id"
    registered = (
        board.customers.rows.lazy()
        .filter(span.has_day("registered_on"), board.part.condition())
        .group_by(key)
        .agg(pl.len().alias("customers"))
    )
    scored = (
        board.tickets.lazy()
        .filter(pl.col("score").is_not_null(), span.has_day("revisited_on"), board.part.condition())
        .group_by(key)
        .agg(scored=pl.col("score").sum(), scores=pl.len())
    )
    return (
        _won(board, span)
        .group_by(key)
        .agg(pl.col("amount").sum().alias("actual"), pl.len().alias("won"))
        .join(
            _open(board, span)
            .group_by(key)
            .agg(pl.col("weighted").sum().alias("forecast"), pl.len().alias("open")),
            on=key,
            how="full",
            coalesce=True,
        )
        .join(registered, on=key, how="full", coalesce=True)
        .join(scored, on=key, how="full", coalesce=True)
        .rename({key: "key"})
        .collect()
    )


def totals(found: pl.DataFrame) -> Totals:
    """Return the sums of ``rows``."""
    sums = found.select(pl.col("actual", "forecast", "won", "open").sum()).row(0)
    aimed = found["target"].drop_nulls()
    return Totals(
        rules.total(aimed.to_list()),
        Decimal(sums[0] or 0),
        Decimal(sums[1] or 0),
        int(sums[2] or 0),
        int(sums[3] or 0),
    )


def won_amount(board: Board, span: Span) -> Decimal:
    """Return the amount won in a period, in yuan."""
    return Decimal(_won(board, span).select(pl.col("amount").sum()).collect().item() or 0)


def calendar(board: Board, by: By, year: int) -> pl.DataFrame:
    """Return target and actual of the months, quarters and the whole year, in order."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    won = _won(board, Span(first, last)).group_by(month=pl.col("day").dt.month())
    sums = dict(won.agg(pl.col("amount").sum()).collect().rows())
    told: list[tuple[TargetKind, int, list[int]]] = []
    for quarter in range(1, 5):
        three = rules.within(TargetKind.QUARTER, quarter)
        told += [(TargetKind.MONTH, month, [month]) for month in three]
        told.append((TargetKind.QUARTER, quarter, [*three]))
    told.append((TargetKind.YEAR, 1, [*range(1, 13)]))
    aims, lines = board.aims, []
    for kind, number, months in told:
        aimed = aims.of(by, Period(kind, year, number)).values()
        target = rules.total([sales for sales, _ in aimed])
        actual = sum((sums.get(month) or NO_MONEY for month in months), NO_MONEY)
        rate = float(actual / target) if target else None
        name = f"{year}-{number:02}" if kind is TargetKind.MONTH else ""
        lines.append((kind.value, name, rules.period_name(kind, number), target, actual, rate))
    return pl.DataFrame(lines, schema=CALENDAR, orient="row")


CALENDAR = pl.Schema(
    {
        "kind": pl.String(),
        "month": pl.String(),  # 2026-11 of a month
        "label": pl.String(),
        "target": _MONEY,
        "actual": _MONEY,
        "rate": pl.Float64(),
    }
)


def behind(board: Board, by: By, period: Period, keys: Iterable[int], state: str) -> pl.DataFrame:
    """Return the deals behind the figures: the won ones first, then those expected."""
    won, expected = _won(board, period.span), _open(board, period.span)
    parts = [
        frame.with_columns(state=pl.lit(name))
        for name, frame in (("won", won), ("open", expected))
        if state not in {"won", "open"} or state == name
    ]
    found = pl.concat(parts, how="diagonal").collect()
    if chosen := list(keys):
        key = pl.col("owner_id" if by is By.PERSON else "office_id")
        if by is By.AREA:
            told = areas(board.customers.names)
            chosen = told.filter(pl.col("area_id").is_in(chosen))["office_id"].to_list()
        found = found.filter(key.is_in(chosen))
    return found.sort("state", "day", "opportunity_id", descending=[True, True, False])


def _won(board: Board, span: Span) -> pl.LazyFrame:
    """Return the deals won in a period, by the day they were won."""
    return (
        board.deals.deals.lazy()
        .filter(
            pl.col("outcome") == Outcome.WON.value,
            span.has_day("decided_on"),
            board.part.condition(),
        )
        .select(
            *DEALS,
            day="decided_on",
            amount=pl.coalesce(pl.col("won_amount"), pl.col("amount")),
            weighted=pl.lit(None, pl.Decimal(20, 4)),
        )
    )


def _open(board: Board, span: Span) -> pl.LazyFrame:
    """Return the open deals expected in a period that is not over yet."""
    rest = span.end >= board.deals.day
    return (
        board.deals.deals.lazy()
        .filter(pl.lit(rest), "is_open", span.has_day("expected_close"), board.part.condition())
        .select(*DEALS, "amount", "weighted", day="expected_close")
    )


def _aimed(board: Board, by: By, period: Period) -> pl.DataFrame:
    aims = board.aims
    lines = [(key, *aim) for key, aim in aims.of(by, period).items()]
    schema = {"key": pl.Int64(), "target": _MONEY, "customers_target": pl.Int64()}
    scores = pl.DataFrame(
        list(aims.scores(by, period).items()),
        schema={"key": pl.Int64(), "satisfaction_target": pl.Float64()},
        orient="row",
    )
    found = pl.DataFrame(lines, schema=schema, orient="row")
    return found.join(scores, on="key", how="full", coalesce=True)


def _labels(names: Names, by: By) -> pl.DataFrame:
    if by is By.PERSON:
        return names.people.select(key="owner_id", label=pl.col("owner").cast(pl.String))
    return names.offices.select(key="office_id", label=pl.col("office").cast(pl.String))

"""输赢分析: how the decided deals of a period ended, why, and against whom; pure Polars."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import polars as pl

from crmlib.insight import spans
from crmlib.insight.cut import Filters, condition
from crmlib.insight.frames import FunnelData
from crmlib.insight.spans import Span
from crmlib.opportunities.model import Outcome

_WON, _LOST = Outcome.WON.value, Outcome.LOST.value
UNKNOWN = "未填"
_MONEY = pl.Decimal(38, 2)
NO_MONEY = Decimal(0)
DECIDED = (
    "opportunity_id",
    "number",
    "subject",
    "customer_id",
    "customer",
    "owner_id",
    "owner",
    "office",
    "region",
    "industry",
    "source",
    "families",
    "stage_code",
    "stage",
    "position",
    "reason",
    "competitor",
    "rivals",
    "registered_on",
    "decided_on",
    "outcome",
)
_FIGURES = ("position", "decided_on", "outcome")  # all that sums need
GROUPS = pl.Schema(
    {
        "key": pl.String(),  # what a link carries; 2026-11-01 of a month
        "label": pl.String(),
        "won": pl.Int64(),
        "lost": pl.Int64(),
        "won_amount": _MONEY,  # yuan
        "lost_amount": _MONEY,
        "rate": pl.Float64(),  # of the number of deals
        "amount_rate": pl.Float64(),  # of the amount; null: all were of nothing
    }
)
REASONS = pl.Schema(
    {
        "reason": pl.String(),
        "count": pl.Int64(),
        "amount": _MONEY,
        "share": pl.Float64(),  # of the lost deals, or of their amount
        "running": pl.Float64(),  # share of this reason and all before it
    }
)


class By(StrEnum):
    """What decided deals are put together by; the value stands in addresses."""

    LOSS_REASON = "loss_reason"
    WIN_REASON = "win_reason"
    COMPETITOR = "competitor"  # who won it instead
    RIVAL = "rival"  # met, as 竞争分析 has it
    INDUSTRY = "industry"
    FAMILY = "family"
    REGION = "region"
    OFFICE = "office"
    PERSON = "person"
    SOURCE = "source"
    STAGE = "stage"  # where it ended
    MONTH = "month"


# Column of the key, column of the label, whether a deal may have several, which outcome it is of.
_COLUMNS = {
    By.LOSS_REASON: ("reason", "reason", False, _LOST),
    By.WIN_REASON: ("reason", "reason", False, _WON),
    By.COMPETITOR: ("competitor", "competitor", False, _LOST),
    By.RIVAL: ("rivals", "rivals", True, None),
    By.INDUSTRY: ("industry", "industry", False, None),
    By.FAMILY: ("families", "families", True, None),
    By.REGION: ("region", "region", False, None),
    By.OFFICE: ("office", "office", False, None),
    By.PERSON: ("owner_id", "owner", False, None),
    By.SOURCE: ("source", "source", False, None),
    By.STAGE: ("stage_code", "stage", False, _LOST),
    By.MONTH: ("month", "month", False, None),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """How decided deals ended; a rate is None where nothing was decided."""

    won: int
    lost: int
    won_amount: Decimal
    lost_amount: Decimal
    median_days: float | None  # from registration to 赢单, of those won

    @property
    def rate(self) -> float | None:
        """Return won ÷ decided, by number."""
        decided = self.won + self.lost
        return self.won / decided if decided else None

    @property
    def amount_rate(self) -> float | None:
        """Return won ÷ decided, by amount."""
        decided = self.won_amount + self.lost_amount
        return float(self.won_amount / decided) if decided else None


def decided(
    data: FunnelData, cut: Filters, span: Span, columns: Sequence[str] = DECIDED
) -> pl.DataFrame:
    """Return the deals won and lost in a period (columns: DECIDED, amount, days, month).

    ``amount`` is what was sold, of a lost deal what was expected. Deals closed without an outcome
    are not among them.
    """
    is_won = pl.col("outcome") == _WON
    sold = pl.coalesce(pl.col("won_amount"), pl.col("amount"))
    return (
        data.deals.lazy()
        .filter(pl.col("outcome").is_in([_WON, _LOST]), span.has_day("decided_on"), condition(cut))
        .select(
            *columns,
            amount=pl.when(is_won).then(sold).otherwise(pl.col("amount")),
            days=(pl.col("decided_on") - pl.col("registered_on")).dt.total_days(),
            month=pl.col("decided_on").dt.truncate("1mo"),
        )
        .collect()
    )


def figures(deals: pl.DataFrame) -> Figures:
    """Return the figures of decided deals."""
    won, lost = (pl.col("outcome") == each for each in (_WON, _LOST))
    row = deals.select(
        won=won.sum(),
        lost=lost.sum(),
        won_amount=pl.col("amount").filter(won).sum(),
        lost_amount=pl.col("amount").filter(lost).sum(),
        days=pl.col("days").filter(won).median(),
    ).row(0)
    return Figures(row[0], row[1], row[2] or NO_MONEY, row[3] or NO_MONEY, row[4])


def pareto(deals: pl.DataFrame, *, by_count: bool = True) -> pl.DataFrame:
    """Return the reasons of the lost deals, the heaviest first (columns: REASONS)."""
    weight = pl.col("count" if by_count else "amount").cast(pl.Float64)
    whole = pl.when(weight.sum() > 0).then(weight.sum())
    return (
        deals.lazy()
        .filter(pl.col("outcome") == _LOST)
        .group_by("reason")
        .agg(pl.len().alias("count"), pl.col("amount").sum())
        .with_columns(reason=_named("reason"))
        .sort(weight, "reason", descending=[True, False])
        .with_columns(share=weight / whole, running=weight.cum_sum() / whole)
        .select(pl.col(name).cast(kind) for name, kind in REASONS.items())
        .collect()
    )


def grouped(deals: pl.DataFrame, by: By) -> pl.DataFrame:
    """Return the decided deals put together, the most first (columns: GROUPS).

    A deal of several families, or against several rivals, counts once with each.
    """
    key, label, is_many, outcome = _COLUMNS[by]
    rows = deals.lazy()
    if outcome is not None:
        rows = rows.filter(pl.col("outcome") == outcome)
    if is_many:
        rows = rows.explode(key)
    if by is By.RIVAL:
        rows = rows.filter(pl.col(key).is_not_null())
    won, lost = (pl.col("outcome") == each for each in (_WON, _LOST))
    decided_amount = pl.col("won_amount") + pl.col("lost_amount")
    found = (
        rows.group_by(key=pl.col(key))  # numbers of names, not names: turned into words below
        .agg(
            label=pl.col(label).first(),
            won=won.sum(),
            lost=lost.sum(),
            won_amount=pl.col("amount").filter(won).sum(),
            lost_amount=pl.col("amount").filter(lost).sum(),
            position=pl.col("position").first(),
        )
        .with_columns(
            key=pl.col("key").cast(pl.String).fill_null(""),
            label=(pl.col("label").dt.strftime("%Y-%m") if by is By.MONTH else pl.col("label"))
            .cast(pl.String)
            .fill_null(UNKNOWN),
            rate=pl.col("won") / (pl.col("won") + pl.col("lost")),
            amount_rate=pl.when(decided_amount > 0).then(
                pl.col("won_amount").cast(pl.Float64) / decided_amount.cast(pl.Float64)
            ),
        )
    )
    order, descending = _order(by)
    found = found.sort(*order, descending=descending)
    return found.select(pl.col(name).cast(kind) for name, kind in GROUPS.items()).collect()


def _order(by: By) -> tuple[Sequence[str | pl.Expr], list[bool]]:
    if by is By.MONTH:
        return ("key",), [False]
    if by is By.STAGE:
        return ("position", "label"), [False, False]
    return (pl.col("won") + pl.col("lost"), pl.col("label")), [True, False]


def behind(deals: pl.DataFrame, by: str, key: str, outcome: str = "") -> pl.DataFrame:
    """Return the decided deals behind a figure, the latest first.

    What an address names wrongly leaves all in.
    """
    rows = deals
    if by in set(By):
        column, _, is_many, only = _COLUMNS[By(by)]
        rows = rows if only is None else rows.filter(pl.col("outcome") == only)
        wanted = pl.col(column)
        if is_many:
            has = wanted.list.len().fill_null(0) == 0
            rows = rows.filter(wanted.list.contains(key) if key else has)
        else:
            rows = rows.filter(wanted.cast(pl.String).fill_null("") == key)
    rows = rows.filter(pl.col("outcome") == outcome) if outcome in {_WON, _LOST} else rows
    return rows.sort("decided_on", "opportunity_id", descending=True)


def with_reasons(deals: pl.DataFrame, reasons: Sequence[str]) -> pl.DataFrame:
    """Return the lost deals of some reasons of ``pareto``; none chosen leaves all in."""
    if not reasons:
        return deals
    return deals.filter(pl.col("outcome") == _LOST, _named("reason").is_in(list(reasons)))


def _named(column: str) -> pl.Expr:
    told = pl.col(column).cast(pl.String)
    return pl.when(told.is_null() | (told == "")).then(pl.lit(UNKNOWN)).otherwise(told)


def by_month(data: FunnelData, cut: Filters) -> pl.DataFrame:
    """Return the twelve months up to now, those without a decided deal too (columns: GROUPS)."""
    months = [span.start for _, span in reversed(spans.months(data.day))]
    deals = decided(data, cut, Span(months[0], data.day), _FIGURES)
    found = grouped(deals, By.MONTH)
    every = pl.DataFrame(
        {
            "key": [f"{month}" for month in months],
            "label": [f"{month:%Y-%m}" for month in months],
        }
    )
    return (
        every.join(found.drop("label"), on="key", how="left", maintain_order="left")
        .with_columns(pl.col("won", "lost", "won_amount", "lost_amount").fill_null(0))
        .select(GROUPS.names())
    )

"""变动: what became of the deals between two days, by comparing the funnel of both."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

import polars as pl

from crmlib.insight.cut import Filters, condition
from crmlib.insight.frames import FunnelData
from crmlib.insight.per_frame import PerFrame
from crmlib.opportunities.model import Outcome

MAX_KEPT = 4  # comparisons of one funnel


class Move(StrEnum):
    """What may have become of a deal; several things may have become of one."""

    NEW = "new"
    ADVANCED = "advanced"
    BACK = "back"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    REOPENED = "reopened"
    UP = "up"
    DOWN = "down"


LABELS = {
    Move.NEW: "新增",
    Move.ADVANCED: "推进",
    Move.BACK: "退回",
    Move.WON: "赢单",
    Move.LOST: "输单",
    Move.CLOSED: "关闭",
    Move.REOPENED: "重开",
    Move.UP: "金额调增",
    Move.DOWN: "金额调减",
}
MOVED = pl.Schema(
    {
        "move": pl.String(),  # values of Move
        "opportunity_id": pl.Int64(),
        "number": pl.String(),
        "subject": pl.String(),
        "customer": pl.String(),
        "owner": pl.Categorical(),
        "stage_before": pl.Categorical(),  # null: new
        "stage": pl.Categorical(),
        "amount_before": pl.Decimal(18, 2),  # yuan; null: new
        "amount": pl.Decimal(18, 2),  # yuan
        # Yuan: what the move is worth. Of a changed amount the difference, of 赢单 what was won.
        "worth": pl.Decimal(18, 2),
        "expected_close": pl.Date(),
    }
)


@dataclass(frozen=True, slots=True)
class MoveFigure:
    """How many deals moved in one way, and what they are worth (yuan)."""

    move: Move
    count: int
    worth: Decimal


_EARLIER = ("stage", "position", "amount", "outcome", "closed", "is_open")


def moved(then: FunnelData, now: FunnelData, filters: Filters) -> pl.DataFrame:
    """Return one row per deal and what became of it, the largest first (columns: MOVED).

    Filters other than the stage ask of the deal as it is now.
    """
    both = _both(then.deals, now.deals).filter(condition(replace(filters, stages=())))
    difference = pl.col("amount") - pl.col("amount_before")
    worth = {
        Move.UP: difference,
        Move.DOWN: difference,
        Move.WON: pl.coalesce("won_amount", "amount"),
    }
    parts = [
        both.filter(pl.col(_did(move))).with_columns(
            move=pl.lit(move.value), worth=worth.get(move, pl.col("amount"))
        )
        for move in Move
    ]
    return (
        pl.concat(parts)
        .select(pl.col(name).cast(kind) for name, kind in MOVED.items())
        .sort(pl.col("worth").abs(), "opportunity_id", descending=[True, False])
    )


# Of two funnels, with the earlier one's frame, so that nothing else takes its identity.
_BOTH = PerFrame[tuple[pl.DataFrame, pl.DataFrame]](MAX_KEPT)


def _both(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return the deals that moved as they are now, with what they were; no filter changes it."""

    def made() -> tuple[pl.DataFrame, pl.DataFrame]:
        earlier = then.select(
            "opportunity_id", *(pl.col(name).alias(f"was_{name}") for name in _EARLIER)
        )
        seen = now.select("opportunity_id", *_EARLIER).join(
            earlier, on="opportunity_id", how="left", maintain_order="left"
        )
        flags = seen.select("was_stage", "was_amount", *_seen())
        moves = flags.select(pl.any_horizontal(*map(_did, Move))).to_series()
        told = flags.filter(moves).rename(
            {"was_stage": "stage_before", "was_amount": "amount_before"}
        )
        return then, now.filter(moves).hstack(told)

    return _BOTH.get(now, made, id(then))[1]


def _did(move: Move) -> str:
    return f"did_{move.value}"


def _seen() -> list[pl.Expr]:
    """Return whether a deal made each of the moves."""
    was_there = pl.col("was_is_open").is_not_null()
    # What is new has no state before: as if it had been open.
    was_open = pl.col("was_is_open").fill_null(value=True)
    both_open = was_there & was_open & pl.col("is_open")
    outcome = pl.col("outcome").cast(pl.String)
    had = pl.col("was_outcome").cast(pl.String).fill_null(Outcome.OPEN.value)
    shut = pl.col("was_closed").fill_null(value=False)
    amount, before = pl.col("amount"), pl.col("was_amount")
    told = {
        Move.NEW: ~was_there,
        Move.ADVANCED: both_open & (pl.col("position") > pl.col("was_position")),
        Move.BACK: both_open & (pl.col("position") < pl.col("was_position")),
        Move.WON: (outcome == Outcome.WON.value) & (had != Outcome.WON.value),
        Move.LOST: (outcome == Outcome.LOST.value) & (had != Outcome.LOST.value),
        Move.CLOSED: pl.col("closed") & ~shut & (outcome == Outcome.OPEN.value),
        Move.REOPENED: was_there & ~was_open & pl.col("is_open"),
        Move.UP: both_open & (amount > before),
        Move.DOWN: both_open & (amount < before),
    }
    return [seen.fill_null(value=False).alias(_did(move)) for move, seen in told.items()]


def figures(rows: pl.DataFrame) -> list[MoveFigure]:
    """Return the sums of ``moved`` in the order of Move, also where nothing moved."""
    found = rows.group_by("move").agg(pl.len().alias("count"), pl.col("worth").sum())
    told = {move: (count, worth) for move, count, worth in found.rows()}
    return [MoveFigure(move, *told.get(move.value, (0, Decimal(0)))) for move in Move]

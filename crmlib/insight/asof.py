"""The funnel as it stood at the end of a past day: pure Polars on today's frames and the past.

From the history of stages: which deals there were, and where they stood. From the change log
(``past.py``): amount, expected close, probability, owner, office, outcome and 关闭 before their
later changes. What never changed in the log (deals brought in with their history) follows the
dates of the deal itself, and the probability of the stage it then stood in. Customer, products
and the reader's rights are today's.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from crmlib.insight.frames import DEALS, STAYS, STEPS, DealBlock, FunnelData, restricted
from crmlib.opportunities.model import Outcome

OPEN = Outcome.OPEN.value
_INT, _NAME = pl.Int64(), pl.Categorical()
# What a deal's fields were before a change; null: that change left the field alone.
CHANGES = pl.Schema(
    {
        "log_id": _INT,
        "opportunity_id": _INT,
        "changed_on": pl.Date(),  # in Shanghai
        "amount": pl.Decimal(18, 2),  # yuan
        "expected_close": pl.Date(),
        "probability": _INT,
        "owner_id": _INT,
        "office_id": _INT,
        "outcome": _NAME,
        "closed": pl.Boolean(),
    }
)
FIELDS = tuple(CHANGES.names()[3:])


@dataclass(frozen=True, slots=True)
class Past:
    """What the change log tells of deals; names of people and offices of then."""

    changes: pl.DataFrame  # CHANGES, oldest first
    owners: pl.DataFrame  # owner_id, owner
    offices: pl.DataFrame  # office_id, office


# For a funnel without the change log: amounts, owners and closings are today's.
NO_PAST = Past(
    CHANGES.to_frame(),
    pl.DataFrame(schema={"owner_id": _INT, "owner": _NAME}),
    pl.DataFrame(schema={"office_id": _INT, "office": _NAME}),
)


def as_of(data: FunnelData, past: Past, day: date) -> FunnelData:
    """Return the funnel at the end of a day; of today or a later day: as it is."""
    if day >= data.day:
        return data
    deals, there = _deals(data, past, day)
    stays = _stays(data.stays, deals, day)
    block = restricted(DealBlock(deals.select(DEALS.names()), stays), pl.lit(there))
    return FunnelData(block.deals, block.stays, steps_then(data, block.deals), day, data.read_at)


def _deals(data: FunnelData, past: Past, day: date) -> tuple[pl.DataFrame, pl.Series]:
    """Return all deals as of the day, and which of them there were."""
    last = pl.col("row") != pl.col("row").shift(-1, fill_value=2**32 - 1)
    stood = (
        data.stays.filter(pl.col("entered_on") <= day)
        .filter(last)
        .select("row", *(pl.col(name).alias(f"then_{name}") for name in _OF_STAY))
    )
    before = (
        past.changes.filter(pl.col("changed_on") > day)
        .group_by("opportunity_id")
        .agg(pl.col(name).drop_nulls().first().alias(f"past_{name}") for name in FIELDS)
    )
    # Only what may differ goes through the joins, one by one: all at once they take twice as long.
    narrow = (
        data.deals.select(_NARROW)
        .with_row_index("row")
        .join(stood, on="row", how="left", maintain_order="left")
        .join(before, on="opportunity_id", how="left", maintain_order="left")
        .with_columns(_fields(day))
        .with_columns(_status())
        .join(_renamed(past.owners, "owner"), on="owner_id", how="left", maintain_order="left")
        .join(_renamed(past.offices, "office"), on="office_id", how="left", maintain_order="left")
        .with_columns(
            _stage_names(data),
            owner=pl.coalesce("named_owner", "owner"),
            office=pl.coalesce("named_office", "office"),
        )
    )
    told = narrow.select(pl.col(name).cast(DEALS[name]) for name in _CHANGING)
    there = narrow["then_entered_on"].is_not_null() & (data.deals["registered_on"] <= day)
    return data.deals.with_columns(told), there.fill_null(value=False)


_OF_STAY = ("stage_code", "position", "probability", "standard_days", "entered_on")


def _fields(day: date) -> list[pl.Expr]:
    """Return the fields a change log knows, as of the day."""
    moved = pl.col("then_stage_code") != pl.col("stage_code")
    ended_later = (pl.col("outcome") != OPEN) & (pl.col("decided_on") > day)
    closed_by_then = pl.col("closed") & (
        pl.col("closed_on").is_null() | (pl.col("closed_on") <= day)
    )
    return [
        *(
            pl.coalesce(f"past_{name}", name).alias(name)
            for name in ("amount", "expected_close", "owner_id", "office_id")
        ),
        pl.coalesce(
            "past_probability",
            pl.when(moved | ended_later).then("then_probability").otherwise("probability"),
        ).alias("probability"),
        pl.coalesce(
            "past_outcome",
            pl.when(ended_later).then(pl.lit(OPEN, _NAME)).otherwise("outcome"),
        ).alias("outcome"),
        pl.coalesce("past_closed", closed_by_then).alias("closed"),
        pl.col("then_stage_code").alias("stage_code"),
        pl.col("then_position").alias("position"),
        pl.col("then_standard_days").alias("standard_days"),
        pl.col("then_entered_on").alias("stage_since"),
        (pl.lit(day) - pl.col("then_entered_on")).dt.total_days().alias("days"),
    ]


def _status() -> list[pl.Expr]:
    """Return what follows from the fields."""
    is_open = (pl.col("outcome") == OPEN) & ~pl.col("closed")
    decided = pl.col("outcome") != OPEN
    return [
        is_open.alias("is_open"),
        (is_open & (pl.col("days") > pl.col("standard_days"))).alias("stalled"),
        (pl.col("amount").cast(pl.Decimal(20, 4)) * pl.col("probability") / 100).alias("weighted"),
        *(pl.when(decided).then(name).alias(name) for name in _OF_END),
        pl.when("closed").then("closed_on").alias("closed_on"),
    ]


_OF_END = ("decided_on", "reason", "competitor", "won_amount")
_CHANGING = (
    *("owner_id", "owner", "office_id", "office", "stage_code", "stage", "position", "probability"),
    *("standard_days", "amount", "weighted", "stage_since", "days", "stalled", "expected_close"),
    *("outcome", "closed", "closed_on", "is_open", *_OF_END),
)
_NARROW = ("opportunity_id", *_CHANGING)


def _renamed(names: pl.DataFrame, name: str) -> pl.DataFrame:
    return names.rename({name: f"named_{name}"})


def _stage_names(data: FunnelData) -> pl.Expr:
    known = pl.concat(
        [data.steps.select("stage_code", "stage"), data.deals.select("stage_code", "stage")]
    ).unique("stage_code")
    names = dict(known.select(pl.col("stage_code", "stage").cast(pl.String)).drop_nulls().rows())
    return pl.col("stage_code").cast(pl.String).replace(names).alias("stage")


def _stays(stays: pl.DataFrame, deals: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the stays up to the day; what ended later had not ended."""
    was_won = deals["outcome"].cast(pl.String) == Outcome.WON.value
    left = pl.when(pl.col("left_on") <= day).then("left_on")
    return (
        stays.lazy()
        .filter(pl.col("entered_on") <= day)
        .with_columns(
            left_on=left,
            days=pl.when(pl.col("left_on") <= day).then("days"),
            advanced=(pl.col("position") < pl.col("position").max().over("row"))
            | pl.lit(was_won).gather(pl.col("row")),
        )
        .select(pl.col(name).cast(kind) for name, kind in STAYS.items())
        .collect()
    )


def steps_then(data: FunnelData, deals: pl.DataFrame) -> pl.DataFrame:
    """Return today's stages and those that then held a deal."""
    used = deals.filter("is_open").select(STEPS.names()).unique("stage_code")
    more = used.join(data.steps, on="stage_code", how="anti")
    return pl.concat([data.steps, more]).sort("position", "stage_code", maintain_order=True)

"""The frames dashboards compute with, made of raw rows and names, block by block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from crmlib.insight.naming import Names
from crmlib.opportunities.model import Outcome
from crmlib.reference.kinds import DictKind

_TEXT, _INT, _NAME = pl.String(), pl.Int64(), pl.Categorical()

DEALS = pl.Schema(
    {
        "opportunity_id": _INT,
        "number": _TEXT,
        "subject": _TEXT,
        "customer_id": _INT,
        "customer": _TEXT,
        "industry": _NAME,  # of the customer
        "source": _NAME,
        "owner_id": _INT,
        "owner": _NAME,
        "registrant_id": _INT,
        "office_id": _INT,
        "office": _NAME,
        "region": _NAME,  # 华南
        "province": _NAME,  # 广东
        "families": pl.List(pl.String()),  # names of product families
        "stage_set": _NAME,  # 项目销售, 零星采购
        "stage_code": _NAME,
        "stage": _NAME,
        "position": _INT,
        "probability": _INT,  # percent
        "standard_days": _INT,
        "amount": pl.Decimal(18, 2),  # yuan
        "weighted": pl.Decimal(20, 4),  # yuan × probability
        "won_amount": pl.Decimal(18, 2),  # yuan; null: not won
        "stage_since": pl.Date(),
        "days": _INT,  # in the present stage
        "stalled": pl.Boolean(),  # open and longer there than its standard days
        "expected_close": pl.Date(),
        "registered_on": pl.Date(),
        "decided_on": pl.Date(),
        "outcome": _NAME,  # values of Outcome
        "reason": _NAME,  # why won or lost
        "competitor": _NAME,  # who won it instead
        "rivals": pl.List(pl.String()),  # names of those met, as 竞争分析 has them
        "closed": pl.Boolean(),
        "closed_on": pl.Date(),
        "is_open": pl.Boolean(),
    }
)
# One row per stay of a deal in a stage; ``row`` is the deal's place in the frame of deals.
STAYS = pl.Schema(
    {
        "row": pl.UInt32(),
        "opportunity_id": _INT,
        "stage_code": _NAME,
        "position": _INT,
        "probability": _INT,
        "standard_days": _INT,
        "entered_on": pl.Date(),
        "left_on": pl.Date(),  # null: still there
        "days": _INT,  # null: still there
        "advanced": pl.Boolean(),  # the deal got beyond this stage, or was won
        "first": pl.Boolean(),  # the deal's first stay in this stage
    }
)
STEPS = pl.Schema({"stage_code": _NAME, "stage": _NAME, "position": _INT})
CUSTOMERS = pl.Schema(
    {
        "customer_id": _INT,
        "code": _TEXT,
        "customer": _TEXT,
        "status": _NAME,  # values of CustomerStatus; only those in use
        "level": _NAME,
        "industry": _NAME,
        "source": _NAME,
        "region": _NAME,
        "province": _NAME,
        "owner_id": _INT,  # null: 待分配
        "owner": _NAME,
        "registrant_id": _INT,
        "office_id": _INT,
        "office": _NAME,
        "registered_on": pl.Date(),
        "last_contact_on": pl.Date(),
        "last_trade_on": pl.Date(),
        "value_score": pl.Int32(),
        "incomplete": pl.Boolean(),
    }
)


@dataclass(frozen=True, slots=True)
class DealBlock:
    """Some deals and their stays; ``row`` counts within the block."""

    deals: pl.DataFrame  # DEALS
    stays: pl.DataFrame  # STAYS


@dataclass(frozen=True, slots=True)
class FunnelData:
    """Everything a funnel is computed from, of one moment and one person's rights."""

    deals: pl.DataFrame  # DEALS
    stays: pl.DataFrame  # STAYS
    steps: pl.DataFrame  # STEPS, in order
    day: date
    read_at: datetime
    blocks: tuple[DealBlock, ...] = ()  # of the whole firm: what a change leaves as it was


def deal_block(parts: Sequence[pl.DataFrame], names: Names, today: date) -> DealBlock:
    """Name the rows of a block, count their days.

    ``parts`` have the columns of tables.DEALS, MOVES, PRODUCTS and RIVALS.
    """
    deals, moves, products, rivals = parts
    named = _named(deals, products, rivals, names)
    is_open = (pl.col("outcome") == Outcome.OPEN.value) & ~pl.col("closed")
    amount = pl.col("fen").cast(pl.Decimal(20, 4)) / 100
    named = named.with_columns(
        amount=amount.cast(pl.Decimal(18, 2)),
        weighted=(amount * pl.col("probability") / 100).cast(pl.Decimal(20, 4)),
        won_amount=(pl.col("won_fen").cast(pl.Decimal(20, 4)) / 100).cast(pl.Decimal(18, 2)),
        reason=pl.when(pl.col("outcome") == Outcome.WON.value)
        .then(names.item(DictKind.WIN_REASON, "reason"))
        .otherwise(names.item(DictKind.LOSS_REASON, "reason")),
        is_open=is_open,
        days=(pl.lit(today) - pl.col("stage_since")).dt.total_days(),
    ).with_columns(stalled=pl.col("is_open") & (pl.col("days") > pl.col("standard_days")))
    shown = named.select(pl.col(name).cast(kind) for name, kind in DEALS.items())
    return DealBlock(shown, _stays(moves, shown, names.stages))


def _named(
    deals: pl.DataFrame, products: pl.DataFrame, rivals: pl.DataFrame, names: Names
) -> pl.DataFrame:
    families = _gathered(products.with_columns(families=pl.col("product").replace(names.families)))
    met = rivals.with_columns(rivals=names.item(DictKind.COMPETITOR, "rival").cast(_TEXT))
    for table in (
        names.people.select("owner_id", "owner"),
        names.offices.select("office_id", "office"),
        names.regions,
        names.stages.drop("offered", "stage_probability"),
        families,
        _gathered(met),
    ):
        deals = deals.join(table, on=table.columns[0], how="left", maintain_order="left")
    return deals.with_columns(
        names.item(DictKind.INDUSTRY, "industry"),
        names.item(DictKind.LEAD_SOURCE, "source"),
        names.item(DictKind.COMPETITOR, "competitor"),
    )


def _gathered(children: pl.DataFrame) -> pl.DataFrame:
    """Return one row per deal with the list of its children's last column, each once."""
    name = children.columns[-1]
    return children.group_by("opportunity_id", maintain_order=True).agg(
        pl.col(name).unique(maintain_order=True)
    )


def _stays(moves: pl.DataFrame, deals: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    places = deals.select("opportunity_id", "outcome", "decided_on").with_row_index("row")
    same_deal = pl.col("opportunity_id") == pl.col("opportunity_id").shift(-1)
    stays = (
        moves.join(places, on="opportunity_id", maintain_order="left")
        .join(stages.drop("stage", "stage_set", "offered"), on="stage_id", maintain_order="left")
        .rename({"stage_probability": "probability"})
        .with_columns(
            left_on=pl.when(same_deal)
            .then(pl.col("entered_on").shift(-1))
            .otherwise(pl.col("decided_on")),
            advanced=(pl.col("position") < pl.col("position").max().over("row"))
            | (pl.col("outcome") == Outcome.WON.value),
        )
        .with_columns(
            days=(pl.col("left_on") - pl.col("entered_on")).dt.total_days(),
            first=(
                pl.col("row").cast(pl.Int64) * 100_000 + pl.col("stage_code").to_physical()
            ).is_first_distinct(),
        )
    )
    return stays.select(pl.col(name).cast(kind) for name, kind in STAYS.items())


def restricted(block: DealBlock, allowed: pl.Expr) -> DealBlock:
    """Return the deals of a block for which the condition holds, with their stays."""
    mask = block.deals.select(allowed).to_series()
    places = (mask.cum_sum() - 1).cast(pl.UInt32)
    stays = block.stays.filter(mask.gather(block.stays["row"]))
    return DealBlock(block.deals.filter(mask), stays.with_columns(row=places.gather(stays["row"])))


def joined(blocks: list[DealBlock]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return deals and stays of all blocks in order; ``row`` counts through."""
    deals, stays, height = [DEALS.to_frame()], [STAYS.to_frame()], 0
    for block in blocks:
        deals.append(block.deals)
        stays.append(block.stays.with_columns(pl.col("row") + pl.lit(height, pl.UInt32)))
        height += block.deals.height
    return pl.concat(deals), pl.concat(stays)


def steps(deals: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Return the stages in order that are offered or hold an open deal (columns: STEPS)."""
    used = deals.select(pl.col("stage_code").filter("is_open").unique()).to_series()
    return (
        stages.sort("position", "stage_code")
        .unique("stage_code", keep="first", maintain_order=True)
        .filter(pl.col("offered") | pl.col("stage_code").is_in(used.implode()))
        .select(STEPS.names())
    )


def customer_block(customers: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Name the rows of a block (columns of tables.CUSTOMERS → CUSTOMERS)."""
    for table in (
        names.people.select("owner_id", "owner"),
        names.offices.select("office_id", "office"),
        names.regions,
    ):
        customers = customers.join(table, on=table.columns[0], how="left", maintain_order="left")
    named = customers.with_columns(
        names.item(DictKind.CUSTOMER_LEVEL, "level"),
        names.item(DictKind.INDUSTRY, "industry"),
        names.item(DictKind.LEAD_SOURCE, "source"),
    )
    return named.select(pl.col(name).cast(kind) for name, kind in CUSTOMERS.items())

"""The deals an actor may see, as Polars frames: loaded once, then kept up by the change feed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, ColumnElement, Select, cast, extract, false, select, true
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    Outcome,
    Stage,
    StageEvent,
    StageHistory,
    StageSet,
    StageSetStatus,
)
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.setup import PROJECT
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region

DAY_SECONDS = 86_400
SHANGHAI_SECONDS = 8 * 3600  # no summer time there since 1991
_TEXT, _INT, _NAME = pl.String(), pl.Int64(), pl.Categorical()

# As the database answers: moments and dates as seconds, money as fen.
RAW_DEALS = pl.Schema(
    {
        "opportunity_id": _INT,
        "number": _TEXT,
        "subject": _TEXT,
        "customer_id": _INT,
        "customer": _TEXT,
        "region_id": _INT,
        "owner_id": _INT,
        "office_id": _INT,
        "stage_id": _INT,
        "probability": _INT,
        "fen": _INT,
        "since": _INT,
        "close": _INT,
        "registered": _INT,
        "decided": _INT,
        "outcome": _TEXT,
        "closed": pl.Boolean(),
    }
)
RAW_MOVES = pl.Schema({"opportunity_id": _INT, "stage_id": _INT, "moved": _INT})
RAW_PRODUCTS = pl.Schema({"opportunity_id": _INT, "product": _TEXT})

DEALS = pl.Schema(
    {
        "opportunity_id": _INT,
        "number": _TEXT,
        "subject": _TEXT,
        "customer_id": _INT,
        "customer": _TEXT,
        "owner_id": _INT,
        "owner": _NAME,
        "office_id": _INT,
        "office": _NAME,
        "region": _NAME,  # 华南
        "province": _NAME,  # 广东
        "families": pl.List(pl.String()),  # names of product families
        "stage_code": _NAME,
        "stage": _NAME,
        "position": _INT,
        "probability": _INT,  # percent
        "standard_days": _INT,
        "amount": pl.Decimal(18, 2),  # yuan
        "weighted": pl.Decimal(20, 4),  # yuan × probability
        "stage_since": pl.Date(),
        "days": _INT,  # in the present stage
        "stalled": pl.Boolean(),  # open and longer there than its standard days
        "expected_close": pl.Date(),
        "registered_on": pl.Date(),
        "decided_on": pl.Date(),
        "outcome": _NAME,
        "closed": pl.Boolean(),
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


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows as read; a later change replaces the rows of its deals."""

    deals: pl.DataFrame
    moves: pl.DataFrame
    products: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FunnelData:
    """Everything a funnel is computed from, of one moment and one person's rights."""

    deals: pl.DataFrame  # DEALS
    stays: pl.DataFrame  # STAYS
    steps: pl.DataFrame  # STEPS, in order
    day: date
    read_at: datetime


def load(session: Session, actor: Actor, only: list[int] | None = None) -> Raw:
    """Read the visible deals with products and history, all or those of ``only``."""
    visible = visible_opportunities(actor, Permission.FUNNEL_VIEW)
    if not actor.may(Permission.FUNNEL_VIEW):
        visible = false()
    if only is not None:
        visible = visible & Opportunity.id.in_(only)
    moves = select(
        StageHistory.opportunity_id, StageHistory.to_stage_id, _seconds(StageHistory.moved_at)
    )
    moves = moves.where(StageHistory.event == StageEvent.MOVE).order_by(
        StageHistory.opportunity_id, StageHistory.id
    )
    products = select(OpportunityProduct.opportunity_id, OpportunityProduct.product).order_by(
        OpportunityProduct.opportunity_id, OpportunityProduct.id
    )
    return Raw(
        _read(session, _deals().where(visible).order_by(Opportunity.id), RAW_DEALS),
        _read(session, _of_visible(moves, StageHistory, visible), RAW_MOVES),
        _read(session, _of_visible(products, OpportunityProduct, visible), RAW_PRODUCTS),
    )


def _deals() -> Any:
    return select(
        Opportunity.id,
        Opportunity.number,
        Opportunity.subject,
        Opportunity.customer_id,
        Customer.name,
        Customer.region_id,
        Opportunity.owner_id,
        Opportunity.office_id,
        Opportunity.stage_id,
        Opportunity.probability,
        Opportunity.amount,
        _seconds(Opportunity.stage_since),
        _seconds(Opportunity.expected_close),
        _seconds(Opportunity.registered_at),
        _seconds(Opportunity.decided_on),
        Opportunity.outcome,
        Opportunity.closed,
    ).join(Customer, Customer.id == Opportunity.customer_id)


def _of_visible(statement: Any, child: Any, visible: ColumnElement[bool]) -> Any:
    if visible.compare(true()):
        return statement
    return statement.join(Opportunity, Opportunity.id == child.opportunity_id).where(visible)


def _seconds(moment: Any) -> ColumnElement[int]:
    return cast(extract("epoch", moment), BigInteger)


def _read(session: Session, statement: Select[Any], schema: pl.Schema) -> pl.DataFrame:
    # The driver's own tuples: no Python work per value, which is most of the time here.
    rows = session.connection().execute(statement).cursor.fetchall()
    return pl.DataFrame(rows, schema=schema, orient="row")


def build(session: Session, raw: Raw) -> FunnelData:
    """Name the raw rows' codes and count their days as of today."""
    today = clock.today()
    stages = _stages(session)
    deals = _named(session, raw, stages)
    is_open = (pl.col("outcome") == Outcome.OPEN.value) & ~pl.col("closed")
    amount = pl.col("fen").cast(pl.Decimal(20, 4)) / 100
    deals = deals.with_columns(
        amount=amount.cast(pl.Decimal(18, 2)),
        weighted=(amount * pl.col("probability") / 100).cast(pl.Decimal(20, 4)),
        stage_since=_local_day("since"),
        expected_close=_day("close"),
        registered_on=_local_day("registered"),
        decided_on=_day("decided"),
        outcome=pl.col("outcome").cast(_NAME),
        is_open=is_open,
    ).with_columns(days=(pl.lit(today) - pl.col("stage_since")).dt.total_days())
    deals = deals.with_columns(
        stalled=pl.col("is_open") & (pl.col("days") > pl.col("standard_days"))
    ).select(pl.col(name).cast(kind) for name, kind in DEALS.items())
    used = deals.filter("is_open")["stage_code"].unique()
    steps = (
        stages.sort("position", "stage_code")
        .unique("stage_code", keep="first", maintain_order=True)
        .filter(pl.col("offered") | pl.col("stage_code").is_in(used.implode()))
    )
    return FunnelData(
        deals, _stays(raw, deals, stages), steps.select(STEPS.names()), today, clock.now()
    )


def _stages(session: Session) -> pl.DataFrame:
    """Return the stages of all versions; what has one code has one name and one place.

    Those are of the version in force (of 项目销售 before others), else of the newest that had it.
    """
    rows = session.execute(
        select(
            Stage.id, Stage.code, Stage.name, Stage.position, Stage.standard_days,
            Stage.probability, StageSet.status == StageSetStatus.ACTIVE, ~Stage.disabled,
        )
        .join(StageSet, StageSet.id == Stage.stage_set_id)
        .where(StageSet.status.in_((StageSetStatus.ACTIVE, StageSetStatus.RETIRED)))
        .order_by(
            StageSet.status != StageSetStatus.ACTIVE,
            StageSet.code != PROJECT,
            StageSet.number.desc(),
            Stage.position,
        )
    ).all()  # fmt: skip
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row.code, row)
    offered = {row.code for row in rows if row[6] and row[7]}
    told = [
        (
            *(row.id, row.code, first[row.code].name, first[row.code].position),
            *(row.standard_days, row.probability, row.code in offered),
        )
        for row in rows
    ]
    return pl.DataFrame(told, schema=_STAGES, orient="row")


_STAGES = pl.Schema(
    {
        "stage_id": _INT,
        "stage_code": _NAME,
        "stage": _NAME,
        "position": _INT,
        "standard_days": _INT,
        "stage_probability": _INT,
        "offered": pl.Boolean(),  # in some version in force
    }
)


def _named(session: Session, raw: Raw, stages: pl.DataFrame) -> pl.DataFrame:
    deals = raw.deals
    for table in (
        _names(session, select(Person.id, Person.name), "owner_id", "owner"),
        _names(session, select(Office.id, Office.name), "office_id", "office"),
        _regions(session),
        stages.drop("offered"),
        _families(session, raw.products),
    ):
        deals = deals.join(table, on=table.columns[0], how="left", maintain_order="left")
    return deals


def _names(session: Session, statement: Any, key: str, name: str) -> pl.DataFrame:
    rows = [tuple(row) for row in session.execute(statement)]
    return pl.DataFrame(rows, schema={key: _INT, name: _NAME}, orient="row")


def _regions(session: Session) -> pl.DataFrame:
    names = {r.id: r for r in session.scalars(select(Region))}
    rows = [
        (r.id, r.name, None) if r.parent_id is None else (r.id, names[r.parent_id].name, r.name)
        for r in names.values()
    ]
    schema = {"region_id": _INT, "region": _NAME, "province": _NAME}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _families(session: Session, products: pl.DataFrame) -> pl.DataFrame:
    known = session.execute(
        select(DictItem.code, DictItem.name, DictItem.parent).where(
            DictItem.kind == DictKind.PRODUCT
        )
    ).all()
    names = {code: name for code, name, _ in known}
    family = {code: names.get(parent or code, name) for code, name, parent in known}
    return (
        products.with_columns(families=pl.col("product").replace(family))
        .group_by("opportunity_id", maintain_order=True)
        .agg(pl.col("families").unique(maintain_order=True))
    )


def _day(column: str) -> pl.Expr:
    return (pl.col(column) // DAY_SECONDS).cast(pl.Int32).cast(pl.Date)


def _local_day(column: str) -> pl.Expr:
    return ((pl.col(column) + SHANGHAI_SECONDS) // DAY_SECONDS).cast(pl.Int32).cast(pl.Date)


def _stays(raw: Raw, deals: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    places = deals.select("opportunity_id", "outcome", "decided_on").with_row_index("row")
    same_deal = pl.col("opportunity_id") == pl.col("opportunity_id").shift(-1)
    stays = (
        raw.moves.join(places, on="opportunity_id", maintain_order="left")
        .join(stages.drop("stage", "offered"), on="stage_id", maintain_order="left")
        .rename({"stage_probability": "probability"})
        .with_columns(entered_on=_local_day("moved"))
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

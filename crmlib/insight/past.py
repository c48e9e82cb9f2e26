"""What the change log tells of deals, read once per process and kept up; the funnel of past days."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import polars as pl
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.insight.asof import CHANGES, Past, as_of, steps_then
from crmlib.insight.frames import DealBlock, FunnelData, joined
from crmlib.insight.per_frame import PerFrame
from crmlib.opportunities.model import Opportunity
from crmlib.people.model import Office, Person
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.schema import ChangeLog

MAX_DAYS = 4  # of one funnel; of a large firm each takes some 40 MB
# On PostgreSQL a row may be committed after a later one was read: the last rows are read again.
_AGAIN = timedelta(minutes=15)
_BEFORE = pl.Struct(
    {
        "amount": pl.String(),
        "expected_close": pl.String(),
        "probability": pl.Int64(),
        "owner_id": pl.Int64(),
        "office_id": pl.Int64(),
        "outcome": pl.String(),
        "closed": pl.Boolean(),
    }
)
_ROWS = pl.Schema(
    {
        "log_id": pl.Int64(),
        "opportunity_id": pl.Int64(),
        "at": pl.Datetime("us", "UTC"),
        "before": pl.String(),
    }
)


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    since: datetime | None = None
    read_at: datetime | None = None
    changes: pl.DataFrame = field(default_factory=CHANGES.to_frame)


_FUNNELS = PerFrame[FunnelData](MAX_DAYS)
_BLOCKS = PerFrame[DealBlock](MAX_DAYS)


@lru_cache(maxsize=1)
def _kept(_url: str) -> _Kept:
    return _Kept()


def funnel_as_of(data: FunnelData, day: date) -> FunnelData:
    """Return the funnel of ``live.funnel_data`` as it stood at the end of a day (see asof)."""
    if day >= data.day:
        return data
    return _FUNNELS.get(data.deals, lambda: _as_of(data, day), day)


def _as_of(data: FunnelData, day: date) -> FunnelData:
    past = past_since(day)
    if not data.blocks:
        return as_of(data, past, day)
    # A change leaves all blocks of the whole firm but one as they were, and so their past.
    then = [_block(data, block, past, day) for block in data.blocks]
    deals, stays = joined(then)
    return FunnelData(deals, stays, steps_then(data, deals), day, data.read_at)


def _block(data: FunnelData, block: DealBlock, past: Past, day: date) -> DealBlock:
    def made() -> DealBlock:
        stood = as_of(replace(data, deals=block.deals, stays=block.stays, blocks=()), past, day)
        return DealBlock(stood.deals, stood.stays)

    return _BLOCKS.get(block.deals, made, day)


def past_since(day: date) -> Past:
    """Return the changes of deals after a day, and what people and offices are called."""
    kept = _kept(settings().database_url)
    with kept.lock:
        return _past(kept, day)


def _past(kept: _Kept, day: date) -> Past:
    start = _end_of(day)
    now = clock.now()
    with reading() as session:
        if kept.since is None or kept.read_at is None or start < kept.since:
            kept.changes, kept.since = _read(session, start), start
        else:
            newer = _read(session, max(kept.read_at - _AGAIN, kept.since))
            known = kept.changes.join(newer, on="log_id", how="anti", maintain_order="left")
            kept.changes = pl.concat([known, newer])
        kept.read_at = now
        people = session.execute(select(Person.id, Person.name)).all()
        offices = session.execute(select(Office.id, Office.name)).all()
    return Past(kept.changes, _names(people, "owner"), _names(offices, "office"))


def _end_of(day: date) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI)
    return midnight.astimezone(UTC)


def _read(session: Session, start: datetime) -> pl.DataFrame:
    rows = session.execute(
        select(ChangeLog.id, ChangeLog.entity_id, ChangeLog.at, cast(ChangeLog.before, Text))
        .where(
            ChangeLog.entity == Opportunity.__tablename__,
            ChangeLog.kind == "update",
            ChangeLog.at >= start,
        )
        .order_by(ChangeLog.id)
    ).all()
    frame = pl.DataFrame([tuple(row) for row in rows], schema=_ROWS, orient="row")
    told = frame.with_columns(
        pl.col("before").str.json_decode(_BEFORE), changed_on=_local_day("at")
    ).unnest("before")
    return told.select(
        pl.col(name).str.to_date() if name == "expected_close" else pl.col(name).cast(kind)
        for name, kind in CHANGES.items()
    ).filter(pl.any_horizontal(pl.col(CHANGES.names()[3:]).is_not_null()))


def _local_day(moment: str) -> pl.Expr:
    return pl.col(moment).dt.convert_time_zone(str(clock.SHANGHAI)).dt.date()


def _names(rows: Sequence[Any], name: str) -> pl.DataFrame:
    schema = {f"{name}_id": pl.Int64, name: pl.Categorical}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")

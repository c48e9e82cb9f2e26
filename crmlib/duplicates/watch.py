"""撞单查询记录: who looked for what, and who asks more than his work needs."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, select

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.duplicates.asked import REFUSED
from crmlib.duplicates.model import Channel, CollisionQuery
from crmlib.duplicates.verdicts import Verdict
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.text import clean

MAX_SIZE = 1000
VERDICT_LABELS = {
    Verdict.SAME.value: "相同",
    Verdict.SIMILAR.value: "相似",
    Verdict.RELATED.value: "关联",
    Verdict.NONE.value: "无",
    Verdict.LOADING.value: "加载中",
    REFUSED: "已拒绝",
}
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "at": pl.Datetime("us", "Asia/Shanghai"),
    "person": pl.String,
    "office": pl.String,
    "name": pl.String,
    "with_phone": pl.Boolean,
    "verdict": pl.String,
    "hits": pl.Int64,
    "channel": pl.String,
    "limited": pl.Boolean,
}
BUSY_SCHEMA: dict[str, Any] = {
    "person": pl.String,
    "office": pl.String,
    "day": pl.Date,
    "names": pl.Int64,
    "refused": pl.Int64,
    "over": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which questions are wanted; days in Shanghai, both included."""

    page: int = 1
    size: int = 50
    person_id: int | None = None
    since: date | None = None
    until: date | None = None
    channel: Channel | None = None
    limited: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of questions (columns: SCHEMA), the newest first, and how many there are."""

    rows: pl.DataFrame
    total: int


def collision_log(actor: Actor, query: LogQuery | None = None) -> LogPage:
    """Return one page of the log; for 综合部 and 信息部."""
    _require(actor)
    query = query or LogQuery()
    conditions = _conditions(query)
    size = min(max(query.size, 1), MAX_SIZE)
    with reading() as session:
        total = session.scalar(select(func.count(CollisionQuery.id)).where(*conditions)) or 0
        rows = session.execute(
            select(CollisionQuery, Person.name, Office.name)
            .join(Person, Person.id == CollisionQuery.person_id)
            .join(Office, Office.id == Person.office_id)
            .where(*conditions)
            .order_by(CollisionQuery.at.desc(), CollisionQuery.id.desc())
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        )
        made = [_line(entry, person, office) for entry, person, office in rows]
    return LogPage(pl.DataFrame(made, schema=SCHEMA), total)


def busiest(actor: Actor, day: date | None = None, most: int = 10) -> pl.DataFrame:
    """Return who asked for most names on a day (today), and whether that was above the limit."""
    _require(actor)
    day = day or clock.today()
    names = func.count(func.distinct(CollisionQuery.name)).filter(CollisionQuery.verdict != REFUSED)
    refused = func.count(CollisionQuery.id).filter(CollisionQuery.limited)
    with reading() as session:
        rows = session.execute(
            select(Person.name, Office.name, names, refused)
            .select_from(CollisionQuery)
            .join(Person, Person.id == CollisionQuery.person_id)
            .join(Office, Office.id == Person.office_id)
            .where(*_between(day, day))
            .group_by(Person.id, Person.name, Office.name)
            .order_by(names.desc(), Person.name)
            .limit(most)
        ).all()
    limit = settings().collisions_per_day
    made = [(p, office, day, n, r, n >= limit or r > 0) for p, office, n, r in rows]
    return pl.DataFrame(made, schema=BUSY_SCHEMA, orient="row")


def askers(actor: Actor) -> list[tuple[int, str]]:
    """Return who stands in the log, for choosing one."""
    _require(actor)
    asked = select(CollisionQuery.person_id).distinct()
    with reading() as session:
        rows = session.execute(
            select(Person.id, Person.name).where(Person.id.in_(asked)).order_by(Person.name)
        )
        return [(row.id, row.name) for row in rows]


def _require(actor: Actor) -> None:
    if not actor.may(Permission.COLLISION_LOG):
        raise NotAllowed


def _conditions(query: LogQuery) -> list[ColumnElement[bool]]:
    found = _between(query.since, query.until)
    if query.person_id is not None:
        found.append(CollisionQuery.person_id == query.person_id)
    if query.channel is not None:
        found.append(CollisionQuery.channel == query.channel)
    if query.limited is not None:
        found.append(CollisionQuery.limited.is_(query.limited))
    if text := clean(query.text):
        found.append(CollisionQuery.name.contains(text, autoescape=True))
    return found


def _between(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(CollisionQuery.at >= _midnight(since))
    if until is not None:
        found.append(CollisionQuery.at < _midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)


def _line(entry: CollisionQuery, person: str, office: str) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": clock.local(entry.at),
        "person": person,
        "office": office,
        "name": entry.name,
        "with_phone": entry.with_phone,
        "verdict": VERDICT_LABELS.get(entry.verdict, entry.verdict),
        "hits": entry.hits,
        "channel": words.COLLISION_CHANNELS[entry.channel.value],
        "limited": entry.limited,
    }

"""The queue of duplicate candidates: filtered, sorted and paged by the database."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.review import is_waiting
from crmlib.duplicates.scan import SAME_FLOOR
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.people.model import Person
from crmlib.reference.queries import region_names, region_subtree
from crmlib.store.engine import reading

MAX_SIZE = 500
SAME, RELATED = "重复", "关联"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
A, B = aliased(Customer), aliased(Customer)
OWNER_A, OWNER_B = aliased(Person), aliased(Person)
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "same": pl.Float64,
    "related": pl.Float64,
    "kind": pl.String,
    "a_id": pl.Int64,
    "a_name": pl.String,
    "a_code": pl.String,
    "a_region": pl.String,
    "a_owner": pl.String,
    "b_id": pl.Int64,
    "b_name": pl.String,
    "b_code": pl.String,
    "b_region": pl.String,
    "b_owner": pl.String,
    "reasons": pl.String,
    "source": pl.String,
    "status": pl.String,
    "age_days": pl.Int64,
    "found_at": pl.Datetime("us", "Asia/Shanghai"),
    "note": pl.String,
    "version": pl.Int64,
}
_SORTS: dict[str, ColumnElement[Any]] = {
    "same": DuplicatePair.same.expression,
    "related": DuplicatePair.related.expression,
    "found_at": DuplicatePair.found_at.expression,
    "status": DuplicatePair.status.expression,
    "source": DuplicatePair.source.expression,
    "a_name": A.name.expression,
    "b_name": B.name.expression,
}


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What part of the queue is wanted; empty filters leave everything in."""

    page: int = 1
    size: int = 20
    sort: str = "same"
    descending: bool = True
    statuses: tuple[PairStatus, ...] = (PairStatus.OPEN,)
    min_same: float = 0.0
    region_id: int | None = None
    sources: tuple[PairSource, ...] = ()
    text: str = ""  # part of a name or code of either side


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue (columns: SCHEMA) and the number of all pairs found."""

    rows: pl.DataFrame
    total: int


def visible_pairs(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a pair: one side belongs to him."""
    mine = select(Customer.id).where(visible_customers(actor, Permission.DUPLICATE_VIEW))
    return or_(DuplicatePair.a_id.in_(mine), DuplicatePair.b_id.in_(mine))


def require_view(actor: Actor) -> None:
    """Refuse people who have no part in the review.

    Raises:
        NotAllowed: the permission is not held for any row.
    """
    if not actor.may(Permission.DUPLICATE_VIEW):
        raise NotAllowed


def queue_page(actor: Actor, query: QueueQuery) -> QueuePage:
    """Return one page of the pairs the actor may see."""
    require_view(actor)
    with reading() as session:
        found = _conditions(session, actor, query)
        total = session.scalar(_joined(select(func.count(DuplicatePair.id))).where(*found)) or 0
        size = min(max(query.size, 1), MAX_SIZE)
        rows = session.execute(
            _joined(_columns())
            .where(*found)
            .order_by(*_order(query))
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).all()
        return QueuePage(_frame(list(rows), region_names(session)), total)


def next_pair(actor: Actor, query: QueueQuery, after_id: int | None = None) -> int | None:
    """Return the pair that follows in the queue, also when the former one is decided by now."""
    require_view(actor)
    with reading() as session:
        found = _conditions(session, actor, query)
        wanted = _joined(select(DuplicatePair.id)).where(*found).order_by(*_order(query)).limit(1)
        if after_id is not None:
            sort = _SORTS.get(query.sort, _SORTS["same"])
            here = session.scalar(
                _joined(select(sort)).where(DuplicatePair.id == after_id, visible_pairs(actor))
            )
            if here is not None:
                wanted = wanted.where(_follows(sort, here, after_id, falls=query.descending))
        found_id: int | None = session.scalar(wanted)
        return found_id


def threshold_counts(actor: Actor) -> pl.DataFrame:
    """Return how many pairs wait above each threshold, and the share judged not the same so far."""
    require_view(actor)
    wrong = (PairStatus.DISTINCT, PairStatus.AFFILIATED)
    with reading() as session:
        row = session.execute(
            select(
                *(_count(DuplicatePair.same >= t, is_waiting()) for t in THRESHOLDS),
                *(_count(DuplicatePair.same >= t, _is_judged()) for t in THRESHOLDS),
                *(
                    _count(DuplicatePair.same >= t, DuplicatePair.status.in_(wrong))
                    for t in THRESHOLDS
                ),
            ).where(visible_pairs(actor))
        ).one()
    n = len(THRESHOLDS)
    waiting, judged, refused = ([int(v or 0) for v in row[i * n : (i + 1) * n]] for i in range(3))
    shares = [bad / all_ if all_ else None for bad, all_ in zip(refused, judged, strict=True)]
    return pl.DataFrame(
        {"threshold": THRESHOLDS, "open": waiting, "decided": judged, "wrong_share": shares},
        schema_overrides={"wrong_share": pl.Float64},
    )


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*conditions), 1), else_=0))


def _is_judged() -> ColumnElement[bool]:
    judged = (PairStatus.MERGED, PairStatus.DISTINCT, PairStatus.AFFILIATED)
    return DuplicatePair.status.in_(judged)


def _follows(
    sort: ColumnElement[Any], value: Any, after_id: int, *, falls: bool
) -> ColumnElement[bool]:
    later = sort < value if falls else sort > value
    return or_(later, and_(sort == value, DuplicatePair.id > after_id))


def _order(query: QueueQuery) -> list[ColumnElement[Any]]:
    column = _SORTS.get(query.sort, _SORTS["same"])
    first = column.desc() if query.descending else column.asc()
    return [first, DuplicatePair.id.asc()]


def _conditions(session: Session, actor: Actor, query: QueueQuery) -> list[ColumnElement[bool]]:
    found = [visible_pairs(actor)]
    if query.statuses:
        found.append(_has_status(query.statuses))
    if query.min_same > 0:
        found.append(DuplicatePair.same >= query.min_same)
    if query.sources:
        found.append(DuplicatePair.source.in_(query.sources))
    if query.region_id is not None:
        regions = region_subtree(session, query.region_id)
        found.append(or_(A.region_id.in_(regions), B.region_id.in_(regions)))
    if text := query.text.strip():
        columns = (A.name, A.code, B.name, B.code)
        found.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return found


def _has_status(statuses: tuple[PairStatus, ...]) -> ColumnElement[bool]:
    # A pair of a recycled or otherwise merged customer waits for nobody.
    live = and_(A.status.in_(LIVE), B.status.in_(LIVE))
    parts = []
    for status in statuses:
        if status is PairStatus.OPEN:
            parts.append(and_(is_waiting(), live))
        elif status is PairStatus.DEFERRED:
            later = DuplicatePair.snooze_until > clock.today()
            parts.append(and_(DuplicatePair.status == status, later))
        else:
            parts.append(DuplicatePair.status == status)
    return or_(*parts)


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(DuplicatePair)
        .join(A, A.id == DuplicatePair.a_id)
        .join(B, B.id == DuplicatePair.b_id)
        .outerjoin(OWNER_A, OWNER_A.id == A.owner_id)
        .outerjoin(OWNER_B, OWNER_B.id == B.owner_id)
    )


def _columns() -> Select[Any]:
    sides = []
    for prefix, side, owner in (("a", A, OWNER_A), ("b", B, OWNER_B)):
        sides += [
            side.name.label(f"{prefix}_name"),
            side.code.label(f"{prefix}_code"),
            side.region_id.label(f"{prefix}_region_id"),
            owner.name.label(f"{prefix}_owner"),
        ]
    names = ("id", "same", "related", "a_id", "b_id", "reasons", "source", "status")
    own = [getattr(DuplicatePair, name) for name in (*names, "found_at", "note", "version")]
    return select(*own, *sides)


def _frame(rows: list[Any], regions: dict[int, str]) -> pl.DataFrame:
    today = clock.today()
    records = []
    for row in rows:
        found = clock.local(row.found_at)
        record = row._asdict() | {
            "kind": SAME if row.same >= SAME_FLOOR else RELATED,
            "reasons": "；".join(text for text, _ in row.reasons),
            "source": words.PAIR_SOURCE[row.source],
            "status": words.PAIR_STATUS[row.status],
            "age_days": (today - found.date()).days,
            "found_at": found,
        }
        for side in ("a", "b"):
            record[f"{side}_region"] = regions.get(record[f"{side}_region_id"])
            record[f"{side}_owner"] = record[f"{side}_owner"] or words.UNASSIGNED
        records.append({name: record[name] for name in SCHEMA})
    return pl.DataFrame(records, schema=SCHEMA)


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.DUPLICATE_REVIEW):
        return None
    count = session.scalar(select(func.count(DuplicatePair.id)).where(is_waiting()))
    return Pending("待审重复候选", count or 0, "review")


count_pending("duplicates", _waiting)

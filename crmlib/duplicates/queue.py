"""The queue of duplicate candidates: filtered, sorted and paged by the database."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.duplicates import clusters
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.review import is_waiting
from crmlib.duplicates.selection import (
    KIND_FLOOR,
    OWNER_A,
    OWNER_B,
    A,
    B,
    QueueQuery,
    Selection,
    has_status,
    selection,
)
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.people.model import Office, Person
from crmlib.reference.queries import region_names
from crmlib.store.engine import reading

MAX_SIZE = 500
SAME, RELATED = "重复", "关联"
THRESHOLDS = (0.0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "same": pl.Float64,
    "related": pl.Float64,
    "kind": pl.String,
    "cluster": pl.Int64,
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


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue (columns: SCHEMA) and the number of all pairs found."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who the queue's filters offer."""

    owners: tuple[tuple[int, str], ...]
    offices: tuple[tuple[int, str], ...]


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
        chosen = selection(session, query)
        found = [visible_pairs(actor), *chosen.conditions(session)]
        size = min(max(query.size, 1), MAX_SIZE)
        rows = session.execute(
            chosen.joined(_columns())
            .where(*found)
            .order_by(*chosen.order())
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).all()
        total = _count_all(session, chosen, found)
        grouped = _cluster_sizes(session, list(rows))
        return QueuePage(_frame(list(rows), region_names(session), grouped), total)


def count_left(actor: Actor, query: QueueQuery) -> int:
    """Return how many pairs the query finds."""
    require_view(actor)
    with reading() as session:
        chosen = selection(session, query)
        return _count_all(session, chosen, [visible_pairs(actor), *chosen.conditions(session)])


def next_pair(
    actor: Actor, query: QueueQuery, after_id: int | None = None, *, cluster: int | None = None
) -> int | None:
    """Return the pair that follows in the queue, also when the former one is decided by now.

    ``cluster`` is the size its cluster had when it was shown: the decision may have changed it.
    """
    require_view(actor)
    with reading() as session:
        chosen = selection(session, query)
        found = [visible_pairs(actor), *chosen.conditions(session)]
        wanted = chosen.joined(select(DuplicatePair.id)).where(*found)
        if after_id is not None:
            here = session.scalar(
                chosen.joined(select(chosen.sort)).where(
                    DuplicatePair.id == after_id, visible_pairs(actor)
                )
            )
            if query.sort == "cluster" and cluster is not None:
                here = cluster
            if here is not None:
                wanted = wanted.where(chosen.follows(here, after_id))
        found_id: int | None = session.scalar(wanted.order_by(*chosen.order()).limit(1))
        return found_id


def responsible(actor: Actor) -> Responsible:
    """Return the owners and offices of pairs that wait, as (id, name), by name."""
    require_view(actor)
    waiting = select(DuplicatePair.a_id, DuplicatePair.b_id).where(
        visible_pairs(actor), is_waiting()
    )
    sides = waiting.subquery()
    either = or_(Customer.id.in_(select(sides.c.a_id)), Customer.id.in_(select(sides.c.b_id)))
    with reading() as session:
        owners = select(Customer.owner_id).where(either)
        offices = select(Customer.office_id).where(either)
        people = select(Person.id, Person.name).where(Person.id.in_(owners))
        places = select(Office.id, Office.name).where(Office.id.in_(offices))
        return Responsible(
            tuple((row.id, row.name) for row in session.execute(people.order_by(Person.name))),
            tuple((row.id, row.name) for row in session.execute(places.order_by(Office.name))),
        )


def decided_today(actor: Actor) -> int:
    """Return how many pairs the actor himself has decided since midnight in Shanghai."""
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.SHANGHAI).astimezone(UTC)
    with reading() as session:
        mine = select(func.count(DuplicatePair.id)).where(
            DuplicatePair.decided_by_id == actor.person_id, DuplicatePair.decided_at >= midnight
        )
        return session.scalar(mine) or 0


def threshold_counts(actor: Actor) -> pl.DataFrame:
    """Return how many pairs wait above each threshold, and the share judged not the same so far."""
    require_view(actor)
    wrong = (PairStatus.DISTINCT, PairStatus.AFFILIATED)
    waits = has_status((PairStatus.OPEN,))
    with reading() as session:
        row = session.execute(
            select(
                *(_count(DuplicatePair.same >= t, waits) for t in THRESHOLDS),
                *(_count(DuplicatePair.same >= t, _is_judged()) for t in THRESHOLDS),
                *(
                    _count(DuplicatePair.same >= t, DuplicatePair.status.in_(wrong))
                    for t in THRESHOLDS
                ),
            )
            .select_from(DuplicatePair)
            .join(A, A.id == DuplicatePair.a_id)
            .join(B, B.id == DuplicatePair.b_id)
            .where(visible_pairs(actor))
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


def _count_all(session: Session, chosen: Selection, found: list[ColumnElement[bool]]) -> int:
    return session.scalar(chosen.joined(select(func.count(DuplicatePair.id))).where(*found)) or 0


def _cluster_sizes(session: Session, rows: list[Any]) -> dict[int, int]:
    """Return the size of the cluster of each pair of one page."""
    groups = clusters.around(session, {row.a_id for row in rows})
    return {
        row.id: len(group)
        for row in rows
        if row.b_id in (group := groups.get(row.a_id, frozenset()))
    }


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


def _frame(rows: list[Any], regions: dict[int, str], grouped: dict[int, int]) -> pl.DataFrame:
    today = clock.today()
    records = []
    for row in rows:
        found = clock.local(row.found_at)
        record = row._asdict() | {
            "kind": SAME if row.same >= KIND_FLOOR else RELATED,
            "cluster": grouped.get(row.id, clusters.PAIR_SIZE),
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
    count = session.scalar(
        select(func.count(DuplicatePair.id))
        .join(A, A.id == DuplicatePair.a_id)
        .join(B, B.id == DuplicatePair.b_id)
        .where(has_status((PairStatus.OPEN,)))
    )
    return Pending("待审重复候选", count or 0, "review")


count_pending("duplicates", _waiting)

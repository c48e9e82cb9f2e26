"""Merge documents (合并单) and groups of companies, to read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased, defer

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.duplicates import children
from crmlib.duplicates.children import CUSTOMER
from crmlib.duplicates.model import Merge
from crmlib.duplicates.queue import MAX_SIZE, require_view
from crmlib.duplicates.undoing import UNDO_DAYS, undo_refusal
from crmlib.errors import NotAllowed
from crmlib.people.model import Person
from crmlib.reference.queries import region_names
from crmlib.store.engine import reading

SURVIVOR, LOSER = aliased(Customer), aliased(Customer)
BY, UNDONE_BY = aliased(Person), aliased(Person)
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "number": pl.String,
    "survivor_id": pl.Int64,
    "survivor": pl.String,
    "loser_id": pl.Int64,
    "loser": pl.String,
    "reason": pl.String,
    "merged_by": pl.String,
    "merged_at": _MOMENT,
    "undone_at": _MOMENT,
    "can_undo": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class MergesQuery:
    """Which merge documents are wanted; days are inclusive, ``undone`` None is both."""

    page: int = 1
    size: int = 20
    sort: str = "merged_at"
    descending: bool = True
    text: str = ""  # part of the number, or of a name or code of either side
    person_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    undone: bool | None = None


@dataclass(frozen=True, slots=True)
class MergesPage:
    """One page of merge documents (columns: SCHEMA), newest first, and how many there are."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class MergeDetail:
    """A merge document: what moved, and which fields of the survivor changed (before, after)."""

    merge_id: int
    number: str
    survivor_id: int
    survivor: str
    loser_id: int
    loser: str
    reason: str
    merged_by: str
    merged_at: datetime
    undone_at: datetime | None
    undone_by: str
    can_undo: bool
    undo_refusal: str
    lines: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    leftovers: tuple[str, ...]  # what stayed with the survivor when it was undone
    days_left: int  # in which it may be undone


_SORTS: dict[str, Any] = {
    "number": Merge.number,
    "survivor": SURVIVOR.name,
    "loser": LOSER.name,
    "merged_by": BY.name,
    "merged_at": Merge.merged_at,
}


def merges_page(actor: Actor, query: MergesQuery | None = None) -> MergesPage:
    """Return merge documents of customers the actor may see."""
    require_view(actor)
    query = query or MergesQuery()
    size = min(max(query.size, 1), MAX_SIZE)
    column = _SORTS.get(query.sort, Merge.merged_at)
    order = [e.desc() if query.descending else e.asc() for e in (column, Merge.id)]
    found = [_visible(actor), *_conditions(query)]
    with reading() as session:
        total = session.scalar(_joined(select(func.count(Merge.id))).where(*found)) or 0
        rows = session.execute(
            _joined()
            .options(defer(Merge.before), defer(Merge.moved))  # the images are large
            .where(*found)
            .order_by(*order)
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        )
        records = [_record(row, actor) for row in rows]
    return MergesPage(pl.DataFrame(records, schema=SCHEMA), total)


def mergers(actor: Actor) -> list[tuple[int, str]]:
    """Return who has merged, as (id, name), for a filter."""
    require_view(actor)
    with reading() as session:
        who = select(Merge.merged_by_id).where(_visible(actor))
        rows = session.execute(
            select(Person.id, Person.name).where(Person.id.in_(who)).order_by(Person.name)
        )
        return [(row.id, row.name) for row in rows]


def _conditions(query: MergesQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.person_id is not None:
        found.append(Merge.merged_by_id == query.person_id)
    if query.first_day is not None:
        found.append(Merge.merged_at >= _midnight(query.first_day))
    if query.last_day is not None:
        found.append(Merge.merged_at < _midnight(query.last_day + timedelta(days=1)))
    if query.undone is not None:
        found.append(Merge.undone_at.is_not(None) if query.undone else Merge.undone_at.is_(None))
    if text := query.text.strip():
        columns = (Merge.number, SURVIVOR.name, SURVIVOR.code, LOSER.name, LOSER.code)
        found.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI).astimezone(UTC)


def merge_detail(actor: Actor, merge_id: int) -> MergeDetail:
    """Return one merge document in words."""
    require_view(actor)
    with reading() as session:
        row = session.execute(_joined().where(Merge.id == merge_id, _visible(actor))).one_or_none()
        if row is None:
            raise NotAllowed
        merge, survivor, loser, by, undone_by = row
        refusal = _refusal(row, actor)
        return MergeDetail(
            merge_id=merge.id,
            number=merge.number,
            survivor_id=survivor.id,
            survivor=survivor.name,
            loser_id=loser.id,
            loser=merge.before["rows"][CUSTOMER][str(loser.id)]["name"],
            reason=merge.reason or "",
            merged_by=by,
            merged_at=clock.local(merge.merged_at),
            undone_at=clock.local(merge.undone_at) if merge.undone_at else None,
            undone_by=undone_by or "",
            can_undo=not refusal,
            undo_refusal=refusal,
            lines=_lines(merge),
            changes=_changes(merge, region_names(session)),
            leftovers=tuple(merge.leftovers or ()),
            days_left=max(0, UNDO_DAYS - (clock.now() - merge.merged_at).days),
        )


def _visible(actor: Actor) -> ColumnElement[bool]:
    mine = select(Customer.id).where(visible_customers(actor, Permission.DUPLICATE_VIEW))
    return or_(Merge.survivor_id.in_(mine), Merge.loser_id.in_(mine))


def _joined(wanted: Any = None) -> Any:
    columns = select(Merge, SURVIVOR, LOSER, BY.name, UNDONE_BY.name)
    return (
        (columns if wanted is None else wanted.select_from(Merge))
        .join(SURVIVOR, SURVIVOR.id == Merge.survivor_id)
        .join(LOSER, LOSER.id == Merge.loser_id)
        .join(BY, BY.id == Merge.merged_by_id)
        .outerjoin(UNDONE_BY, UNDONE_BY.id == Merge.undone_by_id)
    )


def _refusal(row: Any, actor: Actor) -> str:
    merge, survivor, loser, *_ = row
    if not actor.may(Permission.DUPLICATE_REVIEW):
        return NotAllowed.message
    return undo_refusal(merge, survivor, loser) or ""


def _record(row: Any, actor: Actor) -> dict[str, Any]:
    merge, survivor, loser, by, _ = row
    return {
        "id": merge.id,
        "number": merge.number,
        "survivor_id": survivor.id,
        "survivor": survivor.name,
        "loser_id": loser.id,
        "loser": loser.name,
        "reason": merge.reason,
        "merged_by": by,
        "merged_at": clock.local(merge.merged_at),
        "undone_at": clock.local(merge.undone_at) if merge.undone_at else None,
        "can_undo": not _refusal(row, actor),
    }


def _lines(merge: Merge) -> tuple[str, ...]:
    moved = merge.moved
    both = {str(merge.survivor_id), str(merge.loser_id)}
    counts = {
        name: len([key for key in rows if name != CUSTOMER or key not in both])
        for name, rows in moved["changed"].items()
    }
    lines = [f"{children.label(name)} {n} 条转移或更新" for name, n in counts.items() if n]
    lines += [
        f"{children.label(name)} {len(ids)} 条未保留，可撤销恢复"
        for name, ids in moved["removed"].items()
    ]
    lines += [
        f"{children.label(name)} 新增 {len(rows)} 条" for name, rows in moved["added"].items()
    ]
    return tuple(lines)


def _changes(merge: Merge, regions: dict[int, str]) -> tuple[tuple[str, str, str], ...]:
    found = merge.moved["changed"].get(CUSTOMER, {}).get(str(merge.survivor_id), {})
    changes = []
    for column, (before, after) in found.items():
        label = words.CUSTOMER.get(column.removesuffix("_id"))
        if label and column not in ("owner_id", "office_id"):
            shown = [_shown(column, value, regions) for value in (before, after)]
            if shown[0] != shown[1]:  # two times of one day read the same
                changes.append((label, shown[0], shown[1]))
    return tuple(changes)


def _shown(column: str, value: Any, regions: dict[int, str]) -> str:
    if value is None:
        return words.EMPTY
    if column == "region_id":
        return regions.get(value, words.EMPTY)
    if column == "status":
        return words.CUSTOMER_STATUS[value]
    if column == "registered_at":
        return f"{clock.local(datetime.fromisoformat(value)):%Y-%m-%d}"
    return str(value)

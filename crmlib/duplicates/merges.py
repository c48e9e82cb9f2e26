"""Merge documents (合并单) and groups of companies, to read."""

from dataclasses import dataclass
from datetime import datetime
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
from crmlib.duplicates.model import AffiliateLink, Merge
from crmlib.duplicates.queue import MAX_SIZE, require_view
from crmlib.duplicates.undoing import undo_refusal
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
AFFILIATE_SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "code": pl.String,
    "name": pl.String,
    "note": pl.String,
}


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


def merges_page(actor: Actor, page: int = 1, size: int = 20) -> MergesPage:
    """Return merge documents of customers the actor may see."""
    require_view(actor)
    size = min(max(size, 1), MAX_SIZE)
    with reading() as session:
        total = session.scalar(select(func.count(Merge.id)).where(_visible(actor))) or 0
        rows = session.execute(
            _joined()
            .options(defer(Merge.before), defer(Merge.moved))  # the images are large
            .where(_visible(actor))
            .order_by(Merge.merged_at.desc(), Merge.id.desc())
            .limit(size)
            .offset((max(page, 1) - 1) * size)
        )
        records = [_record(row, actor) for row in rows]
    return MergesPage(pl.DataFrame(records, schema=SCHEMA), total)


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
        )


def affiliates(actor: Actor, customer_id: int) -> pl.DataFrame:
    """Return the 关联公司 of a visible customer; of others only code and name are told (DUP-3)."""
    with reading() as session:
        seen = select(Customer.id).where(Customer.id == customer_id, visible_customers(actor))
        if session.scalar(seen) is None:
            raise NotAllowed
        rows = session.execute(
            select(Customer.id, Customer.code, Customer.name, AffiliateLink.note)
            .join(
                AffiliateLink,
                or_(AffiliateLink.a_id == Customer.id, AffiliateLink.b_id == Customer.id),
            )
            .where(
                or_(AffiliateLink.a_id == customer_id, AffiliateLink.b_id == customer_id),
                Customer.id != customer_id,
            )
            .order_by(Customer.name)
        )
        return pl.DataFrame([row._asdict() for row in rows], schema=AFFILIATE_SCHEMA)


def _visible(actor: Actor) -> ColumnElement[bool]:
    mine = select(Customer.id).where(visible_customers(actor, Permission.DUPLICATE_VIEW))
    return or_(Merge.survivor_id.in_(mine), Merge.loser_id.in_(mine))


def _joined() -> Any:
    return (
        select(Merge, SURVIVOR, LOSER, BY.name, UNDONE_BY.name)
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

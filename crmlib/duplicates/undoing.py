"""撤销合并: children go back; what changed since the merge stays with the survivor and is listed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from crmlib import clock, words
from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.customers.contacted import refresh_last_contact
from crmlib.customers.model import LIVE, Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.duplicates import children, images
from crmlib.duplicates.children import CUSTOMER, Reference
from crmlib.duplicates.images import Image, Row, Writer
from crmlib.duplicates.model import Merge
from crmlib.errors import NotAllowed, Refused
from crmlib.store.schema import Base, ChangeLog

UNDO_DAYS = 90
UNDONE = "该合并单已撤销"
TOO_OLD = f"合并已超过 {UNDO_DAYS} 天，不能撤销"
NAME_TAKEN = "客户「{name}」（{code}）已使用名称「{wanted}」，请先处理后再撤销合并"
NOT_LIVE = "保留方「{name}」的状态是{state}，请先恢复后再撤销合并"
NOT_MERGED = "「{name}」已不在合并状态，不能撤销"
MERGED_ON = "保留方「{name}」后来也被合并（合并单 {number}），请先撤销那张合并单"
_NAMED_BY = ("number", "subject", "name", "title", "value")
_TABLES = Base.metadata.tables
_MERGING = ("merge", "merge_cluster", "undo_merge", "undo_cluster")


@dataclass(frozen=True, slots=True)
class Undone:
    """An undone 合并单 and what stayed behind, in words."""

    merge_id: int
    number: str
    text: str
    conflicts: list[str]


@dataclass(slots=True)
class _Undo:
    session: Session
    writer: Writer
    merge: Merge
    conflicts: list[str] = field(default_factory=list)

    @property
    def changed(self) -> dict[str, dict[str, dict[str, list[Any]]]]:
        return dict(self.merge.moved["changed"])

    def image(self, table: str, key: int) -> Image:
        return dict(self.merge.before["rows"][table][str(key)])


@action(Permission.DUPLICATE_REVIEW)
def undo_merge(work: Work, merge_id: int, *, token: str | None = None) -> Undone:
    """Give the loser back its life and its children."""
    session = work.session
    merge = session.scalar(select(Merge).where(Merge.id == merge_id).with_for_update())
    if merge is None:
        raise NotAllowed
    survivor, loser = _both(work, merge)
    if refusal := undo_refusal(merge, survivor, loser):
        raise Refused(refusal)
    undo = _Undo(session, Writer(session), merge)
    _require_free_names(undo)
    _restore_survivor(undo)
    _restore_loser(undo)
    _remove_added(undo)
    going, staying = _sorted_children(undo)
    _insert_removed(undo, of_loser=True)
    _send_back(undo, going)
    _insert_removed(undo, of_loser=False)
    _restore_others(undo, staying)
    _list_new_children(undo)
    if _were_met_since(undo):
        refresh_last_contact(session, (merge.survivor_id, merge.loser_id))
    merge.undone_at, merge.undone_by_id = clock.now(), work.actor.person_id
    merge.leftovers = list(undo.conflicts)
    session.flush()  # its change log belongs to this action
    text = f"已撤销合并单 {merge.number}，「{loser.name}」已恢复"
    if undo.conflicts:
        text += f"；{len(undo.conflicts)} 项合并后有变动，留在保留方"
    return Undone(merge.id, merge.number, text, undo.conflicts)


def _were_met_since(undo: _Undo) -> bool:
    """Say whether anybody worked on an activity of the two: then the days kept are no longer right."""
    activity, merge = _TABLES["activity"], undo.merge
    theirs = activity.c.customer_id.in_((merge.survivor_id, merge.loser_id))
    changed = select(ChangeLog.id).where(
        ChangeLog.entity == activity.name,
        ChangeLog.entity_id.in_(select(activity.c.id).where(theirs)),
        ChangeLog.at >= merge.merged_at,
        ChangeLog.action.not_in(_MERGING),
    )
    undo.session.flush()
    return undo.session.scalar(changed.limit(1)) is not None


def undo_refusal(merge: Merge, survivor: Customer, loser: Customer) -> str | None:
    """Return why a 合并单 cannot be undone, or None."""
    if merge.undone_at is not None:
        return UNDONE
    if not is_recent(merge.merged_at):
        return TOO_OLD
    if survivor.status is CustomerStatus.MERGED and (number := _later_merge(survivor)):
        return MERGED_ON.format(name=survivor.name, number=number)
    if loser.status is not CustomerStatus.MERGED or loser.merged_into_id != survivor.id:
        return NOT_MERGED.format(name=loser.name)
    if survivor.status not in LIVE:
        state = words.CUSTOMER_STATUS[survivor.status]
        return NOT_LIVE.format(name=survivor.name, state=state)
    return None


def _later_merge(survivor: Customer) -> str | None:
    session = object_session(survivor)
    if session is None:
        return None
    later = select(Merge.number).where(Merge.loser_id == survivor.id, Merge.undone_at.is_(None))
    return session.scalar(later.order_by(Merge.id.desc()).limit(1))


def is_recent(merged_at: datetime) -> bool:
    """Say whether the time for an undo has not run out."""
    return clock.now() - merged_at <= timedelta(days=UNDO_DAYS)


def _both(work: Work, merge: Merge) -> tuple[Customer, Customer]:
    allowed = visible_customers(work.actor, Permission.DUPLICATE_REVIEW)
    keys = sorted((merge.survivor_id, merge.loser_id))
    locked = {key: work.fetch(Customer, key, allowed) for key in keys}
    return locked[merge.survivor_id], locked[merge.loser_id]


def _restore_survivor(undo: _Undo) -> None:
    table, key = _TABLES[CUSTOMER], undo.merge.survivor_id
    undo.writer.touch(table, key)
    _restore_columns(undo, table, key, undo.changed.get(CUSTOMER, {}).get(str(key), {}))


def _restore_loser(undo: _Undo) -> None:
    table, key = _TABLES[CUSTOMER], undo.merge.loser_id
    row = images.read_ids(undo.session, table, [key])[key]
    old = {name: both[0] for name, both in undo.changed[CUSTOMER][str(key)].items()}
    undo.writer.change(table, [row], images.revived(table, old))


def _restore_columns(undo: _Undo, table: Table, key: int, changes: dict[str, list[Any]]) -> None:
    row = images.read_ids(undo.session, table, [key]).get(key)
    if row is None or not changes:
        return
    now = images.image(row)
    unchanged = {name: both[0] for name, both in changes.items() if now[name] == both[1]}
    undo.writer.change(table, [row], images.revived(table, unchanged))
    for name in changes.keys() - unchanged.keys():
        if column_label := words.CUSTOMER.get(name.removesuffix("_id")):
            what = f"{children.label(table.name)} {_name(row)} 的{column_label}"
            undo.conflicts.append(f"{what}合并后已修改，保持现值")


def _require_free_name(undo: _Undo, wanted: Image) -> None:
    table = _TABLES[CUSTOMER]
    both = (undo.merge.survivor_id, undo.merge.loser_id)
    taken = table.c.name_key == wanted["name_key"]
    taken &= table.c.status.in_(LIVE) & table.c.id.not_in(both)
    for row in images.read(undo.session, table, taken):
        message = NAME_TAKEN.format(name=row["name"], code=row["code"], wanted=wanted["name"])
        raise Refused(message)


def _require_free_names(undo: _Undo) -> None:
    # Asked before anything is written: the database's own answer would name nobody.
    survivor_id, loser_id = undo.merge.survivor_id, undo.merge.loser_id
    _require_free_name(undo, undo.image(CUSTOMER, loser_id))
    changes = undo.changed.get(CUSTOMER, {}).get(str(survivor_id), {})
    now = images.read_ids(undo.session, _TABLES[CUSTOMER], [survivor_id])[survivor_id]
    if "name_key" not in changes:
        returns = now["name_key"]
    elif now["name_key"] == changes["name_key"][1]:
        returns = changes["name_key"][0]
        _require_free_name(undo, undo.image(CUSTOMER, survivor_id))
    else:
        returns = now["name_key"]
    if returns == undo.image(CUSTOMER, loser_id)["name_key"]:
        wanted = undo.image(CUSTOMER, loser_id)["name"]
        raise Refused(NAME_TAKEN.format(name=now["name"], code=now["code"], wanted=wanted))


def _remove_added(undo: _Undo) -> None:
    for name, added in undo.merge.moved["added"].items():
        table = _TABLES[name]
        rows = images.read_ids(undo.session, table, map(int, added))
        for key, row in rows.items():
            if images.image(row) == added[str(key)]:
                undo.writer.remove(table, row)
            else:
                undo.conflicts.append(_stays(name, row))


def _sorted_children(undo: _Undo) -> tuple[dict[str, dict[int, Row]], set[tuple[str, int]]]:
    """Split the moved rows: those that go back, and the keys of those that stay."""
    going: dict[str, dict[int, Row]] = {}
    staying: set[tuple[str, int]] = set()
    for reference in children.references():
        name = reference.table.name
        for key, row in _moved_rows(undo, reference, staying).items():
            if _is_edited(undo, name, row):
                staying.add((name, key))
                undo.conflicts.append(_stays(name, row))
            else:
                going.setdefault(name, {})[key] = row
    for name, key in staying:
        going.get(name, {}).pop(key, None)
    _keep_what_stays_needs(undo, going, staying)
    return going, staying


def _moved_rows(undo: _Undo, reference: Reference, staying: set[tuple[str, int]]) -> dict[int, Row]:
    name = reference.table.name
    ids = {
        int(key)
        for key, columns in undo.changed.get(name, {}).items()
        if reference.column in columns and (name, int(key)) not in staying
    }
    ids -= {undo.merge.loser_id, undo.merge.survivor_id} if name == CUSTOMER else set()
    rows = images.read_ids(undo.session, reference.table, ids)
    for key in sorted(ids - rows.keys()):
        undo.conflicts.append(f"{children.label(name)} {key} 合并后已删除")
    return rows


def _is_edited(undo: _Undo, name: str, row: Row) -> bool:
    expected = undo.image(name, row["id"])
    expected |= {c: both[1] for c, both in undo.changed[name][str(row["id"])].items()}
    now = images.image(row)
    return any(now[c] != value for c, value in expected.items() if c != images.VERSION)


def _keep_what_stays_needs(
    undo: _Undo, going: dict[str, dict[int, Row]], staying: set[tuple[str, int]]
) -> None:
    # A deal that stays keeps its contact; otherwise it would name another customer's.
    of_customer = children.references()
    survivor_id = undo.merge.survivor_id
    needed: set[tuple[str, int]] = {("", 0)}
    while needed:
        needed = set()
        for name, rows in going.items():
            if name == CUSTOMER:
                continue  # one that was merged into the loser before goes with it
            for reference in children.references(name):
                table = reference.table
                for owner in (r for r in of_customer if r.table is table and rows):
                    condition = owner.points_at(CUSTOMER, survivor_id)
                    condition &= reference.points_at_any(name, list(rows))
                    for row in images.read(undo.session, table, condition):
                        if row["id"] not in going.get(table.name, {}):
                            needed.add((name, row[reference.column]))
        for name, key in sorted(needed):
            undo.conflicts.append(_stays(name, going[name].pop(key), "被合并后的数据引用"))
            staying.add((name, key))


def _send_back(undo: _Undo, going: dict[str, dict[int, Row]]) -> None:
    for name, rows in going.items():
        alike: dict[str, list[Row]] = {}
        for key, row in rows.items():
            old = {c: both[0] for c, both in undo.changed[name][str(key)].items()}
            alike.setdefault(repr(sorted(old.items())), []).append(row)
        for same in alike.values():
            if _returned(undo, _TABLES[name], same):
                continue
            for row in same:  # one of them has no place any more: find out which
                if not _returned(undo, _TABLES[name], [row]):
                    undo.conflicts.append(_stays(name, row, "在原客户已有相同的一条"))


def _returned(undo: _Undo, table: Table, rows: list[Row]) -> bool:
    changes = undo.changed[table.name][str(rows[0]["id"])]
    old = images.revived(table, {c: both[0] for c, both in changes.items()})
    try:
        with undo.session.begin_nested():
            undo.writer.change(table, [dict(row) for row in rows], old)
    except IntegrityError:
        return False
    return True


def _insert_removed(undo: _Undo, *, of_loser: bool) -> None:
    loser_id = undo.merge.loser_id
    for name, keys in undo.merge.moved["removed"].items():
        table = _TABLES[name]
        pointing = [r for r in children.references() if r.table is table]
        for key in keys:
            kept = undo.image(name, key)
            if of_loser != any(kept[r.column] == loser_id for r in pointing):
                continue
            # SQLite gives the number of a deleted last row away again.
            renewed = {column: value for column, value in kept.items() if column != "id"}
            if not (_inserted(undo, table, kept) or _inserted(undo, table, renewed)):
                undo.conflicts.append(f"{children.label(name)} 已有相同的一条，原记录未恢复")


def _inserted(undo: _Undo, table: Table, kept: Image) -> bool:
    try:
        with undo.session.begin_nested():
            undo.writer.add(table, images.revived(table, kept))
    except IntegrityError:
        return False
    return True


def _restore_others(undo: _Undo, staying: set[tuple[str, int]]) -> None:
    """Restore rows that the merge changed but did not move."""
    pointing = {(r.table.name, r.column) for r in children.references()}
    for name, rows in undo.changed.items():
        for key, columns in rows.items():
            is_customer = name == CUSTOMER
            moved = any((name, c) in pointing for c in columns)
            if is_customer or moved or (name, int(key)) in staying:
                continue
            _restore_columns(undo, _TABLES[name], int(key), columns)


def _list_new_children(undo: _Undo) -> None:
    tops, counts = undo.merge.before["tops"], Counter[str]()
    for reference in (r for r in children.references() if r.type_column is None):
        table = reference.table
        here = reference.points_at(CUSTOMER, undo.merge.survivor_id)
        ids = select(table.c.id).where(here, table.c.id > tops.get(table.name, 0))
        counts[children.label(table.name)] += len(undo.session.scalars(ids).all())
    undo.conflicts += [f"合并后新增的{what} {n} 条留在保留方" for what, n in counts.items() if n]


def _stays(name: str, row: Row, why: str = "合并后已修改") -> str:
    return f"{children.label(name)} {_name(row)} {why}，留在保留方"


def _name(row: Row) -> str:
    found: Iterable[Any] = (row[column] for column in _NAMED_BY if row.get(column))
    return "「" + str(next(iter(found), row["id"])) + "」"

"""Take back what a batch wrote, row by row of its file.

A row is taken back whole, or kept whole: kept when people changed one of its records since, or
built on it (a deal with an imported customer). Fields filled in known records are emptied again
unless they were changed since.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Table, delete, select

from crmlib.access.action import Work
from crmlib.customers.contacted import refresh_last_contact
from crmlib.duplicates.children import HISTORY, Reference, label, references
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.exchange.ledger import Tell, stored
from crmlib.exchange.model import ImportChange, ImportRow
from crmlib.store import log
from crmlib.store.schema import Base, Record

AT_ONCE = 900
Kept = tuple[int, str, str]  # row of the file, name, why
_CHANGED = "导入后已被修改"
_PAIR = DuplicatePair.__tablename__
# What the system derives; nobody typed it.
_DERIVED = frozenset({"version", "value_score", "last_contact_on", "last_trade_on"})
Key = tuple[str, int]  # table, id


def take_back(work: Work, batch_id: int, tell: Tell) -> list[Kept]:
    """Delete and restore what a batch wrote, in the running transaction; return what is kept."""
    changes = work.session.scalars(
        select(ImportChange).where(ImportChange.batch_id == batch_id).order_by(ImportChange.id)
    ).all()
    tell("核对", 0, len(changes))
    undo = _Undo(work, tell)
    undo.weigh([change for change in changes if change.before is None])
    refilled = undo.restore([change for change in reversed(changes) if change.before is not None])
    undo.delete()
    named = select(ImportRow.number, ImportRow.name).where(ImportRow.batch_id == batch_id)
    names = dict(work.session.execute(named).all())
    kept = {number: reason for number, reason in undo.kept.items() if number} | refilled
    return [(number, names.get(number, ""), why) for number, why in sorted(kept.items())]


@dataclass(slots=True)
class _Undo:
    work: Work
    tell: Tell
    number_of: dict[Key, int] = field(default_factory=dict)  # inserted record → row
    kept: dict[int, str] = field(default_factory=dict)  # row → why
    pairs: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _inner: list[tuple[Key, Key]] = field(default_factory=list)  # record → record it points at
    _images: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def weigh(self, inserted: Sequence[ImportChange]) -> None:
        """Find the rows that must stay."""
        self.number_of = {(c.entity, c.entity_id): c.number for c in inserted if c.entity != _PAIR}
        wanted: dict[str, dict[int, ImportChange]] = defaultdict(dict)
        for change in inserted:
            wanted[change.entity][change.entity_id] = change
        for entity, of_table in wanted.items():
            self._compare(Base.metadata.tables[entity], of_table)
        for entity in {entity for entity, _ in self.number_of}:
            self._find_references(entity)
        self._spread()

    def _compare(self, table: Table, wanted: dict[int, ImportChange]) -> None:
        there: set[int] = set()
        for keys in _parts(wanted):
            self.tell("核对", len(there), len(wanted))
            for row in self.work.session.execute(select(table).where(table.c.id.in_(keys))):
                there.add(row.id)
                image = {name: stored(value) for name, value in row._asdict().items()}
                self._images[table.name, row.id] = image
                change = wanted[row.id]
                if table.name != _PAIR and not _is_as_written(table, image, change.after):
                    self.kept.setdefault(change.number, _CHANGED)
        for key in wanted.keys() - there:  # somebody removed it himself
            self.number_of.pop((table.name, key), None)

    def _find_references(self, entity: str) -> None:
        keys = sorted(key for name, key in self.number_of if name == entity)
        found = references(entity)
        tables = Base.metadata.tables
        found += [Reference(tables[t], c) for t, c in HISTORY if _points_at(tables[t].c[c], entity)]
        for reference in found:
            for part in _parts(keys):
                question = select(reference.table, reference.table.c[reference.column]).where(
                    reference.points_at_any(entity, part)
                )
                for row in self.work.session.execute(question):
                    self._note(reference, row._asdict(), entity)

    def _note(self, reference: Reference, row: dict[str, Any], entity: str) -> None:
        source: Key = (reference.table.name, row["id"])
        target: Key = (entity, row[reference.column])
        if source in self.number_of:
            self._inner.append((source, target))
        elif reference.table.name == _PAIR and row["status"] == PairStatus.OPEN:
            # Nobody decided on it yet: it goes with the customer.
            self.pairs[row["id"]].add(target[1])
            self._images[source] = {name: stored(value) for name, value in row.items()}
        else:
            self.kept.setdefault(self.number_of[target], f"已有{label(reference.table.name)}")

    def _spread(self) -> None:
        """Keep what kept rows point at, until nothing more is to be kept."""
        while fresh := {
            self.number_of[target]
            for source, target in self._inner
            if self.number_of[source] in self.kept and self.number_of[target] not in self.kept
        }:
            self.kept |= dict.fromkeys(fresh, "被保留的其他行使用")

    def restore(self, changes: Sequence[ImportChange]) -> dict[int, str]:
        """Give filled fields their old values back; return the rows whose fields were changed."""
        left: dict[int, str] = {}
        models = {m.class_.__tablename__: m.class_ for m in Base.registry.mappers}
        for done, change in enumerate(changes):
            if done % AT_ONCE == 0:
                self.tell("恢复", done, len(changes))
            model: type[Record] = models[change.entity]
            record = self.work.session.get(model, change.entity_id)
            if record is None:
                left[change.number] = "记录已不存在"
                continue
            before = change.before or {}
            for name, after in change.after.items():
                if stored(getattr(record, name)) == after:
                    setattr(record, name, _parsed(model.__table__.c[name], before[name]))
                elif name != "incomplete":
                    left[change.number] = _CHANGED
        self.work.session.flush()
        return left

    def delete(self) -> None:
        """Delete the rows that go, records that point at others first."""
        gone: dict[str, list[int]] = defaultdict(list)
        for (entity, key), number in self.number_of.items():
            if number not in self.kept:
                gone[entity].append(key)
        customers = set(gone["customer"])
        met = {self._images["activity", key]["customer_id"] for key in gone["activity"]}
        gone[_PAIR] = [pair for pair, ends in self.pairs.items() if ends & customers]
        total, done = sum(map(len, gone.values())), 0
        for table in reversed(Base.metadata.sorted_tables):
            for part in _parts(gone.get(table.name, [])):
                self.tell("撤销", done, total)
                done += len(part)
                self.work.session.execute(delete(table).where(table.c.id.in_(part)))
                log.write(
                    self.work.session,
                    [
                        {
                            "entity": table.name,
                            "entity_id": key,
                            "kind": "delete",
                            "before": self._images[table.name, key],
                        }
                        for key in part
                    ],
                )
        refresh_last_contact(self.work.session, met - customers)


def _points_at(column: Any, entity: str) -> bool:
    return any(key.target_fullname == f"{entity}.id" for key in column.foreign_keys)


def _is_as_written(table: Table, image: dict[str, Any], after: dict[str, Any]) -> bool:
    return all(
        image[column.name] == after.get(column.name, _usual(column))
        for column in table.c
        if column.name not in _DERIVED
    )


def _usual(column: Column[Any]) -> Any:
    """Return what a column holds that nobody gave a value."""
    default = column.default
    value = default.arg if default is not None and default.is_scalar else None  # type: ignore[attr-defined]
    return stored(value)


def _parsed(column: Any, value: Any) -> Any:
    """Return a stored value as the column takes it."""
    kind = column.type.python_type
    if value is None or isinstance(value, kind):
        return value
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return Decimal(value) if kind is Decimal else kind(value)


def _parts(keys: Any) -> Iterator[list[int]]:
    listed = list(keys)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]

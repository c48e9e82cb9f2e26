"""Change rows of any table by key, keeping what they were, and bring them back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Enum, Numeric, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from crmlib.store import log
from crmlib.store.schema import Base
from crmlib.store.types import Money, UtcDateTime

Row = dict[str, Any]
Image = dict[str, Any]  # a row as JSON holds it
VERSION = "version"
_CHUNK = 500


def read(session: Session, table: Table, condition: ColumnElement[bool]) -> list[Row]:
    """Return whole rows, lowest id first."""
    found = session.execute(select(table).where(condition).order_by(table.c.id))
    return [dict(row._mapping) for row in found]


def read_ids(session: Session, table: Table, ids: Iterable[int]) -> dict[int, Row]:
    """Return whole rows by id; missing ones are left out."""
    wanted = list(ids)
    found: dict[int, Row] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found |= {row["id"]: row for row in read(session, table, table.c.id.in_(part))}
    return found


def image(row: Mapping[str, Any]) -> Image:
    """Return a row as JSON holds it."""
    return {name: log.plain(value) for name, value in row.items()}


def revived(table: Table, kept: Mapping[str, Any]) -> Row:
    """Return an image as the database takes it."""
    return {
        name: _revive(table.c[name].type, value) for name, value in kept.items() if name in table.c
    }


def _revive(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Money | Numeric):
        return Decimal(str(value))
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value


class Writer:
    """Writes rows in one transaction: each with its change log, its version and its old image."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.before: dict[str, dict[str, Image]] = {}
        self.changed: dict[str, dict[str, dict[str, list[Any]]]] = {}
        self.removed: dict[str, list[int]] = {}
        self.added: dict[str, dict[str, Image]] = {}

    def change(self, table: Table, rows: Iterable[Row], values: Mapping[str, Any]) -> None:
        """Give all these rows the same new values; rows that have them already are left alone."""
        due = [row for row in rows if any(row[name] != value for name, value in values.items())]
        if not due:
            return
        bump = {VERSION: table.c[VERSION] + 1} if VERSION in table.c else {}
        for start in range(0, len(due), _CHUNK):
            ids = [row["id"] for row in due[start : start + _CHUNK]]
            self._session.execute(
                update(table).where(table.c.id.in_(ids)).values({**values, **bump})
            )
        entries = [self._note_change(table, row, values) for row in due]
        self._log(table, entries)

    def touch(self, table: Table, key: int) -> None:
        """Let forms and pages opened before notice that the row's belongings changed."""
        grown = {VERSION: table.c[VERSION] + 1}
        self._session.execute(update(table).where(table.c.id == key).values(grown))

    def _note_change(self, table: Table, row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
        key = str(row["id"])
        self.before.setdefault(table.name, {}).setdefault(key, image(row))
        old = {name: log.plain(row[name]) for name, new in values.items() if row[name] != new}
        new = {name: log.plain(values[name]) for name in old}
        noted = self.changed.setdefault(table.name, {}).setdefault(key, {})
        for name, value in new.items():
            first = noted[name][0] if name in noted else old[name]
            noted[name] = [first, value]
        row.update(values)
        return {"entity_id": row["id"], "kind": "update", "before": old, "after": new}

    def remove(self, table: Table, row: Row) -> None:
        """Delete a row; its image stays."""
        self._session.execute(delete(table).where(table.c.id == row["id"]))
        self.before.setdefault(table.name, {}).setdefault(str(row["id"]), image(row))
        self.removed.setdefault(table.name, []).append(row["id"])
        entry = {"entity_id": row["id"], "kind": "delete", "before": image(row), "after": None}
        self._log(table, [entry])

    def add(self, table: Table, row: Row) -> int:
        """Insert a row and return its id."""
        made = self._session.execute(insert(table).values(row).returning(*table.c)).one()
        whole = dict(made._mapping)
        key = whole["id"]
        self.added.setdefault(table.name, {})[str(key)] = image(whole)
        entry = {"entity_id": key, "kind": "insert", "before": None, "after": image(whole)}
        self._log(table, [entry])
        return int(key)

    def _log(self, table: Table, entries: list[dict[str, Any]]) -> None:
        if _is_logged(table):
            log.write(self._session, [{"entity": table.name, **entry} for entry in entries])


def _is_logged(table: Table) -> bool:
    mapped = (m.class_ for m in Base.registry.mappers if m.local_table is table)
    return all(getattr(kind, "logged", True) for kind in mapped)

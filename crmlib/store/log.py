"""Write the change log: every flushed change of a logged table leaves one row."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import event, func, insert, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from crmlib import clock
from crmlib.store.schema import Base, ChangeLog

PERSON, ACTION = "person_id", "action"
# The name of the token by which a program acts for a person.
_VIA: ContextVar[str | None] = ContextVar("via", default=None)
# Records that others belong to; the closest first.
_PARENTS = ("opportunity", "customer")


@contextmanager
def acting_through(program: str) -> Iterator[None]:
    """Note the program's name with every change made inside."""
    before = _VIA.set(program)
    try:
        yield
    finally:
        _VIA.reset(before)


def plain(value: Any) -> Any:
    """Return a column's value as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def row_of(record: Base) -> dict[str, Any]:
    """Return all columns of a record, but for secret ones, as JSON values."""
    return {
        a.key: plain(getattr(record, a.key))
        for a in inspect(record).mapper.column_attrs
        if a.key not in record.secret
    }


def write(session: Session, rows: list[dict[str, Any]]) -> None:
    """Append change rows in the session's transaction; who and why come from its info."""
    if not rows:
        return
    stamp = {
        "at": clock.now(),
        "person_id": session.info.get(PERSON),
        "action": session.info.get(ACTION, "system"),
        "txid": _txid(session),
        "via": _VIA.get(),
    }
    blank = {"entity_id": None, "before": None, "after": None}
    session.connection().execute(
        insert(ChangeLog), [stamp | blank | _belonging(row) | row for row in rows]
    )


def _belonging(row: dict[str, Any]) -> dict[str, Any]:
    """Return the record a row that came or went belongs to, as its columns tell."""
    image = row.get("after") or row.get("before") or {}
    if row["kind"] not in {"insert", "delete"}:
        return {"parent": None, "parent_id": None}
    if image.get("entity_type") and image.get("entity_id"):
        return {"parent": image["entity_type"], "parent_id": image["entity_id"]}
    for parent in _PARENTS:
        if image.get(f"{parent}_id"):
            return {"parent": parent, "parent_id": image[f"{parent}_id"]}
    return {"parent": None, "parent_id": None}


def _txid(session: Session) -> int | None:
    if session.get_bind().dialect.name != "postgresql":
        return None
    if "txid" not in session.info:
        session.info["txid"] = int(session.scalar(select(func.txid_current())))  # type: ignore[arg-type]
    return int(session.info["txid"])


@event.listens_for(Session, "after_flush")
def _log_flush(session: Session, _context: UOWTransaction) -> None:
    rows = [_inserted(r) for r in session.new if _is_logged(r)]
    rows += [row for r in session.dirty if _is_logged(r) and (row := _updated(r))]
    rows += [_deleted(r) for r in session.deleted if _is_logged(r)]
    write(session, rows)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget_transaction(session: Session) -> None:
    session.info.pop("txid", None)


def _is_logged(record: Any) -> bool:
    return isinstance(record, Base) and record.logged


def _inserted(record: Any) -> dict[str, Any]:
    return _row(record, "insert", None, row_of(record))


def _deleted(record: Any) -> dict[str, Any]:
    return _row(record, "delete", row_of(record), None)


def _updated(record: Any) -> dict[str, Any] | None:
    before, after = {}, {}
    state = inspect(record)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if not history.has_changes():
            continue
        old = plain(history.deleted[0]) if history.deleted else None
        new = plain(history.added[0]) if history.added else None
        if old != new and attribute.key not in record.secret | {"version"}:
            before[attribute.key], after[attribute.key] = old, new
    return _row(record, "update", before, after) if after else None


def _row(record: Any, kind: str, before: Any, after: Any) -> dict[str, Any]:
    return {
        "entity": record.__tablename__,
        "entity_id": getattr(record, "id", None),
        "kind": kind,
        "before": before,
        "after": after,
    }

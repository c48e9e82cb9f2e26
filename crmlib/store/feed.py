"""Read the change log as a feed that misses nothing, also with concurrent writers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, func, literal, select, text
from sqlalchemy.orm import Session

from crmlib.store.engine import engine
from crmlib.store.schema import ChangeLog


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its table, row and kind."""

    id: int
    entity: str
    entity_id: int | None
    kind: str
    after: dict[str, Any] | None


class Feed:
    """A reader's place in the log; ``poll`` answers what was committed since the last poll.

    On SQLite writers queue, so the row number orders commits. On PostgreSQL a lower number
    may commit later, so the place is a transaction snapshot: new is what the last one hid.
    """

    def __init__(self, place: str | None = None) -> None:
        """Begin now, or at the place where another reader stood."""
        self._last_id = 0
        self._snapshot: str | None = None
        self._is_postgres = engine().dialect.name == "postgresql"
        if place is None:
            self.poll(limit=0)
        elif self._is_postgres:
            self._snapshot = place
        else:
            self._last_id = int(place)

    @property
    def place(self) -> str:
        """Where this reader stands; a later one may begin there."""
        return (self._snapshot or "") if self._is_postgres else str(self._last_id)

    def poll(self, limit: int | None = None) -> list[Change]:
        """Return changes committed since the last call, oldest first."""
        with Session(engine().execution_options(**self._options())) as session:
            return (
                self._poll_postgres(session)
                if self._is_postgres
                else self._poll_sqlite(session, limit)
            )

    def _options(self) -> dict[str, Any]:
        # Snapshot and rows must be of one moment.
        return {"isolation_level": "REPEATABLE READ"} if self._is_postgres else {}

    def _poll_sqlite(self, session: Session, limit: int | None) -> list[Change]:
        if limit == 0:
            self._last_id = session.scalar(select(func.max(ChangeLog.id))) or 0
            return []
        rows = session.execute(
            _COLUMNS.where(ChangeLog.id > self._last_id).order_by(ChangeLog.id)
        ).all()
        if rows:
            self._last_id = rows[-1].id
        return [Change(*row) for row in rows]

    def _poll_postgres(self, session: Session) -> list[Change]:
        previous = self._snapshot
        self._snapshot = session.scalar(select(cast(func.pg_current_snapshot(), Text)))
        if previous is None:
            return []
        oldest = session.scalar(
            text("select pg_snapshot_xmin(cast(:s as pg_snapshot))::text::bigint"), {"s": previous}
        )
        rows = session.execute(
            _COLUMNS.where(
                ChangeLog.txid >= literal(oldest, BigInteger),
                text(
                    "not pg_visible_in_snapshot(change_log.txid::text::xid8, "
                    "cast(:previous as pg_snapshot))"
                ).bindparams(previous=previous),
            ).order_by(ChangeLog.id)
        ).all()
        return [Change(*row) for row in rows]


_COLUMNS = select(
    ChangeLog.id, ChangeLog.entity, ChangeLog.entity_id, ChangeLog.kind, ChangeLog.after
)


def place_now(session: Session) -> str:
    """Return the place after everything committed by now, to be kept in the database."""
    if session.get_bind().dialect.name == "postgresql":
        return str(session.scalar(select(cast(func.pg_current_snapshot(), Text))))
    return str(session.scalar(select(func.max(ChangeLog.id))) or 0)


def committed_between(session: Session, since: str, until: str) -> ColumnElement[bool]:
    """Return the condition that a row of the log was committed after one place, up to another."""
    if session.get_bind().dialect.name != "postgresql":
        return (ChangeLog.id > int(since)) & (ChangeLog.id <= int(until))
    xid = "change_log.txid::text::xid8"
    return and_(
        text(
            "change_log.txid >= pg_snapshot_xmin(cast(:since as pg_snapshot))::text::bigint"
        ).bindparams(since=since),
        text(f"not pg_visible_in_snapshot({xid}, cast(:since as pg_snapshot))").bindparams(
            since=since
        ),
        text(f"pg_visible_in_snapshot({xid}, cast(:until as pg_snapshot))").bindparams(until=until),
    )


def is_of_this_log(session: Session, place: str) -> bool:
    """Say whether a kept place fits: not from another database, not from before a restore."""
    is_snapshot = place.count(":") == 2
    if session.get_bind().dialect.name != "postgresql":
        return not is_snapshot and int(place) <= int(place_now(session))
    newest = text(
        "select pg_snapshot_xmax(cast(:place as pg_snapshot)) "
        "<= pg_snapshot_xmax(pg_current_snapshot())"
    )
    return is_snapshot and bool(session.scalar(newest, {"place": place}))

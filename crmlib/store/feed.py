"""Read the change log as a feed that misses nothing, also with concurrent writers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Text, cast, func, literal, select, text
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

    def __init__(self) -> None:
        self._last_id = 0
        self._snapshot: str | None = None
        self._is_postgres = engine().dialect.name == "postgresql"
        self.poll(limit=0)

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

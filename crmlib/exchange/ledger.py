"""Write what a batch brings, in bulk, and keep account of it so that it can be taken back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select

from crmlib.access.action import Work
from crmlib.exchange.model import ImportChange
from crmlib.store import log
from crmlib.store.schema import Record

# Called with what is being done, how far it is and of how many; it may raise to stop.
Tell = Callable[[str, int, int], None]
_AT_ONCE = 2000


def silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


def stored(value: Any) -> Any:
    """Return a column's value as JSON, the same before it is written and after it is read."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return log.plain(value)


class Ledger:
    """The writing side of one import."""

    def __init__(self, work: Work, batch_id: int | None = None, tell: Tell = silent) -> None:
        self.work, self.tell = work, tell
        self.pairs = 0  # similar customers queued for 综合部
        self._batch_id = batch_id
        self._changes: list[dict[str, Any]] = []

    def insert(
        self, model: type[Record], values: Sequence[Mapping[str, Any]], numbers: Sequence[int]
    ) -> list[int]:
        """Insert rows of one table, each for a row of the file, with their log; return the ids."""
        ids: list[int] = []
        for start in range(0, len(values), _AT_ONCE):
            self.tell("写入", start, len(values))
            part = values[start : start + _AT_ONCE]
            ids += self._insert(model, part, numbers[start : start + _AT_ONCE])
        return ids

    def _insert(
        self, model: type[Record], values: Sequence[Mapping[str, Any]], numbers: Sequence[int]
    ) -> list[int]:
        session = self.work.session
        ids = self._next_ids(model, len(values))
        rows = [{"id": key, **row} for key, row in zip(ids, values, strict=True)]
        # Past the ORM, which would part the rows by their empty columns into many statements.
        session.connection().execute(insert(model.__table__), rows)  # type: ignore[arg-type]
        images = [{name: stored(value) for name, value in row.items()} for row in rows]
        entity = model.__tablename__
        log.write(
            session,
            [
                {"entity": entity, "entity_id": image["id"], "kind": "insert", "after": image}
                for image in images
            ],
        )
        for number, image in zip(numbers, images, strict=True):
            self._note(number, entity, image["id"], None, image)
        return ids

    def change(self, record: Record, number: int, values: Mapping[str, Any]) -> bool:
        """Set the columns of a record that differ; say whether any did."""
        new = {n: value for n, value in values.items() if getattr(record, n) != value}
        if not new:
            return False
        before = {name: stored(getattr(record, name)) for name in new}
        for name, value in new.items():
            setattr(record, name, value)
        after = {name: stored(value) for name, value in new.items()}
        self._note(number, record.__tablename__, record.id, before, after)
        return True

    def close(self) -> None:
        """Write the account; the transaction's last step."""
        self.work.session.flush()
        if self._changes:
            self.work.session.connection().execute(insert(ImportChange), self._changes)
        self._changes = []

    def _note(
        self,
        number: int,
        entity: str,
        key: int,
        before: dict[str, Any] | None,
        after: dict[str, Any],
    ) -> None:
        if self._batch_id is not None:
            self._changes.append(
                {
                    "batch_id": self._batch_id,
                    "number": number,
                    "entity": entity,
                    "entity_id": key,
                    "before": before,
                    "after": after,
                }
            )

    def _next_ids(self, model: type[Record], count: int) -> list[int]:
        """Return fresh numbers: asking the database back row by row would cost a statement each."""
        session = self.work.session
        if session.get_bind().dialect.name == "postgresql":
            sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
            fresh = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
            return list(session.scalars(fresh))
        # SQLite's writers queue, so nobody else takes these.
        last = session.scalar(select(func.max(model.id))) or 0
        return list(range(last + 1, last + count + 1))

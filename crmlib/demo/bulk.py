"""Write many rows at once: executemany on SQLite, COPY on PostgreSQL."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from sqlalchemy import Index, Table, func, select, text
from sqlalchemy.orm import Session

from crmlib.store.schema import Record

Row = dict[str, Any]
_BATCH = 20_000


def insert_rows(session: Session, model: type[Record], rows: Iterable[Row]) -> int:
    """Insert rows that all have the keys of the first and return how many they were.

    Nothing is written to the change log: the filling as a whole is one event there.
    """
    stream = iter(rows)
    first = next(stream, None)
    if first is None:
        return 0
    table: Table = model.__table__  # type: ignore[assignment]
    values = _values(session, table, chain((first,), stream), tuple(first))
    if session.get_bind().dialect.name == "postgresql":
        count = _copy(session, table, tuple(first), values)
    else:
        count = _execute_many(session, table, tuple(first), values)
    _continue_numbering(session, table)
    return count


@contextmanager
def without_indexes(session: Session, model: type[Record]) -> Iterator[None]:
    """Drop the plain indexes of a table while it is filled: building them at the end is quicker."""
    table: Table = model.__table__  # type: ignore[assignment]
    plain: list[Index] = [i for i in sorted(table.indexes, key=str) if not i.unique]
    connection = session.connection()
    for index in plain:
        index.drop(connection)
    yield
    for index in plain:
        index.create(connection)


def _values(
    session: Session, table: Table, rows: Iterable[Row], columns: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    dialect = session.get_bind().dialect
    writers: list[Callable[[Any], Any] | None] = [
        table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns
    ]
    for row in rows:
        yield tuple(
            row[name] if write is None else write(row[name])
            for name, write in zip(columns, writers, strict=True)
        )


def _execute_many(
    session: Session, table: Table, columns: Sequence[str], values: Iterator[tuple[Any, ...]]
) -> int:
    cursor = session.connection().connection.cursor()
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
    count = 0
    while batch := list(islice(values, _BATCH)):
        cursor.executemany(statement, batch)
        count += len(batch)
    cursor.close()
    return count


def _copy(
    session: Session, table: Table, columns: Sequence[str], values: Iterator[tuple[Any, ...]]
) -> int:
    cursor: Any = session.connection().connection.cursor()
    count = 0
    with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)
            count += 1
    cursor.close()
    return count


def _continue_numbering(session: Session, table: Table) -> None:
    # Rows came with their numbers: PostgreSQL's sequence must go on behind them.
    if session.get_bind().dialect.name != "postgresql" or "id" not in table.c:
        return
    session.execute(
        text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :top)"),
        {"name": table.name, "top": session.scalar(select(func.max(table.c.id)))},
    )

"""The fast way from the database into Polars: whole blocks of rows as CSV text, no Python per value.

The database joins the rows of a block into one text, so that a million rows are some dozens of
values for the driver; Polars parses them in its own threads. The same on both databases.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, reduce
from typing import Any

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

IDS_AT_ONCE = 5_000
LOCAL = 8 * 3600  # seconds Shanghai is ahead of UTC; no summer time there since 1991


class Kind(Enum):
    """What a column holds, which says how it travels."""

    NUMBER = auto()
    FLOAT = auto()  # SQLite tells 15 digits of it
    FLAG = auto()
    TEXT = auto()
    DATE = auto()  # a pure date
    DAY = auto()  # the Shanghai day of a moment
    MOMENT = auto()  # Shanghai wall time of a moment, to the second


_TRAVELS: Mapping[Kind, Any] = {
    Kind.NUMBER: pl.Int64(),
    Kind.FLOAT: pl.Float64(),
    Kind.FLAG: pl.Int8(),
    Kind.TEXT: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.DAY: pl.String(),
    Kind.MOMENT: pl.String(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame: where it comes from and how it is kept."""

    source: Any
    kind: Kind
    dtype: Any


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows wanted as a frame, cut into blocks of ``span`` keys.

    ``rows`` adds joins and conditions to the SELECT; ``order`` are columns, the key first.
    """

    key: Any
    columns: Mapping[str, Column]
    order: Sequence[str]
    span: int
    rows: Callable[[Select[Any]], Select[Any]]

    @property
    def schema(self) -> pl.Schema:
        """Return names and types of the frame."""
        return pl.Schema({name: column.dtype for name, column in self.columns.items()})


def read(session: Session, table: Table, ids: Iterable[int] | None = None) -> dict[int, Any]:
    """Return the rows by number of block, all or those of some keys; blocks without rows lack."""
    if ids is None:
        return dict(_blocks(session, table, None))
    parts: dict[int, list[pl.DataFrame]] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = table.key.in_(wanted[start : start + IDS_AT_ONCE])
        for number, rows in _blocks(session, table, some):
            parts.setdefault(number, []).append(rows)
    return {number: pl.concat(rows) for number, rows in parts.items()}


def _blocks(
    session: Session, table: Table, wanted: ColumnElement[bool] | None
) -> Iterable[tuple[int, pl.DataFrame]]:
    statement = _statement(table, session.get_bind().dialect.name == "postgresql")
    if wanted is not None:
        statement = statement.where(wanted)
    with session.execute(statement, execution_options={"yield_per": 1}) as found:
        for block, text in found:
            yield block, _parsed(text, table)


@cache
def _statement(table: Table, is_postgres: bool) -> Select[Any]:
    texts = [_text(column, is_postgres=is_postgres) for column in table.columns.values()]
    line = reduce(lambda left, right: left + "," + right, texts)
    number = (table.key // table.span).label("number")
    return table.rows(select(number, func.aggregate_strings(line, "\n"))).group_by(number)


def _text(column: Column, *, is_postgres: bool) -> ColumnElement[str]:
    source = column.source
    if column.kind is Kind.FLAG:
        source = cast(source, Integer)
    elif column.kind in {Kind.DAY, Kind.MOMENT}:
        source = func.timezone("UTC", source) if is_postgres else source
        source = func.substr(cast(source, String), 1, 19)
    text: Any = cast(source, String)
    if column.kind is Kind.TEXT:
        text = literal('"') + func.replace(text, '"', '""') + '"'
    return func.coalesce(text, "")


def _parsed(text: str, table: Table) -> pl.DataFrame:
    rows = pl.read_csv(
        text.encode(),
        has_header=False,
        schema={name: _TRAVELS[column.kind] for name, column in table.columns.items()},
    )
    kept = [_kept(name, column).cast(column.dtype) for name, column in table.columns.items()]
    return rows.select(kept).sort(table.order)


def _kept(name: str, column: Column) -> pl.Expr:
    value = pl.col(name)
    if column.kind in {Kind.DAY, Kind.MOMENT}:
        value = value.str.to_datetime("%Y-%m-%d %H:%M:%S") + pl.duration(seconds=LOCAL)
        return value.dt.date() if column.kind is Kind.DAY else value
    return value

"""The rows of one subject for the whole firm, in memory, brought up to date by the change feed."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, TypeVar

import polars as pl
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.insight.naming import Names, load_names
from crmlib.insight.raw import Table, read
from crmlib.store.engine import reading
from crmlib.store.feed import Change, Feed

B = TypeVar("B")
Rows = Sequence[Mapping[int, pl.DataFrame]]  # per table: number of block → its rows
SHARES = frozenset({"opportunity_share", "customer_share"})
NAMING = frozenset({"office", "stage", "stage_set", "region", "dict_item"})
PERSON_FIELDS = frozenset({"name", "role", "office_id", "reports_to_id", "active", "joined_on"})


@dataclass(frozen=True, slots=True)
class Subject(Generic[B]):
    """What a snapshot holds: tables cut by one key, and how a block of them is built.

    ``touched`` names the keys whose rows some changes may have moved.
    """

    tables: Sequence[Table]
    build: Callable[[Sequence[pl.DataFrame], Names, date], B]
    touched: Callable[[Iterable[Change], Rows], set[int]]


@dataclass(frozen=True, slots=True)
class State(Generic[B]):
    """The firm as of one moment; the same object as long as nothing changed."""

    blocks: Mapping[int, B]
    names: Names
    day: date
    read_at: datetime


class Snapshot(Generic[B]):
    """Blocks of rows that are read once and then follow the change feed, never read as a whole again.

    A change copies and builds its block only. Whatever fails on the way, the next call starts
    from the database.
    """

    def __init__(self, subject: Subject[B]) -> None:
        self._subject = subject
        self._lock = threading.Lock()
        self._feed: Feed | None = None
        self._rows: list[dict[int, pl.DataFrame]] = []
        self._state: State[B] | None = None

    def current(self) -> State[B]:
        """Return the state with everything committed by now."""
        with self._lock:
            state, feed = self._state, self._feed
            self._state = None
            if state is None or feed is None:
                feed = Feed()  # before the rows: what is committed meanwhile comes again
                state = self._loaded()
            else:
                state = self._followed(state, feed.poll())
            self._state, self._feed = state, feed
            return state

    def _loaded(self) -> State[B]:
        with reading() as session:
            self._rows = [read(session, table) for table in self._subject.tables]
            return self._built({}, None, load_names(session))

    def _followed(self, state: State[B], changes: Sequence[Change]) -> State[B]:
        keys = self._subject.touched(changes, self._rows)
        renamed = any(_names_move(change) for change in changes)
        shared = any(change.entity in SHARES for change in changes)
        if not (keys or renamed or shared or state.day != clock.today()):
            return state
        with reading() as session:
            moved = self._replaced(session, keys) if keys else set()
            names = load_names(session) if renamed else state.names
        if renamed or state.day != clock.today():
            return self._built({}, None, names)
        if moved:
            return self._built(state.blocks, moved, names)
        return replace(state, read_at=clock.now())

    def _replaced(self, session: Session, keys: set[int]) -> set[int]:
        """Read the rows of some keys anew; return the numbers of their blocks."""
        moved = {key // self._subject.tables[0].span for key in keys}
        for table, rows in zip(self._subject.tables, self._rows, strict=True):
            fresh = read(session, table, keys)
            gone = pl.col(table.order[0]).is_in(list(keys))
            for number in moved:
                kept = rows.get(number, table.schema.to_frame()).filter(~gone)
                added = fresh.get(number, table.schema.to_frame())
                rows[number] = pl.concat([kept, added]).sort(table.order)
        return moved

    def _built(self, blocks: Mapping[int, B], moved: set[int] | None, names: Names) -> State[B]:
        """Build the blocks of some numbers, or all; the others stay as they are."""
        today = clock.today()
        numbers = moved if moved is not None else {n for rows in self._rows for n in rows}
        built = {
            number: self._subject.build(
                [
                    rows.get(number, table.schema.to_frame())
                    for table, rows in zip(self._subject.tables, self._rows, strict=True)
                ],
                names,
                today,
            )
            for number in numbers
        }
        whole = dict(sorted({**blocks, **built}.items()))
        return State(whole, names, today, clock.now())


def _names_move(change: Change) -> bool:
    if change.entity == "person":
        return bool(PERSON_FIELDS & (change.after or {}).keys())
    return change.entity in NAMING

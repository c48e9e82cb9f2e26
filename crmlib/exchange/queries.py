"""Import batches as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed, Refused
from crmlib.exchange import shelf
from crmlib.exchange.batches import UNDO_DAYS, undo_refusal
from crmlib.exchange.model import (
    RUNNING,
    BatchState,
    ImportBatch,
    ImportKind,
    ImportRow,
    Verdict,
)
from crmlib.exchange.report import faulty_rows
from crmlib.exchange.sheets import read_rows
from crmlib.inbox.queries import Pending, count_pending
from crmlib.people.model import Person
from crmlib.store.engine import reading

_MOMENT = pl.Datetime("us", "Asia/Shanghai")
_COUNTED = tuple(verdict.value for verdict in Verdict)
BATCHES: Mapping[str, Any] = {
    "id": pl.Int64,
    "number": pl.String,
    "kind": pl.String,
    "file_name": pl.String,
    "state": pl.String,
    "rows": pl.Int64,
    **dict.fromkeys(_COUNTED, pl.Int64),
    "created_by": pl.String,
    "created_at": _MOMENT,
}
ROWS: Mapping[str, Any] = {
    "number": pl.Int64,
    "verdict": pl.String,
    "name": pl.String,
    "told": pl.String,
    "record": pl.Int64,
}
INTERRUPTED = "中断"
# The page that shows a record of a list.
CARDS = {ImportKind.CUSTOMERS: "customer", ImportKind.OPPORTUNITIES: "opportunity"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its title, what stands in it, and which field it is."""

    place: int
    title: str
    samples: tuple[str, ...]
    field: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch with everything its page needs."""

    id: int
    number: str
    kind: ImportKind
    state: BatchState
    interrupted: bool  # nobody is at work, though the state says so
    file_name: str
    size: int
    sha256: str
    created_by: str
    created_at: datetime
    applied_by: str | None
    applied_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None
    undo_until: datetime | None
    undo_refusal: str | None
    rows: int
    counts: Mapping[str, int]
    columns: tuple[Column, ...]
    options: Mapping[str, bool]
    note: str
    kept: tuple[tuple[int, str, str], ...]
    twins: tuple[str, ...]  # earlier imports of the same file, in words
    has_file: bool

    @property
    def running(self) -> bool:
        """Say whether somebody is at work on it."""
        return self.state in RUNNING and not self.interrupted


@dataclass(frozen=True, slots=True)
class RowsPage:
    """One page of verdicts (``ROWS``) and how many there are."""

    rows: pl.DataFrame
    total: int


def _expect_right(actor: Actor) -> None:
    if not actor.may(Permission.CUSTOMER_IMPORT):
        raise NotAllowed


def state_label(state: BatchState, number: str) -> str:
    """Return the Chinese name of a state; a broken-off one is named so."""
    broken = state in RUNNING and not shelf.is_at_work(number)
    return INTERRUPTED if broken else words.IMPORT_STATES[state.value]


def batches_page(actor: Actor, page: int, size: int) -> RowsPage:
    """Return the batches, newest first (columns: BATCHES)."""
    _expect_right(actor)
    with reading() as session:
        total = session.scalar(select(func.count(ImportBatch.id))) or 0
        found = session.execute(
            select(ImportBatch, Person.name)
            .join(Person, Person.id == ImportBatch.created_by_id)
            .order_by(ImportBatch.id.desc())
            .limit(size)
            .offset((page - 1) * size)
        ).all()
        records = [
            {
                "id": batch.id,
                "number": batch.number,
                "kind": words.IMPORT_KINDS[batch.kind.value],
                "file_name": batch.file_name,
                "state": state_label(batch.state, batch.number),
                "rows": batch.rows,
                "created_by": name,
                "created_at": clock.local(batch.created_at),
            }
            | {verdict: batch.counts.get(verdict) for verdict in _COUNTED}
            for batch, name in found
        ]
    return RowsPage(pl.DataFrame(records, schema=BATCHES), total)


def batch_view(actor: Actor, batch_id: int) -> BatchView | None:
    """Return one batch; None if there is none."""
    _expect_right(actor)
    applied, undone = aliased(Person), aliased(Person)
    with reading() as session:
        row = session.execute(
            select(ImportBatch, Person.name, applied.name, undone.name)
            .join(Person, Person.id == ImportBatch.created_by_id)
            .outerjoin(applied, applied.id == ImportBatch.applied_by_id)
            .outerjoin(undone, undone.id == ImportBatch.undone_by_id)
            .where(ImportBatch.id == batch_id)
        ).one_or_none()
        return _view(session, row) if row else None


def _view(session: Session, row: Any) -> BatchView:
    batch: ImportBatch = row[0]
    is_applied = batch.state is BatchState.APPLIED and batch.applied_at is not None
    columns = tuple(
        Column(place, title, tuple(texts), batch.mapping.get(str(place), ""))
        for place, (title, texts) in enumerate(zip(batch.titles, batch.samples, strict=False))
    )
    return BatchView(
        id=batch.id,
        number=batch.number,
        kind=batch.kind,
        state=batch.state,
        interrupted=batch.state in RUNNING and not shelf.is_at_work(batch.number),
        file_name=batch.file_name,
        size=batch.size,
        sha256=batch.sha256,
        created_by=row[1],
        created_at=batch.created_at,
        applied_by=row[2],
        applied_at=batch.applied_at,
        undone_by=row[3],
        undone_at=batch.undone_at,
        undo_until=batch.applied_at + timedelta(days=UNDO_DAYS) if batch.applied_at else None,
        undo_refusal=undo_refusal(batch) if is_applied else "",
        rows=batch.rows,
        counts=batch.counts,
        columns=columns,
        options=batch.options,
        note=batch.note or "",
        kept=tuple((number, name, why) for number, name, why in batch.kept),
        twins=_twins(session, batch),
        has_file=shelf.file_of(batch.number, batch.file_name).exists(),
    )


def _twins(session: Session, batch: ImportBatch) -> tuple[str, ...]:
    """Return earlier imports of the same content that stand or are on their way."""
    over = (BatchState.UNDONE, BatchState.DROPPED, BatchState.FAILED)
    rows = session.execute(
        select(ImportBatch.number, ImportBatch.state, ImportBatch.created_at, Person.name)
        .join(Person, Person.id == ImportBatch.created_by_id)
        .where(
            ImportBatch.sha256 == batch.sha256,
            ImportBatch.kind == batch.kind,
            ImportBatch.id < batch.id,
            ImportBatch.state.not_in(over),
        )
        .order_by(ImportBatch.id.desc())
    )
    return tuple(
        f"{number}（{name} {clock.local(at):%Y-%m-%d %H:%M}，{words.IMPORT_STATES[state.value]}）"
        for number, state, at, name in rows
    )


def rows_page(
    actor: Actor, batch_id: int, verdict: Verdict | None, text: str, page: int, size: int
) -> RowsPage:
    """Return the verdicts of a batch in the order of its file (columns: ROWS)."""
    _expect_right(actor)
    where = [ImportRow.batch_id == batch_id]
    if verdict is not None:
        where.append(ImportRow.verdict == verdict)
    if text:
        where.append(ImportRow.name.contains(text, autoescape=True))
    with reading() as session:
        total = session.scalar(select(func.count(ImportRow.id)).where(*where)) or 0
        found = session.scalars(
            select(ImportRow)
            .where(*where)
            .order_by(ImportRow.number)
            .limit(size)
            .offset((page - 1) * size)
        ).all()
        records = [
            {
                "number": row.number,
                "verdict": words.IMPORT_VERDICTS[row.verdict.value],
                "name": row.name,
                "told": told(row.faults, row.reasons),
                "record": row.record,
            }
            for row in found
        ]
    return RowsPage(pl.DataFrame(records, schema=ROWS), total)


def told(faults: list[list[str]], reasons: list[str]) -> str:
    """Return in words what is to be said of a row: each fault with its value."""
    wrong = [f"{why}（{field}：{value}）" if value else why for field, value, why in faults]
    return "；".join([*wrong, *reasons])


def faulty_file(actor: Actor, batch_id: int) -> tuple[str, bytes]:
    """Return the refused rows as a workbook that can come in again: file name and content.

    Raises:
        Refused: none were refused, or the file is gone.
    """
    _expect_right(actor)
    with reading() as session:
        batch = session.get_one(ImportBatch, batch_id)
        rows = session.execute(
            select(ImportRow.number, ImportRow.faults, ImportRow.reasons)
            .where(ImportRow.batch_id == batch_id, ImportRow.verdict == Verdict.ERROR)
            .order_by(ImportRow.number)
        ).all()
        path = shelf.file_of(batch.number, batch.file_name)
        if not rows:
            raise Refused("没有错误的行")
        if not path.is_file():
            raise Refused("导入的文件已不在服务器上")
        found = [(number, told(faults, reasons)) for number, faults, reasons in rows]
        name = f"{batch.file_name.rpartition('.')[0]}-错误行-{batch.number}.xlsx"
        return name, faulty_rows(read_rows(path), batch.head or 1, found)


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.CUSTOMER_IMPORT):
        return None
    states = (*RUNNING, BatchState.READ, BatchState.CHECKED)
    count = session.scalar(
        select(func.count(ImportBatch.id)).where(
            ImportBatch.created_by_id == actor.person_id, ImportBatch.state.in_(states)
        )
    )
    return Pending("未完成的导入", count or 0, "imports")


count_pending("imports", _waiting)

"""The work on a batch: read the file, check it, write it, take it back. One process per batch."""

import logging
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import CrmError, Invalid
from crmlib.exchange import shelf, titles
from crmlib.exchange.batches import Batch, batch_in, step_back, told
from crmlib.exchange.columns import Line, lines_below, text_of
from crmlib.exchange.found import Checked, Found, Options, as_row, tally
from crmlib.exchange.kinds import CHECKS
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.model import RUNNING, BatchState, ImportBatch, ImportMapping, ImportRow
from crmlib.exchange.sheets import MOST_ROWS, Cell, read_rows
from crmlib.exchange.undoing import take_back
from crmlib.store.engine import reading

LOG = logging.getLogger(__name__)
_SAMPLES, _SAMPLE_LENGTH, _MOST_COLUMNS = 3, 40, 120
_MOST_MEMORY = 4 << 30  # bytes a file may make its reader ask for
_UNEXPECTED = "系统出错了，请重试；仍不成功请联系信息部"
_running: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the rows, and how many similar pairs wait for 综合部."""

    found: list[Found]
    pairs: int


def start(actor: Actor, batch_id: int) -> None:
    """Have a batch worked on in a process of its own, which outlives this one.

    Raises:
        Refused: one is at work already.
    """
    number = _batch(batch_id).number
    lock = shelf.claimed(number)
    try:
        command = [
            sys.executable,
            "-m",
            "crmlib.exchange.worker",
            str(batch_id),
            str(actor.person_id),
            str(lock),
        ]
        made = subprocess.Popen(  # noqa: S603 our own program, two numbers
            command, pass_fds=(lock,), stdin=subprocess.DEVNULL, start_new_session=True
        )
    finally:
        os.close(lock)  # the child holds it on
    _running[:] = [process for process in _running if process.poll() is None]
    _running.append(made)


def hold_memory() -> None:
    """Let this process not ask for more memory than a sane file needs."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, hard))


def run(actor: Actor, batch_id: int, tell: Tell | None = None) -> None:
    """Do what the state of a batch asks for; whoever calls holds the claim."""
    batch = _batch(batch_id)
    tell = tell or shelf.Teller(batch.number)
    steps = {
        BatchState.READING: _read,
        BatchState.CHECKING: _check,
        BatchState.APPLYING: _apply,
        BatchState.UNDOING: _undo,
    }
    step = steps.get(batch.state)
    if step is None:
        return
    try:
        step(actor, batch, tell)
    except shelf.Stopped:
        step_back(actor, batch_id, "")
    except CrmError as fault:
        step_back(actor, batch_id, fault.message)
    except Exception:
        LOG.exception("import %s", batch.number)
        step_back(actor, batch_id, _UNEXPECTED)


def _batch(batch_id: int) -> ImportBatch:
    with reading() as session:
        batch = session.get_one(ImportBatch, batch_id)
        session.expunge(batch)
        return batch


# --- reading ---------------------------------------------------------------------------------


def _read(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    tell("读取", 0, 0)
    rows = read_rows(shelf.file_of(batch.number, batch.file_name))
    head = _head(batch, rows)
    if head is None:
        raise Invalid({"file": "找不到标题行：请在前 30 行内保留一行列标题"})
    width = min(max(len(row) for row in rows[: head + 1000]), _MOST_COLUMNS)
    below = [row for row in rows[head + 1 :] if any(str(cell).strip() for cell in row)]
    if not below:
        raise Invalid({"file": "标题行下面没有数据"})
    heads = [text_of("", cell)[:_SAMPLE_LENGTH] for cell in (*rows[head], *[""] * width)][:width]
    samples = [
        [t for row in below[:50] if place < len(row) and (t := text_of("", row[place]))][:_SAMPLES]
        for place in range(width)
    ]
    short = [[text[:_SAMPLE_LENGTH] for text in texts] for texts in samples]
    note_read(actor, batch.id, head + 1, heads, short, len(below))


def _head(batch: ImportBatch, rows: Sequence[Sequence[Cell]]) -> int | None:
    """Return the place of the titles: those known from another time first."""
    near = rows[: titles.HEAD_WITHIN]
    keys = [titles.title_key(row) for row in near]
    with reading() as session:
        known = set(
            session.scalars(
                select(ImportMapping.key).where(
                    ImportMapping.kind == batch.kind, ImportMapping.key.in_(keys)
                )
            )
        )
    for place, key in enumerate(keys):
        if key in known and any(str(cell).strip() for cell in near[place]):
            return place
    return titles.find_head(batch.kind, rows)


@action(Permission.CUSTOMER_IMPORT)
def note_read(
    work: Work,
    batch_id: int,
    head: int,
    heads: list[str],
    samples: list[list[str]],
    rows: int,
) -> Batch:
    """Keep what stands in a file, with its columns matched as far as can be told."""
    batch = batch_in(work, batch_id, BatchState.READING)
    batch.head, batch.titles, batch.samples, batch.rows = head, heads, samples, rows
    remembered = work.session.scalar(
        select(ImportMapping.fields).where(
            ImportMapping.kind == batch.kind, ImportMapping.key == titles.title_key(heads)
        )
    )
    if remembered is None:
        fields = titles.guess(batch.kind, heads)
    else:
        named = [remembered.get(titles.plain_title(title), "") for title in heads]
        fields = {p: f for p, f in enumerate(named) if f and f not in named[:p]}
    batch.mapping = {str(place): field for place, field in fields.items()}
    batch.state = BatchState.READ
    return told(batch)


def lines_of(batch: ImportBatch) -> list[Line]:
    """Return the rows of a batch's file as its columns were matched."""
    rows = read_rows(shelf.file_of(batch.number, batch.file_name))
    fields = {int(place): field for place, field in batch.mapping.items()}
    return list(lines_below(rows[:MOST_ROWS], (batch.head or 1) - 1, fields))


# --- checking --------------------------------------------------------------------------------


def checked(batch: ImportBatch, tell: Tell) -> Checked:
    """Check the rows of a batch against the base as it is now."""
    tell("读取", 0, 0)
    found = lines_of(batch)
    with reading() as session:
        return CHECKS[batch.kind](session, found, tell)


def _check(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    note_check(actor, batch.id, list(checked(batch, tell).found))


@action(Permission.CUSTOMER_IMPORT)
def note_check(work: Work, batch_id: int, found: list[Found]) -> Batch:
    """Keep the verdicts of a check."""
    batch = batch_in(work, batch_id, BatchState.CHECKING)
    _put_rows(work, batch, found)
    batch.state = BatchState.CHECKED
    return told(batch)


def _put_rows(work: Work, batch: ImportBatch, found: list[Found]) -> None:
    work.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    if found:
        values = [as_row(batch.id, row) for row in sorted(found, key=lambda row: row.number)]
        work.session.connection().execute(insert(ImportRow), values)
    batch.rows, batch.counts = len(found), tally(found)


# --- writing ---------------------------------------------------------------------------------


def _apply(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    apply_import(actor, batch.id, checked(batch, tell), tell)


@action(Permission.CUSTOMER_IMPORT)
def apply_import(work: Work, batch_id: int, listed: Checked, tell: Tell) -> Written:
    """Write a checked list: everything that may come in does, or nothing."""
    batch = batch_in(work, batch_id, BatchState.APPLYING)
    ledger = Ledger(work, batch.id, tell)
    found = list(listed.write(ledger, Options(**batch.options)))
    tell("保存", 0, 0)
    ledger.close()
    _put_rows(work, batch, found)
    batch.counts = batch.counts | {"pairs": ledger.pairs}
    batch.state = BatchState.APPLIED
    batch.applied_at, batch.applied_by_id = clock.now(), work.actor.person_id
    return Written(found, ledger.pairs)


# --- taking back -----------------------------------------------------------------------------


def _undo(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    undo_import(actor, batch.id, tell)


@action(Permission.CUSTOMER_IMPORT)
def undo_import(work: Work, batch_id: int, tell: Tell) -> Batch:
    """Take a batch back; what people have changed since, or built on, is kept and listed."""
    batch = batch_in(work, batch_id, BatchState.UNDOING)
    batch.kept = [list(row) for row in take_back(work, batch.id, tell)]
    batch.state = BatchState.UNDONE
    batch.undone_at, batch.undone_by_id = clock.now(), work.actor.person_id
    return told(batch)


def resume(actor: Actor, batch_id: int) -> None:
    """Go on with a batch whose work was broken off.

    Raises:
        NotAllowed: the actor may not import.
        Refused: there is nothing to go on with, or somebody is at it.
    """
    check_resume(actor, batch_id)
    start(actor, batch_id)


@action(Permission.CUSTOMER_IMPORT)
def check_resume(work: Work, batch_id: int) -> None:
    """Refuse to go on with a batch that is not to be worked on."""
    batch_in(work, batch_id, *RUNNING)


def wait_for_workers(seconds: float = 120) -> bool:
    """Wait until the workers this process started are done; say whether all ended well."""
    codes = [process.wait(seconds) for process in _running]
    return not any(codes)

"""Import a file in one go, for the command line: a batch like any other, worked on here and now."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.exchange import jobs, shelf
from crmlib.exchange.batches import (
    begin_apply,
    begin_undo,
    expect_importer,
    match_columns,
    register_import,
)
from crmlib.exchange.columns import Line, lines
from crmlib.exchange.found import Found, Options
from crmlib.exchange.kinds import CHECKS
from crmlib.exchange.ledger import silent
from crmlib.exchange.model import BatchState, ImportBatch, ImportKind, Verdict
from crmlib.exchange.report import write_report
from crmlib.exchange.sheets import read_rows
from crmlib.store.engine import reading


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``errors`` rows stayed out, ``similar`` pairs wait for 综合部."""

    rows: int
    created: int
    updated: int
    duplicates: int
    similar: int
    errors: int

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Undone:
    """A batch taken back; so many rows were kept."""

    number: str
    kept: int


def import_file(
    actor: Actor,
    path: Path,
    *,
    kind: ImportKind = ImportKind.CUSTOMERS,
    dry_run: bool = False,
    report: Path | None = None,
) -> Imported:
    """Import a workbook or CSV; ``dry_run`` only counts, ``report`` names the error workbook.

    Raises:
        Invalid: the file itself cannot be read, or the report not be written.
        NotAllowed: the actor may not import.
    """
    if not actor.may(Permission.CUSTOMER_IMPORT):
        raise NotAllowed
    expect_importer(actor, kind)
    if not path.is_file():
        raise Invalid({"file": f"找不到文件：{path}"})
    if dry_run:
        listed: Sequence[Line] = list(lines(read_rows(path), kind))
        with reading() as session:
            found = CHECKS[kind](session, listed, silent).found
        pairs = sum(row.verdict is Verdict.SIMILAR for row in found)
    else:
        found, listed, pairs = _bring(actor, path, kind)
    if report is not None:
        write_report(report, found, listed, kind)
    return _counted(found, pairs)


def _bring(
    actor: Actor, path: Path, kind: ImportKind
) -> tuple[Sequence[Found], Sequence[Line], int]:
    """Make a batch of a file whose titles are known, and write it."""
    copy = shelf.new_upload()
    shutil.copyfile(path, copy)
    made = register_import(actor, kind, path.name, copy.name, by_browser=False)
    with shelf.claim(made.number):
        jobs.run(actor, made.batch_id, silent)
        batch = _stored(made.batch_id, BatchState.READ)
        match_columns(actor, batch.id, {int(p): f for p, f in batch.mapping.items()})
        batch = _stored(batch.id, BatchState.CHECKING)
        listed = jobs.lines_of(batch)
        with reading() as session:
            checked = CHECKS[kind](session, listed, silent)
        jobs.note_check(actor, batch.id, list(checked.found))
        if all(f.verdict in {Verdict.ERROR, Verdict.SAME} for f in checked.found):
            return checked.found, listed, 0
        begin_apply(actor, batch.id, Options())
        written = jobs.apply_import(actor, batch.id, checked, silent)
    return written.found, listed, written.pairs


def _stored(batch_id: int, state: BatchState) -> ImportBatch:
    with reading() as session:
        batch = session.get_one(ImportBatch, batch_id)
        session.expunge(batch)
    if batch.state is not state:
        raise Invalid({"file": batch.note or "文件无法读取"})
    return batch


def _counted(found: Sequence[Found], pairs: int) -> Imported:
    def many(*kinds: Verdict) -> int:
        return sum(row.verdict in kinds for row in found)

    return Imported(
        rows=len(found),
        created=many(Verdict.NEW, Verdict.SIMILAR),
        updated=many(Verdict.UPDATE),
        duplicates=many(Verdict.SAME),
        similar=pairs,
        errors=many(Verdict.ERROR),
    )


def undo_file(actor: Actor, path: Path, kind: ImportKind = ImportKind.CUSTOMERS) -> Undone:
    """Take back the last import of a file, known by its content.

    Raises:
        Refused: the file is not among the imports that stand.
    """
    if not path.is_file():
        raise Invalid({"file": f"找不到文件：{path}"})
    with reading() as session:
        batch = session.scalar(
            select(ImportBatch)
            .where(
                ImportBatch.sha256 == shelf.digest(path),
                ImportBatch.kind == kind,
                ImportBatch.state == BatchState.APPLIED,
            )
            .order_by(ImportBatch.id.desc())
            .limit(1)
        )
        if batch is None:
            raise Refused(f"没有可撤销的导入：{path.name}")
        key, number = batch.id, batch.number
    begin_undo(actor, key)
    with shelf.claim(number):
        jobs.undo_import(actor, key, silent)
    return Undone(number, len(_stored(key, BatchState.UNDONE).kept))

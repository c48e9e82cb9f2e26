"""The steps of an import batch that a person takes; the work itself runs in ``jobs``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select, true

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.exchange import shelf, titles
from crmlib.exchange.found import Options
from crmlib.exchange.model import (
    RUNNING,
    BatchState,
    ImportBatch,
    ImportKind,
    ImportMapping,
    ImportRow,
)
from crmlib.exchange.sheets import MOST_UPLOADED, upload_fault
from crmlib.store.numbers import next_number

SERIES = "DR"
UNDO_DAYS = 90
COLUMN = "c"  # fields of the form: c0, c1, …
TOO_LARGE = f"文件超过 {MOST_UPLOADED >> 20} MB，请分批导入"
_HEAD_BYTES = 8
# Where a batch goes when its work is given up.
BACK = {
    BatchState.READING: BatchState.DROPPED,
    BatchState.CHECKING: BatchState.READ,
    BatchState.APPLYING: BatchState.CHECKED,
    BatchState.UNDOING: BatchState.APPLIED,
}
_MOVED_ON = "批次状态已变化，请刷新页面"
_TOO_OLD = f"导入已超过 {UNDO_DAYS} 天，不能撤销"


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch after a step."""

    batch_id: int
    number: str
    state: str


def told(batch: ImportBatch) -> Batch:
    """Return a batch as steps answer it."""
    return Batch(batch.id, batch.number, batch.state.value)


def batch_in(work: Work, batch_id: int, *states: BatchState) -> ImportBatch:
    """Return a batch that stands in one of these states.

    Raises:
        Refused: it has moved on.
    """
    batch = work.fetch(ImportBatch, batch_id, true())
    expect_importer(work.actor, batch.kind)
    if batch.state not in states:
        raise Refused(_MOVED_ON)
    return batch


def importable(actor: Actor) -> list[ImportKind]:
    """Return what the actor may bring in; orders are only 信息部's."""
    if not actor.may(Permission.CUSTOMER_IMPORT):
        return []
    kinds = list(ImportKind)
    return [k for k in kinds if k != ImportKind.ORDERS or actor.may(Permission.ORDER_MANAGE)]


def expect_importer(actor: Actor, kind: ImportKind) -> None:
    """Refuse who may not bring in such a list."""
    if kind not in importable(actor):
        raise NotAllowed


@action(Permission.CUSTOMER_IMPORT)
def register_import(
    work: Work,
    kind: ImportKind,
    file_name: str,
    upload: str,
    *,
    by_browser: bool = True,
    token: str | None = None,
) -> Batch:
    """Begin a batch with a file that lies in the folder of imports under the name ``upload``.

    What a browser sends is held to narrower limits than what an operator names.
    """
    expect_importer(work.actor, ImportKind(kind))
    path, shown = shelf.folder() / Path(upload).name, shelf.shown_name(file_name)
    if not path.is_file():
        raise Invalid({"file": "上传已失效，请重新选择文件"})
    if by_browser and (fault := _upload_fault(path, shown)):
        raise Invalid({"file": fault})
    batch = ImportBatch(
        number=next_number(work.session, SERIES),
        kind=ImportKind(kind),
        state=BatchState.READING,
        file_name=shown,
        sha256=shelf.digest(path),
        size=path.stat().st_size,
        created_by_id=work.actor.person_id,
        created_at=clock.now(),
    )
    work.session.add(batch)
    work.session.flush()
    path.replace(shelf.file_of(batch.number, shown))
    return told(batch)


def _upload_fault(path: Path, shown: str) -> str | None:
    if path.stat().st_size > MOST_UPLOADED:
        return TOO_LARGE
    with path.open("rb") as file:
        return upload_fault(shown, file.read(_HEAD_BYTES))


@action(Permission.CUSTOMER_IMPORT)
def match_columns(
    work: Work, batch_id: int, fields: Mapping[int, str], *, token: str | None = None
) -> Batch:
    """Say which column (from 0) is which field, and have the rows checked.

    Raises:
        Invalid: a field twice, or one missing that such a list needs.
    """
    batch = batch_in(work, batch_id, BatchState.READ, BatchState.CHECKED)
    chosen = {place: name for place, name in sorted(fields.items()) if name}
    faults: dict[str, str] = {}
    known = titles.LABELS[batch.kind]
    for place, name in chosen.items():
        if name not in known or not 0 <= place < len(batch.titles):
            faults[f"{COLUMN}{place}"] = "请从列表中选择"
        elif list(chosen.values()).count(name) > 1:
            faults[f"{COLUMN}{place}"] = f"“{known[name]}” 对应了多列，只能保留一列"
    lacking = titles.missing(batch.kind, set(chosen.values()))
    if lacking:
        faults[""] = f"还没有对应的列：{'、'.join(lacking)}"
    if faults:
        raise Invalid(faults)
    batch.mapping = {str(place): name for place, name in chosen.items()}
    batch.state, batch.note = BatchState.CHECKING, None
    _remember(work, batch)
    work.session.flush()
    return told(batch)


def _remember(work: Work, batch: ImportBatch) -> None:
    """Keep the mapping for the next list with these titles."""
    key = titles.title_key(batch.titles)
    known = work.session.scalar(
        select(ImportMapping).where(ImportMapping.kind == batch.kind, ImportMapping.key == key)
    )
    if known is None:
        known = ImportMapping(kind=batch.kind, key=key)
        work.session.add(known)
    known.fields = {
        titles.plain_title(title): batch.mapping.get(str(place), "")
        for place, title in enumerate(batch.titles)
    }
    known.used_at = clock.now()


@action(Permission.CUSTOMER_IMPORT)
def match_again(work: Work, batch_id: int) -> Batch:
    """Go back from the verdicts to the columns."""
    batch = batch_in(work, batch_id, BatchState.CHECKED)
    batch.state = BatchState.READ
    return told(batch)


@action(Permission.CUSTOMER_IMPORT)
def begin_apply(work: Work, batch_id: int, options: Options, *, token: str | None = None) -> Batch:
    """Have a checked list written."""
    batch = batch_in(work, batch_id, BatchState.CHECKED)
    if not any(batch.counts.get(name) for name in ("new", "update", "similar")):
        raise Refused("没有可以导入的行")
    batch.state, batch.options = BatchState.APPLYING, asdict(options)
    batch.note = None
    return told(batch)


@action(Permission.CUSTOMER_IMPORT)
def begin_undo(work: Work, batch_id: int, *, token: str | None = None) -> Batch:
    """Have a whole batch taken back."""
    batch = batch_in(work, batch_id, BatchState.APPLIED)
    if refusal := undo_refusal(batch):
        raise Refused(refusal)
    batch.state, batch.note = BatchState.UNDOING, None
    return told(batch)


def undo_refusal(batch: ImportBatch) -> str | None:
    """Return why a batch can no longer be taken back."""
    if batch.applied_at is None:
        return _MOVED_ON
    limit = batch.applied_at + timedelta(days=UNDO_DAYS)
    return _TOO_OLD if clock.now() > limit else None


@action(Permission.CUSTOMER_IMPORT)
def drop_import(work: Work, batch_id: int) -> Batch:
    """Give a list up before anything came in; its file goes, the batch stays in the list."""
    states = (BatchState.READ, BatchState.CHECKED, BatchState.FAILED)
    batch = batch_in(work, batch_id, *states)
    batch.state, batch.samples = BatchState.DROPPED, []
    work.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    work.session.flush()
    shelf.forget(batch.number)
    return told(batch)


@action(Permission.CUSTOMER_IMPORT)
def stop_import(work: Work, batch_id: int) -> Batch:
    """End the work on a batch: nothing half-done stays; the worker itself takes it back."""
    batch = batch_in(work, batch_id, *RUNNING)
    if shelf.is_at_work(batch.number):
        shelf.ask_to_stop(batch.number)
    else:
        batch.state = BACK[batch.state]
    return told(batch)


@action(Permission.CUSTOMER_IMPORT)
def step_back(work: Work, batch_id: int, note: str) -> Batch:
    """Leave a running state without a result, and say why."""
    batch = batch_in(work, batch_id, *RUNNING)
    is_unreadable = batch.state is BatchState.READING and bool(note)
    batch.state = BatchState.FAILED if is_unreadable else BACK[batch.state]
    batch.note = note[:500] or None
    return told(batch)

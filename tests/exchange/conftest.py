"""What tests of imports share: files, the way of a batch, and the whole database as a value."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from crmlib.access.actor import Actor
from crmlib.exchange import jobs, shelf
from crmlib.exchange.batches import begin_apply, begin_undo, match_columns, register_import
from crmlib.exchange.found import Options
from crmlib.exchange.model import BatchState, ImportBatch, ImportKind
from crmlib.store import rooms
from crmlib.store.engine import reading
from crmlib.store.schema import Base
from tests import make

# What an import and its undo leave behind on purpose: the log, the batch, numbers once given.
_OWN = {
    "change_log", "counter", "submission", "import_batch", "import_row", "import_change",
    "import_mapping",
}  # fmt: skip


def workbook(path: Path, *rows: dict[str, object]) -> Path:
    """Write a list whose titles are the keys of its rows."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, titles)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, [row.get(title, "") for title in titles])
    return path


def registered(actor: Actor, kind: ImportKind, path: Path) -> int:
    """Put a file where an upload puts it, and begin a batch with it."""
    upload = shelf.new_upload()
    upload.write_bytes(path.read_bytes())
    return register_import(actor, kind, path.name, upload.name).batch_id


def batch_of(batch_id: int) -> ImportBatch:
    """Read a batch afresh."""
    found: ImportBatch = make.fetch(ImportBatch, batch_id)
    return found


def checked(actor: Actor, kind: ImportKind, path: Path) -> int:
    """Bring a file to the point where it can be imported."""
    key = registered(actor, kind, path)
    jobs.run(actor, key)
    assert batch_of(key).state is BatchState.READ, batch_of(key).note
    match_columns(actor, key, {int(p): f for p, f in batch_of(key).mapping.items()})
    jobs.run(actor, key)
    assert batch_of(key).state is BatchState.CHECKED, batch_of(key).note
    return key


def applied(actor: Actor, key: int, options: Options | None = None) -> ImportBatch:
    """Import a checked batch."""
    begin_apply(actor, key, options or Options())
    jobs.run(actor, key)
    assert batch_of(key).state is BatchState.APPLIED, batch_of(key).note
    return batch_of(key)


def undone(actor: Actor, key: int) -> ImportBatch:
    """Take a batch back."""
    begin_undo(actor, key)
    jobs.run(actor, key)
    assert batch_of(key).state is BatchState.UNDONE, batch_of(key).note
    return batch_of(key)


def everything() -> dict[str, set[tuple[Any, ...]]]:
    """Return all rows of all tables but those an import leaves behind; versions may grow."""
    rooms.load(rooms.MODELS)
    found = {}
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in _OWN:
                columns = [column for column in table.c if column.name != "version"]
                rows = session.execute(select(*columns))
                found[table.name] = {tuple(str(value) for value in row) for row in rows}
    return found


@pytest.fixture
def boss(cast: dict[str, Actor]) -> Actor:
    """Who imports: 赵磊 of 信息部."""
    return cast["zhaolei"]

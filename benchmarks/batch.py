"""A list through the browser's batch and back: read, matched, checked, written, taken back.

    .venv/bin/python -m benchmarks.batch [LIST.xlsx] [--demo small|office] [--postgres]

Without a list an invented one of 10,000 rows. Every tenth customer stands in the base before, with
his name only, so that the undo has fields to empty as well as records to delete. Each step runs in
a process of its own, as in the product. The database is read column by column before the batch
and after its undo; the exit code is 1 if anything differs but ``LEFT``.
"""

import argparse
import hashlib
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import xlsxwriter
from sqlalchemy import select

from benchmarks.importing import _invent, _workbook
from benchmarks.page import empty_postgres
from crmlib.access.actor import Actor
from crmlib.demo.fill import fill
from crmlib.exchange import batches, jobs, shelf, titles
from crmlib.exchange.found import Options
from crmlib.exchange.importing import import_file
from crmlib.exchange.model import BatchState, ImportBatch, ImportKind
from crmlib.exchange.sheets import read_rows
from crmlib.operations.setup import prepare
from crmlib.operations.staffing import actor_named
from crmlib.store.engine import engine, reading
from crmlib.store.schema import Base

KIND = ImportKind.CUSTOMERS
# What an undo leaves: what happened is told, numbers are not given twice, a stale form is found
# out by the version of a record that was filled and emptied again.
LEFT = {
    "change_log",
    "counter",
    "submission",
    "import_batch",
    "import_change",
    "import_mapping",
    "import_row",
    "customer.version",
}


def main() -> None:
    """Print what each step costs and what the undo left."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("list", type=Path, nargs="?")
    asked.add_argument("--demo", default="office", choices=("small", "office"))
    asked.add_argument("--postgres", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CRM_VAR_DIR"] = folder
        os.environ["CRM_DATABASE_URL"] = f"sqlite:///{folder}/crm.db"
        with empty_postgres() if given.postgres else nullcontext():
            sys.exit(_measure(Path(folder), given.list, given.demo))


def _measure(folder: Path, path: Path | None, demo: str) -> int:
    prepare()
    base = fill(demo)
    actor = actor_named(None)
    path = path or _workbook(folder, _invent(10_000))
    known = import_file(actor, _names_only(folder, path)).created
    print(f"{path.name} into {base.customers + known:,} customers, {known:,} of them in the list")
    before = fingerprint()
    number = _there(actor, path)
    there = fingerprint()
    _step("undo", number, lambda: batches.begin_undo(actor, number), actor)
    batch = _batch(number)
    after = fingerprint()
    touched, wrong = _differing(before, there), _differing(before, after)
    print(f"kept by the undo: {len(batch.kept)}")
    print(f"tables the batch wrote: {', '.join(sorted({name.split('.')[0] for name in touched}))}")
    print(f"compared: {len(before)} columns, {len(Base.metadata.tables)} tables")
    left = sorted({name if name in LEFT else name.split(".")[0] for name in wrong})
    print(f"not as before: {', '.join(left) or 'nothing'}")
    bad = [name for name in wrong if name not in LEFT and name.split(".")[0] not in LEFT]
    print(f"unexpected: {', '.join(bad) or 'nothing'}")
    engine().dispose()
    return 1 if bad else 0


def _names_only(folder: Path, path: Path) -> Path:
    """Write every tenth name of a list as a list of its own."""
    rows = read_rows(path)
    head = titles.find_head(KIND, rows) or 0
    place = [str(cell).strip() for cell in rows[head]].index("客户名称")
    with xlsxwriter.Workbook(folder / "names.xlsx") as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows[head::10]):
            sheet.write_row(line, 0, [str(row[place]), "中国" if line else "国家"])
    return folder / "names.xlsx"


def _there(actor: Actor, path: Path) -> int:
    """Take a list all the way in; return the batch."""
    upload = shelf.new_upload()
    shutil.copyfile(path, upload)
    key = batches.register_import(actor, KIND, path.name, upload.name).batch_id
    _step("read", key, lambda: None, actor)
    fields = {int(place): name for place, name in _batch(key).mapping.items()}
    _step("check", key, lambda: batches.match_columns(actor, key, fields), actor)
    print(f"  verdicts {dict(Counter(_batch(key).counts))}")
    _step("write", key, lambda: batches.begin_apply(actor, key, Options()), actor)
    print(f"  written  {dict(Counter(_batch(key).counts))}")
    if _batch(key).state is not BatchState.APPLIED:
        raise SystemExit(_batch(key).note or "not written")
    return key


def _step(what: str, key: int, begin, actor: Actor) -> None:  # type: ignore[no-untyped-def]
    """Begin a step and wait for its worker; print both clocks."""
    wall, cpu = time.perf_counter(), _seconds()
    begin()
    jobs.start(actor, key)
    jobs.wait_for_workers(900)
    print(f"  {what:<8} {time.perf_counter() - wall:6.2f} s wall {_seconds() - cpu:6.2f} s CPU")


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _batch(key: int) -> ImportBatch:
    with reading() as session:
        return session.get_one(ImportBatch, key)


def fingerprint() -> dict[str, str]:
    """Return a checksum of each column of each table, its rows in the order of their keys."""
    sums: dict[str, str] = {}
    with engine().connect() as connection:
        for table in Base.metadata.sorted_tables:
            parts = [hashlib.blake2b() for _ in table.columns]
            question = select(table).order_by(*table.primary_key.columns)
            for row in connection.execution_options(yield_per=5_000).execute(question):
                for part, value in zip(parts, row, strict=True):
                    part.update(repr(value).encode() + b"\x1f")
            names = [f"{table.name}.{column.name}" for column in table.columns]
            sums |= dict(zip(names, (part.hexdigest() for part in parts), strict=True))
    return sums


def _differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


if __name__ == "__main__":
    main()

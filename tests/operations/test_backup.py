"""A backup brings every row and file back, and nothing is overwritten by mistake."""

import json
import random
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from crmlib.access.actor import Actor
from crmlib.attachments import shelf
from crmlib.attachments.actions import hand_out
from crmlib.customers.model import Customer
from crmlib.errors import Invalid, Refused
from crmlib.operations.backup import back_up, restore
from crmlib.settings import settings
from crmlib.store.engine import engine
from tests import make
from tests.attachments.test_actions import PDF, on_disk, put


def test_restore_brings_back_what_the_backup_holds(cast: dict[str, Actor], tmp_path: Path) -> None:
    make.customer("肇庆鼎湖五金有限公司")
    copy = tmp_path / "copy.backup"
    assert back_up(copy).size > 0
    make.customer("中山星野建材商行")
    engine().dispose()
    restore(copy, force=True)
    assert [c.name for c in make.rows(Customer)] == ["肇庆鼎湖五金有限公司"]


def test_a_filled_database_is_not_overwritten_unasked(
    cast: dict[str, Actor], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.backup"
    back_up(copy)
    make.customer("中山星野建材商行")
    with pytest.raises(Refused, match="--force"):
        restore(copy)
    assert len(make.rows(Customer)) == 1


def test_a_backup_does_not_overwrite_a_file(sqlite_database: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("x", encoding="utf-8")
    with pytest.raises(Refused, match="文件已存在"):
        back_up(taken)


@pytest.mark.parametrize("content", [None, b"", b"no backup", b"SQLite format 3\x00" + b"x" * 5000])
def test_what_is_no_backup_is_refused(
    sqlite_database: str, tmp_path: Path, content: bytes | None
) -> None:
    source = tmp_path / "source"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(Invalid):
        restore(source, force=True)
    assert make.people_ids()


def test_only_the_owner_may_read_a_backup(sqlite_database: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.backup"
    back_up(copy)
    assert copy.stat().st_mode & 0o077 == 0


def files_gone() -> None:
    for path in on_disk():
        path.unlink()


def test_files_of_records_come_back_with_the_rows(cast: dict[str, Actor], tmp_path: Path) -> None:
    actor, key = cast["wangqiang"], make.customer()
    first, second = put(actor, key), put(actor, key, "合同.pdf", PDF + b" 2")
    third = put(actor, key, "照片.pdf", PDF + b" 3")
    paths = {file: hand_out(actor, file).path for file in (first, second, third)}
    paths[second].write_bytes(b"%PDF-1.7 rotten")
    paths[third].unlink()
    copy = tmp_path / "copy.backup"
    made = back_up(copy)
    assert (made.files, made.missing, made.damaged) == (1, 1, 1)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith((".backup", "copy"))] == [
        "copy.backup"
    ]
    files_gone()
    make.customer("中山星野建材商行")
    engine().dispose()
    done = restore(copy, force=True)
    assert (done.files, done.missing) == (1, 2)
    assert len(make.rows(Customer)) == 1
    assert hand_out(actor, first).path.read_bytes() == PDF
    assert hand_out(actor, first).path.stat().st_mode & 0o077 == 0
    assert not list(settings().var_dir.glob(".restore-*"))


def test_a_backup_of_the_database_alone_is_still_read(sqlite_database: str, tmp_path: Path) -> None:
    make.customer("肇庆鼎湖五金有限公司")
    with zipfile.ZipFile(_made(tmp_path)) as book:
        book.extract("database", tmp_path)
    make.customer("中山星野建材商行")
    engine().dispose()
    assert restore(tmp_path / "database", force=True).files == 0
    assert len(make.rows(Customer)) == 1


def _made(folder: Path) -> Path:
    back_up(folder / "copy.backup")
    return folder / "copy.backup"


def test_a_damaged_archive_changes_nothing(cast: dict[str, Actor], tmp_path: Path) -> None:
    actor, key = cast["wangqiang"], make.customer()
    file = put(actor, key)
    whole = _made(tmp_path).read_bytes()
    files_gone()
    make.customer("中山星野建材商行")
    chance, broken = random.Random(4), tmp_path / "broken"
    for size in (len(whole) - 1, len(whole) // 2, 100, 4):
        broken.write_bytes(whole[:size])
        with pytest.raises(Invalid):
            restore(broken, force=True)
    middle = whole.index(PDF)
    for place in (middle, 60, *(chance.randrange(len(whole) - 4000) for _ in range(20))):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0xFF
        broken.write_bytes(spoilt)
        with pytest.raises(Invalid):
            restore(broken, force=True)
    assert (len(make.rows(Customer)), on_disk()) == (2, [])
    assert hand_out_fails(actor, file)


def hand_out_fails(actor: Actor, file: int) -> bool:
    with pytest.raises(Refused):
        hand_out(actor, file)
    return True


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "oracle"},
        {"format": "another program's"},
        {"members": {"database": [3, "00"]}},
        {"members": {"../../evil": [0, "00"]}},
        {"members": []},
        {"more": 1},
    ],
)
def test_an_archive_that_lies_about_itself_is_refused(
    sqlite_database: str, tmp_path: Path, told: dict[str, object]
) -> None:
    forged = tmp_path / "forged"
    with zipfile.ZipFile(_made(tmp_path)) as book, zipfile.ZipFile(forged, "w") as other:
        for name in book.namelist()[:-1]:
            other.writestr(name, book.read(name))
        other.writestr("manifest.json", json.dumps(json.loads(book.read("manifest.json")) | told))
    with pytest.raises(Invalid):
        restore(forged, force=True)
    assert make.people_ids()
    assert not shelf.folder().exists() or not on_disk()


def test_a_backup_older_than_attachments_is_read(sqlite_database: str, tmp_path: Path) -> None:
    old = tmp_path / "old"
    with closing(sqlite3.connect(old)) as base:
        base.execute("CREATE TABLE person (id INTEGER PRIMARY KEY)")
    engine().dispose()
    assert restore(old, force=True).missing == 0

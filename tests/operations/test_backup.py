"""A backup brings every row back, and nothing is overwritten by mistake."""

from pathlib import Path

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.errors import Invalid, Refused
from crmlib.operations.backup import back_up, restore
from crmlib.store.engine import engine
from tests import make


def test_restore_brings_back_what_the_backup_holds(cast: dict[str, Actor], tmp_path: Path) -> None:
    make.customer("肇庆鼎湖五金有限公司")
    copy = tmp_path / "copy.backup"
    assert back_up(copy) > 0
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

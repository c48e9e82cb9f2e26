"""Back database and files of records up into one file, and bring them back."""

import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, inspect, make_url

from crmlib.attachments import shelf
from crmlib.attachments.model import Attachment
from crmlib.errors import Invalid, Refused
from crmlib.operations import archive
from crmlib.settings import settings
from crmlib.store.engine import engine

_SQLITE_HEADER = b"SQLite format 3\x00"
_POSTGRES_HEADER = b"PGDMP"
_OTHER_KIND = "不是当前数据库类型的备份文件：{}"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: its bytes, how many files; and of those that are not in it, how many."""

    size: int
    files: int
    missing: int = 0  # rows name them, the folder has them not
    damaged: int = 0  # not what their checksum says


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; ``missing`` files are named by the database and nowhere to be found."""

    files: int
    missing: int


def back_up(target: Path) -> Backup:
    """Write database and files of records to one new file while people work.

    Raises:
        Refused: the file exists, or PostgreSQL's program failed.
    """
    if target.exists():
        message = f"文件已存在：{target}"
        raise Refused(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    url = _url()
    with TemporaryDirectory(dir=target.parent, prefix=".backup-") as room:
        database = Path(room) / archive.DATABASE
        if _is_sqlite(url):
            _copy(_sqlite_file(url), database)
        else:
            _run("pg_dump", url, "--format=custom", f"--file={database}", f"--dbname={_libpq(url)}")
        # After the database: a content stands on the shelf before its row does.
        contents = shelf.contents()
        damaged = archive.pack(target, url.get_backend_name(), database, contents)
    held = len(contents) - len(damaged)
    return Backup(target.stat().st_size, held, _lacking(), len(damaged))


def restore(source: Path, *, force: bool = False) -> Restored:
    """Replace the database by a backup and put its files on the shelf; stop the server first.

    Backups of the database alone, as they were before, are read too.

    Raises:
        Invalid: no such file, a damaged one, or no backup of this kind of database.
        Refused: the database holds tables already and ``force`` is not given.
    """
    if not source.is_file():
        raise Invalid({"file": f"找不到文件：{source}"})
    with source.open("rb") as file:
        is_archive = file.read(len(archive.HEADER)) == archive.HEADER
    if not is_archive:
        _restore_database(source, source, force=force)
        return Restored(0, _lacking())
    with archive.opened(source) as (book, manifest):
        if manifest.kind != _url().get_backend_name():
            raise Invalid({"file": _OTHER_KIND.format(source)})
        _expect_empty(force=force)
        with TemporaryDirectory(dir=_room(), prefix=".restore-") as room:
            database = Path(room) / archive.DATABASE
            archive.take_out(book, archive.DATABASE, database)
            for sha256 in manifest.contents:
                with shelf.Incoming() as incoming:
                    for piece in archive.content_of(book, sha256):
                        incoming.write(piece)
                    incoming.keep()
            _restore_database(database, source, force=force)
    return Restored(len(manifest.contents), _lacking())


def _restore_database(database: Path, source: Path, *, force: bool) -> None:
    url = _url()
    expected = _SQLITE_HEADER if _is_sqlite(url) else _POSTGRES_HEADER
    with database.open("rb") as file:
        if file.read(len(expected)) != expected:
            raise Invalid({"file": _OTHER_KIND.format(source)})
    _expect_empty(force=force)
    engine().dispose()
    if _is_sqlite(url):
        _check(database, source)
        _copy(database, _sqlite_file(url))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run("pg_restore", url, *options, f"--dbname={_libpq(url)}", str(database))


def _expect_empty(*, force: bool) -> None:
    if not force and inspect(engine()).get_table_names():
        message = "数据库中已有数据；确认覆盖请加 --force"
        raise Refused(message)


def _lacking() -> int:
    """Return how many files the database names that are not on the shelf."""
    # A backup may be older than 附件.
    has_files = inspect(engine()).has_table(Attachment.__tablename__)
    return len(shelf.missing()) if has_files else 0


def _room() -> Path:
    """Return a folder with room for a copy of the database."""
    folder = settings().var_dir
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _url() -> URL:
    return make_url(settings().database_url)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite_file(url: URL) -> Path:
    if not url.database:
        raise Invalid({"file": "内存数据库不能备份"})
    return Path(url.database)


def _copy(source: Path, target: Path) -> None:
    """Copy a live SQLite database page by page, its write-ahead log included."""
    if not source.exists():
        raise Invalid({"file": f"数据库文件不存在：{source}"})
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
    finally:
        origin.close()
        copy.close()


def _check(database: Path, source: Path) -> None:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        answer = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        answer = str(fault)
    finally:
        connection.close()
    if answer != "ok":
        raise Invalid({"file": f"备份文件已损坏：{source}"})


def _libpq(url: URL) -> str:
    # The password goes by the environment: a command line can be read by others.
    return url.set(drivername="postgresql", password=None).render_as_string()


def _run(program: str, url: URL, *arguments: str) -> None:
    path = shutil.which(program) or _debian_program(program)
    if path is None:
        message = f"找不到程序 {program}，请安装 PostgreSQL 客户端"
        raise Refused(message)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(  # noqa: S603 the program is ours to choose
        [path, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        message = f"{program} 失败：{last}"
        raise Refused(message)


def _debian_program(program: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    return str(found[0]) if found else None

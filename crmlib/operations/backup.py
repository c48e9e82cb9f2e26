"""Back a database up into one file and bring it back."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import URL, inspect, make_url

from crmlib.errors import Invalid, Refused
from crmlib.settings import settings
from crmlib.store.engine import engine

_SQLITE_HEADER = b"SQLite format 3\x00"
_POSTGRES_HEADER = b"PGDMP"


def back_up(target: Path) -> int:
    """Write the database to a new file while people work, and return its bytes.

    Raises:
        Refused: the file exists, or PostgreSQL's program failed.
    """
    if target.exists():
        message = f"文件已存在：{target}"
        raise Refused(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    url = _url()
    if _is_sqlite(url):
        _copy(_sqlite_file(url), target)
    else:
        _run("pg_dump", url, "--format=custom", f"--file={target}", f"--dbname={_libpq(url)}")
    target.chmod(0o600)
    return target.stat().st_size


def restore(source: Path, *, force: bool = False) -> None:
    """Replace the database by a backup; stop the server first.

    Raises:
        Invalid: no such file, or no backup of this kind of database.
        Refused: the database holds tables already and ``force`` is not given.
    """
    url = _url()
    expected = _SQLITE_HEADER if _is_sqlite(url) else _POSTGRES_HEADER
    if not source.is_file():
        raise Invalid({"file": f"找不到文件：{source}"})
    with source.open("rb") as file:
        if file.read(len(expected)) != expected:
            raise Invalid({"file": f"不是当前数据库类型的备份文件：{source}"})
    if not force and inspect(engine()).get_table_names():
        message = "数据库中已有数据；确认覆盖请加 --force"
        raise Refused(message)
    engine().dispose()
    if _is_sqlite(url):
        _check(source)
        _copy(source, _sqlite_file(url))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run("pg_restore", url, *options, f"--dbname={_libpq(url)}", str(source))


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


def _check(source: Path) -> None:
    connection = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
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

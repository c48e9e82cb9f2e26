"""Fixtures: an empty firm with its cast, on SQLite and on PostgreSQL."""

import itertools
import os
import shutil
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from crmlib.access.actor import Actor, actor_of
from crmlib.store.engine import engine_for
from crmlib.store.migrate import migrate
from tests import make, postgres

BUILDERS = {"customer-list", "collision-index"}
IN_CI = os.environ.get("CI") == "true"
_numbers = itertools.count()
_engines: dict[str, Engine] = {}  # those of the templates, by kind of database
_people: dict[str, dict[str, Actor]] = {}  # their casts; a copy has the same


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with reference data and the cast."""
    path = tmp_path_factory.mktemp("template") / "crm.db"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a private cluster whose database ``template_crm`` is filled."""
    if postgres.programs() is None and not IN_CI:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.cluster() as socket:
        _admin(socket, "CREATE DATABASE template_crm")
        _fill(_url(socket, "template_crm"))
        yield socket
        _administrator(socket).close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A database of this test's own; the whole product uses it by CRM_DATABASE_URL."""
    if request.param == "sqlite":
        path = tmp_path / "crm.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield from _use(f"sqlite:///{path}", monkeypatch, tmp_path)
        return
    socket = request.getfixturevalue("postgres_server")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _admin(socket, f"CREATE DATABASE {name} TEMPLATE template_crm STRATEGY file_copy")
    yield from _use(_url(socket, name), monkeypatch, tmp_path)
    _admin(socket, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_database(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """For tests whose subject is not the database: SQLite only."""
    path = tmp_path / "crm.db"
    shutil.copy(sqlite_template, path)
    yield from _use(f"sqlite:///{path}", monkeypatch, tmp_path)


def _use(url: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[str]:
    monkeypatch.setenv("CRM_DATABASE_URL", url)
    monkeypatch.setenv("CRM_VAR_DIR", str(folder))
    _share_statements(url)
    yield url
    for thread in threading.enumerate():
        if thread.name in BUILDERS:  # it reads the database that goes away now
            thread.join(30)
    engine_for(url).dispose()


@pytest.fixture
def cast(database: str) -> dict[str, Actor]:
    """The people of the scenarios by login: cast["limin"] …"""
    return dict(_people[engine_for(database).dialect.name])


def _fill(url: str) -> None:
    before = os.environ.get("CRM_DATABASE_URL")
    os.environ["CRM_DATABASE_URL"] = url
    try:
        migrate()
        make.firm()
        kind = engine_for(url).dialect.name
        _engines[kind] = engine_for(url)
        _people[kind] = {login: actor_of(number) for login, number in make.people_ids().items()}
    finally:
        engine_for(url).dispose()
        if before is None:
            del os.environ["CRM_DATABASE_URL"]
        else:
            os.environ["CRM_DATABASE_URL"] = before


def _url(socket: str, name: str) -> str:
    return f"postgresql+psycopg://crm@/{name}?host={socket}"


def _share_statements(url: str) -> None:
    """Let a test's engine know the statements that were compiled for earlier tests."""
    made = engine_for(url)
    first = _engines[made.dialect.name]
    # Compiling costs more than the databases do; the key of what is kept names the dialect.
    made.dialect, made._compiled_cache = first.dialect, first._compiled_cache


@cache
def _administrator(socket: str) -> psycopg.Connection:
    return psycopg.connect(host=socket, user="crm", dbname="postgres", autocommit=True)


def _admin(socket: str, statement: str) -> None:
    _administrator(socket).execute(statement.encode())

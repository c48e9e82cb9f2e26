"""Engines: one per database URL and process, set up alike for SQLite and PostgreSQL."""

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from crmlib.settings import settings
from crmlib.store import log  # noqa: F401 whoever can write also writes the change log

WRITES = "crm_writes"


def engine() -> Engine:
    """Return the process's engine for CRM_DATABASE_URL."""
    return engine_for(settings().database_url)


@cache
def engine_for(url: str) -> Engine:
    """Return the engine for a URL; a SQLite file's folder is made."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        made = create_engine(parsed, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
        return made
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_size=10, max_overflow=20, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions of its own: _begin_sqlite does.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=NORMAL",
        "busy_timeout=30000",
        "cache_size=-64000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: two readers that both upgrade would deadlock.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def reading() -> Session:
    """Return a session for questions; use as a context manager, never commit."""
    return Session(engine(), autoflush=False)


def writing() -> Session:
    """Return a session whose transaction may write; only ``store.work`` opens it."""
    return Session(engine().execution_options(**{WRITES: True}), expire_on_commit=False)

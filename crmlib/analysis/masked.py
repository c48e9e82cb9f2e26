"""The editor's side: masked rows by CRM_ANALYSIS_URL, for reading only.

Nothing here knows the product's own database.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnClause,
    Connection,
    Engine,
    NullPool,
    TableClause,
    column,
    create_engine,
    make_url,
    table,
)

from crmlib.analysis.fields import Kind, Subject

ADDRESS = "CRM_ANALYSIS_URL"
SCHEMA = "analysis"  # of the views on PostgreSQL
MONEY_SUFFIX = "_fen"


def is_here() -> bool:
    """Say whether this process is an analyst's editor."""
    return ADDRESS in os.environ


@contextmanager
def connection() -> Iterator[Connection]:
    """Open the masked rows; what is written here is refused by the database."""
    with _engine(os.environ[ADDRESS]).connect() as opened:
        yield opened


def relation(subject: Subject) -> TableClause:
    """Return the table of the copy, or the view, that holds a frame's rows."""
    columns: Iterator[ColumnClause[Any]] = (
        column(field.name + (MONEY_SUFFIX if field.kind is Kind.MONEY else ""))
        for field in subject.fields
        if not field.computed
    )
    is_sqlite = make_url(os.environ[ADDRESS]).get_backend_name() == "sqlite"
    return table(subject.name, *columns, schema=None if is_sqlite else SCHEMA)


@cache
def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        read_only = {"options": "-c default_transaction_read_only=on"}
        return create_engine(parsed, pool_size=1, pool_pre_ping=True, connect_args=read_only)

    def opened() -> Any:
        # A fresh copy takes the place of the old one; a connection keeps the file it opened.
        address = f"file:{parsed.database}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    return create_engine("sqlite://", creator=opened, poolclass=NullPool)

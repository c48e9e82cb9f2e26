"""Masked views on PostgreSQL, and the role that may read them and nothing else."""

import secrets
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text

from crmlib.analysis import rights
from crmlib.analysis.copying import folder
from crmlib.analysis.masked import SCHEMA
from crmlib.analysis.statements import STATEMENTS
from crmlib.errors import Refused
from crmlib.settings import settings
from crmlib.store.engine import engine

ROLE = "crm_analyst"
STATEMENT_TIMEOUT = "60s"
MOST_CONNECTIONS = 20


def prepare() -> None:
    """Make the views and the role, or bring them up to date.

    Needs the right to create roles. The role's password lies beside the copies.
    """
    password = _password_file()
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(32), "utf-8")
    with engine().begin() as connection:
        create_views(connection)
        _make_role(connection, password.read_text("utf-8"))
        _open_views(connection)


def create_views(connection: Connection) -> None:
    """Make the schema and its views anew."""
    drop_views(connection)
    connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    for name, statement in STATEMENTS.items():
        rows = statement(rights.masked()).compile(
            connection, compile_kwargs={"literal_binds": True}
        )
        # A percent sign of the text would be the driver's.
        connection.exec_driver_sql(f"CREATE VIEW {SCHEMA}.{name} AS {rows}")


def drop_views(connection: Connection) -> None:
    """Take the schema away: a migration cannot change what a view looks at."""
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))


def set_aside() -> bool:
    """Drop the views before a migration; say whether there were any, to be prepared anew."""
    if engine().dialect.name != "postgresql":
        return False
    with engine().begin() as connection:
        there = exist(connection)
        if there:
            drop_views(connection)
    return there


def put_back() -> None:
    """Make the views that were set aside; the role is there."""
    with engine().begin() as connection:
        create_views(connection)
        _open_views(connection)


def exist(connection: Connection) -> bool:
    """Say whether the views were made."""
    return bool(inspect(connection).has_schema(SCHEMA))


def address() -> str:
    """Return the editor's URL: the product's, with the analysts' role and password.

    Raises:
        Refused: ``crm analyst --prepare`` was not run.
    """
    password = _password_file()
    with engine().connect() as connection:
        ready = password.exists() and exist(connection)
    if not ready:
        message = "请先运行一次：crm analyst --prepare"
        raise Refused(message)
    url = make_url(settings().database_url)
    url = url.set(
        drivername="postgresql+psycopg", username=ROLE, password=password.read_text("utf-8")
    )
    return url.render_as_string(hide_password=False)


def _make_role(connection: Connection, password: str) -> None:
    known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": ROLE})
    made = "ALTER" if known else "CREATE"
    # A utility statement takes no parameters; the password is of our own letters.
    connection.exec_driver_sql(
        f"{made} ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
        f"CONNECTION LIMIT {MOST_CONNECTIONS} PASSWORD '{password}'"
    )
    for name, value in (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", f"'{STATEMENT_TIMEOUT}'"),
        ("search_path", SCHEMA),
    ):
        connection.exec_driver_sql(f"ALTER ROLE {ROLE} SET {name} = {value}")


def _open_views(connection: Connection) -> None:
    for statement in (
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {ROLE}",
    ):
        connection.exec_driver_sql(statement)


def _password_file() -> Path:
    return folder() / "role.key"

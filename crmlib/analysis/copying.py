"""The masked copy of a SQLite base for the editor: one file, replaced whole, never written to."""

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from crmlib.analysis import rights
from crmlib.analysis.statements import STATEMENTS
from crmlib.settings import settings
from crmlib.store.engine import engine
from crmlib.store.feed import Feed

COPY = "copy.db"
_NEXT = "next.db"


def folder() -> Path:
    """Return where analysts' things lie; only the server's account gets in."""
    place = settings().var_dir.absolute() / "analysis"
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    return place


def copy_file() -> Path:
    """Return the masked copy; its folder holds nothing else, so that the editor may look in."""
    place = folder() / "masked"
    place.mkdir(exist_ok=True)
    return place / COPY


def write_copy() -> Path:
    """Write the frames' rows, masked, into a new file that takes the place of the old one."""
    target = copy_file()
    fresh = folder() / f"{os.getpid()}-{_NEXT}"
    fresh.unlink(missing_ok=True)
    with engine().connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("ATTACH DATABASE ? AS copy", (str(fresh),))
        try:
            raw.execute("PRAGMA copy.journal_mode=OFF")
            raw.execute("PRAGMA copy.synchronous=OFF")
            raw.execute("BEGIN")  # all tables of one moment
            for name, statement in STATEMENTS.items():
                raw.execute(f"CREATE TABLE copy.{name} AS {_text(statement(rights.masked()))}")
            raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        finally:
            raw.execute("DETACH DATABASE copy")
    fresh.chmod(0o444)
    fresh.replace(target)
    return target


def _text(statement: Any) -> str:
    compiled = statement.compile(engine(), compile_kwargs={"literal_binds": True})
    return str(compiled)


class Freshness:
    """Says when the copy is due again: something changed, and the last one is old enough."""

    def __init__(self, minutes: float) -> None:
        self._seconds = minutes * 60
        self._feed = Feed()
        self._written = time.monotonic()
        self._changed = False

    def is_due(self) -> bool:
        """Say whether to write the copy now."""
        if time.monotonic() - self._written < self._seconds:
            return False
        self._changed = self._changed or bool(self._feed.poll())
        return self._changed

    def done(self) -> None:
        """Note that the copy was written."""
        self._written, self._changed = time.monotonic(), False


def is_sqlite() -> bool:
    """Say whether the product's base is SQLite, where the editor gets a copy."""
    return make_url(settings().database_url).get_backend_name() == "sqlite"

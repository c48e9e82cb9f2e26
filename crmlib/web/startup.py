"""What is done once before people come: imports, and a lock around a fault of CPython."""

import ast
import importlib
import logging
import sys
import threading
from functools import wraps
from pkgutil import iter_modules
from typing import Any

from crmlib.access.grants import WORKSPACES
from crmlib.attachments import shelf
from crmlib.insight import hand_ins, live, papers
from crmlib.settings import settings
from crmlib.store import rooms

LOG = logging.getLogger(__name__)
# What pages import; the first visitor shall not pay for it.
WARM = ("polars", "altair", *(f"notebooks.{workspace}" for workspace in WORKSPACES))
PAGES = "notebooks.pages"
_lock = threading.RLock()


def has_parse_fault(version: tuple[int, int, int]) -> bool:
    """Say whether this CPython fails when two threads parse at once (gh-106905)."""
    return (3, 11, 0) <= version < (3, 11, 8) or (3, 12, 0) <= version < (3, 12, 2)


def serialise_parsing() -> None:
    """Let one thread at a time into ``ast.parse`` where the interpreter needs it.

    Two sessions that start together would otherwise now and then come up blank.
    """
    parse = ast.parse
    if not has_parse_fault(sys.version_info[:3]) or hasattr(parse, "__wrapped__"):
        return

    @wraps(parse)
    def one_at_a_time(*args: Any, **kwargs: Any) -> Any:
        with _lock:
            return parse(*args, **kwargs)

    ast.parse = one_at_a_time


def load_rooms() -> None:
    """Know every table, and what waits for people, whichever pages have been opened so far."""
    for room in (rooms.MODELS, rooms.QUERIES, *rooms.APART):
        rooms.load(room)


def sweep_files() -> None:
    """Delete contents of files that no record names any more; a disk that is away can wait."""
    try:
        if swept := shelf.sweep():
            LOG.info("%s orphaned files deleted", swept)
    except Exception:
        LOG.exception("orphaned files could not be deleted")


def warm() -> None:
    """Import pages and what they need, read what dashboards compute on; a page tells its own faults."""
    if not settings().warm:
        return
    pages = importlib.import_module(PAGES)
    for name in (*WARM, *(f"{PAGES}.{found.name}" for found in iter_modules(pages.__path__))):
        try:
            importlib.import_module(name)
        except Exception as fault:
            LOG.warning("not warmed: %s (%s)", name, fault)
    try:
        live.warm()
        hand_ins.warm()
        papers.warm()
    except Exception:
        LOG.exception("the snapshots could not be read; the first dashboard tries again")

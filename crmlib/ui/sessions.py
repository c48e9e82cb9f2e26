"""Widgets end with the session that made them.

Marimo keeps every widget of an embedded page in one table of the process and forgets none when
the session ends: with it stay the data its callbacks hold. A session is one thread, so the
widgets made in it are noted by thread, and let go when the session's workspace is.
"""

import threading
import weakref

from marimo._plugins.ui._impl.anywidget.init import WIDGET_COMM_MANAGER

_made: dict[int, list[str]] = {}


def begin(owner: object) -> None:
    """Start a session in this thread; its widgets are let go with the owner."""
    ids: list[str] = []
    _made[threading.get_ident()] = ids
    weakref.finalize(owner, _let_go, ids).atexit = False


def belongs(comm_id: str | None) -> None:
    """Note a widget of this thread's session; a page opened alone has none."""
    ids = _made.get(threading.get_ident())
    if comm_id is not None and ids is not None:
        ids.append(comm_id)


def _let_go(ids: list[str]) -> None:
    for comm_id in ids:
        WIDGET_COMM_MANAGER.comms.pop(comm_id, None)  # type: ignore[call-overload]
    for thread, noted in list(_made.items()):
        if noted is ids:
            _made.pop(thread, None)

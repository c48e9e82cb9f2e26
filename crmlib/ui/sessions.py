"""Widgets end with the session that made them, and so does what embedded pages hold.

Marimo keeps every widget of an embedded page in one table of the process, and the kernel of the
page itself, after the session has ended: with them stay the data their callbacks hold. A session
is one thread, so what is made in it is noted by thread, and let go when its workspace is.
"""

import threading
import weakref
from dataclasses import dataclass, field
from typing import Any

from marimo._plugins.ui._impl.anywidget.init import WIDGET_COMM_MANAGER
from marimo._runtime.context import ContextNotInitializedError, get_context


@dataclass(slots=True)
class _Made:
    comms: list[str] = field(default_factory=list)
    contexts: dict[int, Any] = field(default_factory=dict)


_made: dict[int, _Made] = {}


def begin(owner: object) -> None:
    """Start a session in this thread; what it makes is let go with the owner."""
    made = _made[threading.get_ident()] = _Made()
    weakref.finalize(owner, _let_go, made).atexit = False


def belongs(comm_id: str | None) -> None:
    """Note a widget of this thread's session; a page opened alone has none."""
    made = _made.get(threading.get_ident())
    if comm_id is None or made is None:
        return
    made.comms.append(comm_id)
    try:
        context = get_context()
    except ContextNotInitializedError:
        return
    made.contexts[id(context)] = context


def _let_go(made: _Made) -> None:
    for comm_id in made.comms:
        WIDGET_COMM_MANAGER.comms.pop(comm_id, None)  # type: ignore[call-overload]
    for context in made.contexts.values():
        # What marimo does for the outer notebook when a session ends.
        context.globals.clear()
        context.cell_lifecycle_registry.registry.clear()
        context.ui_element_registry._objects.clear()
    made.contexts.clear()
    for thread, noted in list(_made.items()):
        if noted is made:
            _made.pop(thread, None)

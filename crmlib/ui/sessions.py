"""Widgets and embedded pages end with the session that made them.

Ipywidgets and marimo keep every widget of an embedded page in tables of the process. The kernel
of an embedded page marimo lets go when the page's runner is collected, by a finalizer that itself leads
to the runner: never. With both stay the data their callbacks hold, a few hundred kilobytes for
each session. A session is one thread, so what is made in it is noted by thread, and let go when
its workspace is.
"""

import threading
import weakref
from dataclasses import dataclass, field
from typing import Any

from ipywidgets.widgets import widget as ipywidgets
from marimo._plugins.ui._impl.anywidget.init import WIDGET_COMM_MANAGER
from marimo._runtime.context import ContextNotInitializedError, get_context, types


@dataclass(slots=True)
class _Made:
    context: Any  # marimo's of the outer notebook; its children are the embedded pages
    comms: list[str] = field(default_factory=list)


_made: dict[int, _Made] = {}


def begin(owner: object) -> None:
    """Start a session in this thread; what it makes is let go with the owner."""
    made = _made[threading.get_ident()] = _Made(_context())
    weakref.finalize(owner, _let_go, made).atexit = False


def belongs(*comm_ids: str | None) -> None:
    """Note a widget of this thread's session; a page opened alone has none."""
    made = _made.get(threading.get_ident())
    if made is not None:
        made.comms.extend(comm_id for comm_id in comm_ids if comm_id is not None)


def _context() -> Any:
    try:
        return get_context()
    except ContextNotInitializedError:
        return None


def _let_go(made: _Made) -> None:
    for comm_id in made.comms:
        if (widget := ipywidgets._instances.get(comm_id)) is not None:
            widget.close()
        WIDGET_COMM_MANAGER.comms.pop(comm_id, None)  # type: ignore[call-overload]
    if made.context is not None:
        for page in list(made.context.children):
            _empty(page)
        made.context.app_kernel_runner_registry.shutdown()
    made.context = None
    for thread, noted in list(_made.items()):
        if noted is made:
            _made.pop(thread, None)


def _empty(page: Any) -> None:
    # What marimo does for the outer notebook when a session ends …
    page.globals.clear()
    page.cell_lifecycle_registry.registry.clear()
    page.ui_element_registry._objects.clear()
    # … and the ways from the finalizer to the runner, cut.
    page._kernel = page._app = page.parent = None


# Marimo's own finalizers ask for a context in whatever thread collects; where there never was
# one they expect None, and would fill the log with tracebacks.
if not hasattr(types._ThreadLocalContext, "runtime_context"):
    types._ThreadLocalContext.runtime_context = None

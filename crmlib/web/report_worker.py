"""The process of one report: ``python -m crmlib.web.report_worker NAME FILE SOCKET``.

It ends with the server that started it, when nobody has looked at it for a while, and when a
cell takes longer than allowed: a kernel's thread cannot be stopped in any other way.
"""

import asyncio
import contextlib
import importlib
import logging
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import marimo
import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crmlib.settings import settings
from crmlib.ui.theme import html_head
from crmlib.web import report_wire, startup
from crmlib.web.assets import MARIMO_URL
from crmlib.web.notebooks import HOME, closing

TOO_LONG = 75  # exit code
NICE = 5  # clerks go first
LOOK_EVERY = 1.0  # seconds
QUIET = 0.005  # seconds of CPU a process needs that does nothing
WAITS = 10  # so many times the limit a cell may wait for others
# What reports import; the first reader shall not pay for it.
WARM = ("polars", "altair", "crmlib.analysis.exporting")
LEFT_FOR = 300.0  # seconds without an open page
KEPT_FOR = 120  # seconds marimo keeps a session whose connection broke
_CELL = '{"op": "cell-op"'


class Clock:
    """Knows since when a cell of a session has been running, and how many pages are open.

    What counts is the CPU time of this process, which a busy machine does not make longer; a cell
    that only waits is ended much later.
    """

    def __init__(self) -> None:
        self.running: dict[tuple[int, str], tuple[float, float]] = {}  # CPU, wall
        self.pages = 0
        self.left_at = time.monotonic()

    def watched(self, app: ASGIApp) -> ASGIApp:
        """Return the application with its sockets' messages looked at."""

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "websocket":
                await app(scope, receive, send)
                return
            page = id(send)

            async def look(message: Message) -> None:
                self._heard(page, message.get("text") or "")
                await send(message)

            self.pages += 1
            try:
                await app(scope, receive, look)
            finally:
                self.pages -= 1
                self.left_at = time.monotonic()
                # Whether its cells end is not told any more: ``end_when_due`` looks.
                self.running = {c: s for c, s in self.running.items() if c[0] != page}

        return call

    def _heard(self, page: int, text: str) -> None:
        if not text.startswith(_CELL) and '"cell-op"' not in text[:64]:
            return
        told = msgspec.json.decode(text)["data"]
        cell = page, str(told.get("cell_id"))
        if told.get("status") == "running":
            self.running.setdefault(cell, (time.process_time(), time.monotonic()))
        elif told.get("status") is not None:
            self.running.pop(cell, None)

    async def end_when_due(self, limit: float) -> None:
        """Wait until a cell ran too long or nobody is there any more; then end this process."""
        last = busy = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            used, now = time.process_time(), time.monotonic()
            # CPU time that no cell of an open page accounts for: of a page that was closed.
            is_idle = self.running or used - last < QUIET
            busy, last = 0.0 if is_idle else busy + used - last, used
            if busy > limit:
                os._exit(TOO_LONG)
            for began, since in self.running.values():
                if used - began > limit or now - since > limit * WAITS:
                    os._exit(TOO_LONG)
            if not self.pages and now - self.left_at > LEFT_FOR:
                os._exit(0)


def limit_memory() -> None:
    """Let this process ask for no more memory than allowed."""
    most = int(settings().report_gb * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


async def serve(name: str, file: Path, socket: Path) -> None:
    """Answer the server's calls until told to stop."""
    with contextlib.chdir(HOME):
        builder = marimo.create_asgi_app(
            quiet=True,
            include_code=False,
            session_ttl=KEPT_FOR,
            asset_url=MARIMO_URL,
            html_head=html_head("reports"),
        )
        whole = builder.with_app(path=f"/reports/{name}", root=str(file)).build()
    close = closing(whole)  # type: ignore[arg-type]
    watch = Clock()
    app = watch.watched(whole)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        scope: Any = await report_wire.read(reader)
        if scope is not None and report_wire.CLOSE in scope:
            with contextlib.suppress(Exception):
                close(f"reports/{name}", scope[report_wire.CLOSE])
        elif scope is not None:
            await report_wire.answer(app, reader, writer, scope)
        writer.close()

    await asyncio.start_unix_server(connected, str(socket))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    os.nice(NICE)  # not before: somebody waits for it to start
    await _first(watch.end_when_due(settings().report_seconds), _parent_gone)


async def _first(due: Awaitable[None], gone: Callable[[], object]) -> None:
    waiting = asyncio.create_task(asyncio.to_thread(gone))
    await asyncio.wait([asyncio.ensure_future(due), waiting], return_when=asyncio.FIRST_COMPLETED)
    os._exit(0)


def _parent_gone() -> object:
    return sys.stdin.buffer.read()


def main(name: str, file: str, socket: str) -> None:
    """Run the process of a report."""
    logging.basicConfig(level=logging.WARNING)  # to the server's own log
    limit_memory()
    startup.serialise_parsing()
    for module in WARM:
        importlib.import_module(module)
    asyncio.run(serve(name, Path(file), Path(socket)))


if __name__ == "__main__":
    main(*sys.argv[1:4])

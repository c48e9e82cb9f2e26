"""Run the web server: one worker, for marimo's sessions live in this process."""

import logging
import socket
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from crmlib.duplicates.follower import Follower
from crmlib.settings import settings
from crmlib.web.app import build
from crmlib.web.notebooks import FOLDER
from crmlib.web.watcher import Watcher

GRACE = 10  # seconds for open requests at shutdown
MESSAGE_LIMIT = 5 * 1024 * 1024  # bytes of one socket message


class WithoutQuery(logging.Filter):
    """Cut query strings off logged addresses: they carry ids of notebook sessions."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's address and let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                a.partition("?")[0] if isinstance(a, str) and a.startswith("/") else a
                for a in record.args
            )
        return True


class _Server(uvicorn.Server):
    """Lets those go who wait for news before it waits for open requests to end."""

    def __init__(self, config: uvicorn.Config, watcher: Watcher) -> None:
        super().__init__(config)
        self._watcher = watcher

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; see the class."""
        await self._watcher.stop()
        await super().shutdown(sockets)


def serve(host: str, port: int, folder: Path = FOLDER) -> None:
    """Serve until told to stop."""
    watcher, follower = Watcher(), Follower()
    watcher.subscribe(follower.hear)
    server = _Server(config(build(watcher, folder), host, port), watcher)
    if settings().follow_pairs:
        follower.start()
    server.run()
    follower.stop()


def config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's configuration for an application."""
    made = uvicorn.Config(
        app,
        host=host,
        port=port,
        workers=1,
        timeout_graceful_shutdown=GRACE,
        ws_max_size=MESSAGE_LIMIT,
        server_header=False,
        proxy_headers=False,
    )
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(WithoutQuery())
    return made

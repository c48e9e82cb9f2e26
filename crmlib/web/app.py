"""The whole of the web: our few pages, the notebooks, and the guard before both."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from anyio import to_thread
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from crmlib.access.grants import REPORTS
from crmlib.api.courier import Courier
from crmlib.api.server import Api
from crmlib.clock import local, now
from crmlib.duplicates import live
from crmlib.store.engine import reading
from crmlib.web import (
    assets,
    daily,
    doors,
    files,
    frame,
    imports,
    notebooks,
    quotes,
    render,
    signin,
    startup,
)
from crmlib.web.guard import Guard
from crmlib.web.logins import Logins
from crmlib.web.recheck import Recheck
from crmlib.web.reports import Reports
from crmlib.web.sockets import Close, Sockets
from crmlib.web.watcher import Watcher

LOG = logging.getLogger(__name__)


def build(watcher: Watcher | None = None, folder: Path = notebooks.FOLDER) -> ASGIApp:
    """Return the application; ``crm serve`` runs one of it per process."""
    startup.serialise_parsing()
    startup.load_rooms()
    mounted = notebooks.mounted(folder)
    reports = Reports(folder / REPORTS)
    logins, sockets = Logins(), Sockets(_closing(mounted, reports))
    watcher = watcher or Watcher()
    recheck = Recheck(logins, sockets)
    watcher.subscribe(recheck.hear)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        background = (
            watcher.run(),
            recheck.run(),
            Courier().run(),
            daily.run(),
            to_thread.run_sync(live.start),
            to_thread.run_sync(startup.warm),
            to_thread.run_sync(startup.sweep_files),
        )
        tasks = [asyncio.create_task(work) for work in background]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await to_thread.run_sync(live.stop)
        await reports.stop()

    own = Starlette(
        routes=_routes(),
        lifespan=lifespan,
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    own.state.watcher, own.state.logins, own.state.sockets = watcher, logins, sockets
    own.state.reports = reports
    return Guard(own, mounted, reports, Api(), logins, sockets)


def _closing(mounted: Starlette, reports: Reports) -> Close:
    close = notebooks.closing(mounted)

    def close_page(workspace: str, page: str) -> None:
        (reports.close if workspace.startswith(f"{REPORTS}/") else close)(workspace, page)

    return close_page


def _routes() -> list[Route]:
    return [
        Route("/", signin.start),
        Route("/login", signin.login_page),
        Route("/login", signin.login, methods=["POST"]),
        Route("/logout", signin.logout, methods=["POST"]),
        Route("/password", signin.password_page),
        Route("/password", signin.password, methods=["POST"]),
        Route("/frame.json", frame.frame),
        Route("/pulse", frame.pulse),
        Route(doors.ATTACHMENTS, files.upload, methods=["POST"]),
        Route(doors.IMPORTS, imports.upload, methods=["POST"]),
        Route(doors.SIGNED_IN_TREE + "{key:int}", files.download),
        Route(doors.QUOTES_TREE + "{key:int}/print", quotes.printed),
        Route("/healthz", _health),
        Route("/favicon.ico", assets.favicon),
        Route("/static/{path:path}", assets.own_file),
        Route("/marimo/{version}/{path:path}", assets.marimo_file),
    ]


async def _health(_request: Request) -> Response:
    try:
        await to_thread.run_sync(_ask_database)
    except Exception:
        LOG.exception("the database does not answer")
        return PlainTextResponse("database", 503)
    return PlainTextResponse("ok")


def _ask_database() -> None:
    with reading() as session:
        session.execute(text("SELECT 1"))


async def _refused(_request: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    words = {404: "页面不存在", 405: "此地址不支持该操作"}
    return render.message(words.get(status, "请求无法处理"), status=status)


async def _failed(_request: Request, _fault: Exception) -> Response:
    number = f"{local(now()):%m%d%H%M}-{secrets.token_hex(2).upper()}"
    LOG.error("error %s", number)  # the server logs the traceback right after
    return render.message(f"系统出错了（编号 {number}），请重试", status=500)

"""Serve the kit's trial pages with a frame, without sign-in and without a database."""

import asyncio
import sys
from pathlib import Path

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from crmlib.ui.static_files import STATIC_DIR
from crmlib.ui.theme import html_head

HERE = Path(__file__).parent
FEED = {"version": 1}
MENU = [
    {
        "group": "客户管理",
        "items": [
            {"page": "list", "label": "客户—维护", "href": "/kit/?page=list"},
            {"page": "form", "label": "客户—新增", "href": "/kit/?page=form", "count": 3},
        ],
    }
]


async def frame(request: Request) -> Response:
    person = {"id": 7, "name": "李敏", "office": "广州一办", "role": "clerk"}
    told = {"person": person, "csrf": "x", "workspace": "kit", "menu": MENU}
    return JSONResponse({**told, "unread": 2, "pending": 0, "version": FEED["version"]})


async def pulse(request: Request) -> Response:
    since = int(request.query_params["since"])
    for _ in range(40):
        if FEED["version"] != since:
            break
        await asyncio.sleep(0.1)
    topics = ["customer"] if FEED["version"] != since else []
    return JSONResponse({"version": FEED["version"], "topics": topics, "unread": 5, "pending": 0})


async def bump(request: Request) -> Response:
    FEED["version"] += 1
    return PlainTextResponse("ok")


async def login(request: Request) -> Response:
    return PlainTextResponse("login")


async def logout(request: Request) -> Response:
    return RedirectResponse("/login", 303)


def main(port: int) -> None:
    pages = marimo.create_asgi_app(include_code=False, session_ttl=60, html_head=html_head())
    app = Starlette(
        routes=[
            Route("/frame.json", frame),
            Route("/pulse", pulse),
            Route("/bump", bump),
            Route("/login", login),
            Route("/logout", logout, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC_DIR)),
            Mount("/", pages.with_app(path="/kit", root=str(HERE / "shell.py")).build()),
        ]
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main(int(sys.argv[1]))

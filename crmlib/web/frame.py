"""What the frame around every page asks for: person, menu, counts, and what changed."""

import logging
import time
from dataclasses import asdict
from pathlib import Path

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crmlib.access.actor import Actor, actor_of
from crmlib.access.grants import START_PAGE, WORKSPACES
from crmlib.analysis import catalogue
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import counts
from crmlib.people.sessions import Session, session_of
from crmlib.web.menu import menu
from crmlib.web.request import cookie
from crmlib.web.watcher import Watcher
from crmlib.words import ROLES

LOG = logging.getLogger(__name__)
PATIENCE = 25.0  # seconds a pulse waits
# However much happens, a page is told at most this often.
CALM = 1.0
_SIGN_IN = {"error": "请重新登录"}


async def frame(request: Request) -> Response:
    """Answer /frame.json: who, menu of the workspace, counts, version of the data."""
    session: Session = request.scope["session"]
    workspace = request.query_params.get("workspace", "")
    if session.role not in WORKSPACES.get(workspace, frozenset()):
        workspace = START_PAGE[session.role]
    watcher: Watcher = request.app.state.watcher
    version = watcher.version  # before reading: a change meanwhile is told again
    try:
        folder = request.app.state.reports.folder
        told = await to_thread.run_sync(_frame, session, workspace, folder)
    except NotAllowed:  # closed, or sent back to his first password, since the guard asked
        return JSONResponse(_SIGN_IN, 401)
    return JSONResponse(told | {"version": version})


async def pulse(request: Request) -> Response:
    """Answer /pulse?since=N when something changed, or after a while; with ``now`` at once."""
    watcher: Watcher = request.app.state.watcher
    text = request.query_params.get("since", "")
    since = int(text) if text.isdecimal() else watcher.version
    begun = time.monotonic()
    if "now" not in request.query_params:
        await watcher.wait(since, PATIENCE)
    if watcher.version != since:
        await anyio.sleep(max(0.0, CALM - (time.monotonic() - begun)))
    topics, version = watcher.topics(since), watcher.version
    told = await to_thread.run_sync(_counts_if_alive, cookie(request.scope))
    if told is None:
        return JSONResponse(_SIGN_IN, 401)
    return JSONResponse({"version": version, "topics": topics, **told})


def _frame(session: Session, workspace: str, reports: Path) -> dict[str, object]:
    actor = actor_of(session.person_id)
    return {
        "person": {
            "id": actor.person_id,
            "name": actor.name,
            "office": actor.office,
            "role": ROLES[actor.role],
        },
        "csrf": session.csrf,
        "workspace": workspace,
        "menu": menu(actor, workspace, catalogue.reports(reports)),
        **_counts(actor),
    }


def _counts_if_alive(secret: str) -> dict[str, int | None] | None:
    session = session_of(secret, touch=False)
    try:
        return _counts(actor_of(session.person_id)) if session else None
    except NotAllowed:
        return None


def _counts(actor: Actor) -> dict[str, int | None]:
    try:
        return asdict(counts(actor))
    except Exception:  # a page without its numbers still works; it keeps those it showed before
        LOG.exception("the frame goes without its counts")
        return {"unread": None, "pending": None}

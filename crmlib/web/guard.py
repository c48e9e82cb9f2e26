"""The guard before everything: who is it, may he enter, is the notebook session his own."""

from urllib.parse import quote

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crmlib.access.grants import REPORTS, may_enter
from crmlib.attachments.rules import MOST_BYTES
from crmlib.exchange.sheets import MOST_UPLOADED
from crmlib.people.sessions import Session
from crmlib.web import doors, render
from crmlib.web.doors import Door, Kind
from crmlib.web.headers import FILE_POLICY, NO_STORE, NOTEBOOK_POLICY, PAGE_POLICY, guarded
from crmlib.web.logins import Logins
from crmlib.web.request import cookie, header, is_own_origin, params, without_cookies
from crmlib.web.sockets import TOO_MANY, Socket, Sockets

MOST_BODY = 5 * 1024 * 1024  # bytes
# Files may be larger than what a page says.
_MOST = {doors.ATTACHMENTS: MOST_BYTES, doors.IMPORTS: MOST_UPLOADED}
LONGEST_PAGE_ID = 64
FORBIDDEN = 4403
# Asked by the page itself all the time: no sign that somebody is at work.
_IDLE = frozenset({"/health", "/pulse", "/frame.json"})


class Guard:
    """Pure ASGI, so that sockets pass it too (marimo.md §1)."""

    def __init__(
        self,
        own: ASGIApp,
        notebooks: ASGIApp,
        reports: ASGIApp,
        api: ASGIApp,
        logins: Logins,
        sockets: Sockets,
    ) -> None:
        self._own, self._notebooks, self._reports, self._api = own, notebooks, reports, api
        self._logins, self._sockets = logins, sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer it here."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._own(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        door = doors.door(path, method)
        if door.kind is Kind.PROGRAM:
            scope["headers"] = without_cookies(scope)
            await self._api(scope, receive, guarded(send, PAGE_POLICY, cache=NO_STORE))
            return
        touch = path not in _IDLE and door.inner not in _IDLE
        session = None
        if door.kind is not Kind.PUBLIC:
            session = await self._logins.of(cookie(scope), touch=touch)
        answer = _malformed(scope, method) or _refusal(scope, door, session)
        if answer is None and door.kind is Kind.NOTEBOOK and session is not None:
            answer = self._page_refusal(scope, door, session)
        if answer is not None:
            await answer(scope, receive, guarded(send, PAGE_POLICY, cache=NO_STORE))
        elif door.kind is Kind.NOTEBOOK and session is not None:
            cache = NO_STORE if door.inner == "/" or door.inner.startswith(doors.FILES) else None
            inside = _inside(scope, session)
            app = self._app(door)
            await app(inside, receive, guarded(send, NOTEBOOK_POLICY, cache=cache))
        else:
            cache = NO_STORE if door.kind is Kind.SIGNED_IN else None
            scope["session"] = session
            is_file = scope["path"].startswith(doors.SIGNED_IN_TREE)
            policy = FILE_POLICY if is_file else PAGE_POLICY
            await self._own(scope, receive, guarded(send, policy, cache=cache))

    def _app(self, door: Door) -> ASGIApp:
        return self._reports if door.workspace.startswith(f"{REPORTS}/") else self._notebooks

    def _page_refusal(self, scope: Scope, door: Door, session: Session) -> Response | None:
        if doors.REFUSED_PARAMS & params(scope).keys():
            return PlainTextResponse("此链接无效", 400)
        if not door.inner:
            query = scope.get("query_string", b"").decode("latin-1")
            return RedirectResponse(f"/{door.workspace}/" + (f"?{query}" if query else ""), 308)
        if scope["method"] in doors.READ_METHODS:
            return None
        page = header(scope, "marimo-session-id") or ""
        if not self._sockets.owns(session, door.workspace, page):
            return JSONResponse({"error": "页面已失效，请刷新"}, 403)
        return None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = doors.door(scope["path"], "WS")
        session = await self._logins.of(cookie(scope))
        query = params(scope)
        page = query.get("session_id", "")
        if (
            session is None
            or not is_own_origin(scope, may_lack=False)
            or door.kind is not Kind.NOTEBOOK
            or not _may_enter(session, door)
            or not 0 < len(page) <= LONGEST_PAGE_ID
            or doors.REFUSED_SOCKET_PARAMS & query.keys()
            or not self._sockets.may_open(session, door.workspace, page)
        ):
            await _close(receive, send, FORBIDDEN)
        elif not self._sockets.has_room(session):
            await _close(receive, send, TOO_MANY)
        else:
            socket = Socket(session, door.workspace, page, send)
            self._sockets.open(socket)
            try:
                await self._app(door)(_inside(scope, session), receive, socket.forward)
            finally:
                self._sockets.closed(socket)


def _malformed(scope: Scope, method: str) -> Response | None:
    if method in doors.READ_METHODS:
        return None
    if not is_own_origin(scope, may_lack=scope["path"] in doors.WITH_TOKEN):
        return JSONResponse({"error": "请求来源不符"}, 403)
    length = header(scope, "content-length")
    if length is None or not length.isdigit():
        return JSONResponse({"error": "请求缺少长度"}, 411)
    if int(length) > _MOST.get(scope["path"], MOST_BODY):
        return JSONResponse({"error": "内容过大"}, 413)
    return None


def _refusal(scope: Scope, door: Door, session: Session | None) -> Response | None:
    if door.kind is Kind.PUBLIC:
        return None
    is_page = scope["method"] in doors.READ_METHODS and door.inner in {"", "/"}
    is_page &= scope["path"] not in _IDLE
    if session is None:
        return _to_login(scope) if is_page else JSONResponse({"error": "请重新登录"}, 401)
    if session.must_change and scope["path"] not in doors.BEFORE_PASSWORD:
        if is_page:
            return RedirectResponse(doors.PASSWORD, 303)
        return JSONResponse({"error": "请先设置密码"}, 403)
    if door.kind is Kind.NOWHERE:
        return render.message("页面不存在", status=404)
    if door.kind is Kind.NOTEBOOK and not _may_enter(session, door):
        return render.message("您没有权限打开此页面", status=403)
    return None


def _may_enter(session: Session, door: Door) -> bool:
    leads = session.has_subordinates
    return not session.must_change and may_enter(
        session.role, door.workspace, has_subordinates=leads
    )


def _to_login(scope: Scope) -> Response:
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    suffix = f"?next={quote(wanted, safe='')}" if wanted != "/" else ""
    return RedirectResponse(doors.LOGIN + suffix, 303)


def _inside(scope: Scope, session: Session) -> Scope:
    return {
        **scope,
        "headers": without_cookies(scope),
        "user": {
            "username": session.login,
            "is_authenticated": True,
            "display_name": session.name,
        },
        "meta": {"person_id": session.person_id},
    }


async def _close(receive: Receive, send: Send, code: int) -> None:
    await receive()
    await send({"type": "websocket.close", "code": code})

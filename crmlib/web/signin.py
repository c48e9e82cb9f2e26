"""The pages before the notebooks: sign-in, own password, sign-out, the way to one's start page."""

import hmac
import secrets
from functools import cache
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crmlib.access.actor import actor_of
from crmlib.access.grants import REPORTS, START_PAGE, WORKSPACES
from crmlib.errors import Invalid, SignInFailed
from crmlib.people.sessions import (
    Session,
    change_password,
    session_of,
    set_first_password,
    sign_in,
    sign_out,
)
from crmlib.settings import settings
from crmlib.web import render
from crmlib.web.doors import LOGIN, PASSWORD
from crmlib.web.logins import Logins
from crmlib.web.request import COOKIE, cookie
from crmlib.web.sockets import Sockets

FORM_COOKIE = "crm_form"
LONGEST_FORM = 16 * 1024  # bytes
STALE_FORM = "页面已过期，请重新登录"
# One password hash takes 20 MB and a core for some 30 ms.
_hashing = CapacityLimiter(2)


async def start(request: Request) -> Response:
    """Lead to the start page of the person's role."""
    session: Session = request.scope["session"]
    return RedirectResponse(f"/{START_PAGE[session.role]}/", 303)


async def login_page(request: Request) -> Response:
    """Show the form, or the way on for those who are in already."""
    logins: Logins = request.app.state.logins
    if await logins.of(cookie(request.scope)) is not None:
        return RedirectResponse(_own_path(request.query_params.get("next", "")), 303)
    return _login_form(next_path=request.query_params.get("next", ""))


async def login(request: Request) -> Response:
    """Check the form and open a session."""
    form = await _form(request)
    tenant, name, next_path = (form.get(k, "") for k in ("tenant", "login", "next"))
    if not _is_own_form(cookie(request.scope, FORM_COOKIE), form.get("csrf", "")):
        return _login_form(STALE_FORM, tenant, name, next_path, status=403)
    old = cookie(request.scope)
    try:
        opened = await to_thread.run_sync(
            sign_in, tenant, name, form.get("password", ""), limiter=_hashing
        )
    except SignInFailed as refusal:
        return _login_form(refusal.message, tenant, name, next_path, status=401)
    if old:
        await _end(request, old)
    target = PASSWORD if opened.must_change else _own_path(next_path)
    answer = RedirectResponse(target, 303)
    _set_cookie(answer, COOKIE, opened.secret)
    answer.delete_cookie(FORM_COOKIE, path=LOGIN)
    return answer


async def logout(request: Request) -> Response:
    """End the session, cut its sockets and go back to the form."""
    session: Session = request.scope["session"]
    token = request.headers.get("x-csrf-token") or (await _form(request)).get("csrf", "")
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        return render.message("页面已过期，请刷新后重试", status=403)
    await _end(request, cookie(request.scope))
    answer = RedirectResponse(LOGIN, 303)
    answer.delete_cookie(COOKIE)
    return answer


async def password_page(request: Request) -> Response:
    """Show the form for a new password."""
    return _password_form(request.scope["session"], {})


async def password(request: Request) -> Response:
    """Store the new password; other sessions of the person end."""
    session: Session = request.scope["session"]
    form = await _form(request)
    if not hmac.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
        return render.message("页面已过期，请刷新后重试", status=403)
    try:
        await to_thread.run_sync(_store, session, cookie(request.scope), form, limiter=_hashing)
    except Invalid as wrong:
        return _password_form(session, wrong.faults)
    request.app.state.logins.forget()
    sockets: Sockets = request.app.state.sockets
    await sockets.end(
        lambda other, _: other.person_id == session.person_id and other.key != session.key
    )
    return RedirectResponse("/", 303)


def _store(session: Session, secret: str, form: dict[str, str]) -> None:
    new, again = form.get("password", ""), form.get("again", "")
    if session.must_change:
        set_first_password(secret, new, again)
    else:
        actor = actor_of(session.person_id)
        change_password(actor, form.get("old", ""), new, again, keep=secret)


async def _end(request: Request, secret: str) -> None:
    session = await to_thread.run_sync(lambda: session_of(secret, touch=False))
    await to_thread.run_sync(sign_out, secret)
    request.app.state.logins.forget()
    if session is not None:
        await request.app.state.sockets.end(lambda other, _: other.key == session.key)


async def _form(request: Request) -> dict[str, str]:
    if int(request.headers.get("content-length", "0")) > LONGEST_FORM:
        return {}
    form = await request.form(max_files=0, max_fields=20)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _login_form(
    fault: str = "", tenant: str = "", name: str = "", next_path: str = "", *, status: int = 200
) -> Response:
    nonce = secrets.token_hex(16)
    answer = render.page(
        "login",
        "登录",
        status=status,
        alert=render.alert(fault),
        csrf=_signature(nonce),
        next=next_path,
        tenant=tenant or "",
        login=name,
        focus_tenant="" if name else "autofocus",
        focus_password="autofocus" if name else "",
    )
    _set_cookie(answer, FORM_COOKIE, nonce, path=LOGIN)
    return answer


def _password_form(session: Session, faults: dict[str, str]) -> Response:
    first = session.must_change
    below = {k: render.alert(faults.get(k, "")) for k in ("old", "password", "again")}
    return render.page(
        "password",
        "修改密码",
        status=422 if faults else 200,
        heading="首次登录密码设置" if first else "修改密码",
        lead="请先设置自己的密码" if first else session.name,
        alert=render.alert(faults.get("", "")),
        login=session.login,
        csrf=session.csrf,
        old=render.Safe() if first else render.fragment("old_password", old_fault=below["old"]),
        back=render.Safe() if first else render.fragment("back"),
        password_fault=below["password"],
        again_fault=below["again"],
    )


def _own_path(path: str) -> str:
    # Only a workspace of ours: "//host" and "/\host" lead elsewhere.
    workspace, slash, _rest = path.removeprefix("/").partition("/")
    is_ours = workspace in WORKSPACES or workspace == REPORTS
    if path.startswith("/") and slash and is_ours and "\\" not in path:
        return path
    return "/"


def _set_cookie(answer: Response, name: str, value: str, *, path: str = "/") -> None:
    answer.set_cookie(
        name, value, path=path, httponly=True, samesite="lax", secure=settings().secure_cookies
    )


def _is_own_form(nonce: str, signature: str) -> bool:
    return bool(nonce) and hmac.compare_digest(_signature(nonce).encode(), signature.encode())


def _signature(nonce: str) -> str:
    return hmac.digest(_key(settings().var_dir), nonce.encode(), "sha256").hex()


@cache
def _key(folder: Path) -> bytes:
    """Return the key shared by the processes of this host; made when first needed."""
    file = folder / "form.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return file.read_bytes()

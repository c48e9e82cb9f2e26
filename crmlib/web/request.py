"""What the guard reads from a raw ASGI scope."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlsplit

from starlette.types import Scope

COOKIE = "crm_session"


def header(scope: Scope, name: str) -> str | None:
    """Return the first header of a name (lower case), None without one."""
    wanted = name.encode("latin-1")
    for key, value in _headers(scope):
        if key == wanted:
            return value.decode("latin-1")
    return None


def cookie(scope: Scope, name: str = COOKIE) -> str:
    """Return a cookie's value, empty without one."""
    try:
        jar = SimpleCookie(header(scope, "cookie") or "")
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def params(scope: Scope) -> dict[str, str]:
    """Return the query's parameters, the last of a name."""
    return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True))


def is_own_origin(scope: Scope, *, may_lack: bool) -> bool:
    """Say whether the request comes from a page of this host."""
    origin = header(scope, "origin")
    if origin is None:
        return may_lack and header(scope, "sec-fetch-site") in {None, "same-origin", "none"}
    try:
        return urlsplit(origin).netloc == header(scope, "host") != ""
    except ValueError:
        return False


def without_cookies(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    """Return the headers but for cookies: a notebook has no use for the session's secret."""
    return [(key, value) for key, value in _headers(scope) if key != b"cookie"]


def _headers(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    found: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return found

"""Which door an address leads to: the allow-list of everything a browser may ask for."""

from dataclasses import dataclass
from enum import Enum, auto

from crmlib.access.grants import REPORTS, WORKSPACES
from crmlib.analysis.catalogue import NAME


class Kind(Enum):
    """Who may pass: anybody, anybody signed in, the roles of a workspace, programs with a token."""

    PUBLIC = auto()
    SIGNED_IN = auto()
    NOTEBOOK = auto()
    PROGRAM = auto()
    NOWHERE = auto()


@dataclass(frozen=True, slots=True)
class Door:
    """Where an address leads; ``inner`` is the path inside the notebook's own application."""

    kind: Kind
    workspace: str = ""
    inner: str = ""


NOWHERE = Door(Kind.NOWHERE)
LOGIN, LOGOUT, PASSWORD = "/login", "/logout", "/password"
API = "/api/v1"
PUBLIC = frozenset({LOGIN, "/healthz", "/favicon.ico"})
PUBLIC_TREES = ("/static/", "/marimo/")
# Files of records: taken in here, handed out below.
ATTACHMENTS = "/files"
IMPORTS = "/imports"
SIGNED_IN = frozenset({"/", LOGOUT, PASSWORD, "/frame.json", "/pulse", ATTACHMENTS, IMPORTS})
SIGNED_IN_TREE = f"{ATTACHMENTS}/"
# Pages for the printer.
QUOTES_TREE = "/quotes/"
# The forms of these carry a token of their own, so a missing Origin is not fatal.
WITH_TOKEN = frozenset({LOGIN, LOGOUT, PASSWORD})
# A person whose first password is not set yet gets no further.
BEFORE_PASSWORD = frozenset({LOGOUT, PASSWORD})

READ_METHODS = frozenset({"GET", "HEAD"})
_NOTEBOOK_READS = frozenset(
    {
        "/",
        "/health",
        "/favicon.ico",
        "/manifest.json",
        "/logo.png",
        "/apple-touch-icon.png",
        "/android-chrome-192x192.png",
        "/android-chrome-512x512.png",
        "/public-files-sw.js",
    }
)
FILES = "/@file/"
_NOTEBOOK_TREES = ("/assets/", FILES, "/public/")
_NOTEBOOK_POSTS = frozenset(
    f"/api/kernel/{verb}" for verb in ("set_ui_element_value", "function_call", "set_model_value")
)
# Marimo would take another file, another person's session or a token from a link.
REFUSED_PARAMS = frozenset({"file", "kiosk", "session_id", "access_token", "token"})
REFUSED_SOCKET_PARAMS = REFUSED_PARAMS - {"session_id"}


def door(path: str, method: str) -> Door:
    """Return where a path leads for a method (``WS`` stands for a socket)."""
    if method != "WS" and (path == API or path.startswith(f"{API}/")):
        return Door(Kind.PROGRAM)  # reads no file and no cookie; asks every call for its token
    if not path.startswith("/") or not path.isprintable():
        return NOWHERE
    if "\\" in path or {"..", "."} & set(path.split("/")):
        return NOWHERE
    workspace, slash, rest = path[1:].partition("/")
    if workspace in WORKSPACES:
        inner = "/" + rest if slash else ""
        return _inside(workspace, inner, method)
    if workspace == REPORTS:
        name, slash, rest = rest.partition("/")
        if not NAME.fullmatch(name):
            return NOWHERE
        return _inside(f"{REPORTS}/{name}", "/" + rest if slash else "", method)
    if method == "WS":
        return NOWHERE
    if path in PUBLIC or path.startswith(PUBLIC_TREES):
        return Door(Kind.PUBLIC)
    is_known = path in SIGNED_IN or path.startswith((SIGNED_IN_TREE, QUOTES_TREE))
    return Door(Kind.SIGNED_IN) if is_known else NOWHERE


def _inside(workspace: str, inner: str, method: str) -> Door:
    if method == "WS":
        is_open = inner == "/ws"
    elif method in READ_METHODS:
        is_open = not inner or inner in _NOTEBOOK_READS or inner.startswith(_NOTEBOOK_TREES)
    else:
        is_open = method == "POST" and inner in _NOTEBOOK_POSTS
    return Door(Kind.NOTEBOOK, workspace, inner) if is_open else NOWHERE

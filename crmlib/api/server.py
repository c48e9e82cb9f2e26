"""The programs' interface on the web: pure ASGI below /api/v1, no cookies, no foreign pages."""

import hashlib
import logging
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crmlib.api import description, intake, tokens
from crmlib.api.intake import Malformed
from crmlib.api.limits import Limits
from crmlib.api.operations import OPERATIONS, Call, Operation
from crmlib.api.shapes import Trouble
from crmlib.api.tokens import Caller
from crmlib.duplicates.asking import TOO_FAST
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.store import log

LOG = logging.getLogger(__name__)
PREFIX = "/api/v1"
MOST_BODY = 1024 * 1024  # bytes
LONGEST_KEY = 200
AT_ONCE = 8  # calls; the rest of the threads stay for people
VERSION = "version"
_NO_VERSION = "请提供 version 字段或 If-Match 头"
_TYPE = "application/json"
_JSON: Mapping[str, str] = {"Content-Type": f"{_TYPE}; charset=utf-8"}
_ID = re.compile(r"[0-9]{1,18}")


class Problem(Exception):
    """A call that ends here, with its status, code, message and headers."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request as read from the wire."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: bytes


class Api:
    """Answers everything below ``PREFIX``; mount it behind the guard."""

    def __init__(self) -> None:
        self._limits = Limits()
        self._threads: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except Problem as problem:
            answer = _told(problem)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path, method = request.scope["path"].removeprefix(PREFIX), request.method
        if path in description.OPEN and method in {"GET", "HEAD"}:
            return description.OPEN[path]()
        if self._threads is None:
            self._threads = CapacityLimiter(AT_ONCE)
        caller = await to_thread.run_sync(_caller, dict(request.headers), limiter=self._threads)
        if wait := self._limits.wait_for(caller.token_id):
            headers = {"Retry-After": str(wait)}
            raise Problem(429, "too_many", f"调用过于频繁，请 {wait} 秒后再试", **headers)
        sent = _Sent(
            method,
            path,
            tuple(_params(request.scope)),
            dict(request.headers),
            await _content(request),
        )
        return await to_thread.run_sync(_noted, caller, sent, limiter=self._threads)


def _caller(headers: Mapping[str, str]) -> Caller:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    found = tokens.caller_of(secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        wanted = {"WWW-Authenticate": 'Bearer realm="sunmao"'}
        raise Problem(401, "unauthorised", "令牌无效、已过期或已吊销", **wanted)
    return found


def _params(scope: Scope) -> Iterator[tuple[str, str]]:
    text = scope.get("query_string", b"").decode("latin-1")
    yield from parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


async def _content(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and len(length) < 10 and int(length) <= MOST_BODY:
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > MOST_BODY:
                break
        else:
            return bytes(content)
    raise Problem(413, "too_large", "请求内容过大（最多 1 MB）")


def _noted(caller: Caller, sent: _Sent) -> Response:
    """Answer a call within the thread, and keep that it was made."""
    begun = time.perf_counter()
    try:
        with log.acting_through(caller.name):
            answer = _served(caller, sent)
    except Problem as problem:
        answer = _told(problem)
    except Exception:
        number = secrets.token_hex(3).upper()
        LOG.exception("error %s of a program's call: %s %s", number, sent.method, sent.path)
        answer = _told(Problem(500, "failed", f"系统出错了（编号 {number}），请重试"))
    spent = round((time.perf_counter() - begun) * 1000)
    try:
        tokens.note_call(caller, sent.method, _printable(sent.path), answer.status_code, spent)
    except Exception:
        LOG.exception("a program's call was not noted: %s %s", sent.method, sent.path)
    return answer


def _printable(path: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in path)


def _served(caller: Caller, sent: _Sent) -> Response:
    (methods, key) = _route(sent.path)
    operation = methods.get("GET" if sent.method == "HEAD" else sent.method)
    if operation is None:
        allowed = {"Allow": ", ".join(sorted(methods))}
        raise Problem(405, "method_not_allowed", "此地址不支持该操作", **allowed)
    if operation.writes and not caller.may_write:
        raise Problem(403, "read_only", "此令牌只能查询，不能修改")
    try:
        answer = operation.run(_call(operation, caller, sent, key))
    except Malformed as fault:
        raise Problem(400, "malformed", str(fault)) from fault
    except CrmError as fault:
        return _refused(operation, caller, key, fault)
    headers = dict(_JSON)
    if hasattr(answer, VERSION):
        headers["ETag"] = f'"{answer.version}"'
    if operation.status == 201:
        headers["Location"] = f"{PREFIX}/{operation.path.strip('/').split('/')[-1]}/{answer.id}"
    return Response(msgspec.json.encode(answer), operation.status, headers)


def _route(path: str) -> tuple[dict[str, Operation], int | None]:
    """Return the operations of an address by method, and the record it names."""
    parts = path.split("/")
    key = next((int(part) for part in parts if _ID.fullmatch(part)), None)
    pattern = "/".join("{id}" if _ID.fullmatch(part) else part for part in parts)
    found = {each.method: each for each in OPERATIONS if each.path == pattern}
    if not found or len(pattern.split("{id}")) > 2:
        raise Problem(404, "not_found", "地址不存在")
    return found, key


def _call(operation: Operation, caller: Caller, sent: _Sent, key: int | None) -> Call:
    query = None
    if operation.query is not None:
        query = intake.read_params(operation.query, sent.params, operation.choices)
    elif sent.params:
        raise Invalid({name[:60]: "未知参数" for name, _ in sent.params if name.isprintable()})
    body: dict[str, Any] = {}
    version = _if_match(sent.headers) if operation.versioned else None
    if operation.body is not None:
        if not sent.headers.get("content-type", _TYPE).lower().startswith(_TYPE):
            raise Malformed(f"请求内容应为 {_TYPE}")
        body = intake.read_body(sent.content)
        if operation.versioned:
            version = _version(body.pop(VERSION, version))
        body = intake.read_fields(operation.body, body, partial=operation.partial)
        _require_taken(operation, body)
    return Call(caller, key or 0, query, body, version, _token(operation, caller, sent, key))


def _require_taken(operation: Operation, body: Mapping[str, Any]) -> None:
    if operation.only is not None and (other := body.keys() - operation.only):
        raise Invalid(dict.fromkeys(sorted(other), intake.UNKNOWN))


def _if_match(headers: Mapping[str, str]) -> int | None:
    text = headers.get("if-match", "").removeprefix("W/").strip('"')
    return int(text) if _ID.fullmatch(text) else None


def _version(value: object) -> int:
    if type(value) is int and 0 <= value < 2**31:
        return value
    raise Invalid({VERSION: _NO_VERSION if value is None else "应为整数"})


def _token(operation: Operation, caller: Caller, sent: _Sent, key: int | None) -> str | None:
    """Return what makes an action run once; a program's keys never meet anybody else's."""
    given = sent.headers.get("idempotency-key")
    if given is None or not operation.writes:
        return None
    if not 0 < len(given) <= LONGEST_KEY:
        raise Invalid({"Idempotency-Key": f"应为 1–{LONGEST_KEY} 个字符"})
    named = f"{caller.token_id}:{operation.name}:{key}:{given}"
    return hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()


def _refused(operation: Operation, caller: Caller, key: int | None, fault: CrmError) -> Response:
    if isinstance(fault, Invalid):
        return _trouble(422, Trouble("invalid", fault.message, fault.faults))
    if isinstance(fault, Stale):
        return _trouble(409, Trouble("stale", fault.message, {}))
    if isinstance(fault, NotAllowed):
        if key is not None and not (operation.writes and _is_seen(operation, caller, key)):
            return _trouble(404, Trouble("not_found", "记录不存在或您无权查看", {}))
        return _trouble(403, Trouble("not_allowed", fault.message, {}))
    if isinstance(fault, Refused) and fault.message == TOO_FAST:
        return _told(Problem(429, "too_many", fault.message, **{"Retry-After": "60"}))
    return _trouble(409, Trouble("refused", fault.message, {}))


def _is_seen(operation: Operation, caller: Caller, key: int) -> bool:
    try:
        return operation.sees is not None and bool(operation.sees(caller.actor, key))
    except NotAllowed:
        return False


def _told(problem: Problem) -> Response:
    trouble = Trouble(problem.code, problem.message, {})
    return _trouble(problem.status, trouble, problem.headers)


def _trouble(status: int, trouble: Trouble, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(trouble), status, {**_JSON, **(headers or {})})

"""Files of records on their way in and out; nothing that came in is ever shown by this server."""

import hmac
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import unquote

import anyio
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from crmlib.access.actor import actor_of
from crmlib.attachments import shelf
from crmlib.attachments.actions import Attached, attach_file, expect_attachable, hand_out
from crmlib.attachments.rules import MOST_BYTES, TOO_BIG, clean_name
from crmlib.errors import CrmError, NotAllowed
from crmlib.people.sessions import Session
from crmlib.web import render

PIECE = 1024 * 1024  # bytes written at once
SILENCE = 60.0  # seconds without a byte after which an upload is given up
HIGHEST_ID = 2**63  # what a database column holds
LONGEST_ID = 18  # digits
MOST_AT_ONCE = 4  # uploads of one person
_uploading: Counter[int] = Counter()


async def upload(request: Request) -> Response:
    """Take a file: the body is its content; ``entity``, ``id`` and ``name`` are in the query."""
    session: Session = request.scope["session"]
    token = request.headers.get("x-csrf-token", "")
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        return _fault("页面已过期，请刷新后重试", 403)
    wanted = request.query_params
    entity, key = wanted.get("entity", ""), wanted.get("id", "")
    name = clean_name(unquote(wanted.get("name", "")))
    if not (key.isascii() and key.isdecimal() and len(key) <= LONGEST_ID):
        return _fault("请求无法处理", 400)
    if _uploading[session.person_id] >= MOST_AT_ONCE:
        return _fault("同时上传的文件过多，请稍后再试", 429)
    _uploading[session.person_id] += 1
    try:
        made = await _take(request, session.person_id, (entity, int(key), name))
    except CrmError as wrong:
        return _fault(wrong.message, 403 if isinstance(wrong, NotAllowed) else 422)
    except (ClientDisconnect, TimeoutError):
        return _fault("上传中断", 400)
    except OSError:
        return _fault("服务器磁盘空间不足，文件未保存", 507)
    finally:
        _uploading[session.person_id] -= 1
    return JSONResponse({"id": made.id, "name": made.name}, 201)


async def download(request: Request) -> Response:
    """Send a file to be saved, never to be opened in this server's name."""
    session: Session = request.scope["session"]
    key: int = request.path_params["key"]
    if key >= HIGHEST_ID:
        raise HTTPException(404)

    def handed() -> tuple[str, str]:
        found = hand_out(actor_of(session.person_id), key)
        return found.name, str(found.path)

    try:
        name, path = await to_thread.run_sync(handed)
    except NotAllowed as refusal:
        raise HTTPException(404) from refusal
    except CrmError as wrong:
        return render.message(wrong.message, status=410)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=name,
        content_disposition_type="attachment",
        headers={"Cross-Origin-Resource-Policy": "same-origin"},
    )


async def _take(request: Request, person_id: int, to: tuple[str, int, str]) -> Attached:
    size = int(request.headers.get("content-length", "0"))
    # Asked before a byte is taken: most refusals need not wait for 20 MB.
    await to_thread.run_sync(lambda: expect_attachable(actor_of(person_id), *to, size))
    # Whatever happens, also when the request is cancelled: what is not kept is deleted.
    with await to_thread.run_sync(shelf.Incoming) as content:
        async for piece in _pieces(request):
            await to_thread.run_sync(content.write, piece)
        return await to_thread.run_sync(lambda: attach_file(actor_of(person_id), *to, content))


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    stream, waiting, total = request.stream(), bytearray(), 0
    while True:
        with anyio.fail_after(SILENCE):
            data = await anext(stream, None)
        if data is None:
            break
        total += len(data)
        if total > MOST_BYTES:
            raise CrmError(TOO_BIG)
        waiting += data
        if len(waiting) >= PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _fault(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status)

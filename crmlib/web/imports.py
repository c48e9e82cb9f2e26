"""A list on its way in: taken as a file, then read by a process of its own."""

import hmac
from pathlib import Path
from urllib.parse import unquote

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from crmlib.access.actor import actor_of
from crmlib.access.grants import Permission
from crmlib.errors import CrmError, NotAllowed
from crmlib.exchange import jobs, shelf
from crmlib.exchange.batches import TOO_LARGE, register_import
from crmlib.exchange.model import ImportKind
from crmlib.exchange.sheets import MOST_UPLOADED, upload_fault
from crmlib.people.sessions import Session
from crmlib.ui.route import link

SILENCE = 60.0  # seconds without a byte after which an upload is given up
_START = 8  # bytes that tell a workbook from a text


async def upload(request: Request) -> Response:
    """Take a file: the body is its content; ``kind`` and ``name`` are in the query."""
    session: Session = request.scope["session"]
    token = request.headers.get("x-csrf-token", "")
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        return _fault("页面已过期，请刷新后重试", 403)
    wanted = request.query_params
    if wanted.get("kind") not in set(ImportKind):
        return _fault("请选择导入内容", 422)
    name = shelf.shown_name(unquote(wanted.get("name", "")))
    part = await to_thread.run_sync(shelf.new_upload)
    try:
        await to_thread.run_sync(_expect_importer, session.person_id)
        await _take(request, part, name)
        href = await to_thread.run_sync(
            _begin, session.person_id, ImportKind(wanted["kind"]), name, part.name
        )
    except CrmError as wrong:
        return _fault(wrong.message, 403 if isinstance(wrong, NotAllowed) else 422)
    except (ClientDisconnect, TimeoutError):
        return _fault("上传中断", 400)
    except OSError:
        return _fault("服务器磁盘空间不足，文件未保存", 507)
    finally:
        # Also when the request is cancelled: nothing may be left.
        part.unlink(missing_ok=True)
    return JSONResponse({"href": href}, 201)


def _expect_importer(person_id: int) -> None:
    shelf.sweep_uploads()
    if not actor_of(person_id).may(Permission.CUSTOMER_IMPORT):
        raise NotAllowed


async def _take(request: Request, part: Path, name: str) -> None:
    stream, size = request.stream(), 0
    async with await anyio.open_file(part, "wb") as file:
        while True:
            with anyio.fail_after(SILENCE):
                data = await anext(stream, None)
            if data is None:
                break
            if not size and data and (fault := upload_fault(name, data[:_START])):
                raise CrmError(fault)
            size += len(data)
            if size > MOST_UPLOADED:
                raise CrmError(TOO_LARGE)
            await file.write(data)


def _begin(person_id: int, kind: ImportKind, name: str, part: str) -> str:
    actor = actor_of(person_id)
    batch = register_import(actor, kind, name, part)
    jobs.start(actor, batch.batch_id)
    return link("import_batch", batch.batch_id)


def _fault(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status)

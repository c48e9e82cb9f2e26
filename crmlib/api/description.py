"""The interface described: OpenAPI 3.1 for programs, a plain page for people; both of one table."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response

from crmlib.api import intake, page
from crmlib.api.intake import Slot, slots
from crmlib.api.operations import OPERATIONS, Operation
from crmlib.api.shapes import Trouble
from crmlib.settings import settings

VERSION = "1.0"
_REF = "#/components/schemas/{name}"
_KINDS: Mapping[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer", "format": "int64"},
    "bool": {"type": "boolean"},
    "Decimal": {"type": "string", "format": "decimal"},
    "date": {"type": "string", "format": "date"},
}
_TROUBLES: Mapping[int, str] = {
    400: "请求内容不是 JSON 对象",
    401: "令牌无效、已过期或已吊销",
    403: "令牌只读，或此人员无权执行该操作",
    404: "记录不存在，或此人员无权查看",
    405: "此地址不支持该操作",
    409: "数据已被他人修改（stale），或记录的状态不允许（refused）",
    413: "请求内容超过 1 MB",
    422: "字段有误：faults 按字段逐项说明",
    429: "调用过于频繁：Retry-After 秒后再试",
}
_INTRODUCTION = (
    "令牌由信息部在「管理—系统—接口令牌」开通，代表一个人员：看到的客户、商机、活动，"
    "能做的操作，电话是否隐藏，都与此人登录后相同。请求头 Authorization: Bearer <令牌>。"
    "时间为带时区的 ISO 8601，日期为 YYYY-MM-DD，金额为文本（元）。"
    "订单由 ERP 写入：POST /orders 按 ERP单号（number）新增或更新，同样的内容重复发送不产生变化。"
)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    answers = {each.answer for each in OPERATIONS} | {Trouble}
    ordered = sorted(answers, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "榫卯 CRM API", "version": VERSION, "description": _INTRODUCTION},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(each.tag for each in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(each: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "tags": [each.tag],
        "parameters": _parameters(each),
        "responses": _responses(each),
    }
    if each.body is not None:
        content = {"application/json": {"schema": body_schema(each)}}
        required = any(slot.is_required for slot in taken(each)) or each.versioned
        made["requestBody"] = {"required": required, "content": content}
    return made


def _responses(each: Operation) -> dict[str, Any]:
    troubles = {401, 405, 413, 422, 429}
    troubles |= {400} if each.body is not None else set()
    troubles |= {403, 409} if each.writes else set()
    troubles |= {404} if "{id}" in each.path else set()
    good = {"description": each.summary, "content": _json(each.answer.__name__)}
    if each.status == 201:
        good["headers"] = {"Location": {"schema": {"type": "string"}}}
    return {str(each.status): good} | {
        str(status): {"description": _TROUBLES[status], "content": _json(Trouble.__name__)}
        for status in sorted(troubles)
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}


def _parameters(each: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{id}" in each.path:
        schema = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 10**18 - 1}
        found.append({"name": "id", "in": "path", "required": True, "schema": schema})
    for slot in slots(each.query) if each.query else ():
        schema = _schema(slot, is_param=True)
        if slot.name in each.choices:
            schema = {"type": "string", "enum": list(each.choices[slot.name])}
        found.append({"name": slot.name, "in": "query", "required": False, "schema": schema})
    if each.versioned:
        found.append(_header("If-Match", "记录的 version，也可写在请求内容里"))
    if each.writes:
        text = "同一键只执行一次：重发得到第一次的结果"
        found.append(_header("Idempotency-Key", text, maxLength=200, minLength=1))
    return found


def _header(name: str, text: str, **more: Any) -> dict[str, Any]:
    schema = {"type": "string", **more}
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def taken(each: Operation) -> list[Slot]:
    """Return the fields of an operation's body."""
    found = slots(each.body) if each.body is not None else ()
    return [slot for slot in found if each.only is None or slot.name in each.only]


def body_schema(each: Operation) -> dict[str, Any]:
    """Return what the body of an operation must look like."""
    properties = {slot.name: _schema(slot) for slot in taken(each)}
    if each.versioned:
        properties["version"] = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [slot.name for slot in taken(each) if slot.is_required and not each.partial]
    return made | ({"required": required} if required else {})


def _schema(slot: Slot, *, is_param: bool = False) -> dict[str, Any]:
    made = _plain(slot.kind)
    if is_param and slot.kind is str:
        made["maxLength"] = intake.LONGEST_PARAM
    if is_param and slot.name in {"page", "size"}:
        most = intake.MOST_PAGE if slot.name == "page" else intake.MOST_SIZE
        made |= {"minimum": 1, "maximum": most, "default": slot.default}
    if slot.is_list:
        return {"type": "array", "items": made}
    if slot.may_be_null and not is_param:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _plain(kind: Any) -> dict[str, Any]:
    if is_dataclass(kind):
        inner = intake.slots(kind)  # type: ignore[arg-type]
        properties = {slot.name: _schema(slot) for slot in inner}
        made = {"type": "object", "properties": properties, "additionalProperties": False}
        required = [slot.name for slot in inner if slot.is_required]
        return made | ({"required": required} if required else {})
    known = _KINDS.get(kind.__name__)
    return dict(known or {"type": "string", "enum": [member.value for member in kind]})


def openapi() -> Response:
    """Answer the OpenAPI document."""
    return Response(msgspec.json.encode(document()), media_type="application/json")


def docs() -> Response:
    """Answer the page for people."""
    return HTMLResponse(page.whole(document(), settings().api_per_minute))


OPEN: Mapping[str, Callable[[], Response]] = {"/openapi.json": openapi, "/docs": docs, "": docs}

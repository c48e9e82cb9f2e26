"""The page that describes the interface to people: plain HTML, no script, nothing from outside."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from crmlib.api.rules import EVENT_NAMES
from crmlib.ui.static_files import asset

TEMPLATE = Path(__file__).parent / "docs.html"
_SCHEMA = "#/components/schemas/"


def whole(document: Mapping[str, Any], per_minute: int) -> str:
    """Return the page of an OpenAPI document."""
    calls = [
        (path, method, call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    ]
    groups = "".join(
        f"<h2>{escape(tag['name'])}</h2>"
        + "".join(_call(path, method, c) for path, method, c in calls if tag["name"] in c["tags"])
        for tag in document["tags"]
    )
    shapes = "".join(_shape(*item) for item in sorted(document["components"]["schemas"].items()))
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        theme=escape(asset("theme.css")),
        introduction=escape(document["info"]["description"]),
        per_minute=str(per_minute),
        calls=groups,
        shapes=shapes,
        events=_table(("事件", "含义"), EVENT_NAMES.items()),
    )


def _call(path: str, method: str, call: Mapping[str, Any]) -> str:
    name = escape(call["operationId"])
    head = f'<code class="{method}">{method.upper()}</code> <code>/api/v1{escape(path)}</code>'
    parts = [f'<section id="{name}"><h3>{head}</h3><p>{escape(call["summary"])}</p>']
    if params := [_param(each) for each in call["parameters"]]:
        parts.append(_table(("参数", "位置", "类型"), params))
    if "requestBody" in call:
        schema = call["requestBody"]["content"]["application/json"]["schema"]
        required = schema.get("required", ())
        fields = [
            (field, _type(kind), "是" if field in required else "")
            for field, kind in schema["properties"].items()
        ]
        parts.append(_table(("字段", "类型", "必填"), fields))
    answers = [
        (status, answer["description"], _answer(answer))
        for status, answer in call["responses"].items()
    ]
    parts.append(_table(("状态", "含义", "返回"), answers))
    return "".join(parts) + "</section>"


def _param(each: Mapping[str, Any]) -> tuple[str, str, str]:
    places = {"path": "地址", "query": "查询", "header": "请求头"}
    return each["name"], places[each["in"]], _type(each["schema"])


def _answer(answer: Mapping[str, Any]) -> str:
    return _type(answer["content"]["application/json"]["schema"])


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    fields = [(field, _type(kind)) for field, kind in schema.get("properties", {}).items()]
    text = escape(schema.get("description", ""))
    body = _table(("字段", "类型"), fields) if fields else f"<p>{escape(_type(schema))}</p>"
    return f'<section id="{escape(name)}"><h3>{escape(name)}</h3><p>{text}</p>{body}</section>'


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMA)
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(repr(each) for each in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"{_type(schema.get('items', {}))}[]"
    if kind == "object" and "properties" in schema:
        inner = (f"{name}: {_type(each)}" for name, each in schema["properties"].items())
        return f"{{{', '.join(inner)}}}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"{{文本: {_type(schema['additionalProperties'])}}}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

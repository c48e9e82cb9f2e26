"""Make values of what a program sends: every fault at once, in Chinese, keyed by field."""

import types
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from crmlib.errors import Invalid

MOST_PAGE, MOST_SIZE = 1_000_000, 500
LONGEST_PARAM = 200
_MOST_INT = 2**63
_MOST_MONEY = Decimal(10) ** 13
UNKNOWN = "未知字段"
_NO_OBJECT = "请求内容应为 JSON 对象"
_LINE_ENDS = "\t\n\r"
_RANGES = {"page": (1, MOST_PAGE), "size": (1, MOST_SIZE)}
_EXPECTED: Mapping[Any, str] = {
    str: "应为文本",
    int: "应为整数",
    bool: "应为 true 或 false",
    Decimal: '应为数字文本，如 "1280.50"',
    date: "应为日期，如 2026-12-31",
}


class Malformed(Exception):
    """The body is no JSON object."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One field a program may send: its type without None, and whether it is a list of those."""

    name: str
    kind: Any
    is_list: bool
    may_be_null: bool
    default: Any

    @property
    def is_required(self) -> bool:
        """Say whether the field has no default."""
        return self.default is MISSING


@cache
def slots(kind: type) -> tuple[Slot, ...]:
    """Return the fields of a dataclass that a program may send: plain values and lists of them."""
    hints = get_type_hints(kind)
    found = (_slot(f.name, hints[f.name], f.default) for f in fields(kind))
    return tuple(slot for slot in found if slot is not None)


def _slot(name: str, hint: Any, default: Any) -> Slot | None:
    may_be_null = False
    if get_origin(hint) in {Union, types.UnionType}:
        inner = [t for t in get_args(hint) if t is not type(None)]
        may_be_null = len(inner) < len(get_args(hint))
        if len(inner) != 1:
            return None
        hint = inner[0]
    is_list = get_origin(hint) is tuple
    if is_list:
        hint = get_args(hint)[0]
    is_plain = hint in _EXPECTED or (isinstance(hint, type) and issubclass(hint, StrEnum))
    is_plain = is_plain or (is_list and is_dataclass(hint))  # rows of plain values
    return Slot(name, hint, is_list, may_be_null, default) if is_plain else None


def read_params(
    kind: type, pairs: Iterable[tuple[str, str]], choices: Mapping[str, Iterable[str]]
) -> Any:
    """Return the query dataclass of an address's parameters; a list may repeat or have commas.

    Raises:
        Invalid: unknown parameters and wrong values.
    """
    known = {slot.name: slot for slot in slots(kind)}
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    values, faults = {}, {}
    for name, texts in given.items():
        slot = known.get(name)
        if slot is None:
            faults[_key(name)] = "未知参数"
            continue
        sent = [part for text in texts for part in text.split(",")] if slot.is_list else texts[-1:]
        try:
            read = tuple(_param(slot, text) for text in sent if text or slot.kind is str)
        except ValueError as fault:
            faults[name] = str(fault)
            continue
        if slot.is_list:
            values[name] = read
        elif read:
            values[name] = read[0]
        if name in choices and read and read[0] not in choices[name]:
            faults[name] = f"应为 {'、'.join(choices[name])} 之一"
    if faults:
        raise Invalid(faults)
    return kind(**values)


def _param(slot: Slot, text: str) -> Any:
    if len(text) > LONGEST_PARAM:
        msg = f"不能超过 {LONGEST_PARAM} 个字"
        raise ValueError(msg)
    value = _converted(slot.kind, text, strict=False)
    low, high = _RANGES.get(slot.name, (None, None))
    if low is not None and high is not None and not low <= value <= high:
        msg = f"应在 {low} 和 {high} 之间"
        raise ValueError(msg)
    return value


def read_body(content: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; an empty body is an empty object.

    Raises:
        Malformed: anything else.
    """
    if not content.strip():
        return {}
    try:
        read = msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
        raise Malformed(_NO_OBJECT) from fault
    if not isinstance(read, dict):
        raise Malformed(_NO_OBJECT)
    return read


def read_fields(kind: type, sent: Mapping[str, Any], *, partial: bool) -> dict[str, Any]:
    """Return the fields of a body, checked against a dataclass; ``partial``: none is required.

    A text sent as null is an empty text, as a form sends it.

    Raises:
        Invalid: unknown fields, wrong types, missing ones.
    """
    known = {slot.name: slot for slot in slots(kind)}
    faults = {_key(name): UNKNOWN for name in sent if name not in known}
    values: dict[str, Any] = {}
    for name, slot in known.items():
        if name not in sent:
            if slot.is_required and not partial:
                faults[name] = "缺少此字段"
            continue
        try:
            values[name] = _field(slot, sent[name])
        except Invalid as fault:
            faults |= {f"{name}.{inner}": text for inner, text in fault.faults.items()}
        except ValueError as fault:
            faults[name] = str(fault)
    if faults:
        raise Invalid(faults)
    return values


def _field(slot: Slot, value: Any) -> Any:
    if value is None:
        if slot.may_be_null:
            return None
        if slot.kind is str and not slot.is_list:
            return ""
    if slot.is_list:
        if not isinstance(value, list):
            msg = "应为列表"
            raise ValueError(msg)
        if is_dataclass(slot.kind):
            return _rows(slot.kind, value)
        return tuple(_converted(slot.kind, each, strict=True) for each in value)
    return _converted(slot.kind, value, strict=True)


def _rows(kind: Any, sent: list[Any]) -> tuple[Any, ...]:
    """Return rows of a list, each an object of its own; faults are keyed ``0.field``."""
    found, faults = [], {}
    for place, each in enumerate(sent):
        if not isinstance(each, dict):
            faults[str(place)] = "应为对象"
            continue
        try:
            found.append(kind(**read_fields(kind, each, partial=False)))
        except Invalid as fault:
            faults |= {f"{place}.{name}": text for name, text in fault.faults.items()}
    if faults:
        raise Invalid(faults)
    return tuple(found)


def _converted(kind: Any, value: Any, *, strict: bool) -> Any:
    """Return a value as its type; texts without signs a database or a screen cannot hold."""
    if isinstance(value, str) and not is_clean(value):
        msg = "含有不可见的控制字符"
        raise ValueError(msg)
    try:
        read = msgspec.convert(value, kind, strict=strict)
    except (msgspec.ValidationError, ArithmeticError) as fault:
        raise ValueError(_expected(kind)) from fault
    too_large = (type(read) is int and abs(read) >= _MOST_INT) or (
        isinstance(read, Decimal) and not (read.is_finite() and abs(read) < _MOST_MONEY)
    )
    if too_large:
        msg = "数字过大"
        raise ValueError(msg)
    return read


def _expected(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"应为 {'、'.join(kind)} 之一"
    return _EXPECTED[kind]


def is_clean(text: str) -> bool:
    """Say whether a text has no control characters but line ends, and no half characters."""
    return not any(unicodedata.category(c) in {"Cc", "Cs"} and c not in _LINE_ENDS for c in text)


def _key(name: str) -> str:
    """Return an unknown field's name as it may be repeated to the sender."""
    return "".join(c if c.isprintable() else "?" for c in name[:60])

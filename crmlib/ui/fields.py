"""Fields of a form: what the browser is told of them, and what it sends back made into values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from crmlib.ui.options import Option, OptionLike, for_browser, options_of
from crmlib.words import required as required_message

Kind = Literal[
    "text",
    "textarea",
    "number",
    "money",
    "date",
    "datetime",
    "select",
    "multiselect",
    "picker",
    "radio",
    "checkbox",
    "tel",
    "email",
    "url",
    "readonly",
    "password",
]
CHOOSING = frozenset({"select", "multiselect", "picker", "radio"})
TOO_LONG = "{label} 最多 {limit} 个字"
NOT_A_NUMBER = "{label} 应为数字"
NOT_A_DATE = "{label} 应为日期，例如 2026-11-23"
NOT_AN_OPTION = "{label} 请从列表中选择"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. Empty values come back as "" (texts and choices of texts), None or ()."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    options: Sequence[OptionLike] = ()
    search: str = ""  # name of the on_ask handler that finds options of a large set
    hint: str = ""
    default: object = None
    max_length: int | None = None
    width: int = 1  # columns of the form
    rows: int = 3  # of a textarea
    none_tick: str = ""  # name of the yes/no value of a tick 无 beside the field
    none_label: str = "无"
    show_when: tuple[str, object] | None = None  # field, value (or tuple of values)
    live: str = ""  # name of the on_ask handler whose answer is shown under the field


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a thin rule between fields."""

    label: str
    hint: str = ""


def told(field: Field | Section, options: Sequence[Option]) -> dict[str, object]:
    """Return a field as the browser's form reads it."""
    if isinstance(field, Section):
        return {"section": field.label, "hint": field.hint}
    shown = field.show_when
    values = shown[1] if shown and isinstance(shown[1], tuple) else (shown[1],) if shown else ()
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "required": field.required,
        "options": for_browser(options),
        "search": field.search,
        "hint": field.hint,
        "maxLength": field.max_length,
        "width": field.width,
        "rows": field.rows,
        "noneTick": field.none_tick,
        "noneLabel": field.none_label,
        "showWhen": [shown[0], [wire(value) for value in values]] if shown else None,
        "live": field.live,
    }


def wire(value: object) -> object:
    """Return a value as the browser's form holds it."""
    if value is None:
        return ""
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)):f}"
    if isinstance(value, Option):  # the chosen one of a large set: with its label
        return {"value": value.value, "label": value.label, "hint": value.hint}
    if isinstance(value, list | tuple | set | frozenset):
        return [wire(item) for item in value]
    return str(value)


class Reading:
    """What was typed, made into values; faults are collected, not raised."""

    def __init__(self, typed: Mapping[str, object]) -> None:
        self.typed = typed
        self.values: dict[str, object] = {}
        self.faults: dict[str, str] = {}

    def take(self, field: Field, options: Sequence[Option]) -> None:
        """Read one field and its 无 tick."""
        ticked = False
        if field.none_tick:
            ticked = bool(self.typed.get(field.none_tick))
            self.values[field.none_tick] = ticked
        raw = "" if ticked or not self._shown(field) else self.typed.get(field.name, "")
        value = self._value(field, options, raw)
        self.values[field.name] = value
        empty = value is None or value in {"", ()} or (field.kind == "checkbox" and not value)
        if field.required and empty and not ticked and self._shown(field):
            self.faults.setdefault(field.name, required_message(field.label))

    def _shown(self, field: Field) -> bool:
        if field.show_when is None:
            return True
        other, wanted = field.show_when
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        return self.typed.get(other, "") in [wire(value) for value in allowed]

    def _value(self, field: Field, options: Sequence[Option], raw: object) -> object:
        if field.kind == "checkbox":
            return raw is True
        if field.kind in CHOOSING:
            return self._choice(field, options, raw)
        text = raw if field.kind == "password" else str(raw or "").strip()
        if not text:
            return None if field.kind in {"number", "money", "date", "datetime"} else ""
        if field.kind in {"number", "money"}:
            return self._number(field, str(text))
        if field.kind == "date":
            return self._date(field, str(text))
        if field.max_length and len(str(text)) > field.max_length:
            self.faults[field.name] = TOO_LONG.format(label=field.label, limit=field.max_length)
        return str(text)

    def _choice(self, field: Field, options: Sequence[Option], raw: object) -> object:
        known = {str(option.value): option.value for option in options}
        if field.kind == "multiselect":
            many = raw if isinstance(raw, list) else []
            if field.search:
                return tuple(many)
            return tuple(known[str(item)] for item in many if str(item) in known)
        if raw in {"", None}:
            texts = bool(options) and all(isinstance(option.value, str) for option in options)
            return "" if texts and not field.search else None
        if field.search and isinstance(raw, str | int):
            return raw  # from a large set: the action looks it up with the person's rights
        if str(raw) not in known:
            self.faults[field.name] = NOT_AN_OPTION.format(label=field.label)
            return None
        return known[str(raw)]

    def _number(self, field: Field, text: str) -> Decimal | None:
        try:
            value = Decimal(text.translate(str.maketrans("", "", ",，¥￥ ")))
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite():
            return value
        self.faults[field.name] = NOT_A_NUMBER.format(label=field.label)
        return None

    def _date(self, field: Field, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.faults[field.name] = NOT_A_DATE.format(label=field.label)
            return None


def resolved(field: Field | Section) -> tuple[Option, ...]:
    """Return a field's options."""
    return () if isinstance(field, Section) else options_of(field.options)

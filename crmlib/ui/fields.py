"""Fields of a form: what the browser is told of them, and what it sends back made into values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, cast

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
    "lines",
    "hidden",
]
CHOOSING = frozenset({"select", "multiselect", "picker", "radio"})
TOO_LONG = "{label} 最多 {limit} 个字"
NOT_A_NUMBER = "{label} 应为数字"
NOT_A_DATE = "{label} 应为日期，例如 2026-11-23"
NOT_AN_OPTION = "{label} 请从列表中选择"
TOO_MANY_LINES = "{label} 最多 {limit} 行"
# The value that says a form's second button was pressed: what is there is kept, nothing is required.
PRESSED, SECOND = "pressed", "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. Empty values come back as "" (texts and choices of texts), None or ()."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    marked: bool = False  # starred as required; the rules say so in words of their own
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
    enable_when: tuple[str, object] | None = None  # as show_when; else greyed, and read as empty
    live: str = ""  # name of the on_ask handler whose answer is shown under the field
    fills: str = ""  # name of the on_ask handler that answers a Reply with values of other fields
    # Of lines: their columns (whose width is in pixels, 1 takes what is left) and how many.
    columns: "Sequence[Field | Computed]" = ()
    most: int = 200
    fixed: bool = False  # the rows are given: none is added, none taken away


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A column of lines the browser works out for the eye: a product, less a percentage, or a sum.

    What is saved is worked out again by the rules; the two round alike, half up to 分.
    """

    name: str
    label: str
    times: Sequence[str] = ()  # columns multiplied
    plus: Sequence[str] = ()  # columns added instead; blank ones count as nothing
    less: str = ""  # column of the percentage taken off
    total: bool = True  # the sum stands under the column
    width: int = 110


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a thin rule between fields."""

    label: str
    hint: str = ""


def told(field: Field | Section, options: Sequence[Option]) -> dict[str, object]:
    """Return a field as the browser's form reads it."""
    if isinstance(field, Section):
        return {"section": field.label, "hint": field.hint}
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "columns": [_told_column(column) for column in field.columns],
        "most": field.most,
        "fixed": field.fixed,
        "required": field.required or field.marked,
        "options": for_browser(options),
        "search": field.search,
        "hint": field.hint,
        "maxLength": field.max_length,
        "width": field.width,
        "rows": field.rows,
        "noneTick": field.none_tick,
        "noneLabel": field.none_label,
        "showWhen": _condition(field.show_when),
        "enableWhen": _condition(field.enable_when),
        "live": field.live,
        "fills": field.fills,
    }


def _condition(condition: tuple[str, object] | None) -> list[object] | None:
    if condition is None:
        return None
    name, wanted = condition
    return [name, [wire(value) for value in (wanted if isinstance(wanted, tuple) else (wanted,))]]


def _told_column(column: "Field | Computed") -> dict[str, object]:
    if isinstance(column, Field):
        blank = wire(column.default)
        return {**told(column, resolved(column)), "default": blank}
    return {
        "name": column.name,
        "label": column.label,
        "kind": "computed",
        "times": list(column.times),
        "plus": list(column.plus),
        "less": column.less,
        "total": column.total,
        "width": column.width,
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
    if isinstance(value, Mapping):  # one of the lines
        return {str(name): wire(item) for name, item in value.items()}
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
        if field.kind == "lines":
            self._lines(field, raw)
            return
        value = self._value(field, options, raw)
        self.values[field.name] = value
        empty = value is None or value in {"", ()} or (field.kind == "checkbox" and not value)
        is_asked = field.required and self.typed.get(PRESSED) != SECOND
        if is_asked and empty and not ticked and self._shown(field):
            self.faults.setdefault(field.name, required_message(field.label))

    def _lines(self, field: Field, raw: object) -> None:
        """Read the rows the browser sent (it leaves blank ones out); faults are ``name.row.column``."""
        typed = [row for row in raw if isinstance(row, Mapping)] if isinstance(raw, list) else []
        if len(typed) > field.most:
            self.faults[field.name] = TOO_MANY_LINES.format(label=field.label, limit=field.most)
        rows = []
        for at, row in enumerate(typed[: field.most]):
            line = Reading(row)
            for column in field.columns:
                if not isinstance(column, Field) or column.kind == "readonly":
                    continue
                if column.kind == "hidden":  # the page's own: the action looks it up with rights
                    line.values[column.name] = row.get(column.name) or None
                else:
                    line.take(column, resolved(column))
            rows.append(line.values)
            for name, fault in line.faults.items():
                self.faults[f"{field.name}.{at}.{name}"] = fault
        self.values[field.name] = tuple(rows)
        if field.required and not rows:
            self.faults.setdefault(field.name, required_message(field.label))

    def _shown(self, field: Field) -> bool:
        conditions = (_condition(field.show_when), _condition(field.enable_when))
        return all(
            self.typed.get(str(condition[0]), "") in cast("list[object]", condition[1])
            for condition in conditions
            if condition
        )

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

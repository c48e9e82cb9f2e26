"""Find the titles of a customer list and turn its cells into text and days."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crmlib import clock, words
from crmlib.errors import Invalid
from crmlib.exchange import titles
from crmlib.exchange.model import ImportKind
from crmlib.exchange.sheets import Cell
from crmlib.store.text import half_width

_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DIGITS_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(18_264, 73_050)  # 1950 to 2099
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_TRAILING_ZERO = re.compile(r"(\d{7,})\.0+")
_HOME_MOBILE = re.compile(r"86[-\s]?(1\d{10})")
_NUMBERS = frozenset(
    {
        "code", "phone", "fax", "contact_mobile", "uscc", "erp_code", "mobile", "customer_code",
        "number", "opportunity",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A row with something in it: its number in the sheet and its cells by field."""

    number: int
    cells: dict[str, Cell]


class LostDigits(ValueError):
    """A long number was saved in scientific notation and its last digits are gone."""


def lines(
    rows: Sequence[Sequence[Cell]], kind: ImportKind = ImportKind.CUSTOMERS
) -> Iterator[Line]:
    """Yield the rows below the titles of a list whose titles are known.

    Raises:
        Invalid: no row with the titles such a list needs.
    """
    head = titles.find_head(kind, rows)
    if head is None or not titles.is_head(kind, rows[head]):
        needed = "、".join(titles.missing(kind, set()))
        raise Invalid({"file": f"找不到标题行：需要有“{needed}”列"})
    yield from lines_below(rows, head, titles.guess(kind, rows[head]))


def lines_below(
    rows: Sequence[Sequence[Cell]], head: int, fields: Mapping[int, str]
) -> Iterator[Line]:
    """Yield the rows below the titles; blank ones and repeated titles are left out."""
    named = {place: rows[head][place] for place in fields if place < len(rows[head])}
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        cells = {field: row[place] for place, field in fields.items() if place < len(row)}
        if not any(str(cell).strip() for cell in row):
            continue
        if all(place < len(row) and row[place] == title for place, title in named.items()):
            continue
        yield Line(number, cells)


def label_of(field: str) -> str:
    """Return the Chinese name of a field of a customer list."""
    return titles.label(ImportKind.CUSTOMERS, field)


def text_of(field: str, cell: Cell) -> str:
    """Return a cell as text; a number where text belongs loses its trailing .0.

    Raises:
        LostDigits: a number in scientific notation that no longer has all its digits.
    """
    if isinstance(cell, bool):
        return words.YES if cell else words.NO
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    text = str(cell if cell is not None else "").strip()
    return _whole_number(half_width(text)) if field in _NUMBERS else text


def _whole_number(text: str) -> str:
    if found := _HOME_MOBILE.fullmatch(text):
        return found[1]
    if found := _TRAILING_ZERO.fullmatch(text):
        return found[1]
    if found := _SCIENTIFIC.fullmatch(text):
        decimals, power = found[2] or "", int(found[3])
        if len(decimals) < power:
            raise LostDigits(text)
        return (found[1] + decimals)[: power + 1]
    return text


def day_of(cell: Cell) -> date | None:
    """Return the day a cell names, in any of the usual spellings or as Excel's number.

    Raises:
        ValueError: something stands there that is no day.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = half_width(cell if not isinstance(cell, float) else f"{cell:.6f}".rstrip("0"))
    if not text:
        return None
    if found := _DAY.fullmatch(text) or _DIGITS_DAY.fullmatch(text):
        return date(*(int(part) for part in found.groups()))
    if _SERIAL.fullmatch(text.rstrip(".")) and int(float(text)) in _SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(float(text)))
    raise ValueError(text)


def moment_of(cell: Cell) -> datetime | None:
    """Return the moment a cell names, in Shanghai; a day alone is its midnight.

    Raises:
        ValueError: something stands there that is no moment.
    """
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=clock.SHANGHAI)
    day = day_of(cell)
    if day is None:
        return None
    if isinstance(cell, float):
        seconds = round(cell % 1 * 86_400)
        return datetime.combine(day, time(), clock.SHANGHAI) + timedelta(seconds=seconds)
    found = _TIME.search(half_width(cell))
    return datetime.combine(day, _clock_time(found) if found else time(), clock.SHANGHAI)


def _clock_time(found: re.Match[str]) -> time:
    hour, minute, second = (int(part or 0) for part in found.groups())
    return time(hour, minute, second)

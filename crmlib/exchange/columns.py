"""Find the titles of a customer list and turn its cells into text and days."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crmlib import words
from crmlib.errors import Invalid
from crmlib.exchange.sheets import Cell
from crmlib.store.text import half_width

_HEADER_WITHIN = 30
_LEAST_TITLES = 2
# Titles other programs use beside our own labels.
_TITLES = {
    "code": ("代码", "客户编码", "客户编号"),
    "name": ("名称", "公司名称", "单位名称", "客户全称"),
    "level": ("级别",),
    "owner": ("业务员", "专营业务员", "销售员"),
    "office": ("部门", "所属部门", "办事处", "分管部门"),
    "registered_at": ("登记时间", "创建日期", "建档日期"),
    "email": ("EMAIL", "邮箱", "电子邮件", "邮件地址"),
    "phone": ("公司电话", "联系电话", "固定电话"),
    "region": ("地区", "所属区域"),
    "industry": ("所属行业",),
    "website": ("网址", "网站"),
    "address": ("公司地址", "详细地址"),
    "trading": ("是否交易客户",),
    "contact_name": ("联系人", "主联系人", "联系人姓名"),
    "contact_role": ("人员角色", "联系人角色"),
    "contact_mobile": ("移动电话", "手机", "手机号码", "手机号"),
}
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_DIGITS_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(18_264, 73_050)  # 1950 to 2099
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_TRAILING_ZERO = re.compile(r"(\d{7,})\.0+")
_HOME_MOBILE = re.compile(r"86[-\s]?(1\d{10})")
_NUMBERS = frozenset({"code", "phone", "fax", "contact_mobile", "uscc", "erp_code"})


@dataclass(frozen=True, slots=True)
class Line:
    """A row with something in it: its number in the sheet and its cells by field."""

    number: int
    cells: dict[str, Cell]


class LostDigits(ValueError):
    """A long number was saved in scientific notation and its last digits are gone."""


def lines(rows: Sequence[Sequence[Cell]]) -> Iterator[Line]:
    """Yield the rows below the titles; blank ones and repeated titles are left out.

    Raises:
        Invalid: no row with 客户名称 and another known title.
    """
    start, fields = _find_titles(rows)
    titles = {place: rows[start][place] for place in fields}
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        cells = {field: row[place] for place, field in fields.items() if place < len(row)}
        if not any(str(cell).strip() for cell in row):
            continue
        if all(place < len(row) and row[place] == title for place, title in titles.items()):
            continue
        yield Line(number, cells)


def _find_titles(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[int, str]]:
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        fields: dict[int, str] = {}
        for column, cell in enumerate(row):
            field = _field_of(cell)
            if field and field not in fields.values():
                fields[column] = field
        if "name" in fields.values() and len(fields) >= _LEAST_TITLES:
            return place, fields
    message = f"找不到标题行：需要有“{words.CUSTOMER['name']}”列"
    raise Invalid({"file": message})


def _field_of(cell: Cell) -> str | None:
    title = re.sub(r"[\s*:]|\(.*?\)", "", half_width(cell)).upper()
    return _known_titles().get(title) if title else None


def _known_titles() -> dict[str, str]:
    known = {label.upper(): field for field, label in words.CUSTOMER.items()}
    known |= {other: field for field, others in _TITLES.items() for other in others}
    return known


def label_of(field: str) -> str:
    """Return the Chinese name of a field of a list."""
    if field.startswith("contact_"):
        name = field.removeprefix("contact_")
        return "联系人" if name == "name" else words.CONTACT[name]
    return words.CUSTOMER.get(field, field)


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

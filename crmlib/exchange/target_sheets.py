"""A sheet of targets as a workbook: taken along, filled in, brought back.

A hidden column says whose each row is and which versions its cells had, so that what somebody
else changed meanwhile is not overwritten.
"""

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import Invalid
from crmlib.exchange.export import AS_TEXT, note_export
from crmlib.exchange.figures import ENTITY
from crmlib.exchange.sheets import Cell, read_rows, upload_fault
from crmlib.targets import rules
from crmlib.targets.actions import TargetsSaved, save_targets
from crmlib.targets.kinds import Measure, TargetStatus
from crmlib.targets.labels import MEASURES, TARGET_KINDS, TARGET_STATUS
from crmlib.targets.queries import Cell as Target
from crmlib.targets.queries import SheetRow, TargetSheet
from crmlib.targets.rules import RowDraft, SheetDraft

SUFFIXES, MOST_BYTES = (".xlsx",), 2 << 20
NOT_A_NUMBER, CHANGED = "应为数字", "下载后已被他人修改，请重新下载"
NOT_YOURS, UNKNOWN_ROW, TWICE = (
    "只供查看，不能修改",
    "不能增加行，请使用下载的文件",
    "与上面的行重复",
)
NOT_OURS = "不是从「目标设定」下载的文件"
OTHER = "文件是「{told}」，请先在页面上选择相同的部门、年份、期间和指标"
_HEAD, _FIRST = 2, 3  # rows of the sheet, counted from nought
_KEY, _NAME, _CELLS = 0, 1, 2  # columns
_HINT = "白色单元格可以修改，保存后在页面上导入；灰色为已锁定、只供查看或合计。留空表示不设目标"
_START = 8  # bytes that tell a workbook from a text
_LEFT_OUT = str.maketrans("", "", ",，¥￥ \u3000")


def title_of(sheet: TargetSheet, office: str) -> str:
    """Return what a sheet is about: 2026 年月度目标 销售额（万元） 广州."""
    return f"{sheet.year} 年{TARGET_KINDS[sheet.kind]}目标 {MEASURES[sheet.measure]} {office}"


def export_targets(actor: Actor, sheet: TargetSheet, office: str) -> tuple[str, bytes]:
    """Return file name and content of a sheet; it is in the change log.

    Raises:
        NotAllowed: the actor may not export.
    """
    title = title_of(sheet, office)
    heads = ["对象", *_periods(sheet), "合计", "状态"]
    note_export(actor, ENTITY, f"目标设定 {title}", {}, heads, len(sheet.rows))
    name = f"{title.replace(' ', '-')}-{clock.local(clock.now()):%Y%m%d-%H%M}.xlsx"
    return name, _workbook(sheet, title, heads)


def _periods(sheet: TargetSheet) -> list[str]:
    return [rules.period_name(sheet.kind, number) for number in rules.periods(sheet.kind)]


def _workbook(sheet: TargetSheet, title: str, heads: Sequence[str]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, AS_TEXT) as book:
        page = book.add_worksheet("目标")
        page.set_column(_KEY, _KEY, None, None, {"hidden": True})
        page.set_column(_NAME, _NAME, 16)
        page.set_column(_CELLS, _NAME + len(heads), 10)
        line = {"border": 1, "border_color": "#C3CBD0"}
        grey = {**line, "bg_color": "#EEF1F3", "font_color": "#5B666D"}
        forms = {name: book.add_format(form) for name, form in (("open", line), ("shut", grey))}
        bold = book.add_format({**grey, "bold": True})
        page.write_string(0, _KEY, title)
        page.write_string(0, _NAME, title, book.add_format({"bold": True, "font_size": 14}))
        page.write_string(1, _NAME, _HINT)
        for place, head in enumerate(heads, start=_NAME):
            page.write_string(_HEAD, place, head, bold)
        for at, row in enumerate(sheet.rows, start=_FIRST):
            _write_row(page, at, row, forms)
        page.freeze_panes(_FIRST, _CELLS)
    return content.getvalue()


def _write_row(page: Any, at: int, row: SheetRow, forms: dict[str, Any]) -> None:
    versions = ",".join(str(cell.version) for cell in row.cells)
    page.write_string(at, _KEY, f"{row.subject}|{versions}")
    page.write_string(at, _NAME, row.name, forms["shut"])
    for place, cell in enumerate(row.cells, start=_CELLS):
        is_shut = not row.settable or cell.state == TargetStatus.LOCKED
        _write(page, at, place, cell.value, forms["shut" if is_shut else "open"])
    last = _CELLS + len(row.cells)
    _write(page, at, last, row.total, forms["shut"])
    states = dict.fromkeys(TARGET_STATUS[cell.state] for cell in row.cells if cell.state)
    page.write_string(at, last + 1, "、".join(states), forms["shut"])


def _write(page: Any, at: int, place: int, value: Decimal | None, form: Any) -> None:
    if value is None:
        page.write_blank(at, place, None, form)
    else:
        page.write_number(at, place, float(value), form)


@dataclass(slots=True)
class _Reading:
    """What a file says, with all its faults by the address of the cell."""

    sheet: TargetSheet
    rows: dict[str, tuple[int, RowDraft]]  # subject → its row in the file, what it says
    seen: dict[tuple[str, int], int]
    faults: dict[str, str]

    def fault(self, at: int, place: int, text: str) -> None:
        self.faults[xl_rowcol_to_cell(at, place)] = text


def import_targets(
    actor: Actor, sheet: TargetSheet, office: str, name: str, content: bytes, *, token: str
) -> TargetsSaved:
    """Save what was changed in a file of this sheet: all of it or nothing.

    ``sheet`` is read afresh by the caller.

    Raises:
        Invalid: all faults at once by the address of their cell (D5); ``file``.
    """
    found = _Reading(sheet, {}, {}, {})
    cells = _cells(name, content)
    told = str(cells[0][_KEY]) if cells and cells[0] else ""
    if told != title_of(sheet, office):
        raise Invalid({"文件": OTHER.format(told=told) if "目标" in told else NOT_OURS})
    for at in range(_FIRST, len(cells)):
        _read_row(found, at, cells[at])
    if found.faults:
        raise Invalid(found.faults)
    drafts = [draft for _, draft in found.rows.values()]
    draft = SheetDraft(sheet.year, sheet.kind, sheet.measure, tuple(drafts))
    try:
        return save_targets(actor, draft, seen=found.seen, token=token)
    except Invalid as wrong:
        raise Invalid(_addressed(wrong.faults, [at for at, _ in found.rows.values()])) from wrong


def _cells(name: str, content: bytes) -> list[list[Cell]]:
    if fault := upload_fault(name, content[:_START]):
        raise Invalid({"文件": fault})
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix.lower()) as file:
        file.write(content)
        file.flush()
        try:
            return read_rows(Path(file.name))
        except Invalid as wrong:
            raise Invalid({"文件": NOT_OURS}) from wrong


def _read_row(found: _Reading, at: int, cells: Sequence[Cell]) -> None:
    subject, _, versions = str(cells[_KEY] if cells else "").partition("|")
    known = {row.subject: row for row in found.sheet.rows}
    row = known.get(subject)
    if row is None or subject in found.rows:
        if any(str(cell).strip() for cell in cells):
            found.fault(at, _NAME, UNKNOWN_ROW if row is None else TWICE)
        return
    typed = [*cells[_CELLS:], *[""] * len(row.cells)][: len(row.cells)]
    opened = [int(text) for text in versions.split(",") if text.isdecimal()]
    opened += [0] * (len(row.cells) - len(opened))
    values = tuple(
        _value(found, (at, _CELLS + place), row, (cell, typed[place], opened[place]))
        for place, cell in enumerate(row.cells)
    )
    if row.settable:
        found.rows[subject] = (at, RowDraft(subject, values))
        for number, cell in zip(rules.periods(found.sheet.kind), row.cells, strict=True):
            found.seen[(subject, number)] = cell.version


def _value(
    found: _Reading, place: tuple[int, int], row: SheetRow, cell: tuple[Target, Cell, int]
) -> Decimal | None:
    target, typed, opened = cell
    try:
        value = _number(typed, found.sheet.measure)
    except InvalidOperation:
        found.fault(*place, NOT_A_NUMBER)
        return target.value
    if value == target.value:
        return value
    if not row.settable:
        found.fault(*place, NOT_YOURS)
    elif opened != target.version:
        found.fault(*place, CHANGED)
    elif fault := rules.change_fault(found.sheet.measure, value, target.state):
        found.fault(*place, fault)
    return value


def _number(typed: Cell, measure: Measure) -> Decimal | None:
    """Return what stands in a cell; a sheet's 0.1 + 0.2 is 0.3."""
    text = str(typed).translate(_LEFT_OUT).strip("—")
    if typed is None or not text:
        return None
    value = Decimal(text)
    if isinstance(typed, bool) or not value.is_finite():
        raise InvalidOperation
    if isinstance(typed, float):
        value = Decimal(repr(round(typed, rules.DECIMALS[measure] + 6)))
    return value


def _addressed(faults: Any, places: Sequence[int]) -> dict[str, str]:
    """Return the faults of ``save_targets`` by the addresses of their cells."""
    told = {}
    for field, text in faults.items():
        _, _, rest = field.partition(".")
        at, _, period = rest.partition(".p")
        known = at.isdecimal() and period.isdecimal()
        place = xl_rowcol_to_cell(places[int(at)], _NAME + int(period)) if known else "文件"
        told[place] = text
    return told

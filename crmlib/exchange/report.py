"""Write what did not come in into a workbook; all cells are text, none is a formula."""

import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from crmlib.errors import Invalid
from crmlib.exchange.columns import Line
from crmlib.exchange.found import Found
from crmlib.exchange.model import ImportKind, Verdict
from crmlib.exchange.sheets import Cell
from crmlib.exchange.titles import OURS, label, plain_title

_LONGEST_CELL = 32_000  # Excel's limit is a little higher
_AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_report(
    path: Path, found: Sequence[Found], lines: Sequence[Line], kind: ImportKind
) -> None:
    """Write refused rows with their reasons and, on a second sheet, rows that were there already.

    Raises:
        Invalid: the file cannot be written.
    """
    by_number = {line.number: line for line in lines}
    fields = list(lines[0].cells) if lines else []
    ordered = sorted(found, key=lambda row: row.number)
    try:
        with path.open("wb") as file, xlsxwriter.Workbook(file, _AS_TEXT) as book:
            bold = book.add_format({"bold": True})
            refused = book.add_worksheet("错误行")
            heads = ["行号", "错误字段", "原值", "原因", *(label(kind, field) for field in fields)]
            _write(refused, 0, heads, bold)
            wrong = [row for row in ordered if row.verdict is Verdict.ERROR]
            for place, row in enumerate(wrong, start=1):
                cells = by_number[row.number].cells
                columns = ["；".join(parts) for parts in zip(*row.faults, strict=True)]
                own = [shown(cells.get(field)) for field in fields]
                _write(refused, place, [str(row.number), *columns, *own])
            there = book.add_worksheet("已存在")
            _write(there, 0, ["行号", "名称", "说明"], bold)
            known = [row for row in ordered if row.verdict in {Verdict.SAME, Verdict.UPDATE}]
            for place, row in enumerate(known, start=1):
                _write(there, place, [str(row.number), row.name, "；".join(row.reasons)])
            refused.freeze_panes(1, 0)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as fault:
        raise Invalid({"report": f"无法写入文件：{path}"}) from fault


def faulty_rows(
    rows: Sequence[Sequence[Cell]], head: int, found: Sequence[tuple[int, str]]
) -> bytes:
    """Return rows of a file (by number) under their own titles, each with a column 原因.

    Corrected, the workbook can come in again as it is.
    """
    titles = list(rows[head - 1])
    places = [p for p, title in enumerate(titles) if plain_title(title) not in OURS]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _AS_TEXT) as book:
        sheet = book.add_worksheet("错误行")
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.set_column(0, 0, 48, text)
        sheet.set_column(1, len(places), 16, text)
        _write(sheet, 0, ["原因", *(shown(titles[p]) for p in places)], bold)
        for line, (number, reason) in enumerate(found, start=1):
            row = rows[number - 1]
            cells = [shown(row[p]) if p < len(row) else "" for p in places]
            _write(sheet, line, [reason, *cells], text)
        sheet.freeze_panes(1, 0)
    return content.getvalue()


def shown(cell: object) -> str:
    """Return a cell as text; a whole number has no .0."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _write(
    sheet: xlsxwriter.Workbook, place: int, texts: Sequence[str], style: object = None
) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(place, column, text[:_LONGEST_CELL], style)

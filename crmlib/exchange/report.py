"""Write what did not come in into a workbook; all cells are text, none is a formula."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from crmlib.errors import Invalid
from crmlib.exchange.checking import Rejected
from crmlib.exchange.columns import Line, label_of

_LONGEST_CELL = 32_000  # Excel's limit is a little higher
_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_report(
    path: Path,
    rejected: Sequence[Rejected],
    known: Sequence[tuple[int, str, str]],
    lines: Sequence[Line],
) -> None:
    """Write refused rows with their reasons and, on a second sheet, rows that were there already.

    Raises:
        Invalid: the file cannot be written.
    """
    by_number = {line.number: line for line in lines}
    fields = list(lines[0].cells) if lines else []
    try:
        with xlsxwriter.Workbook(path, _AS_TEXT) as book:
            bold = book.add_format({"bold": True})
            refused = book.add_worksheet("错误行")
            _write(refused, 0, ["行号", "错误字段", "原值", "原因", *map(label_of, fields)], bold)
            for place, row in enumerate(rejected, start=1):
                cells = by_number[row.number].cells
                columns = ["；".join(parts) for parts in zip(*row.faults, strict=True)]
                own = [_shown(cells, field) for field in fields]
                _write(refused, place, [str(row.number), *columns, *own])
            there = book.add_worksheet("已存在")
            _write(there, 0, ["行号", "客户名称", "已有客户代码"], bold)
            for place, (number, name, code) in enumerate(known, start=1):
                _write(there, place, [str(number), name, code])
            refused.freeze_panes(1, 0)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as fault:
        raise Invalid({"report": f"无法写入文件：{path}"}) from fault


def _shown(cells: Mapping[str, object], field: str) -> str:
    cell = cells.get(field)
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _write(
    sheet: xlsxwriter.Workbook, place: int, texts: Sequence[str], style: object = None
) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(place, column, text[:_LONGEST_CELL], style)

"""Workbooks of targets as tests read and fill them in."""

import io
from collections.abc import Mapping

import xlsxwriter
from python_calamine import CalamineWorkbook


def rows_of(content: bytes) -> list[list[object]]:
    """Return the cells of the first sheet, the hidden column too."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def filled(content: bytes, change: Mapping[tuple[str, int], object]) -> bytes:
    """Return a workbook with cells changed as Excel would keep them: (name, column) → value."""
    rows, made = rows_of(content), io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(at, place, change.get((str(row[1]), place), cell))
    return made.getvalue()

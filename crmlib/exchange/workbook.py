"""Tables people take along: a workbook whose cells are all text, none a formula."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

_LONGEST_CELL = 32_000  # Excel's limit is a little higher
_AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NARROWEST, _WIDEST = 8, 48


def text_workbook(
    title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, object]]
) -> bytes:
    """Return a workbook of one sheet: ``columns`` are key → heading, in their order."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _AS_TEXT) as book:
        sheet = book.add_worksheet(title)
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for place, (key, heading) in enumerate(columns.items()):
            cells = [_shown(row.get(key)) for row in rows]
            sheet.set_column(place, place, _width([heading, *cells]), text)
            sheet.write_string(0, place, heading, bold)
            for number, cell in enumerate(cells, start=1):
                sheet.write_string(number, place, cell[:_LONGEST_CELL], text)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    return content.getvalue()


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _width(cells: Sequence[str]) -> int:
    # A Chinese sign is as wide as two letters.
    widest = max(sum(2 if ord(c) > 0x2E7F else 1 for c in cell) for cell in cells)
    return min(max(widest + 2, _NARROWEST), _WIDEST)

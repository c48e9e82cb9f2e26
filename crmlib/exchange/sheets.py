"""Read the rows of a workbook or a CSV file as they stand, whatever the program that wrote it."""

import csv
import io
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from crmlib.errors import Invalid

Cell = object
_ENCODINGS = ("utf-8-sig", "gb18030")  # GB 18030 reads every GBK file
_MOST_BYTES = 100 << 20


def read_rows(path: Path) -> list[list[Cell]]:
    """Return all rows of the first sheet; the place in the list + 1 is the row's number.

    Raises:
        Invalid: no such file, or not a workbook or CSV.
    """
    if not path.is_file():
        raise Invalid({"file": f"找不到文件：{path}"})
    if path.stat().st_size > _MOST_BYTES:
        raise Invalid({"file": f"文件超过 {_MOST_BYTES >> 20} MB，请分批导入：{path}"})
    if path.suffix.lower() in {".csv", ".txt"}:
        return _csv_rows(path)
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        return _workbook_rows(path)
    raise Invalid({"file": f"只能导入 .xlsx 或 .csv 文件：{path}"})


def _workbook_rows(path: Path) -> list[list[Cell]]:
    try:
        book = CalamineWorkbook.from_path(path)
        rows: list[list[Cell]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)  # type: ignore[assignment]
    except (CalamineError, IndexError, OSError) as fault:
        raise Invalid({"file": f"不是有效的 Excel 文件：{path}"}) from fault
    return rows


def _csv_rows(path: Path) -> list[list[Cell]]:
    raw = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]
        except csv.Error as fault:
            raise Invalid({"file": f"不是有效的 CSV 文件：{path}"}) from fault
    raise Invalid({"file": f"文件编码应为 UTF-8 或 GBK：{path}"})

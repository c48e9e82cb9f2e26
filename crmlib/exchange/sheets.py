"""Read the rows of a workbook or a CSV file as they stand, whatever the program that wrote it.

A formula counts as the text or number it showed; a text that looks like one stays text.
"""

import csv
import io
import re
import zipfile
import zlib
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from crmlib.errors import Invalid

Cell = object
UPLOADED = frozenset({".xlsx", ".csv"})
MOST_UPLOADED = 20 << 20  # bytes
MOST_ROWS = 200_000
_CSV, _PACKED, _OLD = frozenset({".csv", ".txt"}), frozenset({".xlsx", ".xlsm"}), ".xls"
_ENCODINGS = ("utf-8-sig", "gb18030")  # GB 18030 reads every GBK file
_MOST_BYTES = 100 << 20
# A small packed file may unfold to anything: this much is read at most.
_MOST_UNPACKED = 300 << 20
_MOST_PARTS = 2000
_MOST_CELLS = 5_000_000  # of the rectangle the sheet spans, which is held whole
_PIECE = 1 << 20
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_LONGEST_REFERENCE = 16
_WORKBOOK_PART = "xl/workbook.xml"


def read_rows(path: Path) -> list[list[Cell]]:
    """Return all rows of the first sheet; the place in the list + 1 is the row's number.

    Raises:
        Invalid: no such file, not a workbook or CSV, or one that unfolds to more than can be.
    """
    if not path.is_file():
        raise Invalid({"file": f"找不到文件：{path.name}"})
    if path.stat().st_size > _MOST_BYTES:
        raise Invalid({"file": f"文件超过 {_MOST_BYTES >> 20} MB，请分批导入：{path.name}"})
    kind = path.suffix.lower()
    if kind in _CSV:
        rows = _csv_rows(path)
    elif kind in _PACKED:
        _refuse_bombs(path)
        rows = _workbook_rows(path)
    elif kind == _OLD:
        rows = _workbook_rows(path)
    else:
        raise Invalid({"file": f"只能导入 .xlsx 或 .csv 文件：{path.name}"})
    if len(rows) > MOST_ROWS:
        raise Invalid({"file": f"文件超过 {MOST_ROWS // 10_000} 万行，请分批导入：{path.name}"})
    return rows


def upload_fault(name: str, start: bytes) -> str | None:
    """Return why a file sent by a browser is no list, by its name and its first bytes."""
    kind = Path(name).suffix.lower()
    if kind not in UPLOADED:
        return "只能导入 .xlsx 或 .csv 文件"
    if not start:
        return "文件是空的"
    is_packed = start.startswith(b"PK\x03\x04")
    if is_packed != (kind == ".xlsx"):
        return f"文件内容不是 {kind}，请在 Excel 中另存为 .xlsx 或 .csv 后重试"
    return None


def _refuse_bombs(path: Path) -> None:
    """Unfold every part once, counting: what stands in the archive's own list may lie."""
    unpacked, rows, columns = 0, 0, 0
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if _WORKBOOK_PART not in archive.namelist():
                raise Invalid({"file": f"不是有效的 Excel 文件：{path.name}"})
            if len(parts) > _MOST_PARTS or sum(p.file_size for p in parts) > _MOST_UNPACKED:
                raise Invalid({"file": _too_large(path)})
            for part in parts:
                is_sheet, tail = part.filename.startswith("xl/worksheets/"), b""
                with archive.open(part) as stream:
                    while piece := stream.read(_PIECE):
                        unpacked += len(piece)
                        if is_sheet:
                            for column, row in _REFERENCE.findall(tail + piece):
                                rows, columns = max(rows, int(row)), max(columns, _place(column))
                            tail = piece[-_LONGEST_REFERENCE:]
                        if unpacked > _MOST_UNPACKED or rows * columns > _MOST_CELLS:
                            raise Invalid({"file": _too_large(path)})
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError) as fault:
        raise Invalid({"file": f"不是有效的 Excel 文件：{path.name}"}) from fault


def _too_large(path: Path) -> str:
    return f"文件展开后过大，请只保留客户数据后重试：{path.name}"


def _place(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number


def _workbook_rows(path: Path) -> list[list[Cell]]:
    try:
        book = CalamineWorkbook.from_path(path)
        rows: list[list[Cell]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)  # type: ignore[assignment]
    except (CalamineError, IndexError, OSError) as fault:
        raise Invalid({"file": f"不是有效的 Excel 文件：{path.name}"}) from fault
    return rows


def _csv_rows(path: Path) -> list[list[Cell]]:
    raw = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        try:
            return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]
        except csv.Error as fault:
            raise Invalid({"file": f"不是有效的 CSV 文件：{path.name}"}) from fault
    raise Invalid({"file": f"文件编码应为 UTF-8 或 GBK：{path.name}"})

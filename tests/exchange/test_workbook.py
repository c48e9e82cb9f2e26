"""Tables to take along hold text only."""

import io
import zipfile

from python_calamine import CalamineWorkbook

from crmlib.exchange.workbook import text_workbook

COLUMNS = {"name": "名称", "phone": "电话"}


def test_cells_are_text_and_none_is_a_formula() -> None:
    rows = [
        {"name": '=HYPERLINK("http://example.com")', "phone": "01062751234", "hidden": "x"},
        {"name": "+86恒晟", "phone": None},
        {"name": "@恒晟\x07\n第二行", "phone": "13812345678"},
        {"name": "http://example.com", "phone": "-1"},
    ]
    content = text_workbook("批量撞单", COLUMNS, rows)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("批量撞单")
    found = sheet.to_python()
    assert found[0] == ["名称", "电话"]
    assert found[1] == ['=HYPERLINK("http://example.com")', "01062751234"]
    assert found[2] == ["+86恒晟", ""]
    assert found[3][1] == "13812345678"
    assert found[4] == ["http://example.com", "-1"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "<hyperlink" not in page


def test_no_rows_is_a_table_of_headings() -> None:
    content = text_workbook("空", COLUMNS, [])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert sheet.to_python() == [["名称", "电话"]]

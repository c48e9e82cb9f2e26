"""Files are read as they stand; what unfolds to more than can be is refused before it is held."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from crmlib.errors import Invalid
from crmlib.exchange import sheets
from crmlib.exchange.sheets import read_rows


def book(path: Path, **cells: object) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        for place, value in cells.items():
            sheet.write(place, value)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def test_a_formula_counts_as_what_it_showed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_formula("A1", "=1+1", None, 2)
        sheet.write_string("B1", "=cmd|'/c calc'!A1")
    assert read_rows(path) == [[2.0, "=cmd|'/c calc'!A1"]]


def test_a_cell_far_away_does_not_make_a_huge_sheet(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", A1="甲", XFD1048576="乙")
    with pytest.raises(Invalid, match="展开后过大"):
        read_rows(path)


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_MOST_UNPACKED", 2 << 20)
    path = with_part(book(tmp_path / "a.xlsx", A1="甲"), "xl/media/x.bin", b"\0" * (3 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(Invalid, match="展开后过大"):
        read_rows(path)


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = with_part(book(tmp_path / "a.xlsx", A1="甲"), "xl/media/x.bin", b"\0" * 100_000)
    raw = path.read_bytes()
    honest, lie = (100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert honest in raw
    path.write_bytes(raw.replace(honest, lie))
    with pytest.raises(Invalid, match="不是有效的 Excel"):
        read_rows(path)


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(Invalid, match="不是有效的 Excel"):
        read_rows(path)


def test_too_many_parts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_MOST_PARTS", 3)
    with pytest.raises(Invalid, match="展开后过大"):
        read_rows(book(tmp_path / "a.xlsx", A1="甲"))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00\x81", "客户,\0电话".encode(), "客户名称".encode("utf-16")]
)
def test_a_csv_in_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid, match="UTF-8 或 GBK"):
        read_rows(path)

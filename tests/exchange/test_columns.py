"""Titles are found wherever they stand, and cells are read as what people meant."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.errors import Invalid
from crmlib.exchange.columns import LostDigits, day_of, lines, text_of

DAY = date(2024, 3, 7)


def test_titles_are_found_below_a_heading_and_blank_rows() -> None:
    rows = [
        ["客户资料 导出"],
        [],
        ["客户名称", " 电话 ", "手机*"],
        ["", "", ""],
        ["甲公司", "1", "2"],
    ]
    (line,) = lines(rows)
    assert line.number == 5
    assert line.cells == {"name": "甲公司", "phone": "1", "contact_mobile": "2"}


def test_titles_repeated_on_a_new_page_are_no_customer() -> None:
    head = ["客户名称", "电话"]
    assert [x.number for x in lines([head, ["甲", "1"], head, ["乙", "2"]])] == [2, 4]


@pytest.mark.parametrize("rows", [[], [["随便", "什么"]], [["客户名称"]]])
def test_a_list_without_titles_is_refused(rows: list[list[object]]) -> None:
    with pytest.raises(Invalid, match="标题行"):
        list(lines(rows))


@pytest.mark.parametrize(
    "spelling",
    [
        "2024-03-07", "2024-3-7", "2024/3/7", "2024.3.7", "2024年3月7日", "20240307", 45358.0, "45358",
        "２０２４－０３－０７", " 2024-03-07 08:30:00 ", DAY, datetime(2024, 3, 7, 8, 30),  # noqa: DTZ001 a workbook knows no zone
    ],
)  # fmt: skip
def test_spellings_of_one_day(spelling: object) -> None:
    assert day_of(spelling) == DAY


@pytest.mark.parametrize("text", ["昨天", "2024-13-01", "2024-02-30", "03/07", "12"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        day_of(text)


@given(st.dates(date(1990, 1, 1), date(2098, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    assert day_of(f"{day.year}.{day.month}.{day.day}") == day
    assert day_of(f"{day:%Y年%m月%d日}") == day
    assert day_of(float((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13800138000.0, "13800138000"),
        ("13800138000.0", "13800138000"),
        ("1.3800138000E+10", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("86-13800138000", "13800138000"),
        (" 020-12345678 ", "020-12345678"),
        (None, ""),
    ],
)
def test_numbers_where_text_belongs(cell: object, text: str) -> None:
    assert text_of("contact_mobile", cell) == text


def test_a_number_that_lost_its_digits_is_not_guessed() -> None:
    with pytest.raises(LostDigits):
        text_of("contact_mobile", "1.38E+10")

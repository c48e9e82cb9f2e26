"""Working days of China: weekends, holidays, 调休, and what the firm says over them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.reference.workdays import PUBLISHED, WorkCalendar, is_published, published

NEW_YEAR_2026 = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 22), False),  # a Sunday
        (date(2026, 10, 1), False),  # 国庆节, a Thursday
        (date(2026, 10, 10), True),  # a Saturday, worked for 国庆节
        (date(2026, 2, 17), False),  # 春节, a Tuesday
        (date(2031, 10, 1), True),  # a Wednesday of a year nobody has published
        (date(2031, 10, 4), False),
    ],
)
def test_a_day_is_worked_or_free(day: date, works: bool) -> None:
    assert PUBLISHED.is_workday(day) is works


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 23), date(2026, 11, 24), 1),
        (date(2026, 11, 20), date(2026, 11, 22), 0),  # over the weekend
        (date(2026, 11, 20), date(2026, 11, 23), 1),
        (date(2026, 11, 9), date(2026, 11, 23), 10),
        (date(2026, 11, 24), date(2026, 11, 23), 0),
        (date(2026, 9, 30), date(2026, 10, 8), 1),  # seven free days
        (date(2026, 9, 30), date(2026, 10, 10), 3),  # and the Saturday worked for them
    ],
)
def test_working_days_between_two_days(since: date, until: date, days: int) -> None:
    assert PUBLISHED.between(since, until) == days


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 8), -1, date(2026, 9, 30)),
    ],
)
def test_working_days_are_added(day: date, count: int, found: date) -> None:
    assert PUBLISHED.add(day, count) == found


def test_what_the_firm_says_comes_first() -> None:
    firm = WorkCalendar({date(2026, 10, 10): False, date(2026, 11, 22): True})
    assert not firm.is_workday(date(2026, 10, 10))
    assert firm.is_workday(date(2026, 11, 22))
    assert firm.between(date(2026, 9, 30), date(2026, 10, 10)) == 2
    assert firm.between(date(2026, 11, 20), date(2026, 11, 22)) == 1
    assert firm.add(date(2026, 11, 20), 1) == date(2026, 11, 22)


def test_a_calendar_without_working_days_is_a_mistake() -> None:
    days = {NEW_YEAR_2026 + timedelta(days=n): False for n in range(3700)}
    with pytest.raises(ValueError, match="ten years"):
        WorkCalendar(days).add(NEW_YEAR_2026, 1)


def test_published_days_have_chinese_names() -> None:
    assert is_published(2026)
    assert not is_published(2031)
    assert published()[date(2026, 10, 1)].name == "国庆节"
    assert all(not each.name.isascii() for each in published().values())


@given(
    st.dates(date(2024, 1, 1), date(2028, 1, 1)),
    st.integers(0, 400),
    st.dictionaries(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.booleans(), max_size=40),
)
def test_counting_agrees_with_looking_at_each_day(
    since: date, length: int, own: dict[date, bool]
) -> None:
    calendar, until = WorkCalendar(own), since + timedelta(days=length)
    each = [since + timedelta(days=n) for n in range(1, length + 1)]
    count = calendar.between(since, until)
    assert count == sum(map(calendar.is_workday, each))
    if count:
        assert calendar.add(since, count) <= until
        assert calendar.between(since, calendar.add(since, count)) == count

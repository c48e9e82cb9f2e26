from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crmlib.ui import format as shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(1234567), "¥1,234,567"),
        (Decimal("1234567.5"), "¥1,234,567.50"),
        (Decimal("-3.005"), "-¥3.01"),
        (0, "¥0"),
        (None, "—"),
    ],
)
def test_money_has_separators_and_cents_only_where_there_are_some(value, text):
    assert shown.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(9999), "¥9,999"),
        (Decimal(12000), "¥1.2万"),
        (Decimal(250_000_000), "¥2.5亿"),
        (Decimal(-12000), "-¥1.2万"),
        (None, "—"),
    ],
)
def test_short_money_speaks_in_wan_and_yi(value, text):
    assert shown.short_money(value) == text


def test_percent_has_one_decimal():
    assert [shown.percent(x) for x in (0.125, 1, Decimal("0.3333"), None)] == [
        "12.5%",
        "100.0%",
        "33.3%",
        "—",
    ]


def test_days_and_moments_are_those_of_shanghai():
    late = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
    assert shown.day(late, weekday=True) == "2026-11-23 (周一)"
    assert shown.moment(late) == "2026-11-23 01:05"
    assert shown.day(date(2026, 11, 23)) == "2026-11-23"
    assert shown.day(None) == "—"


def test_only_mobile_numbers_are_grouped():
    assert shown.phone("13800008888") == "138 0000 8888"
    assert shown.phone("010-88886666") == "010-88886666"
    assert shown.phone("") == "—"


def test_plain_values():
    assert [shown.plain(x) for x in (None, True, Decimal("12.50"), 1200, "a")] == [
        "—",
        "是",
        "12.5",
        "1,200",
        "a",
    ]

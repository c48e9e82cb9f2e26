"""Periods of boards: their days, what they are compared with, what a filter line offers."""

from datetime import date

import pytest

from crmlib.insight import spans
from crmlib.insight.aims import Period, period_of
from crmlib.targets.kinds import TargetKind

TODAY = date(2026, 11, 23)
D = date


@pytest.mark.parametrize(
    ("name", "days", "before", "kind"),
    [
        ("month", (D(2026, 11, 1), D(2026, 11, 30)), (D(2026, 10, 1), D(2026, 10, 23)), "month"),
        ("quarter", (D(2026, 10, 1), D(2026, 12, 31)), (D(2026, 7, 1), D(2026, 8, 23)), "quarter"),
        ("year", (D(2026, 1, 1), D(2026, 12, 31)), (D(2025, 1, 1), D(2025, 11, 23)), "year"),
        # A year that is over stands against the whole year before it.
        ("last_year", (D(2025, 1, 1), D(2025, 12, 31)), (D(2024, 1, 1), D(2024, 12, 31)), "year"),
        ("2026-03", (D(2026, 3, 1), D(2026, 3, 31)), (D(2026, 2, 1), D(2026, 2, 28)), "month"),
        ("nonsense", (D(2026, 11, 1), D(2026, 11, 30)), (D(2026, 10, 1), D(2026, 10, 23)), "month"),
    ],
)
def test_days_of_a_period_and_of_the_one_before(
    name: str, days: tuple[date, date], before: tuple[date, date], kind: str
) -> None:
    found, earlier = spans.span_of(name, TODAY), spans.before(name, TODAY)
    assert (found.start, found.end, found.kind) == (*days, kind)
    assert (earlier.start, earlier.end, earlier.kind) == (*before, kind)
    assert found.until(TODAY).end == min(days[1], TODAY)


def test_a_filter_line_offers_the_year_before_and_past_months() -> None:
    offered = dict(spans.options(TODAY))
    assert offered["last_year"] == "上一年"
    assert offered["2025-12"] == "2025年12月"
    assert "next_quarter" not in offered  # boards look back


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("month", (TargetKind.MONTH, 2026, 11)),
        ("quarter", (TargetKind.QUARTER, 2026, 4)),
        ("year", (TargetKind.YEAR, 2026, 1)),
        ("last_year", (TargetKind.YEAR, 2025, 1)),
        ("2025-12", (TargetKind.MONTH, 2025, 12)),
        ("nonsense", (TargetKind.YEAR, 2026, 1)),
    ],
)
def test_targets_of_a_period(name: str, period: tuple[TargetKind, int, int]) -> None:
    assert period_of(name, TODAY) == Period(*period)
    if name != "nonsense":
        assert period_of(name, TODAY).span == spans.span_of(name, TODAY)

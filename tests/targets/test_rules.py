"""Periods, cells and sums of targets, as tables of cases."""

from datetime import date
from decimal import Decimal

import pytest

from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind, TargetStatus

D, K = Decimal, TargetKind
SALES, CUSTOMERS, SCORE = Measure.SALES, Measure.CUSTOMERS, Measure.SATISFACTION
DRAFT, ISSUED, LOCKED = TargetStatus.DRAFT, TargetStatus.ISSUED, TargetStatus.LOCKED


@pytest.mark.parametrize(
    ("kind", "number", "first", "last", "name"),
    [
        (K.MONTH, 2, date(2028, 2, 1), date(2028, 2, 29), "2月"),
        (K.MONTH, 12, date(2028, 12, 1), date(2028, 12, 31), "12月"),
        (K.QUARTER, 4, date(2028, 10, 1), date(2028, 12, 31), "四季度"),
        (K.YEAR, 1, date(2028, 1, 1), date(2028, 12, 31), "全年"),
    ],
)
def test_periods(kind: K, number: int, first: date, last: date, name: str) -> None:
    assert rules.starts_on(2028, kind, number) == first
    assert rules.ends_on(kind, first) == last
    assert rules.number_of(kind, first) == number
    assert rules.period_name(kind, number) == name
    assert number in rules.periods(kind)


@pytest.mark.parametrize(
    ("stored", "today", "state"),
    [
        (DRAFT, date(2026, 12, 1), DRAFT),
        (ISSUED, date(2026, 11, 30), ISSUED),
        (ISSUED, date(2026, 12, 1), LOCKED),
    ],
)
def test_issued_target_is_locked_once_its_period_is_over(
    stored: TargetStatus, today: date, state: TargetStatus
) -> None:
    assert rules.state(stored, K.MONTH, date(2026, 11, 1), today) is state


@pytest.mark.parametrize(
    ("measure", "value", "fault"),
    [
        (SALES, None, ""),
        (SALES, D("120.5"), ""),
        (SALES, D(0), ""),
        (SALES, D("1.23456"), rules.TOO_FINE),
        (SALES, D(-1), rules.NEGATIVE),
        (SALES, D("1e9"), rules.TOO_MUCH),
        (CUSTOMERS, D(12), ""),
        (CUSTOMERS, D("1.5"), rules.NO_WHOLE),
        (CUSTOMERS, D("1e6"), rules.TOO_MUCH),
        (SCORE, D("4.5"), ""),
        (SCORE, D("0.5"), rules.WRONG_SCORE),
        (SCORE, D(6), rules.WRONG_SCORE),
    ],
)
def test_cells(measure: Measure, value: Decimal | None, fault: str) -> None:
    assert rules.cell_fault(measure, value) == fault
    if value is not None and not fault:
        assert rules.typed(measure, rules.stored(measure, value)) == value


@pytest.mark.parametrize(
    ("measure", "value", "state", "fault"),
    [
        (SALES, D(5), "locked", rules.LOCKED),
        (SALES, D(5), "issued", ""),
        (SALES, D(-5), "", rules.NEGATIVE),
        (SALES, None, "draft", ""),
        (CUSTOMERS, D(5), "", rules.NO_SALES),
        (CUSTOMERS, None, "", ""),
        (CUSTOMERS, D(5), "draft", ""),
    ],
)
def test_what_a_cell_may_become(measure: Measure, value: D | None, state: str, fault: str) -> None:
    assert rules.change_fault(measure, value, state) == fault


def test_amounts_are_kept_in_yuan_and_shown_in_wan() -> None:
    assert rules.stored(SALES, D("120.5")) == D(1_205_000)
    assert str(rules.typed(SALES, D("1205000.00"))) == "120.5"
    assert str(rules.typed(SALES, D("3000000.00"))) == "300"


@pytest.mark.parametrize(
    ("text", "subject"),
    [("person:5", ("person", 5)), ("office:7", ("office", 7)), ("person:x", None), ("x:1", None)],
)
def test_subjects(text: str, subject: tuple[str, int] | None) -> None:
    assert rules.subject_of(text) == subject


@pytest.mark.parametrize(
    ("year", "fault"), [(2014, True), (2026, False), (2028, False), (2029, True)]
)
def test_years(year: int, fault: bool) -> None:
    assert bool(rules.year_fault(year, date(2026, 11, 23))) is fault


def test_longer_periods_are_their_own_or_the_sum_of_shorter_ones() -> None:
    months = {K.MONTH: {1: D(10), 2: D(20), 4: D(5)}}
    assert rules.effective(months, K.QUARTER, 1) == 30
    assert rules.effective(months, K.QUARTER, 3) is None
    assert rules.effective(months, K.YEAR, 1) == 35
    both = months | {K.QUARTER: {1: D(40)}}
    assert rules.effective(both, K.YEAR, 1) == 45
    assert rules.effective(both | {K.YEAR: {1: D(99)}}, K.YEAR, 1) == 99
    assert rules.effective(both, K.MONTH, 3) is None


def test_what_does_not_add_up_is_told() -> None:
    values = {K.YEAR: {1: D(100)}, K.QUARTER: {1: D(40)}, K.MONTH: {1: D(10), 2: D(20)}}
    assert rules.gaps(values) == [("全年", D(100), D(40)), ("一季度", D(40), D(30))]
    assert rules.gaps({K.YEAR: {1: D(100)}}) == []
    assert rules.gaps({K.QUARTER: {1: D(30)}, K.MONTH: {1: D(10), 2: D(20)}}) == []

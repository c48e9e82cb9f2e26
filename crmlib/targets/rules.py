"""Periods of targets, what may stand in a cell, and what does not add up: pure verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crmlib.targets.kinds import Measure, TargetKind, TargetStatus
from crmlib.targets.labels import QUARTERS, WHOLE_YEAR

WAN = Decimal(10_000)
MOST_WAN = Decimal(10_000_000)  # 1,000 亿
MOST_CUSTOMERS = 100_000
BEST, DECIMALS = 5, {Measure.SALES: 4, Measure.CUSTOMERS: 0, Measure.SATISFACTION: 2}
FIRST_YEAR, YEARS_AHEAD = 2015, 2
MONTHS = {TargetKind.YEAR: 12, TargetKind.QUARTER: 3, TargetKind.MONTH: 1}
LOCKED = "已锁定"
NO_SALES = "先填销售额"
NEGATIVE, TOO_MUCH, NO_WHOLE = "不能为负", "过大", "应为整数"
WRONG_SCORE, TOO_FINE = "应为 1–5", "小数过长"
WRONG_YEAR = "年份应在 {first} 到 {last} 之间"
PERSON, OFFICE = "person", "office"

Values = Mapping[TargetKind, Mapping[int, Decimal]]  # kind → number of the period → value


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A row of the sheet: whose it is (``person:5``), and what each of its cells holds."""

    subject: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """A sheet as typed: sales in 万元, customers as a count, satisfaction as a score."""

    year: int
    kind: TargetKind
    measure: Measure
    rows: tuple[RowDraft, ...]


def periods(kind: TargetKind) -> range:
    """Return the numbers of the periods of a year: 1–12, 1–4 or 1."""
    return range(1, 12 // MONTHS[kind] + 1)


def starts_on(year: int, kind: TargetKind, number: int) -> date:
    """Return the first day of a period."""
    return date(year, (number - 1) * MONTHS[kind] + 1, 1)


def ends_on(kind: TargetKind, start: date) -> date:
    """Return the last day of the period that begins on a day."""
    year, month = divmod(start.year * 12 + start.month - 1 + MONTHS[kind], 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def number_of(kind: TargetKind, start: date) -> int:
    """Return the number of a period within its year."""
    return (start.month - 1) // MONTHS[kind] + 1


def period_name(kind: TargetKind, number: int) -> str:
    """Return what a period is called: 全年, 一季度, 3月."""
    if kind is TargetKind.YEAR:
        return WHOLE_YEAR
    return QUARTERS[number - 1] if kind is TargetKind.QUARTER else f"{number}月"


def state(stored: TargetStatus, kind: TargetKind, start: date, today: date) -> TargetStatus:
    """Return the state of a target today: an issued one is locked once its period is over."""
    over = ends_on(kind, start) < today
    return TargetStatus.LOCKED if stored is TargetStatus.ISSUED and over else stored


def subject_of(text: str) -> tuple[str, int] | None:
    """Return what a row is about, as kind and key; None if the text says nothing."""
    kind, _, key = text.partition(":")
    return (kind, int(key)) if kind in {PERSON, OFFICE} and key.isdecimal() else None


def year_fault(year: int, today: date) -> str:
    """Return why there can be no targets for a year; "" if there can."""
    last = today.year + YEARS_AHEAD
    return "" if FIRST_YEAR <= year <= last else WRONG_YEAR.format(first=FIRST_YEAR, last=last)


def cell_fault(measure: Measure, value: Decimal | None) -> str:
    """Return what is wrong with a cell; "" if nothing is."""
    if value is None:
        return ""
    if value < 0:
        return NEGATIVE
    if measure is Measure.SATISFACTION and not 1 <= value <= BEST:
        return WRONG_SCORE
    most = MOST_WAN if measure is Measure.SALES else MOST_CUSTOMERS
    if value > most:
        return TOO_MUCH
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS[measure]:
        return NO_WHOLE if measure is Measure.CUSTOMERS else TOO_FINE
    return ""


def change_fault(measure: Measure, value: Decimal | None, state: str) -> str:
    """Return why a cell cannot become a value; "" if it can.

    ``state`` is the value of the cell's TargetStatus, "" where there is no target yet.
    """
    if state == TargetStatus.LOCKED:
        return LOCKED
    if not state and measure is not Measure.SALES and value is not None:
        return NO_SALES
    return cell_fault(measure, value)


def stored(measure: Measure, value: Decimal | None) -> Decimal | int | None:
    """Return a cell as the database keeps it: yuan, a count, a score."""
    if value is None:
        return None
    if measure is Measure.SALES:
        return value * WAN
    return int(value) if measure is Measure.CUSTOMERS else value


def typed(measure: Measure, value: Decimal | int | None) -> Decimal | None:
    """Return what is kept as a cell shows it, without trailing zeros."""
    if value is None:
        return None
    told = Decimal(value) / WAN if measure is Measure.SALES else Decimal(value)
    return told.quantize(Decimal(1)) if told == told.to_integral_value() else told.normalize()


def effective(values: Values, kind: TargetKind, number: int) -> Decimal | None:
    """Return the target of a period: its own, else the sum of the shorter ones within it."""
    own = values.get(kind, {}).get(number)
    if own is not None or kind is TargetKind.MONTH:
        return own
    finer = TargetKind.MONTH if kind is TargetKind.QUARTER else TargetKind.QUARTER
    found = [effective(values, finer, each) for each in within(kind, number)]
    told = [value for value in found if value is not None]
    return sum(told, Decimal(0)) if told else None


def within(kind: TargetKind, number: int) -> range:
    """Return the numbers of the next shorter periods within a year or a quarter."""
    return range(1, 5) if kind is TargetKind.YEAR else range(3 * number - 2, 3 * number + 1)


def gaps(values: Values) -> list[tuple[str, Decimal, Decimal]]:
    """Return where a year or quarter says something else than the shorter ones: name, own, sum.

    A hint, never a fault: a year may be set before its months are.
    """
    found = []
    for kind in (TargetKind.YEAR, TargetKind.QUARTER):
        finer = TargetKind.QUARTER if kind is TargetKind.YEAR else TargetKind.MONTH
        for number in periods(kind):
            own = values.get(kind, {}).get(number)
            parts = [effective(values, finer, each) for each in within(kind, number)]
            told = [part for part in parts if part is not None]
            if own is not None and told and sum(told, Decimal(0)) != own:
                found.append((period_name(kind, number), own, sum(told, Decimal(0))))
    return found


def total(values: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of what is there; None if nothing is."""
    told = [value for value in values if value is not None]
    return sum(told, Decimal(0)) if told else None

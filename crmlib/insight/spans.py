"""Periods that boards look at, and the part of the period before they are compared with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import polars as pl

from crmlib import words
from crmlib.insight.funnel import period

_DAY = timedelta(days=1)
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
MONTH, YEAR, LAST_YEAR = "month", "year", "last_year"
# Boards look back: what is still to come has no figures.
NAMES: Mapping[str, str] = {
    name: label for name, label in words.PERIODS.items() if name != "next_quarter"
}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` to ``end``, both included.

    ``kind`` says which calendar period they are, or are the first days of: month, quarter, year.
    """

    start: date
    end: date
    kind: str = field(default="", compare=False)

    def until(self, today: date) -> "Span":
        """Return the part that lies behind us, today included."""
        return Span(self.start, min(self.end, today), self.kind)

    def has_day(self, column: str) -> pl.Expr:
        """Return the condition that a day lies within."""
        return pl.col(column).is_between(self.start, self.end)

    def has_moment(self, column: str) -> pl.Expr:
        """Return the condition that a moment (Shanghai wall time) lies within."""
        first, after = midnight(self.start), midnight(self.end + _DAY)
        return pl.col(column).is_between(first, after, closed="left")


def midnight(day: date) -> datetime:
    """Return the moment a day begins, as wall time."""
    return datetime.combine(day, time())


def span_of(name: str, today: date) -> Span:
    """Return the days of ``NAMES`` or of a month as 2026-11; anything else is this month."""
    if _MONTH.fullmatch(name):
        return _whole(MONTH, date.fromisoformat(f"{name}-01"))
    return _whole(name if name in NAMES else MONTH, today)


def _whole(name: str, day: date) -> Span:
    return Span(*period(name, day), YEAR if name == LAST_YEAR else name)


def before(name: str, today: date) -> Span:
    """Return the period before, as far as this one has come: 23 days against 23 days."""
    whole = span_of(name, today)
    earlier = _whole(whole.kind, whole.start - _DAY)
    if whole.end <= today:
        return earlier
    last = min(earlier.start + (today - whole.start), earlier.end)
    return Span(earlier.start, last, earlier.kind)


def months(today: date, count: int = 12) -> list[tuple[str, Span]]:
    """Return the latest months by name (2026-11), the present one first."""
    found = [span_of(MONTH, today)]
    while len(found) < count:
        found.append(_whole(MONTH, found[-1].start - _DAY))
    return [(f"{span.start:%Y-%m}", span) for span in found]


def options(today: date) -> list[tuple[str, str]]:
    """Return the periods a filter line offers: those of ``NAMES``, and single months."""
    past = [(name, f"{name[:4]}年{int(name[5:])}月") for name, _ in months(today)[1:]]
    return [*NAMES.items(), *past]

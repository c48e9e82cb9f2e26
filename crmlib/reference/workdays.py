"""Working days in China: public holidays and 调休 as published, and what the firm says over them.

Pure: what the firm says is handed in (``people.workdays`` reads it). A year nobody has published
yet has working days from Monday to Friday.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import accumulate

from chinese_calendar.constants import Holiday, holidays, workdays

WORKING_WEEK = 5  # Monday to Friday
_MOST_STEPS = 3660  # days looked through for a working day; a calendar without any is a mistake
_NAMES = {each.value: each.chinese for each in Holiday}


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """A day the government named: free of work, or worked in exchange for one that is."""

    day: date
    works: bool
    name: str


@cache
def published() -> Mapping[date, PublishedDay]:
    """Return the days named by the yearly announcements."""
    found = {
        day: PublishedDay(day, False, _NAMES.get(name, name)) for day, name in holidays.items()
    }
    found |= {
        day: PublishedDay(day, True, _NAMES.get(name, name)) for day, name in workdays.items()
    }
    return found


def is_published(year: int) -> bool:
    """Say whether the holidays of a year are known."""
    return bool(min(holidays).year <= year <= max(holidays).year)


def is_weekday(day: date) -> bool:
    """Say whether a day is one of Monday to Friday."""
    return day.weekday() < WORKING_WEEK


@dataclass(frozen=True)
class WorkCalendar:
    """The days on which people work; ``own`` (day → works) is what the firm says over the rest."""

    own: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Say whether people work on a day."""
        if day in self.own:
            return self.own[day]
        named = published().get(day)
        return named.works if named else is_weekday(day)

    def add(self, day: date, count: int) -> date:
        """Return the working day ``count`` working days after a day (before it, if negative)."""
        step = timedelta(days=1 if count >= 0 else -1)
        left = abs(count)
        for _ in range(_MOST_STEPS):
            if not left:
                return day
            day += step
            left -= self.is_workday(day)
        msg = "no working day within ten years"
        raise ValueError(msg)

    def between(self, since: date, until: date) -> int:
        """Return the number of working days after ``since``, up to and with ``until``."""
        if until <= since:
            return 0
        weeks, rest = divmod((until - since).days, 7)
        ahead = (since + timedelta(days=step) for step in range(1, rest + 1))
        plain = WORKING_WEEK * weeks + sum(map(is_weekday, ahead))
        days, sums = self._moved
        return plain + sums[bisect_right(days, until)] - sums[bisect_right(days, since)]

    @cached_property
    def _moved(self) -> tuple[list[date], list[int]]:
        """Return the days that differ from Monday to Friday, and the sums of ±1 before each."""
        named = {*published(), *self.own}
        days = sorted(day for day in named if self.is_workday(day) != is_weekday(day))
        steps = (1 if self.is_workday(day) else -1 for day in days)
        return days, list(accumulate(steps, initial=0))


PUBLISHED = WorkCalendar()

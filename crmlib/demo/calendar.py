"""When things happen in the invented firm: on working days, in working hours, less at new year."""

from datetime import date, datetime, time, timedelta
from random import Random

from crmlib import clock

_SLOW = {1: 0.55, 2: 0.4, 10: 0.75}  # 春节, 国庆


def last_evening() -> datetime:
    """Return yesterday 18:30 in Shanghai: nothing in the demo has happened later."""
    return datetime.combine(clock.today() - timedelta(days=1), time(18, 30), tzinfo=clock.SHANGHAI)


def working_moment(chance: Random, day: date) -> datetime:
    """Return a moment of that day, or of the Friday before when it falls on a weekend."""
    if day.weekday() > 4 and chance.random() < 0.93:
        day -= timedelta(days=day.weekday() - 4)
    minute = int(510 + 570 * chance.random())  # 08:30 to 18:00
    return datetime(
        day.year, day.month, day.day, minute // 60, minute % 60, int(chance.random() * 60),
        tzinfo=clock.SHANGHAI,
    )  # fmt: skip


def busy_day(chance: Random, latest: date, days: float, growth: float = 1.0) -> date:
    """Return one of the ``days`` before ``latest``; ``growth`` above 1 makes recent days likelier."""
    while True:
        day = latest - timedelta(days=int(days * (1 - chance.random() ** (1 / growth))))
        if chance.random() < _SLOW.get(day.month, 1.0):
            return day

"""工作日历: the working days everybody counts by, and the days an admin keeps over the holidays."""

import time
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import event, select

from crmlib import clock, words
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.reference.kinds import DayKind
from crmlib.reference.model import DayOff
from crmlib.reference.workdays import WorkCalendar, is_published, published
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.text import clean

NAME_LENGTH = 40
MOST_DAYS = 31  # entered at once
FIRST_YEAR, LAST_YEAR = 2004, 2099
WRONG_ORDER = "结束日期 不能早于开始日期"
TOO_MANY = f"一次最多登记 {MOST_DAYS} 天"
WRONG_YEAR = f"日期应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间"
NOT_OWN = "所选日期不是本单位登记的，国家公布的安排不能删除；需要不同安排时请登记为休或班"
NATIONAL, OWN = "国家公布", "本单位"
_FRESH_FOR = 1.0  # seconds until another process's change is seen
DAYS_SCHEMA = pl.Schema(
    {
        "id": pl.String,
        "day": pl.Date,
        "kind": pl.String,
        "name": pl.String,
        "source": pl.String,
    }
)


@dataclass(frozen=True, slots=True)
class DaysKept:
    """How many days were entered or taken away."""

    days: int
    text: str


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """A year: its special days (``DAYS_SCHEMA``) and the working days of each month."""

    year: int
    published: bool
    days: pl.DataFrame
    months: tuple[tuple[int, int], ...]  # working days, free days; January first


# --- counting ------------------------------------------------------------------------------


def is_workday(day: date) -> bool:
    """Say whether people work on a day."""
    return work_calendar().is_workday(day)


def add_workdays(day: date, count: int) -> date:
    """Return the working day so many working days after a day (before it, if negative)."""
    return work_calendar().add(day, count)


def workdays_between(since: date, until: date) -> int:
    """Return the number of working days after ``since``, up to and with ``until``."""
    return work_calendar().between(since, until)


_kept: tuple[str, float, WorkCalendar] | None = None


def work_calendar() -> WorkCalendar:
    """Return the calendar in force; what another process saved is there within a second."""
    global _kept  # noqa: PLW0603 one calendar per process is the point
    url, now, kept = settings().database_url, time.monotonic(), _kept
    if kept is None or kept[0] != url or kept[1] < now:
        own = {day: kind is DayKind.WORK for day, kind, _ in _own_days(date.min, date.max)}
        # An unchanged calendar stays the same object: it has worked out its sums already.
        same = kept is not None and kept[0] == url and kept[2].own == own
        calendar = kept[2] if same and kept else WorkCalendar(own)
        _kept = kept = (url, now + _FRESH_FOR, calendar)
    return kept[2]


def _forget(_session: object = None) -> None:
    global _kept  # noqa: PLW0603
    _kept = None


def _own_days(since: date, until: date) -> Sequence[tuple[date, DayKind, str]]:
    query = select(DayOff.day, DayOff.kind, DayOff.name).where(DayOff.day.between(since, until))
    with reading() as session:
        return [(row.day, row.kind, row.name) for row in session.execute(query)]


# --- keeping -------------------------------------------------------------------------------


def day_faults(since: date | None, until: date | None, kind: str, name: str) -> Mapping[str, str]:
    """Return what is wrong with days to be entered, by field."""
    labels = words.DAY_OFF
    faults = {
        field: words.required(labels[field])
        for field, value in (("since", since), ("kind", kind), ("name", name))
        if not value
    }
    if kind and kind not in set(DayKind):
        faults["kind"] = f"{labels['kind']} 请从列表中选择"
    if len(name) > NAME_LENGTH:
        faults["name"] = f"{labels['name']} 不能超过 {NAME_LENGTH} 个字"
    last = until or since
    if since and last:
        if last < since:
            faults["until"] = WRONG_ORDER
        elif (last - since).days >= MOST_DAYS:
            faults["until"] = TOO_MANY
        if not FIRST_YEAR <= since.year <= last.year <= LAST_YEAR and last >= since:
            faults["since"] = WRONG_YEAR
    return faults


@action(Permission.CALENDAR_KEEP)
def keep_days(
    work: Work,
    since: date | None,
    until: date | None,
    kind: str,
    name: str,
    *,
    token: str | None = None,
) -> DaysKept:
    """Enter days as 休 or 班; what was said of them before is replaced.

    Raises:
        Invalid: ``since``, ``until``, ``kind``, ``name``.
    """
    name = clean(name)
    if faults := day_faults(since, until, kind, name):
        raise Invalid(faults)
    assert since is not None  # noqa: S101 a missing day is a fault already
    count = ((until or since) - since).days + 1
    wanted = [since + timedelta(days=ahead) for ahead in range(count)]
    session = work.session
    known = {row.day: row for row in session.scalars(select(DayOff).where(DayOff.day.in_(wanted)))}
    for day in wanted:
        row = known.get(day) or DayOff(day=day)
        row.kind, row.name = DayKind(kind), name
        session.add(row)
    event.listen(session, "after_commit", _forget, once=True)
    label = words.DAY_KINDS[kind]
    return DaysKept(count, f"已登记 {count} 天为「{label}」")


@action(Permission.CALENDAR_KEEP)
def remove_days(work: Work, days: Sequence[date]) -> DaysKept:
    """Take away what the firm said of days; the published arrangement holds again.

    Raises:
        Refused: none of them is the firm's own.
    """
    session = work.session
    rows = session.scalars(select(DayOff).where(DayOff.day.in_(days))).all()
    if not rows:
        raise Refused(NOT_OWN)
    for row in rows:
        session.delete(row)
    event.listen(session, "after_commit", _forget, once=True)
    return DaysKept(len(rows), f"已删除 {len(rows)} 天")


# --- showing -------------------------------------------------------------------------------


def calendar_years(actor: Actor) -> list[int]:
    """Return the years the page offers, the latest first: what is known, and the next one.

    Raises:
        NotAllowed: the calendar is not the actor's to keep.
    """
    if not actor.may(Permission.CALENDAR_KEEP):
        raise NotAllowed
    today = clock.today()
    latest = max([today.year + 1, *(day.year for day, _, _ in _own_days(today, date.max))])
    return list(range(latest, today.year - 3, -1))


def year_calendar(actor: Actor, year: int) -> YearCalendar:
    """Return a year's special days, the firm's own over the published ones.

    Raises:
        NotAllowed: the calendar is not the actor's to keep.
    """
    if not actor.may(Permission.CALENDAR_KEEP) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotAllowed
    rows = {
        each.day: (each.works, each.name, NATIONAL)
        for each in published().values()
        if each.day.year == year
    }
    own = _own_days(date(year, 1, 1), date(year, 12, 31))
    rows |= {day: (kind is DayKind.WORK, name, OWN) for day, kind, name in own}
    calendar = work_calendar()
    frame = pl.DataFrame(
        [
            (day.isoformat(), day, words.DAY_KINDS["work" if works else "rest"], name, source)
            for day, (works, name, source) in sorted(rows.items())
        ],
        schema=DAYS_SCHEMA,
        orient="row",
    )
    months = tuple(_worked(calendar, year, month) for month in range(1, 13))
    return YearCalendar(year, is_published(year), frame, months)


def _worked(calendar: WorkCalendar, year: int, month: int) -> tuple[int, int]:
    length = monthrange(year, month)[1]
    first = date(year, month, 1)
    worked = calendar.between(first - timedelta(days=1), first + timedelta(days=length - 1))
    return worked, length - worked

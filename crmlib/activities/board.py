"""The week of a person as the calendar shows it."""

from datetime import date, timedelta

from crmlib.access.actor import Actor
from crmlib.activities.panel import LATE, STATUS_TONES
from crmlib.activities.week import DAYS, MOST, Entry, calendar_person, week_of
from crmlib.errors import NotAllowed
from crmlib.people.workdays import is_workday
from crmlib.reference.workdays import is_weekday, published
from crmlib.ui.route import link
from crmlib.ui.week import WeekEntry, WeekPage
from crmlib.words import ACTIVITY_STATUS


def week_page(actor: Actor, person_id: int, monday: date) -> WeekPage:
    """Return a person's week in the words of the page.

    Raises:
        NotAllowed: his calendar is not the actor's to see.
    """
    if calendar_person(actor, person_id) is None:
        raise NotAllowed
    found = week_of(actor, person_id, monday)
    return WeekPage(
        entries=[_shown(entry, monday) for entry in found],
        names=[_name(monday + timedelta(days=at)) for at in range(DAYS)],
        note=f"只显示前 {MOST} 项" if len(found) == MOST else f"共 {len(found)} 项",
    )


def _shown(entry: Entry, monday: date) -> WeekEntry:
    status = LATE if entry.overdue else ACTIVITY_STATUS[entry.status]
    start, end = f"{entry.start:%H:%M}", f"{entry.end:%H:%M}"
    is_long = entry.start.date() != entry.end.date()
    until = f"{entry.end:%m-%d %H:%M}" if is_long else end
    return WeekEntry(
        href=link("activity", entry.id),
        time=start if entry.start == entry.end else f"{start}–{until}",
        title=entry.subject,
        note=entry.customer,
        tone=STATUS_TONES[status],
        mark=status,
        days=entry.days(monday),
    )


def _name(day: date) -> str:
    """Return what is special about a day: its holiday, 休, or 班 where a weekend is worked on."""
    works = is_workday(day)
    if works:
        return "" if is_weekday(day) else "班"
    named = published().get(day)
    if named and not named.works:
        return named.name
    return "休" if is_weekday(day) else ""

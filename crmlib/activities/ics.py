"""Activities as a file of RFC 5545 that calendar programs read."""

from collections.abc import Iterable
from datetime import UTC, timedelta

from icalendar import Alarm, Calendar, Event

from crmlib import clock
from crmlib.activities.states import ActivityStatus
from crmlib.activities.week import Entry
from crmlib.settings import settings
from crmlib.words import ACTIVITY_STATUS

_PRODUCT = "-//Sunmao//CRM//ZH"
_AHEAD = timedelta(minutes=-15)


def calendar_file(entries: Iterable[Entry], name: str) -> bytes:
    """Return activities as an .ics file; read again it replaces what it brought before."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    # The same activity keeps its name, and a later version counts on: no doubles.
    event.add("uid", f"{entry.number}@{settings().tenant}.sunmao")
    event.add("sequence", entry.version)
    event.add("dtstamp", clock.now().replace(microsecond=0))
    event.add("dtstart", entry.start.astimezone(UTC))
    event.add("dtend", entry.end.astimezone(UTC))
    event.add("summary", f"{entry.subject}（{entry.customer}）")
    lines = (f"{entry.number} {ACTIVITY_STATUS[entry.status]}", entry.description)
    event.add("description", "\n".join(filter(None, lines)))
    event.add("status", "CONFIRMED")
    if entry.place:
        event.add("location", entry.place)
    if entry.remind and entry.status is ActivityStatus.NOT_STARTED:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", _AHEAD)
        alarm.add("description", entry.subject)
        event.add_component(alarm)
    return event

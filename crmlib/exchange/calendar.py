"""Take a person's calendar along as an .ics file: with the rights of exports, and logged as one."""

from datetime import date, timedelta

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.ics import calendar_file
from crmlib.activities.week import DAYS, calendar_person, entries
from crmlib.errors import NotAllowed
from crmlib.exchange.export import note_export

TITLE = "活动日历"
AHEAD = timedelta(days=366)


def export_calendar(
    actor: Actor, person_id: int, monday: date, *, later: bool = False
) -> tuple[str, bytes]:
    """Return file name and content of a week, or of everything from its Monday on.

    Raises:
        NotAllowed: the actor may not export, or not see this person's calendar.
    """
    person = calendar_person(actor, person_id)
    if person is None or not actor.may(Permission.LIST_EXPORT):
        raise NotAllowed
    until = monday + (AHEAD if later else timedelta(days=DAYS))
    found = entries(actor, person_id, monday, until, Permission.LIST_EXPORT)
    told = {"负责人": person.label, "日期": f"{monday} 起" if later else f"{monday} 所在周"}
    note_export(actor, "activity", TITLE, told, ["日历"], len(found))
    name = f"{TITLE}-{person.label}-{monday:%Y%m%d}.ics"
    return name, calendar_file(found, f"{person.label}的活动")

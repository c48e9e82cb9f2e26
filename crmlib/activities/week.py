"""活动日历: what a person does and plans in one week, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from crmlib import clock
from crmlib.access.actor import Actor, is_person_below
from crmlib.access.grants import Permission, Scope
from crmlib.activities import rules
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.pages import midnight
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import Customer
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading
from crmlib.ui.options import Option

DAYS = 7
MOST = 500
PEOPLE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity in the calendar, from when to when; ``overdue`` as in lists."""

    id: int
    version: int
    number: str
    subject: str
    activity_type: str  # code
    customer: str
    place: str
    description: str
    status: ActivityStatus
    remind: bool
    start: datetime
    end: datetime
    overdue: bool

    def days(self, monday: date) -> list[int]:
        """Return on which days of a week (0 is Monday) it takes place."""
        first, last = (self.start.date() - monday).days, (self.end.date() - monday).days
        if self.end > self.start and self.end.time() == datetime.min.time():
            last -= 1  # until midnight is not the next day
        return list(range(max(first, 0), min(last, DAYS - 1) + 1))


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def calendar_people(actor: Actor, text: str = "") -> list[Option]:
    """Return whose calendar the actor may look at: his own first, then those below him."""
    typed = text.strip()
    named = or_(
        Person.name.contains(typed, autoescape=True),
        Person.login.startswith(typed.lower(), autoescape=True),
    )
    return _people(actor, named, PEOPLE_SHOWN)


def calendar_person(actor: Actor, person_id: int) -> Option | None:
    """Return one person if the actor may look at his calendar."""
    return next(iter(_people(actor, Person.id == person_id, 1)), None)


def _people(actor: Actor, chosen: ColumnElement[bool], limit: int) -> list[Option]:
    held = actor.scopes(Permission.ACTIVITY_VIEW)
    may = Person.id == actor.person_id
    if held & {Scope.ALL, Scope.MASKED}:
        may = Person.active.is_(True)
    elif Scope.TREE in held:
        may = or_(may, and_(is_person_below(actor, Person.id.expression), Person.active))
    with reading() as session:
        rows = session.execute(
            select(Person.id, Person.name, Office.name)
            .join(Office, Office.id == Person.office_id)
            .where(may, chosen)
            .order_by(Person.id != actor.person_id, Person.name)
            .limit(limit)
        )
        return [Option(*row) for row in rows]


def week_of(actor: Actor, person_id: int, monday: date) -> list[Entry]:
    """Return the visible activities of a person in a week, in their order."""
    return entries(actor, person_id, monday, monday + timedelta(days=DAYS))


def entries(
    actor: Actor,
    person_id: int,
    since: date,
    until: date,
    permission: Permission = Permission.ACTIVITY_VIEW,
) -> list[Entry]:
    """Return the activities of a person between two days, the second not included."""
    begin, end = midnight(since), midnight(until)
    is_done = Activity.status == ActivityStatus.DONE
    planned = and_(~is_done, Activity.planned_start < end, Activity.planned_end >= begin)
    done = and_(is_done, Activity.ended_at >= begin, Activity.ended_at < end)
    begun = and_(
        Activity.status == ActivityStatus.STARTED,
        Activity.planned_start.is_(None),
        Activity.started_at >= begin,
        Activity.started_at < end,
    )
    chosen = (Activity.owner_id == person_id, or_(planned, done, begun))
    rights = (visible_activities(actor), visible_activities(actor, permission))
    return _read([*chosen, *rights])


def _read(conditions: Sequence[ColumnElement[bool]]) -> list[Entry]:
    statement = (
        select(Activity, Customer.name)
        .join(Customer, Customer.id == Activity.customer_id)
        .where(*conditions)
        .limit(MOST)
    )
    with reading() as session:
        found = [_entry(activity, customer) for activity, customer in session.execute(statement)]
    return sorted(found, key=lambda entry: (entry.start, entry.id))


def _entry(activity: Activity, customer: str) -> Entry:
    start, end = _times(activity)
    now = clock.now()
    return Entry(
        id=activity.id,
        version=activity.version,
        number=activity.number,
        subject=activity.subject,
        activity_type=activity.activity_type,
        customer=customer,
        place=activity.place or "",
        description=activity.result or activity.description or "",
        status=activity.status,
        remind=activity.remind,
        start=clock.local(start),
        end=clock.local(end),
        overdue=rules.is_overdue(activity.status, activity.planned_end, now),
    )


def _times(activity: Any) -> tuple[datetime, datetime]:
    """Return from when to when it was, or is planned; what was done stands on the day it ended."""
    if activity.status is ActivityStatus.DONE:
        end: datetime = activity.ended_at
        begun = activity.started_at or end
        is_same_day = clock.local(begun).date() == clock.local(end).date()
        return (begun if is_same_day else end), end
    start = activity.planned_start or activity.started_at
    return start, activity.planned_end or start

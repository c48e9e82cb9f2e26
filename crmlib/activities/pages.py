"""The list of activities page by page."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, case, exists, func, or_, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.activities import queries
from crmlib.activities.model import WHEN, Activity, ActivityStatus, Importance, Priority
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import Customer
from crmlib.people.model import Person
from crmlib.store.engine import reading

MAX_SIZE = 500
COUNTED = 20_000  # rows counted for a page; more are not, a region head has hundreds of thousands
_DAYS = (date(1900, 1, 1), date(2999, 12, 31))
FIND_FIELDS = ("subject", "customer", "number", "result")
SORTS = (
    *("when", "number", "subject", "activity_type", "status", "importance", "priority"),
    *("customer", "owner", "planned_start", "planned_end", "ended_at", "created_at"),
)
_UNDONE = (ActivityStatus.NOT_STARTED, ActivityStatus.STARTED)
_INDEXED = ("when", "created_at")  # sorts an index of the whole table has
_RANKED: dict[str, type[StrEnum]] = {
    "status": ActivityStatus,
    "importance": Importance,
    "priority": Priority,
}


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """What part of the list is wanted; empty filters leave everything in."""

    page: int = 1
    size: int = 20
    sort: str = "when"
    descending: bool = True
    find_field: str = ""  # one of FIND_FIELDS; empty: any of them
    find_text: str = ""
    customer_id: int | None = None
    opportunity_id: int | None = None
    owner: int | None = None
    activity_type: str = ""  # code
    status: ActivityStatus | None = None
    importance: Importance | None = None
    priority: Priority | None = None
    day_from: date | None = None  # on which it was done, else planned
    day_to: date | None = None
    overdue: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One page (columns: queries.SCHEMA) and how many were found: ``COUNTED`` if there are more."""

    rows: pl.DataFrame
    total: int
    has_more: bool = False  # than ``total``


def activity_page(actor: Actor, query: ActivityQuery, *, exact: bool = False) -> ActivityPage:
    """Return one page of the visible activities, sorted and filtered by the database.

    Of more than ``COUNTED`` rows the newest are sorted; with ``exact`` all are, and counted.
    """
    conditions = [*_conditions(actor, query), *_found(actor, query)]
    size = min(max(query.size, 1), MAX_SIZE)
    chosen = select(Activity.id).where(visible_activities(actor), *conditions)
    if not exact:
        chosen = chosen.limit(COUNTED + 1)
    with reading() as session:
        counted = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    has_more = counted > COUNTED and not exact
    found = select(Activity.id).where(visible_activities(actor), *conditions)
    # What is still to be done has an index by its end.
    is_plan = query.sort == "planned_end" and (query.overdue or query.status in _UNDONE)
    if has_more and not is_plan and query.sort not in _INDEXED:
        # Sorting a region's hundreds of thousands takes seconds; nobody reads on that far.
        newest = chosen.order_by(WHEN.desc(), Activity.id.desc()).limit(COUNTED)
        found = found.where(Activity.id.in_(newest))
    if query.sort == "customer":
        found = found.join(Customer, Customer.id == Activity.customer_id)
    if query.sort == "owner":
        found = found.join(Person, Person.id == Activity.owner_id)
    found = found.order_by(*_order(query)).limit(size)
    found = found.offset((max(query.page, 1) - 1) * size)
    total = COUNTED if has_more else counted
    return ActivityPage(queries.frame(actor, found), total, has_more)


def _conditions(actor: Actor, query: ActivityQuery) -> list[ColumnElement[bool]]:
    found = [
        column == value
        for column, value in (
            (Activity.customer_id, query.customer_id),
            (Activity.opportunity_id, query.opportunity_id),
            (Activity.owner_id, query.owner),
            (Activity.activity_type, query.activity_type or None),
            (Activity.status, query.status),
            (Activity.importance, query.importance),
            (Activity.priority, query.priority),
        )
        if value is not None
    ]
    if query.mine:
        found.append(Activity.owner_id == actor.person_id)
    if query.day_from is not None:
        found.append(midnight(query.day_from) <= WHEN)
    if query.day_to is not None:
        next_day = min(query.day_to, _DAYS[1]) + timedelta(days=1)
        found.append(midnight(next_day) > WHEN)
    if query.overdue:
        found += [
            Activity.status == ActivityStatus.NOT_STARTED,
            Activity.planned_end < clock.now(),
        ]
    return found


def midnight(day: date) -> datetime:
    """Return when a day begins in Shanghai; a day nobody means is the first or last one can."""
    return datetime.combine(min(max(day, _DAYS[0]), _DAYS[1]), time(), clock.SHANGHAI)


def _found(actor: Actor, query: ActivityQuery) -> list[ColumnElement[bool]]:
    text = query.find_text.strip()
    if not text:
        return []
    columns: dict[str, ColumnElement[bool]] = {
        "subject": Activity.subject.icontains(text, autoescape=True),
        "number": Activity.number.icontains(text, autoescape=True),
        "result": Activity.result.icontains(text, autoescape=True),
        "customer": _with_customer(actor, Customer.name.icontains(text, autoescape=True)),
    }
    chosen = columns.get(query.find_field)
    return [chosen if chosen is not None else or_(*columns.values())]


def _with_customer(actor: Actor, named: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on the customer: asked row by row where a person has few rows."""
    if actor.scopes(Permission.ACTIVITY_VIEW) & {Scope.ALL, Scope.MASKED, Scope.TREE}:
        return Activity.customer_id.in_(select(Customer.id).where(named))
    here = Customer.id == Activity.customer_id
    return exists().where(here, named).correlate(Activity)


def _order(query: ActivityQuery) -> list[ColumnElement[Any]]:
    sorts: dict[str, Any] = {
        "when": WHEN,
        "customer": Customer.name,
        "owner": Person.name,
        # In the order they were entered; numbers of other programs sort as texts.
        "created_at": Activity.id,
    }
    for name, kind in _RANKED.items():
        column = getattr(Activity, name)
        sorts[name] = case(*((column == member, at) for at, member in enumerate(kind)))
    plain = ("number", "subject", "activity_type", "planned_start", "planned_end", "ended_at")
    sorts |= {name: getattr(Activity, name) for name in plain}
    column = sorts.get(query.sort, WHEN)
    if column is WHEN:  # never empty, and an index has it in this order
        first = column.desc() if query.descending else column.asc()
    else:
        first = column.desc().nulls_last() if query.descending else column.asc().nulls_last()
    return [first, Activity.id.desc() if query.descending else Activity.id.asc()]

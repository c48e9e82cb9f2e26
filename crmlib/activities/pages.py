"""The list of activities page by page, and one activity with its notes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities import queries
from crmlib.activities.model import Activity, ActivityStatus, Importance, Priority
from crmlib.activities.rows import visible_activities
from crmlib.errors import NotAllowed
from crmlib.store.engine import reading

MAX_SIZE = 500


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """What part of the list is wanted; empty filters leave everything in."""

    page: int = 1
    size: int = 20
    customer_id: int | None = None
    opportunity_id: int | None = None
    owner: int | None = None
    status: ActivityStatus | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One page (columns: queries.SCHEMA) and the number of all rows found."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """One activity with its notes; type, customer and owner as words beside their keys."""

    id: int
    version: int
    number: str
    subject: str
    activity_type: str
    activity_type_label: str
    status: ActivityStatus
    importance: Importance
    priority: Priority
    customer_id: int
    customer: str
    contact_id: int | None
    contact: str | None
    opportunity_id: int | None
    planned_start: datetime | None
    planned_end: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    place: str | None
    result: str | None
    description: str | None
    result_note: str | None
    owner_id: int
    owner: str
    overdue: bool
    created_at: datetime


def activity_page(actor: Actor, query: ActivityQuery) -> ActivityPage:
    """Return one page of the visible activities, newest first."""
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Activity.customer_id, query.customer_id),
            (Activity.opportunity_id, query.opportunity_id),
            (Activity.owner_id, query.owner),
            (Activity.status, query.status),
        )
        if value is not None
    ]
    if query.mine:
        conditions.append(Activity.owner_id == actor.person_id)
    size = min(max(query.size, 1), MAX_SIZE)
    with reading() as session:
        count = select(func.count(Activity.id)).where(visible_activities(actor), *conditions)
        total = session.scalar(count) or 0
    rows = queries.newest(actor, conditions, size, (max(query.page, 1) - 1) * size)
    return ActivityPage(rows, total)


def activity_card(actor: Actor, activity_id: int) -> ActivityCard:
    """Return a visible activity.

    Raises:
        NotAllowed: no such activity, or not visible to the actor.
    """
    shown = queries.newest(actor, [Activity.id == activity_id], 1).to_dicts()
    with reading() as session:
        found = session.scalar(
            select(Activity).where(Activity.id == activity_id, visible_activities(actor))
        )
    if found is None or not shown:
        raise NotAllowed
    named = ("customer", "contact", "owner", "overdue")
    values: dict[str, Any] = {name: getattr(found, name) for name in _OWN}
    values |= {name: _local(getattr(found, name)) for name in _MOMENTS}
    values |= {name: shown[0][name] for name in named}
    return ActivityCard(
        **values,
        created_at=clock.local(found.created_at),
        activity_type_label=shown[0]["activity_type"],
    )


_MOMENTS = (*queries.MOMENTS, "started_at")
_OWN = (
    *("id", "version", "number", "subject", "activity_type", "status", "importance", "priority"),
    *("customer_id", "contact_id", "opportunity_id", "place", "result", "description"),
    *("result_note", "owner_id"),
)


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else clock.local(moment)

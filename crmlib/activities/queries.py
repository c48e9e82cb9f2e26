"""Activities of a customer, of an opportunity, and those a person has still to do."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.inbox.queries import Pending, count_pending
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.engine import reading

_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "number": pl.String(),
        "subject": pl.String(),
        "activity_type": pl.String(),  # its name
        "status": pl.String(),
        "customer_id": pl.Int64(),
        "customer": pl.String(),
        "opportunity_id": pl.Int64(),
        "contact": pl.String(),
        "planned_start": _MOMENT,
        "planned_end": _MOMENT,
        "ended_at": _MOMENT,
        "result": pl.String(),
        "owner": pl.String(),
        "overdue": pl.Boolean(),
    }
)
MOMENTS = ("planned_start", "planned_end", "ended_at")


def of_customer(actor: Actor, customer_id: int, limit: int = 100) -> pl.DataFrame:
    """Return the visible activities with a customer, newest first (columns: SCHEMA)."""
    return newest(actor, [Activity.customer_id == customer_id], limit)


def of_opportunity(actor: Actor, opportunity_id: int, limit: int = 100) -> pl.DataFrame:
    """Return the visible activities of a deal, newest first (columns: SCHEMA)."""
    return newest(actor, [Activity.opportunity_id == opportunity_id], limit)


def pending_of(actor: Actor, limit: int = 50) -> pl.DataFrame:
    """Return what the actor has still to do, the most urgent first (columns: SCHEMA)."""
    order = (Activity.planned_end.asc().nulls_last(), Activity.id)
    return _frame(_rows(actor).where(_is_pending(actor)).order_by(*order).limit(limit))


def pending_count(actor: Actor) -> int:
    """Return how many activities the actor has still to do."""
    with reading() as session:
        return session.scalar(select(func.count(Activity.id)).where(_is_pending(actor))) or 0


def _is_pending(actor: Actor) -> ColumnElement[bool]:
    mine = Activity.owner_id == actor.person_id
    is_undone = Activity.status.in_((ActivityStatus.NOT_STARTED, ActivityStatus.STARTED))
    recycled = select(Customer.id).where(Customer.status == CustomerStatus.RECYCLED)
    is_wanted = Activity.customer_id.not_in(recycled)
    return mine & is_undone & is_wanted & visible_activities(actor)


def newest(
    actor: Actor, chosen: Sequence[ColumnElement[bool]], limit: int, offset: int = 0
) -> pl.DataFrame:
    """Return visible activities that meet all conditions, newest first (columns: SCHEMA)."""
    when = func.coalesce(Activity.ended_at, Activity.planned_start, Activity.created_at)
    order = (when.desc(), Activity.id.desc())
    return _frame(_rows(actor).where(*chosen).order_by(*order).limit(limit).offset(offset))


def _rows(actor: Actor) -> Any:
    return (
        select(
            Activity.id,
            Activity.number,
            Activity.subject,
            Activity.activity_type,
            Activity.status,
            Activity.customer_id,
            Customer.name.label("customer"),
            Activity.opportunity_id,
            Contact.name.label("contact"),
            Activity.planned_start,
            Activity.planned_end,
            Activity.ended_at,
            Activity.result,
            Person.name.label("owner"),
        )
        .join(Customer, Customer.id == Activity.customer_id)
        .join(Person, Person.id == Activity.owner_id)
        .outerjoin(Contact, Contact.id == Activity.contact_id)
        .where(visible_activities(actor, Permission.ACTIVITY_VIEW))
    )


def _frame(statement: Any) -> pl.DataFrame:
    now = clock.now()
    with reading() as session:
        types = labels(session, DictKind.ACTIVITY_TYPE)
        records = []
        for row in session.execute(statement):
            late = row.planned_end is not None and row.planned_end < now
            moments = {m: getattr(row, m) and clock.local(getattr(row, m)) for m in MOMENTS}
            records.append(
                row._asdict()
                | moments
                | {
                    "activity_type": types.get(row.activity_type, row.activity_type),
                    "status": row.status.value,
                    "overdue": row.status is ActivityStatus.NOT_STARTED and late,
                }
            )
    return pl.DataFrame(records, schema=SCHEMA)


def _waiting(session: Session, actor: Actor) -> Pending:
    count = session.scalar(select(func.count(Activity.id)).where(_is_pending(actor)))
    return Pending("我的待处理活动", count or 0, "home")


count_pending("activities", _waiting)

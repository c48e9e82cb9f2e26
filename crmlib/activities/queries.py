"""Activities of a customer, of an opportunity, and those a person has still to do."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities import rules
from crmlib.activities.model import WHEN, Activity, ActivityStatus
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.inbox.queries import Pending, count_pending
from crmlib.opportunities.model import Opportunity, Stage
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.engine import reading

_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "version": pl.Int64(),
        "number": pl.String(),
        "subject": pl.String(),
        "activity_type": pl.String(),  # its name
        "status": pl.String(),
        "importance": pl.String(),
        "priority": pl.String(),
        "customer_id": pl.Int64(),
        "customer": pl.String(),
        "opportunity_id": pl.Int64(),
        "opportunity": pl.String(),  # its 主题
        "stage": pl.String(),
        "contact": pl.String(),
        "planned_start": _MOMENT,
        "planned_end": _MOMENT,
        "started_at": _MOMENT,
        "ended_at": _MOMENT,
        "created_at": _MOMENT,
        "place": pl.String(),
        "result": pl.String(),
        "remind": pl.Boolean(),
        "owner": pl.String(),
        "office": pl.String(),
        "overdue": pl.Boolean(),
        "editable": pl.Boolean(),  # by the actor, as far as its state lets him
    }
)
MOMENTS = ("planned_start", "planned_end", "started_at", "ended_at", "created_at")


def of_customer(actor: Actor, customer_id: int, limit: int = 100) -> pl.DataFrame:
    """Return the visible activities with a customer, newest first (columns: SCHEMA)."""
    return newest(actor, [Activity.customer_id == customer_id], limit)


def of_opportunity(actor: Actor, opportunity_id: int, limit: int = 100) -> pl.DataFrame:
    """Return the visible activities of a deal, newest first (columns: SCHEMA)."""
    return newest(actor, [Activity.opportunity_id == opportunity_id], limit)


def pending_of(actor: Actor, limit: int = 50, *, unticked: bool = False) -> pl.DataFrame:
    """Return 我的待处理活动, the most urgent first (columns: SCHEMA).

    They are the actor's own, 未开始, and ticked 是否提醒; with ``unticked`` the others too.
    """
    order = (Activity.planned_end.asc().nulls_last(), Activity.id.asc())
    found = select(Activity.id).where(is_pending(actor, unticked)).order_by(*order)
    return frame(actor, found.limit(limit))


def pending_count(actor: Actor, *, unticked: bool = False) -> int:
    """Return how many 我的待处理活动 there are."""
    with reading() as session:
        return _count_pending(session, actor, unticked)


def is_pending(actor: Actor, unticked: bool = False) -> ColumnElement[bool]:
    """Return the condition of 我的待处理活动."""
    found = (Activity.owner_id == actor.person_id) & visible_activities(actor)
    found &= Activity.status == ActivityStatus.NOT_STARTED
    # Row by row: a list of everything closed costs more than one person's plans.
    found &= ~exists().where(
        Customer.id == Activity.customer_id, Customer.status == CustomerStatus.RECYCLED
    )
    found &= ~exists().where(Opportunity.id == Activity.opportunity_id, Opportunity.closed)
    return found if unticked else found & Activity.remind.is_(True)


def newest(
    actor: Actor, chosen: Sequence[ColumnElement[bool]], limit: int, offset: int = 0
) -> pl.DataFrame:
    """Return visible activities that meet all conditions, newest first (columns: SCHEMA)."""
    found = select(Activity.id).where(visible_activities(actor), *chosen)
    found = found.order_by(WHEN.desc(), Activity.id.desc())
    return frame(actor, found.limit(limit).offset(offset))


def frame(actor: Actor, chosen: Any) -> pl.DataFrame:
    """Return the activities whose ids a statement selects, in its order (columns: SCHEMA)."""
    with reading() as session:
        keys = session.scalars(chosen).all()
        by_id = {row.id: row for row in session.execute(_named(actor, keys))}
        types = labels(session, DictKind.ACTIVITY_TYPE)
    found = [_record(by_id[key], types) for key in keys if key in by_id]
    return pl.DataFrame(found, schema=SCHEMA)


def _named(actor: Actor, keys: Sequence[int]) -> Any:
    """Return the statement of these activities, if visible, with the names a list shows."""
    return (
        select(
            *(getattr(Activity, name) for name in _OWN),
            Customer.name.label("customer"),
            Opportunity.subject.label("opportunity"),
            Stage.name.label("stage"),
            Contact.name.label("contact"),
            Person.name.label("owner"),
            Office.name.label("office"),
            visible_activities(actor, Permission.ACTIVITY_EDIT).label("editable"),
        )
        .join(Customer, Customer.id == Activity.customer_id)
        .join(Person, Person.id == Activity.owner_id)
        .join(Office, Office.id == Activity.office_id)
        .outerjoin(Opportunity, Opportunity.id == Activity.opportunity_id)
        .outerjoin(Stage, Stage.id == Activity.stage_id)
        .outerjoin(Contact, Contact.id == Activity.contact_id)
        .where(Activity.id.in_(keys), visible_activities(actor))
    )


_OWN = (
    *("id", "version", "number", "subject", "activity_type", "status", "importance", "priority"),
    *("customer_id", "opportunity_id", "planned_start", "planned_end", "started_at", "ended_at"),
    *("created_at", "place", "result", "remind"),
)


def _record(row: Any, types: Mapping[str, str]) -> dict[str, Any]:
    moments = {m: getattr(row, m) and clock.local(getattr(row, m)) for m in MOMENTS}
    codes = {name: getattr(row, name).value for name in ("status", "importance", "priority")}
    overdue = rules.is_overdue(row.status, row.planned_end, clock.now())
    own = {"activity_type": types.get(row.activity_type, row.activity_type), "overdue": overdue}
    values: dict[str, Any] = row._asdict()
    return values | moments | codes | own | {"editable": bool(row.editable)}


def _count_pending(session: Session, actor: Actor, unticked: bool) -> int:
    return session.scalar(select(func.count(Activity.id)).where(is_pending(actor, unticked))) or 0


def _waiting(session: Session, actor: Actor) -> Pending:
    return Pending("我的待处理活动", _count_pending(session, actor, unticked=False), "home")


count_pending("activities", _waiting)

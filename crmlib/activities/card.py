"""One activity as its page shows it, and what the actor may do with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities import rules
from crmlib.activities.drafts import type_names
from crmlib.activities.model import Activity, ActivityStatus, Importance, Priority
from crmlib.activities.rows import visible_activities
from crmlib.customers.formats import mask_phone
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.related import Related, open_with
from crmlib.opportunities.model import Opportunity, Outcome, Stage
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

PAGE = "activity"
START, COMPLETE, POSTPONE = "start", "complete", "postpone"
REOPEN, DELETE, PUSH = "reopen", "delete", "push"


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """One activity with its notes; type, customer, deal and owner as words beside their keys.

    ``steps`` and ``editable`` say what the reader may do with it now.
    """

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
    phone: str | None  # masked unless the reader may see it
    opportunity_id: int | None
    opportunity: str | None
    stage: str | None
    planned_start: datetime | None
    planned_end: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    place: str | None
    remind: bool
    result: str | None
    description: str | None
    result_note: str | None
    owner_id: int
    owner: str
    office: str
    overdue: bool
    created_at: datetime
    sees_phone: bool
    may_open_customer: bool
    may_open_opportunity: bool
    steps: tuple[str, ...]
    editable: tuple[str, ...]


def activity_card(actor: Actor, activity_id: int) -> ActivityCard:
    """Return a visible activity.

    Raises:
        NotAllowed: no such activity, or not visible to the actor.
    """
    with reading() as session:
        row = session.execute(_select(actor, activity_id)).one_or_none()
        if row is None:
            raise NotAllowed
        found: Activity = row.Activity
        sees_phone = bool(row.sees_phone)
        values: dict[str, Any] = {name: getattr(found, name) for name in _OWN}
        values |= {name: _local(getattr(found, name)) for name in rules.MOMENTS}
        return ActivityCard(
            **values | {name: getattr(row, name) for name in _NAMED},
            activity_type_label=type_names(session).get(found.activity_type, found.activity_type),
            phone=found.phone if sees_phone else mask_phone(found.phone),
            overdue=rules.is_overdue(found.status, found.planned_end, clock.now()),
            created_at=clock.local(found.created_at),
            sees_phone=sees_phone,
            may_open_customer=bool(row.opens_customer),
            may_open_opportunity=bool(row.opens_deal),
            steps=_steps(actor, row),
            editable=_editable(row),
        )


_OWN = (
    *("id", "version", "number", "subject", "activity_type", "status", "importance", "priority"),
    *("customer_id", "contact_id", "opportunity_id", "place", "remind", "result", "description"),
    *("result_note", "owner_id"),
)
_NAMED = ("customer", "contact", "opportunity", "stage", "owner", "office")


def _select(actor: Actor, activity_id: int) -> Any:
    advance = visible_opportunities(actor, Permission.OPPORTUNITY_ADVANCE)
    open_deal = and_(Opportunity.outcome == Outcome.OPEN, Opportunity.closed.is_(False))
    return (
        select(
            Activity,
            Customer.name.label("customer"),
            Customer.status.in_(LIVE).label("is_live"),
            Contact.name.label("contact"),
            Opportunity.subject.label("opportunity"),
            Stage.name.label("stage"),
            Person.name.label("owner"),
            Office.name.label("office"),
            _sees_phone(actor).label("sees_phone"),
            visible_customers(actor).label("opens_customer"),
            visible_opportunities(actor).label("opens_deal"),
            visible_activities(actor, Permission.ACTIVITY_EDIT).label("edits"),
            visible_activities(actor, Permission.ACTIVITY_REOPEN).label("reopens"),
            and_(advance, open_deal).label("pushes"),
        )
        .join(Customer, Customer.id == Activity.customer_id)
        .join(Person, Person.id == Activity.owner_id)
        .join(Office, Office.id == Activity.office_id)
        .outerjoin(Opportunity, Opportunity.id == Activity.opportunity_id)
        .outerjoin(Stage, Stage.id == Activity.stage_id)
        .outerjoin(Contact, Contact.id == Activity.contact_id)
        .where(Activity.id == activity_id, visible_activities(actor))
    )


def _sees_phone(actor: Actor) -> ColumnElement[bool]:
    phone = Permission.CONTACT_PHONE
    return or_(
        Activity.owner_id == actor.person_id,  # he wrote it himself
        visible_customers(actor, phone),
        # A deal shared to work on comes with its contact, whoever owns the customer.
        and_(Activity.opportunity_id.is_not(None), visible_opportunities(actor, phone)),
    )


def _steps(actor: Actor, row: Any) -> tuple[str, ...]:
    found: Activity = row.Activity
    is_new, is_done = (found.status is s for s in (ActivityStatus.NOT_STARTED, ActivityStatus.DONE))
    edits = bool(row.is_live and row.edits)
    given = {
        START: edits and is_new,
        COMPLETE: edits and not is_done,
        PUSH: edits and not is_done and bool(row.pushes),
        POSTPONE: edits and is_new,
        REOPEN: bool(row.is_live and row.reopens) and is_done,
        DELETE: edits and is_new and found.owner_id == actor.person_id,
    }
    return tuple(name for name, may in given.items() if may)


def _editable(row: Any) -> tuple[str, ...]:
    if not (row.is_live and row.edits):
        return ()
    return tuple(sorted(rules.editable_fields(row.Activity.status)))


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else clock.local(moment)


def _related(session: Session, actor: Actor, activity_id: int) -> Related | None:
    subject = session.scalar(
        select(Activity.subject).where(Activity.id == activity_id, visible_activities(actor))
    )
    return Related(PAGE, activity_id, subject) if subject else None


open_with(Activity.__tablename__, _related)

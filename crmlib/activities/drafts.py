"""Turn what a form holds into a row of activities, and back."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work
from crmlib.activities import rules
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rows import possible_doers, reachable_customers, reachable_deals
from crmlib.activities.rules import ActivityDraft
from crmlib.customers.contacted import refresh_last_contact
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.notices import notify
from crmlib.opportunities.model import Opportunity
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels, options
from crmlib.store.numbers import next_number

SERIES = "HD"
_TEXTS = (*rules.LENGTHS, *rules.LONG)


@dataclass(frozen=True, slots=True)
class Place:
    """With whom an activity is: the customer, and the deal if it is about one."""

    customer: Customer
    deal: Opportunity | None
    sees_customer: bool  # else only the deal was opened to the actor


def place_of(work: Work, draft: ActivityDraft) -> Place | None:
    """Return where an activity belongs, its customer locked; None if neither is named.

    Raises:
        NotAllowed: neither the customer nor the deal is the actor's to work on.
        Refused: the customer is merged or recycled.
    """
    session, actor = work.session, work.actor
    if draft.opportunity_id is None and draft.customer_id is None:
        return None
    about = (Opportunity.id == draft.opportunity_id, reachable_deals(actor))
    deal = session.scalar(select(Opportunity).where(*about)) if draft.opportunity_id else None
    customer_id = draft.customer_id or (deal.customer_id if deal else None)
    if deal is not None and deal.customer_id != customer_id:
        deal = None
    customer = session.scalar(
        select(Customer).where(Customer.id == customer_id).with_for_update(of=Customer)
    )
    reached = (Customer.id == customer_id, reachable_customers(actor))
    sees = session.scalar(select(Customer.id).where(*reached)) is not None
    if customer is not None and customer.status not in LIVE:
        raise Refused(rules.NOT_LIVE)
    if customer is None or (not sees and deal is None):
        raise NotAllowed
    return Place(customer, deal, sees)


def place_faults(session: Session, place: Place, draft: ActivityDraft) -> dict[str, str]:
    """Return what does not fit the customer: another's contact, another's or a closed deal."""
    found = {}
    if draft.opportunity_id is not None and place.deal is None:
        found["opportunity_id"] = rules.FOREIGN_DEAL
    if draft.contact_id is not None:
        is_his = select(Contact.id).where(
            Contact.id == draft.contact_id, Contact.customer_id == place.customer.id
        )
        known = session.scalar(is_his) is not None
        # Who was opened the deal alone knows its 主联系人 and nobody else.
        if not place.sees_customer and place.deal and draft.contact_id != place.deal.contact_id:
            known = False
        if not known:
            found["contact_id"] = rules.FOREIGN_CONTACT
    return found


def doer_of(work: Work, owner_id: int | None, customer: Customer) -> Person | None:
    """Return the 负责人; unsaid it is the customer's owner if he is below the actor, else the actor."""
    allowed = possible_doers(work.actor)
    if owner_id is None:
        usual = select(Person).where(Person.id == customer.owner_id, allowed)
        return work.session.scalar(usual) or work.session.get_one(Person, work.actor.person_id)
    return work.session.scalar(select(Person).where(Person.id == owner_id, allowed))


def insert_activity(work: Work, draft: ActivityDraft) -> Activity:
    """Save an activity inside a running action, with all of its checks.

    Raises:
        Invalid: all faults at once, keyed by the fields of ``ActivityDraft``.
        NotAllowed: neither the customer nor the deal is the actor's to work on.
        Refused: the customer is merged or recycled.
    """
    session, now = work.session, clock.now()
    draft = rules.cleaned(draft)
    found, place = rules.faults(draft, types_offered(session), now), place_of(work, draft)
    if place is None:
        raise Invalid(found)
    owner = doer_of(work, draft.owner_id, place.customer)
    found |= place_faults(session, place, draft)
    if owner is None:
        found["owner_id"] = rules.NO_OWNER
    if found or owner is None:
        raise Invalid(found)
    activity = Activity(
        **columns_of(draft),
        **_stamps(draft),
        number=next_number(session, SERIES),
        customer_id=place.customer.id,
        stage_id=place.deal.stage_id if place.deal else None,
        status=draft.status,
        owner_id=owner.id,
        office_id=owner.office_id,
        created_at=now,
    )
    session.add(activity)
    session.flush()
    if activity.status is ActivityStatus.DONE:
        refresh_last_contact(session, [activity.customer_id])
    tell_owner(work, activity, "新活动", f"{work.actor.name}为您安排了活动")
    return activity


def columns_of(draft: ActivityDraft) -> dict[str, Any]:
    """Return the columns a cleaned draft fills as it stands."""
    plain = (
        *("activity_type", "contact_id", "importance", "priority", "planned_start"),
        *("planned_end", "opportunity_id", "remind"),
    )
    values = {name: getattr(draft, name) for name in plain}
    values |= {name: getattr(draft, name) or None for name in _TEXTS}
    return values | {"subject": draft.subject}


def _stamps(draft: ActivityDraft) -> dict[str, Any]:
    """Return when it began and ended; what was not said is now."""
    now = clock.now()
    if draft.status is ActivityStatus.NOT_STARTED:
        return {"started_at": None, "ended_at": None}
    if draft.status is ActivityStatus.STARTED:
        return {"started_at": draft.started_at or now, "ended_at": None}
    return {"started_at": draft.started_at, "ended_at": draft.ended_at or now}


def draft_of(activity: Activity) -> ActivityDraft:
    """Return an activity as a form holds it."""
    values = {name: getattr(activity, name) for name in asdict(ActivityDraft())}
    return ActivityDraft(**values | {name: values[name] or "" for name in _TEXTS})


def types_offered(session: Session) -> set[str]:
    """Return the codes of 活动类型 that may be chosen."""
    return {option.code for option in options(session, DictKind.ACTIVITY_TYPE)}


def type_names(session: Session) -> dict[str, str]:
    """Return code → name of 活动类型, those no longer offered included."""
    return labels(session, DictKind.ACTIVITY_TYPE)


def tell_owner(work: Work, activity: Activity, title: str, what: str) -> None:
    """Tell the 负责人 what somebody else did with his activity."""
    if activity.owner_id == work.actor.person_id:
        return
    body = f"{what} {activity.number} {activity.subject}"
    notify(work.session, [activity.owner_id], title, body, (Activity.__tablename__, activity.id))

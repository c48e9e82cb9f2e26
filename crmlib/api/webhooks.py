"""Webhooks: where changes are told; kept by 信息部, their keys shown once."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.api import rules
from crmlib.api.model import DeliveryStatus, Webhook, WebhookDelivery, WebhookPlace
from crmlib.api.rules import TEST_EVENT, AllowList, WebhookDraft
from crmlib.api.tokens import chosen_person
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.people.model import Person
from crmlib.settings import settings
from crmlib.store import feed
from crmlib.store.engine import reading
from crmlib.store.text import clean

PLACE = "changes"
STOPPED = "已由信息部停用"
ENTITIES = {
    "customer": "客户", "contact": "联系人", "opportunity": "商机", "activity": "活动",
    "sales_order": "订单",
}  # fmt: skip
ACTIVE, INACTIVE, FAILING = "启用", "已停用", "连续失败"
DELIVERY_STATES = {
    DeliveryStatus.WAITING: "待投递",
    DeliveryStatus.SENT: "已送达",
    DeliveryStatus.SKIPPED: "无权查看",
    DeliveryStatus.FAILED: "已放弃",
}
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
WEBHOOKS = pl.Schema(
    {
        "id": pl.Int64(),
        "name": pl.String(),
        "url": pl.String(),
        "person": pl.String(),
        "events": pl.String(),
        "state": pl.String(),
        "waiting": pl.Int64(),
        "succeeded_at": _MOMENT,
        "created_by": pl.String(),
        "created_at": _MOMENT,
    }
)
DELIVERIES = pl.Schema(
    {
        "id": pl.Int64(),
        "webhook": pl.String(),
        "event": pl.String(),
        "record": pl.String(),
        "occurred_at": _MOMENT,
        "state": pl.String(),
        "attempts": pl.Int64(),
        "answer": pl.Int64(),
        "fault": pl.String(),
        "milliseconds": pl.Int64(),
        "next_at": _MOMENT,
        "finished_at": _MOMENT,
    }
)


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """What is told once: the key with which the receiver checks who speaks."""

    webhook_id: int
    name: str
    signing_key: str


@dataclass(frozen=True, slots=True)
class WebhookSaved:
    """A webhook after a change."""

    webhook_id: int
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class WebhookCard:
    """A webhook as its form opens it; the key is never read again."""

    id: int
    version: int
    name: str
    url: str
    person_id: int
    person: str
    events: tuple[str, ...]
    active: bool
    stopped_because: str | None
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """One page of deliveries (columns: DELIVERIES) and how many there are in all."""

    rows: pl.DataFrame
    total: int


# Without a token, on purpose: the answer to a token is kept, and this one holds a key.
@action(Permission.API_MANAGE)
def add_webhook(work: Work, draft: WebhookDraft) -> NewWebhook:
    """Tell changes to an address from now on, as far as a person may see them.

    Raises:
        Invalid: all faults at once.
    """
    draft = _checked(work.session, draft)
    _begin_here(work.session)
    hook = Webhook(
        name=draft.name,
        url=draft.url,
        person_id=draft.person_id,
        events=list(draft.events),
        signing_key=_new_key(),
        created_by_id=work.actor.person_id,
        created_at=clock.now(),
    )
    work.session.add(hook)
    work.session.flush()
    return NewWebhook(hook.id, hook.name, hook.signing_key)


@action(Permission.API_MANAGE)
def edit_webhook(
    work: Work,
    webhook_id: int,
    draft: WebhookDraft,
    version: int | None,
    *,
    token: str | None = None,
) -> WebhookSaved:
    """Change a webhook's name, address, person or events; the key stays."""
    hook = _fetch(work, webhook_id)
    expect_version(hook, version)
    draft = _checked(work.session, draft)
    hook.name, hook.url, hook.events = draft.name, draft.url, list(draft.events)
    hook.person_id = draft.person_id or hook.person_id
    work.session.flush()
    return WebhookSaved(hook.id, hook.name, hook.version)


@action(Permission.API_MANAGE)
def stop_webhook(work: Work, webhook_id: int, *, token: str | None = None) -> WebhookSaved:
    """Tell it nothing more; changes from now on are not kept for it."""
    hook = _fetch(work, webhook_id)
    if not hook.active:
        message = f"「{hook.name}」已经停用"
        raise Refused(message)
    hook.active, hook.stopped_because = False, STOPPED
    work.session.flush()
    return WebhookSaved(hook.id, hook.name, hook.version)


@action(Permission.API_MANAGE)
def resume_webhook(work: Work, webhook_id: int, *, token: str | None = None) -> WebhookSaved:
    """Tell it changes again, those that still waited first."""
    hook = _fetch(work, webhook_id)
    if hook.active:
        message = f"「{hook.name}」没有停用"
        raise Refused(message)
    _begin_here(work.session)
    hook.active, hook.stopped_because = True, None
    hook.failures, hook.failing_since = 0, None
    work.session.flush()
    return WebhookSaved(hook.id, hook.name, hook.version)


@action(Permission.API_MANAGE)
def delete_webhook(
    work: Work, webhook_id: int, version: int | None = None, *, token: str | None = None
) -> WebhookSaved:
    """Take a webhook away with its deliveries, also those that wait; the log keeps what it was."""
    hook = _fetch(work, webhook_id)
    expect_version(hook, version)
    of_it = WebhookDelivery.webhook_id == hook.id
    waiting = of_it & (WebhookDelivery.status == DeliveryStatus.WAITING)
    lost = work.session.scalar(select(func.count(WebhookDelivery.id)).where(waiting)) or 0
    work.session.execute(delete(WebhookDelivery).where(of_it))
    work.note(Webhook.__tablename__, hook.id, {"not_delivered": lost})
    gone = WebhookSaved(hook.id, hook.name, hook.version)
    work.session.delete(hook)
    return gone


@action(Permission.API_MANAGE)
def renew_key(work: Work, webhook_id: int) -> NewWebhook:
    """Give a webhook a new key; the old one signs nothing any more."""
    hook = _fetch(work, webhook_id)
    hook.signing_key = _new_key()
    work.note(Webhook.__tablename__, hook.id, {"signing_key": "renewed"})
    return NewWebhook(hook.id, hook.name, hook.signing_key)


@action(Permission.API_MANAGE)
def try_webhook(work: Work, webhook_id: int, *, token: str | None = None) -> WebhookSaved:
    """Send a test message with the next round."""
    hook = _fetch(work, webhook_id)
    if not hook.active:
        message = f"「{hook.name}」已停用，请先启用"
        raise Refused(message)
    now = clock.now()
    work.session.execute(
        insert(WebhookDelivery).values(
            webhook_id=hook.id,
            event=TEST_EVENT,
            entity=Webhook.__tablename__,
            entity_id=hook.id,
            change_id=0,
            changed_fields=[],
            occurred_at=now,
            status=DeliveryStatus.WAITING,
            attempts=0,
            next_at=now,
        )
    )
    return WebhookSaved(hook.id, hook.name, hook.version)


@action(Permission.API_MANAGE)
def deliver_again(work: Work, delivery_ids: list[int], *, token: str | None = None) -> None:
    """Try deliveries once more from the beginning, also those given up."""
    work.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id.in_(delivery_ids),
            WebhookDelivery.status != DeliveryStatus.WAITING,
        )
        .values(status=DeliveryStatus.WAITING, attempts=0, next_at=clock.now(), finished_at=None)
        .execution_options(synchronize_session=False)
    )
    work.note(WebhookDelivery.__tablename__, None, {"again": sorted(delivery_ids)})


def _fetch(work: Work, webhook_id: int) -> Webhook:
    hook = work.session.get(Webhook, webhook_id, with_for_update=True)
    if hook is None:
        raise NotAllowed
    return hook


def _checked(session: Session, draft: WebhookDraft) -> WebhookDraft:
    known = tuple(event for event in rules.EVENT_NAMES if event in draft.events)
    strange = tuple(set(draft.events) - set(known))
    draft = replace(draft, name=clean(draft.name), url=draft.url.strip(), events=(*known, *strange))
    faults = rules.webhook_faults(draft, AllowList.of(settings().webhook_hosts))
    chosen_person(session, draft.person_id, faults)
    if faults:
        raise Invalid(faults)
    return draft


def _new_key() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _begin_here(session: Session) -> None:
    """Let the feed begin now if nobody listened so far; who listens already loses nothing."""
    others = session.scalar(select(func.count(Webhook.id)).where(Webhook.active))
    place = session.get(WebhookPlace, PLACE, with_for_update=True)
    if place is None:
        now = feed.place_now(session)
        session.add(WebhookPlace(name=PLACE, place=now, at=clock.now()))
    elif not others:
        place.place, place.at = feed.place_now(session), clock.now()
    session.flush()


def webhooks_frame(actor: Actor) -> pl.DataFrame:
    """Return all webhooks, the active first (columns: WEBHOOKS)."""
    _require(actor)
    creator = aliased(Person)
    waiting = (
        select(func.count(WebhookDelivery.id))
        .where(
            WebhookDelivery.webhook_id == Webhook.id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
        )
        .scalar_subquery()
    )
    query = (
        select(Webhook, Person.name, creator.name, waiting)
        .join(Person, Person.id == Webhook.person_id)
        .join(creator, creator.id == Webhook.created_by_id)
        .order_by(Webhook.active.desc(), Webhook.id.desc())
    )
    with reading() as session:
        rows = [_line(*row) for row in session.execute(query)]
    return pl.DataFrame(rows, schema=WEBHOOKS, orient="row")


def _line(hook: Webhook, person: str, creator: str, waiting: int) -> tuple[object, ...]:
    state = (FAILING if hook.failures else ACTIVE) if hook.active else INACTIVE
    return (
        hook.id,
        hook.name,
        hook.url,
        person,
        rules.event_labels(hook.events),
        state,
        waiting,
        hook.succeeded_at and clock.local(hook.succeeded_at),
        creator,
        clock.local(hook.created_at),
    )


def webhook_card(actor: Actor, webhook_id: int) -> WebhookCard:
    """Return a webhook for its form.

    Raises:
        NotAllowed: no such webhook, or not for this actor.
    """
    _require(actor)
    with reading() as session:
        hook = session.get(Webhook, webhook_id)
        if hook is None:
            raise NotAllowed
        person = session.get_one(Person, hook.person_id)
        since = hook.failing_since and clock.local(hook.failing_since)
        return WebhookCard(
            id=hook.id,
            version=hook.version,
            name=hook.name,
            url=hook.url,
            person_id=hook.person_id,
            person=person.name,
            events=tuple(hook.events),
            active=hook.active,
            stopped_because=hook.stopped_because,
            failures=hook.failures,
            failing_since=since,
        )


def deliveries_page(
    actor: Actor,
    page: int = 1,
    size: int = 50,
    *,
    webhook_id: int | None = None,
    status: DeliveryStatus | None = None,
) -> Deliveries:
    """Return deliveries, newest first."""
    _require(actor)
    where = []
    if webhook_id is not None:
        where.append(WebhookDelivery.webhook_id == webhook_id)
    if status is not None:
        where.append(WebhookDelivery.status == status)
    query = (
        select(WebhookDelivery, Webhook.name)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(*where)
        .order_by(WebhookDelivery.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    with reading() as session:
        rows = [_delivery_line(*row) for row in session.execute(query)]
        total = session.scalar(select(func.count(WebhookDelivery.id)).where(*where)) or 0
    return Deliveries(pl.DataFrame(rows, schema=DELIVERIES, orient="row"), total)


def _delivery_line(each: WebhookDelivery, name: str) -> tuple[object, ...]:
    is_test = each.event == TEST_EVENT
    return (
        each.id,
        name,
        "测试" if is_test else rules.EVENT_NAMES.get(each.event, each.event),
        None if is_test else f"{ENTITIES.get(each.entity, each.entity)} {each.entity_id}",
        clock.local(each.occurred_at),
        DELIVERY_STATES[each.status],
        each.attempts,
        each.answer,
        each.fault,
        each.milliseconds,
        each.next_at and clock.local(each.next_at),
        each.finished_at and clock.local(each.finished_at),
    )


def _require(actor: Actor) -> None:
    if not actor.may(Permission.API_MANAGE):
        raise NotAllowed

"""What is due to whom, what it says at this moment, and what came of sending it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.access.grants import Permission, Role, Scope
from crmlib.api import records, rules, sending
from crmlib.api.model import DeliveryStatus, Webhook, WebhookDelivery
from crmlib.api.rules import TEST_EVENT, AllowList
from crmlib.api.sending import Outcome
from crmlib.errors import NotAllowed
from crmlib.inbox.notices import notify, people_of_role
from crmlib.orders import queries as orders
from crmlib.settings import settings
from crmlib.store import log
from crmlib.store.engine import reading, writing

LEASE = timedelta(minutes=5)  # somebody else tries if this process ends meanwhile
ROUND = 10  # deliveries of one webhook
FALTERING = 3  # failures in a row, from which on one at a time is tried
KEPT = timedelta(days=30)
LEFT = "人员已停用或被停止授权"
SILENT = "连续一天以上没有接收成功，已自动停用"
_READERS: Mapping[str, tuple[Permission, Callable[[Actor, int], Any]]] = {
    "customer": (Permission.CUSTOMER_VIEW, records.customer),
    "contact": (Permission.CUSTOMER_VIEW, records.contact),
    "opportunity": (Permission.OPPORTUNITY_VIEW, records.opportunity),
    "activity": (Permission.ACTIVITY_VIEW, records.activity),
    "sales_order": (Permission.ORDER_VIEW, orders.order_card),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery with what sending it takes."""

    id: int
    webhook_id: int
    webhook: str
    url: str
    signing_key: str
    person_id: int
    event: str
    entity: str
    entity_id: int
    change_id: int
    changed_fields: tuple[str, ...]
    occurred_at: datetime
    attempts: int


def due(busy: Collection[int] = ()) -> dict[int, list[Letter]]:
    """Take what is due, by webhook; nobody else gets it until the lease ends."""
    now = clock.now()
    is_due = (WebhookDelivery.status == DeliveryStatus.WAITING) & (WebhookDelivery.next_at <= now)
    with reading() as session:
        waiting = session.scalars(select(WebhookDelivery.webhook_id).where(is_due).distinct()).all()
        hooks = session.scalars(
            select(Webhook).where(Webhook.id.in_(set(waiting) - set(busy)), Webhook.active)
        ).all()
    found: dict[int, list[Letter]] = {}
    for hook in hooks:
        with writing() as session, session.begin():
            rows = session.scalars(
                select(WebhookDelivery)
                .where(is_due, WebhookDelivery.webhook_id == hook.id)
                .order_by(WebhookDelivery.id)
                .limit(1 if hook.failures >= FALTERING else ROUND)
                .with_for_update(skip_locked=True)
            ).all()
            for row in rows:
                row.next_at, row.attempts = now + LEASE, row.attempts + 1
            found[hook.id] = [_letter(hook, row) for row in rows]
    return found


def _letter(hook: Webhook, row: WebhookDelivery) -> Letter:
    return Letter(
        row.id,
        hook.id,
        hook.name,
        hook.url,
        hook.signing_key,
        hook.person_id,
        row.event,
        row.entity,
        row.entity_id,
        row.change_id,
        tuple(row.changed_fields),
        row.occurred_at,
        row.attempts,
    )


def deliver(letters: list[Letter]) -> None:
    """Send the letters of one webhook in their order; after a failure the others wait."""
    for place, letter in enumerate(letters):
        with log.acting_through(letter.webhook):
            if not _deliver_one(letter, letters[place + 1 :]):
                return


def _deliver_one(letter: Letter, others: list[Letter]) -> bool:
    try:
        body = body_of(letter)
    except _Orphaned:
        stop(letter.webhook_id, LEFT)
        _release([letter, *others])
        return False
    if body is None:
        _finish(letter, DeliveryStatus.SKIPPED, None)
        return True
    outcome = send(letter, body)
    if outcome.is_good:
        _succeeded(letter, outcome)
    else:
        _release(others)
        _failed(letter, outcome)
    return outcome.is_good


def send(letter: Letter, body: bytes) -> Outcome:
    """Send one letter, signed for this moment."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "sunmao-webhook/1",
        "X-Sunmao-Event": letter.event,
        "X-Sunmao-Delivery": str(letter.id),
        "X-Sunmao-Signature": rules.signature(
            letter.signing_key, int(clock.now().timestamp()), body
        ),
    }
    return sending.post(letter.url, body, headers, AllowList.of(settings().webhook_hosts))


class _Orphaned(Exception):
    """The person whose eyes the webhook has is gone."""


def body_of(letter: Letter) -> bytes | None:
    """Return what is told: the record as the person may see it now; None if he may not."""
    try:
        actor = actor_of(letter.person_id)
    except NotAllowed as fault:
        raise _Orphaned from fault
    try:
        data = _data(actor, letter)
    except NotAllowed:
        return None
    return msgspec.json.encode(
        {
            "id": letter.id,
            "event": letter.event,
            "entity": letter.entity,
            "entity_id": letter.entity_id,
            "change_id": letter.change_id,
            "occurred_at": clock.local(letter.occurred_at),
            "changed_fields": letter.changed_fields,
            "data": data,
        }
    )


def _data(actor: Actor, letter: Letter) -> Any:
    if letter.event == TEST_EVENT:
        return {"message": "榫卯的测试推送"}
    permission, read = _READERS[letter.entity]
    if letter.event.endswith(".deleted"):
        # What is gone belongs to nobody any more: only who sees everything is told.
        if not actor.scopes(permission) & {Scope.ALL, Scope.MASKED}:
            raise NotAllowed
        return None
    return read(actor, letter.entity_id)


def _finish(letter: Letter, status: DeliveryStatus, outcome: Outcome | None) -> None:
    with writing() as session, session.begin():
        _store(session, letter, status, outcome, None)


def _store(
    session: Session,
    letter: Letter,
    status: DeliveryStatus,
    outcome: Outcome | None,
    next_at: datetime | None,
) -> None:
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id == letter.id)
        .values(
            status=status,
            next_at=next_at,
            answer=outcome.status if outcome else None,
            fault=outcome.fault if outcome else None,
            milliseconds=outcome.milliseconds if outcome else None,
            finished_at=None if status is DeliveryStatus.WAITING else clock.now(),
        )
        .execution_options(synchronize_session=False)
    )


def _succeeded(letter: Letter, outcome: Outcome) -> None:
    with writing() as session, session.begin():
        _store(session, letter, DeliveryStatus.SENT, outcome, None)
        _note(session, letter.webhook_id, failures=0, failing_since=None, succeeded_at=clock.now())


def _failed(letter: Letter, outcome: Outcome) -> None:
    now, wait = clock.now(), rules.pause(letter.attempts)
    with writing() as session, session.begin():
        hook = session.get(Webhook, letter.webhook_id, with_for_update=True)
        if hook is None:
            return
        failures, since = hook.failures + 1, hook.failing_since or now
        status = DeliveryStatus.FAILED if wait is None else DeliveryStatus.WAITING
        _store(session, letter, status, outcome, now + wait if wait else None)
        _note(session, hook.id, failures=failures, failing_since=since)
        if failures >= FALTERING:
            _hold_back(session, hook.id, letter.id, failures)
    if failures >= rules.MANY_FAILURES and now - since >= rules.PATIENCE:
        stop(letter.webhook_id, SILENT)


def _hold_back(session: Session, webhook_id: int, letter_id: int, failures: int) -> None:
    """Let all others wait as well: a receiver that is down is not asked for each of them."""
    longest = rules.PAUSES.index(600) + 1
    wait = rules.pause(min(failures, longest)) or timedelta()
    later = clock.now() + wait
    session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.id != letter_id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
            WebhookDelivery.next_at < later,
        )
        .values(next_at=later)
        .execution_options(synchronize_session=False)
    )


def _note(session: Session, webhook_id: int, **values: object) -> None:
    # Not by the ORM: sending must not make an open form of the webhook stale.
    session.execute(
        update(Webhook)
        .where(Webhook.id == webhook_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _release(letters: list[Letter]) -> None:
    """Give letters back that were taken but not tried."""
    with writing() as session, session.begin():
        session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id.in_([letter.id for letter in letters]))
            .values(next_at=clock.now(), attempts=WebhookDelivery.attempts - 1)
            .execution_options(synchronize_session=False)
        )


def stop(webhook_id: int, reason: str) -> None:
    """Tell a webhook nothing more, and tell 信息部 why."""
    with writing() as session, session.begin():
        session.info[log.ACTION] = "stop_webhook"
        hook = session.get(Webhook, webhook_id, with_for_update=True)
        if hook is None or not hook.active:
            return
        hook.active, hook.stopped_because = False, reason
        body = f"变更推送「{hook.name}」{reason}。处理后请在「管理—系统—变更推送」重新启用，未送达的变更会继续推送。"
        notify(session, people_of_role(session, Role.ADMIN), f"变更推送已停用：{hook.name}", body)


def forget_old() -> None:
    """Delete deliveries that are long done."""
    with writing() as session, session.begin():
        session.execute(
            delete(WebhookDelivery).where(WebhookDelivery.finished_at < clock.now() - KEPT)
        )

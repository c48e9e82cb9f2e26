"""Turn the change feed into deliveries: no committed change is missed, none is told twice."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.api import rules
from crmlib.api.model import DeliveryStatus, Webhook, WebhookDelivery, WebhookPlace
from crmlib.api.webhooks import PLACE
from crmlib.store import feed
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog

LOG = logging.getLogger(__name__)
AT_ONCE = 5000  # rows written by one statement
# Columns under the names programs know; those that are only derived are not told.
_TOLD_AS = {"owner_id": "owner", "region_id": "region"}
_DERIVED = {"name_key", "core_key", "brand", "pinyin", "initials", "phone_key", "stage_since"}
_OWN_NAMES = {"customer"}


def take_in() -> int:
    """Queue what was committed since the last time; return how many deliveries that makes.

    Place and deliveries are written in one transaction: after a crash it goes on where it was.
    """
    if not _is_news():
        return 0
    with writing() as session, session.begin():
        place = session.scalar(
            select(WebhookPlace)
            .where(WebhookPlace.name == PLACE)
            .with_for_update(skip_locked=True)  # another process is at it
        )
        if place is None:
            return 0
        until = feed.place_now(session)
        if not feed.is_of_this_log(session, place.place):
            LOG.warning("the place of the webhooks is of another database: they begin anew")
            place.place = until
        changes = _changes(session, place.place, until)
        hooks = session.execute(select(Webhook.id, Webhook.events).where(Webhook.active)).all()
        rows = _deliveries(changes, [(row.id, set(row.events)) for row in hooks])
        for start in range(0, len(rows), AT_ONCE):
            session.execute(insert(WebhookDelivery), rows[start : start + AT_ONCE])
        place.place, place.at = until, clock.now()
    return len(rows)


def _is_news() -> bool:
    """Say whether anybody listens and anything happened; asks without locking."""
    with reading() as session:
        if session.scalar(select(Webhook.id).where(Webhook.active).limit(1)) is None:
            return False
        place = session.get(WebhookPlace, PLACE)
        return place is not None and place.place != feed.place_now(session)


def _changes(session: Session, since: str, until: str) -> Sequence[Row[Any]]:
    return session.execute(
        select(
            ChangeLog.id,
            ChangeLog.entity,
            ChangeLog.entity_id,
            ChangeLog.kind,
            ChangeLog.after,
            ChangeLog.at,
        )
        .where(
            feed.committed_between(session, since, until),
            ChangeLog.entity.in_(rules.TOLD),
            ChangeLog.entity_id.is_not(None),
        )
        .order_by(ChangeLog.id)
    ).all()


def _deliveries(
    changes: Iterable[Row[Any]], hooks: Sequence[tuple[int, set[str]]]
) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "webhook_id": hook,
            "event": event,
            "entity": change.entity,
            "entity_id": change.entity_id,
            "change_id": change.id,
            "changed_fields": _fields(change.entity, change.kind, change.after),
            "occurred_at": change.at,
            "status": DeliveryStatus.WAITING,
            "attempts": 0,
            "next_at": now,
        }
        for change in changes
        for event in rules.events_of(change.entity, change.kind, change.after)
        for hook, wanted in hooks
        if event in wanted
    ]


def _fields(entity: str, kind: str, after: Mapping[str, Any] | None) -> list[str]:
    if kind not in {"update", "event"} or not after:
        return []
    names = {name for name in after if name not in _DERIVED}
    return sorted(_TOLD_AS.get(name, name) if entity in _OWN_NAMES else name for name in names)

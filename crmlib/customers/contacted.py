"""最后接触日期: the day of a customer's last completed activity, whichever way it came or went."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Integer, String, column, func, select, table, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.customers.model import Customer
from crmlib.store import log
from crmlib.store.types import UtcDateTime

# The floor above owns this table; here only its name and columns are known.
_ACTIVITY = table(
    "activity",
    column("customer_id", Integer),
    column("status", String),
    column("ended_at", UtcDateTime),
)
_DONE = "done"
_AT_ONCE = 500


def refresh_last_contact(session: Session, customer_ids: Iterable[int]) -> None:
    """Set 最后接触日期 of these customers anew, in the running transaction.

    The customers are locked first: who completes another activity meanwhile waits, and then
    counts this one too. The version stays, so that nobody's open form becomes stale by it.
    """
    session.flush()
    keys = sorted(set(customer_ids))
    for start in range(0, len(keys), _AT_ONCE):
        _refresh(session, keys[start : start + _AT_ONCE])


def _refresh(session: Session, keys: list[int]) -> None:
    held = session.execute(
        select(Customer.id, Customer.last_contact_on)
        .where(Customer.id.in_(keys))
        .order_by(Customer.id)
        .with_for_update()
    ).all()
    done = (_ACTIVITY.c.customer_id.in_(keys), _ACTIVITY.c.status == _DONE)
    last = dict(
        session.execute(
            select(_ACTIVITY.c.customer_id, func.max(_ACTIVITY.c.ended_at))
            .where(*done)
            .group_by(_ACTIVITY.c.customer_id)
        ).all()
    )
    rows: list[dict[str, Any]] = []
    for key, before in held:
        moment = last.get(key)
        after = clock.local(moment).date() if moment else None
        if after == before:
            continue
        session.execute(update(Customer).where(Customer.id == key).values(last_contact_on=after))
        rows.append(
            {
                "entity": Customer.__tablename__,
                "entity_id": key,
                "kind": "update",
                "before": {"last_contact_on": log.plain(before)},
                "after": {"last_contact_on": log.plain(after)},
            }
        )
    log.write(session, rows)

"""Who looked at whose contact data: noted once per person, customer and day."""

from collections.abc import Iterable
from datetime import date, datetime, time
from threading import Lock

from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.settings import settings
from crmlib.store import log
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog

# Not "customer": a look changes nothing that open pages would have to read anew.
ENTITY = "contact_view"
STEP = "view_contacts"
_MOST = 100_000
_noted: set[tuple[str, date, int, int]] = set()
_lock = Lock()


def note_contacts_seen(actor: Actor, customer_id: int) -> None:
    """Note that phones of a customer were shown to the actor; a second look on a day costs nothing.

    Call it only where they are shown in clear.
    """
    note_list_seen(actor, (customer_id,))


def note_list_seen(actor: Actor, customer_ids: Iterable[int]) -> None:
    """Note the same of each customer of a list, in one transaction."""
    url, today = settings().database_url, clock.today()
    keys = {(url, today, actor.person_id, customer_id) for customer_id in customer_ids}
    with _lock:
        keys -= _noted
    if not keys:
        return
    wanted = {key[-1] for key in keys}
    midnight = datetime.combine(today, time(), clock.SHANGHAI)
    earlier = select(ChangeLog.entity_id).where(
        ChangeLog.entity == ENTITY,
        ChangeLog.entity_id.in_(wanted),
        ChangeLog.person_id == actor.person_id,
        ChangeLog.at >= midnight,
    )
    with reading() as session:
        wanted -= set(session.scalars(earlier))
    if wanted:
        with writing() as session, session.begin():
            session.info[log.PERSON], session.info[log.ACTION] = actor.person_id, STEP
            entry = {"entity": ENTITY, "kind": "event", "before": None, "after": {"event": "view"}}
            log.write(session, [entry | {"entity_id": key} for key in sorted(wanted)])
    with _lock:
        if len(_noted) >= _MOST:
            _noted.clear()
        _noted.update(keys)

"""Who looked at whose contact data: noted once per person, customer and day."""

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
    today = clock.today()
    key = (settings().database_url, today, actor.person_id, customer_id)
    with _lock:
        if key in _noted:
            return
    midnight = datetime.combine(today, time(), clock.SHANGHAI)
    earlier = select(ChangeLog.id).where(
        ChangeLog.entity == ENTITY,
        ChangeLog.entity_id == customer_id,
        ChangeLog.person_id == actor.person_id,
        ChangeLog.at >= midnight,
    )
    with reading() as session:
        is_noted = session.scalar(earlier.limit(1)) is not None
    if not is_noted:
        with writing() as session, session.begin():
            session.info[log.PERSON], session.info[log.ACTION] = actor.person_id, STEP
            entry = {"entity": ENTITY, "entity_id": customer_id, "kind": "event", "before": None}
            log.write(session, [entry | {"after": {"event": "view"}}])
    with _lock:
        if len(_noted) >= _MOST:
            _noted.clear()
        _noted.add(key)

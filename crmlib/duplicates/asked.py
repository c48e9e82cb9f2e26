"""Who asked 撞单 for what: written behind the answer's back, so that no answer waits for a writer."""

import atexit
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Thread
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.duplicates.model import Channel, CollisionQuery
from crmlib.settings import settings
from crmlib.store.engine import WRITES, engine_for, reading, writing
from crmlib.store.text import clean

_LOG = logging.getLogger(__name__)
REFUSED = "refused"  # in place of a verdict
_MINUTE = timedelta(minutes=1)
# Typing on within this time, by what only grows or shrinks, is one question.
_PAUSE, _MOST_ANSWERS = timedelta(seconds=30), 20
_LONGEST_NAME = 200
_PATIENCE = 10.0  # seconds
_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer, or its refusal; of a list only the first name counts as an answer."""

    person_id: int
    name: str
    with_phone: bool
    verdict: str
    hits: int
    channel: Channel
    at: datetime
    answers: int = 1
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a person has asked: answers in the last minute, different names today."""

    answers: int
    names: frozenset[str]


_changed = Condition()
_waiting: list[tuple[str, Asked]] = []
_threads: list[Thread] = []


def note(*entries: Asked) -> None:
    """Have answers written; returns at once."""
    url = settings().database_url
    with _changed:
        _waiting.extend((url, entry) for entry in entries)
        if not any(thread.is_alive() for thread in _threads):
            _threads[:] = [Thread(target=_write_on, name="collision-log", daemon=True)]
            _threads[0].start()
        _changed.notify_all()


def settle(seconds: float = _PATIENCE) -> bool:
    """Wait until everything noted is written; for tests and the end of the process."""
    with _changed:
        return _changed.wait_for(lambda: not _waiting, seconds)


def usage(person_id: int) -> Usage:
    """Return what a person asked, over all processes and what this one has not written yet."""
    own = _unwritten(person_id)
    for _ in range(_LOOKS):
        with reading() as session:
            written = _written(session, person_id)
        before, own = own, _unwritten(person_id)
        if own == before:  # else some were written between the two looks: seen twice, or not at all
            break
    return _together(written, own)


def usage_within(session: Session, person_id: int) -> Usage:
    """Return the same inside of a transaction, which sees no more than it did when it began."""
    return _together(_written(session, person_id), _unwritten(person_id))


def _together(written: Usage, own: Sequence[Asked]) -> Usage:
    return Usage(
        written.answers + sum(e.answers for e in own),
        written.names | {e.name for e in own if e.verdict != REFUSED},
    )


def _unwritten(person_id: int) -> list[Asked]:
    url = settings().database_url
    with _changed:
        return [e for place, e in _waiting if place == url and e.person_id == person_id]


def _written(session: Session, person_id: int) -> Usage:
    mine = CollisionQuery.person_id == person_id
    answers = session.scalar(
        select(func.coalesce(func.sum(CollisionQuery.answers), 0)).where(
            mine, CollisionQuery.at > clock.now() - _MINUTE
        )
    )
    names = session.scalars(
        select(CollisionQuery.name)
        .where(mine, CollisionQuery.at >= _start_of_day(), CollisionQuery.verdict != REFUSED)
        .distinct()
    )
    return Usage(int(answers or 0), frozenset(names))


def key(name: str) -> str:
    """Return a name as it is noted."""
    return clean(name)[:_LONGEST_NAME]


def forget_old() -> int:
    """Delete questions older than the settings keep them; return how many."""
    until = clock.now() - timedelta(days=settings().collision_log_days)
    with writing() as session, session.begin():
        gone: Any = session.execute(delete(CollisionQuery).where(CollisionQuery.at < until))
        return int(gone.rowcount)


def _start_of_day() -> datetime:
    local = clock.local(clock.now())
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _write_on() -> None:
    while True:
        with _changed:
            _changed.wait_for(lambda: _waiting)
            batch = list(_waiting)
        try:
            for url in dict.fromkeys(place for place, _ in batch):
                _write(url, [entry for place, entry in batch if place == url])
        except Exception:
            _LOG.exception("the log of 撞单 lost %d answers", len(batch))
        with _changed:
            del _waiting[: len(batch)]
            _changed.notify_all()


def _write(url: str, entries: list[Asked]) -> None:
    engine = engine_for(url).execution_options(**{WRITES: True})
    with engine.connect() as connection:
        connection.detach()  # really closed afterwards: nothing stays open behind the pool's back
        with connection.begin():
            for entry in entries:
                if not _goes_on(connection, entry):
                    connection.execute(insert(CollisionQuery).values(**_values(entry)))


def _values(entry: Asked) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Asked.__dataclass_fields__}


def _goes_on(connection: Connection, entry: Asked) -> bool:
    """Let an answer take the place of the one before, if the person is still typing that name."""
    if entry.channel is not Channel.SCREEN or entry.verdict == REFUSED:
        return False
    last = connection.execute(
        select(CollisionQuery.id, CollisionQuery.name, CollisionQuery.answers)
        .where(
            CollisionQuery.person_id == entry.person_id,
            CollisionQuery.channel == Channel.SCREEN,
            CollisionQuery.verdict != REFUSED,
            CollisionQuery.at > entry.at - _PAUSE,
        )
        .order_by(CollisionQuery.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.answers >= _MOST_ANSWERS or not _is_typed_on(last.name, entry.name):
        return False
    grown = _values(entry) | {"answers": last.answers + entry.answers}
    connection.execute(update(CollisionQuery).where(CollisionQuery.id == last.id).values(**grown))
    return True


def _is_typed_on(before: str, after: str) -> bool:
    return before.startswith(after) or after.startswith(before)


atexit.register(settle, 2.0)

"""The last day of a share has passed: its rights ended by themselves, both sides are told once."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.inbox.notices import notify
from crmlib.store import log
from crmlib.store.engine import writing


class Notice(NamedTuple):
    """What both sides read, and of which record."""

    title: str
    body: str
    related: tuple[str, int]


def tell_ended_shares(model: type[Any], step: str, notice: Callable[[Session, Any], Notice]) -> int:
    """Tell who gave and who had each share of a table that ended; return how many were told.

    ``model`` has ``ends_on``, ``end_told``, ``person_id`` and ``shared_by_id``; ``step`` names what
    is done in the log.
    """
    with writing() as session, session.begin():
        session.info[log.ACTION] = step
        over = session.scalars(
            select(model)
            .where(model.ends_on < clock.today(), model.end_told.is_(False))
            .with_for_update()
        ).all()
        for share in over:
            share.end_told = True
            title, body, related = notice(session, share)
            notify(session, {share.person_id, share.shared_by_id}, title, body, related)
        return len(over)

"""Notices other folders write in their own transaction, and who receives for whom."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.grants import Role
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.rules import TITLE_LENGTH
from crmlib.people.model import Office, Person


def notify(
    session: Session,
    person_ids: Iterable[int | None],
    title: str,
    body: str,
    related: tuple[str, int] | None = None,
    *,
    sender_id: int | None = None,
) -> int | None:
    """Send a message (no sender: from the system); return its id, None without a recipient.

    Ids may repeat or be None; a deactivated person's message goes to his 上级.
    """
    receivers = receivers_of(session, {i for i in person_ids if i is not None})
    if not receivers:
        return None
    message = Message(
        sender_id=sender_id,
        title=title[:TITLE_LENGTH],
        body=body,
        sent_at=clock.now(),
        related_type=related[0] if related else None,
        related_id=related[1] if related else None,
    )
    session.add(message)
    session.flush()  # the copies need its number
    session.add_all(MessageRecipient(message_id=message.id, person_id=i) for i in sorted(receivers))
    session.flush()
    return message.id


def receivers_of(session: Session, person_ids: Collection[int]) -> set[int]:
    """Return who receives for these people: themselves, or the nearest active 上级."""
    found: set[int] = set()
    asked: set[int] = set()
    waiting = set(person_ids)
    while waiting:
        asked |= waiting
        rows = session.execute(
            select(Person.id, Person.active, Person.reports_to_id).where(Person.id.in_(waiting))
        ).all()
        found |= {row.id for row in rows if row.active}
        bosses = {row.reports_to_id for row in rows if not row.active and row.reports_to_id}
        waiting = bosses - asked
    return found


def people_of_role(session: Session, role: Role) -> list[int]:
    """Return the active people of a role, e.g. all of 综合部."""
    return list(session.scalars(select(Person.id).where(Person.role == role, Person.active)))


def head_of(session: Session, office_id: int | None) -> int | None:
    """Return the head of an office, or of the nearest office above that has one."""
    seen: set[int] = set()
    while office_id is not None and office_id not in seen:
        seen.add(office_id)
        row = session.execute(
            select(Office.head_id, Office.parent_id).where(Office.id == office_id)
        ).one()
        if row.head_id is not None:
            return int(row.head_id)
        office_id = row.parent_id
    return None

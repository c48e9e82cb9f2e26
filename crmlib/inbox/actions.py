"""Send, read and put away messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox import notices, rules
from crmlib.inbox.model import MessageRecipient
from crmlib.inbox.related import related_record
from crmlib.people.model import Person
from crmlib.store.text import clean, clean_lines


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went out; ``text`` is what the sender reads."""

    message_id: int
    recipients: int
    text: str = rules.SENT


@action(Permission.MESSAGE_USE)
def send_message(
    work: Work,
    recipients: Sequence[int],
    groups: Sequence[str],
    title: str,
    body: str,
    related: tuple[str, int] | None = None,
    *,
    token: str | None = None,
) -> Sent:
    """Send a message to people (ids) and groups (keys of ``rules.GROUPS``)."""
    return post_message(work, recipients, groups, title, body, related)


def post_message(
    work: Work,
    recipients: Sequence[int],
    groups: Sequence[str],
    title: str,
    body: str,
    related: tuple[str, int] | None = None,
) -> Sent:
    """Send a message within another action's transaction, with all of its checks."""
    title, body = clean(title), clean_lines(body)
    faults = rules.faults(recipients, groups, title, body)
    people = set(recipients)
    for group in set(groups) & set(rules.GROUPS):
        people |= set(notices.people_of_role(work.session, Role(group)))
    if "recipients" not in faults and (fault := _recipient_fault(work.session, people)):
        faults["recipients"] = fault
    if faults:
        raise Invalid(faults)
    _refuse_hidden(work.session, work.actor, related)
    receivers = notices.receivers_of(work.session, people)
    sent = notices.notify(
        work.session, receivers, title, body, related, sender_id=work.actor.person_id
    )
    if sent is None:
        raise Invalid({"recipients": "没有在用的接收人"})
    return Sent(sent, len(receivers))


def _recipient_fault(session: Session, people: set[int]) -> str | None:
    rows = session.execute(
        select(Person.id, Person.name, Person.active).where(Person.id.in_(people))
    ).all()
    if len(rows) < len(people):
        return "接收人不存在，请重新选择"
    for row in rows:
        if not row.active and not notices.receivers_of(session, {row.id}):
            return f"{row.name} 已停用，且没有可代收的上级"
    return None if rows else "没有在用的接收人"


def _refuse_hidden(session: Session, actor: Actor, related: tuple[str, int] | None) -> None:
    # Nobody may point at a record he can't open himself.
    if related is not None and related_record(session, actor, *related) is None:
        raise NotAllowed


@action(Permission.MESSAGE_USE)
def mark_read(work: Work, message_id: int) -> None:
    """Note that the actor has read his copy; reading again keeps the first time."""
    copy = _own_copy(work, message_id)
    copy.read_at = copy.read_at or clock.now()


@action(Permission.MESSAGE_USE)
def mark_all_read(work: Work) -> None:
    """Note that the actor has read everything in his inbox."""
    work.session.execute(
        update(MessageRecipient)
        .where(
            MessageRecipient.person_id == work.actor.person_id, MessageRecipient.read_at.is_(None)
        )
        .values(read_at=clock.now())
    )


@action(Permission.MESSAGE_USE)
def archive_message(work: Work, message_id: int) -> None:
    """Put the actor's copy away; it counts as read."""
    copy = _own_copy(work, message_id)
    copy.read_at = copy.read_at or clock.now()
    copy.archived_at = copy.archived_at or clock.now()


def _own_copy(work: Work, message_id: int) -> MessageRecipient:
    copy = work.session.scalar(
        select(MessageRecipient).where(
            MessageRecipient.message_id == message_id,
            MessageRecipient.person_id == work.actor.person_id,
        )
    )
    if copy is None:
        raise NotAllowed
    return copy

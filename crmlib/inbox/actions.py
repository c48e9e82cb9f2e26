"""Send, read, put away and put off messages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox import notices, rules
from crmlib.inbox.groups import members
from crmlib.inbox.model import Message, MessageRecipient
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
    """Send a message to people (ids) and groups (keys of ``groups.groups_of``)."""
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
    chosen = members(work.session, work.actor, groups)
    faults = rules.faults(recipients, groups, title, body, chosen.keys())
    people = set(recipients).union(*chosen.values())
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
def mark_read(work: Work, *message_ids: int) -> int:
    """Note that the actor has read his copies; reading again keeps the first time."""
    copies = _own_copies(work, message_ids)
    for copy in copies:
        copy.read_at = copy.read_at or clock.now()
    return len(copies)


@action(Permission.MESSAGE_USE)
def mark_all_read(work: Work) -> None:
    """Note that the actor has read everything in his inbox; what is put off stays unread."""
    now = clock.now()
    work.session.execute(
        update(MessageRecipient)
        .where(
            MessageRecipient.person_id == work.actor.person_id,
            MessageRecipient.read_at.is_(None),
            MessageRecipient.snoozed_until.is_(None) | (MessageRecipient.snoozed_until <= now),
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


@action(Permission.MESSAGE_USE)
def archive_message(work: Work, *message_ids: int) -> int:
    """Put the actor's copies away; they count as read and do not come back by themselves."""
    copies = _own_copies(work, message_ids)
    for copy in copies:
        copy.read_at = copy.read_at or clock.now()
        copy.archived_at = copy.archived_at or clock.now()
        copy.snoozed_until = None
    return len(copies)


@action(Permission.MESSAGE_USE)
def unarchive_message(work: Work, *message_ids: int) -> int:
    """Take the actor's copies back into the inbox."""
    copies = _own_copies(work, message_ids)
    for copy in copies:
        copy.archived_at = None
    return len(copies)


@action(Permission.MESSAGE_USE)
def snooze_message(work: Work, choice: str, *message_ids: int) -> int:
    """稍后提醒: hide the actor's copies until a time of ``rules.SNOOZES``, then unread again.

    Raises:
        Invalid: ``until``, no such time.
    """
    until = rules.snoozed_until(choice, clock.now())
    if until is None:
        raise Invalid({"until": rules.NO_SUCH_TIME})
    copies = _own_copies(work, message_ids)
    for copy in copies:
        copy.snoozed_until, copy.read_at, copy.archived_at = until, None, None
    return len(copies)


def _own_copies(work: Work, message_ids: Collection[int]) -> Sequence[MessageRecipient]:
    wanted = set(message_ids)
    copies = work.session.scalars(
        select(MessageRecipient)
        .where(
            MessageRecipient.message_id.in_(wanted),
            MessageRecipient.person_id == work.actor.person_id,
        )
        .order_by(MessageRecipient.id)
        .with_for_update()
    ).all()
    # Who wrote a message has no copy to put away, and knows that it is there.
    written = select(Message.id).where(
        Message.id.in_(wanted), Message.sender_id == work.actor.person_id
    )
    if wanted - {copy.message_id for copy in copies} - set(work.session.scalars(written)):
        raise NotAllowed
    return copies

"""The inbox of a person, and how much waits for him."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.errors import NotAllowed
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.related import Related, related_record
from crmlib.people.model import Person
from crmlib.store.engine import reading
from crmlib.store.text import clean

SHOWN_RECIPIENTS = 50
INBOX_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.Int64,
    "title": pl.String,
    "sender": pl.String,
    "sent_at": pl.Datetime(time_zone="Asia/Shanghai"),
    "is_read": pl.Boolean,
}


class Folder(StrEnum):
    """What an inbox list shows."""

    INBOX = "inbox"
    UNREAD = "unread"
    ARCHIVED = "archived"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """One page of a folder, newest first."""

    page: int = 1
    size: int = 20
    folder: Folder = Folder.INBOX
    find_text: str = ""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Rows (``INBOX_SCHEMA``) of the page and how many there are in all."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class MessageDetail:
    """A message as its reader sees it; ``related`` only if he may open that record."""

    id: int
    title: str
    body: str
    sender: str
    sender_id: int | None
    sent_at: datetime
    recipients: tuple[str, ...]
    read_at: datetime | None
    is_archived: bool
    related: Related | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Unread messages and things that wait for the person."""

    unread: int
    pending: int


@dataclass(frozen=True, slots=True)
class Pending:
    """One kind of waiting work: its words, how many, and the page that shows them."""

    label: str
    count: int
    page: str


PendingSource = Callable[[Session, Actor], Pending | None]
_sources: dict[str, PendingSource] = {}


def count_pending(key: str, source: PendingSource) -> None:
    """Let a folder above say what waits for a person; the key keeps each source single."""
    _sources[key] = source


def pending(actor: Actor) -> list[Pending]:
    """Return what waits for the actor, kind by kind, without empty kinds."""
    with reading() as session:
        return _pending(session, actor)


def _pending(session: Session, actor: Actor) -> list[Pending]:
    found = [source(session, actor) for source in _sources.values()]
    return [item for item in found if item is not None and item.count]


def counts(actor: Actor) -> Counts:
    """Return the numbers of the page head."""
    with reading() as session:
        unread = session.scalar(
            select(func.count())
            .select_from(MessageRecipient)
            .where(
                MessageRecipient.person_id == actor.person_id,
                MessageRecipient.read_at.is_(None),
                MessageRecipient.archived_at.is_(None),
            )
        )
        return Counts(unread or 0, sum(item.count for item in _pending(session, actor)))


def inbox_page(actor: Actor, query: InboxQuery | None = None) -> InboxPage:
    """Return one page of the actor's own messages."""
    query = query or InboxQuery()
    conditions = _in_folder(actor, query.folder)
    if text := clean(query.find_text):
        conditions.append(
            or_(
                Message.title.contains(text, autoescape=True),
                Message.body.contains(text, autoescape=True),
            )
        )
    source = select(Message.id)
    if query.folder is not Folder.SENT:
        source = source.join(MessageRecipient, MessageRecipient.message_id == Message.id)
    source = source.where(*conditions)
    sender = aliased(Person)
    read = true() if query.folder is Folder.SENT else MessageRecipient.read_at.is_not(None)
    with reading() as session:
        total = session.scalar(select(func.count()).select_from(source.subquery())) or 0
        found = session.execute(
            source.with_only_columns(Message.id, Message.title, sender.name, Message.sent_at, read)
            .outerjoin(sender, sender.id == Message.sender_id)
            .order_by(Message.sent_at.desc(), Message.id.desc())
            .limit(query.size)
            .offset(max(query.page - 1, 0) * query.size)
        ).all()
    rows = [(r[0], r[1], r[2] or words.SYSTEM_SENDER, clock.local(r[3]), bool(r[4])) for r in found]
    return InboxPage(pl.DataFrame(rows, schema=INBOX_SCHEMA, orient="row"), total)


def _in_folder(actor: Actor, folder: Folder) -> list[ColumnElement[bool]]:
    if folder is Folder.SENT:
        return [Message.sender_id == actor.person_id]
    found = [MessageRecipient.person_id == actor.person_id]
    if folder is Folder.ARCHIVED:
        return [*found, MessageRecipient.archived_at.is_not(None)]
    found.append(MessageRecipient.archived_at.is_(None))
    if folder is Folder.UNREAD:
        found.append(MessageRecipient.read_at.is_(None))
    return found


def message_detail(actor: Actor, message_id: int) -> MessageDetail:
    """Return a message the actor sent or received.

    Raises:
        NotAllowed: neither, or no such message.
    """
    with reading() as session:
        message = session.get(Message, message_id)
        copies = session.execute(
            select(MessageRecipient, Person.name)
            .join(Person, Person.id == MessageRecipient.person_id)
            .where(MessageRecipient.message_id == message_id)
            .order_by(Person.name)
        ).all()
        own = next((c for c, _ in copies if c.person_id == actor.person_id), None)
        if message is None or (own is None and message.sender_id != actor.person_id):
            raise NotAllowed
        sender = session.get(Person, message.sender_id) if message.sender_id else None
        related = (
            related_record(session, actor, message.related_type, message.related_id)
            if message.related_type and message.related_id
            else None
        )
        return MessageDetail(
            id=message.id,
            title=message.title,
            body=message.body,
            sender=sender.name if sender else words.SYSTEM_SENDER,
            sender_id=message.sender_id,
            sent_at=message.sent_at,
            recipients=tuple(name for _, name in copies[:SHOWN_RECIPIENTS]),
            read_at=own.read_at if own else None,
            is_archived=bool(own and own.archived_at),
            related=related,
        )

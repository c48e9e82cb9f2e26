"""The inbox of a person, and how much waits for him."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.errors import NotAllowed
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.related import Related, related_record, step_at
from crmlib.people.model import Person
from crmlib.store.engine import reading
from crmlib.store.text import clean

LOG = logging.getLogger(__name__)
SHOWN_RECIPIENTS = 50
MOST_ANSWERED = 20  # recipients an answer to all goes to; beyond that, to the sender only
REPLY = "回复"
_NAMED = 2  # recipients named in the list of sent messages
INBOX_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.Int64,
    "title": pl.String,
    "sender": pl.String,  # of a sent one: to whom it went
    "sent_at": pl.Datetime(time_zone="Asia/Shanghai"),
    "is_read": pl.Boolean,
    "state": pl.String,
    "back_at": pl.Datetime(time_zone="Asia/Shanghai"),  # when one put off comes back
    "step": pl.String,  # what the reader does next: 打开, 分配, 处理, 回复; empty: nothing
}
_SENDER = aliased(Person)


class Folder(StrEnum):
    """What an inbox list shows."""

    INBOX = "inbox"
    UNREAD = "unread"
    SNOOZED = "snoozed"
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
    recipient_count: int
    everybody: tuple[int, ...]  # sender and recipients but the reader; empty if too many
    read_at: datetime | None
    is_mine: bool  # the reader has a copy of his own
    is_archived: bool
    snoozed_until: datetime | None
    related: Related | None
    related_key: tuple[str, int] | None
    step: str


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
    # A copy: a page that is imported meanwhile may add its source, in another thread.
    found = [_asked(session, actor, *each) for each in tuple(_sources.items())]
    return [item for item in found if item is not None and item.count]


def _asked(session: Session, actor: Actor, key: str, source: PendingSource) -> Pending | None:
    # One kind that can't be counted now must not take the head of every page with it.
    try:
        return source(session, actor)
    except Exception:
        LOG.exception("what waits cannot be counted: %s", key)
        session.rollback()  # PostgreSQL answers nothing else in a transaction that failed
        return None


def is_hidden(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a copy is put off until later than now."""
    return and_(MessageRecipient.snoozed_until.is_not(None), MessageRecipient.snoozed_until > now)


def counts(actor: Actor) -> Counts:
    """Return the numbers of the page head."""
    with reading() as session:
        unread = session.scalar(
            select(func.count())
            .select_from(MessageRecipient)
            .where(*_in_folder(actor, Folder.UNREAD))
        )
        return Counts(unread or 0, sum(item.count for item in _pending(session, actor)))


def folder_counts(actor: Actor) -> dict[Folder, int]:
    """Return how many messages wait unread, and how many are put off."""
    with reading() as session:
        return {
            folder: session.scalar(
                select(func.count()).select_from(MessageRecipient).where(*_in_folder(actor, folder))
            )
            or 0
            for folder in (Folder.UNREAD, Folder.SNOOZED)
        }


def inbox_page(actor: Actor, query: InboxQuery | None = None) -> InboxPage:
    """Return one page of the actor's own messages; what came back stands at its return."""
    query = query or InboxQuery()
    conditions = _in_folder(actor, query.folder)
    if text := clean(query.find_text):
        columns = (Message.title, Message.body, _SENDER.name)
        conditions.append(or_(*(c.icontains(text, autoescape=True) for c in columns)))
    copy = MessageRecipient
    is_sent = query.folder is Folder.SENT
    source = select(Message).outerjoin(_SENDER, _SENDER.id == Message.sender_id)
    if not is_sent:
        source = source.join(copy, copy.message_id == Message.id)
    source = source.where(*conditions)
    last = Message.sent_at if is_sent else func.coalesce(copy.snoozed_until, Message.sent_at)
    seen = () if is_sent else (copy.read_at, copy.snoozed_until)
    with reading() as session:
        total = session.scalar(source.with_only_columns(func.count(Message.id))) or 0
        found = session.execute(
            source.with_only_columns(
                Message.id,
                Message.title,
                _SENDER.name.label("sender"),
                Message.sender_id,
                Message.sent_at,
                Message.related_type,
                Message.related_id,
                *seen,
            )
            .order_by(last.desc(), Message.id.desc())
            .limit(query.size)
            .offset(max(query.page - 1, 0) * query.size)
        ).all()
        rows = _sent_rows(session, actor, found) if is_sent else _own_rows(session, actor, found)
    return InboxPage(pl.DataFrame(rows, schema=INBOX_SCHEMA, orient="row"), total)


def _own_rows(session: Session, actor: Actor, found: Sequence[Any]) -> list[tuple[Any, ...]]:
    now = clock.now()
    rows = []
    for row in found:
        waits = row.snoozed_until is not None and row.snoozed_until > now
        state = "稍后" if waits else "已读" if row.read_at else "未读"
        answer = REPLY if row.sender_id not in {None, actor.person_id} else ""
        rows.append(
            (
                row.id,
                row.title,
                row.sender or words.SYSTEM_SENDER,
                clock.local(row.sent_at),
                row.read_at is not None,
                state,
                clock.local(row.snoozed_until) if waits else None,
                _step(session, actor, row) or answer,
            )
        )
    return rows


def _sent_rows(session: Session, actor: Actor, found: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return rows of sent messages: to whom, and how many have read them."""
    copies: dict[int, list[tuple[str, bool]]] = {row.id: [] for row in found}
    for key, name, read_at in session.execute(
        select(MessageRecipient.message_id, Person.name, MessageRecipient.read_at)
        .join(Person, Person.id == MessageRecipient.person_id)
        .where(MessageRecipient.message_id.in_(copies))
        .order_by(MessageRecipient.id)
    ):
        copies[key].append((name, read_at is not None))
    rows = []
    for row in found:
        to = copies[row.id]
        named = "、".join(name for name, _ in to[:_NAMED])
        whom = f"{named} 等 {len(to)} 人" if len(to) > _NAMED else named
        read = sum(done for _, done in to)
        state = "已读" if read == len(to) else f"已读 {read}/{len(to)}"
        sent_at = clock.local(row.sent_at)
        step = _step(session, actor, row)
        rows.append((row.id, row.title, whom, sent_at, True, state, None, step))
    return rows


def _step(session: Session, actor: Actor, row: Any) -> str:
    if not row.related_type or not row.related_id:
        return ""
    if related_record(session, actor, row.related_type, row.related_id) is None:
        return ""
    return step_at(session, actor, row.related_type, row.related_id)


def _in_folder(actor: Actor, folder: Folder) -> list[ColumnElement[bool]]:
    if folder is Folder.SENT:
        return [Message.sender_id == actor.person_id]
    copy, now = MessageRecipient, clock.now()
    found: list[ColumnElement[bool]] = [copy.person_id == actor.person_id]
    if folder is Folder.ARCHIVED:
        return [*found, copy.archived_at.is_not(None)]
    found.append(copy.archived_at.is_(None))
    if folder is Folder.SNOOZED:
        return [*found, is_hidden(now)]
    found.append(or_(copy.snoozed_until.is_(None), copy.snoozed_until <= now))
    if folder is Folder.UNREAD:
        found.append(copy.read_at.is_(None))
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
        kind, key = message.related_type, message.related_id
        related = related_record(session, actor, kind, key) if kind and key else None
        others = {message.sender_id, *(c.person_id for c, _ in copies)} - {None, actor.person_id}
        return MessageDetail(
            id=message.id,
            title=message.title,
            body=message.body,
            sender=sender.name if sender else words.SYSTEM_SENDER,
            sender_id=message.sender_id,
            sent_at=clock.local(message.sent_at),
            recipients=tuple(name for _, name in copies[:SHOWN_RECIPIENTS]),
            recipient_count=len(copies),
            everybody=_few(others),
            read_at=own.read_at if own else None,
            is_mine=own is not None,
            is_archived=bool(own and own.archived_at),
            snoozed_until=own.snoozed_until if own else None,
            related=related,
            related_key=(kind, key) if related and kind and key else None,
            step=step_at(session, actor, kind, key) if related and kind and key else "",
        )


def _few(people: set[int | None]) -> tuple[int, ...]:
    found = sorted(person for person in people if person is not None)
    return tuple(found) if len(found) <= MOST_ANSWERED else ()

"""Messages about a record, as far as the reader sent or received them."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.people.model import Person
from crmlib.store.engine import reading

SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "title": pl.String(),
        "sender": pl.String(),
        "recipients": pl.Int64(),  # how many people got it
        "sent_at": pl.Datetime("us", "Asia/Shanghai"),
        "direction": pl.String(),  # 收到, 发出
        "is_read": pl.Boolean(),
    }
)
RECEIVED, WRITTEN = "收到", "发出"


def messages_about(actor: Actor, *records: tuple[str, int], limit: int = 100) -> pl.DataFrame:
    """Return messages that point at records (table, id) and are the actor's, newest first.

    Columns: ``SCHEMA``. Nobody reads others' letters here, whatever he may do with the record.
    """
    if not records:
        return pl.DataFrame(schema=SCHEMA)
    query = _letters(actor, records).limit(limit)
    with reading() as session:
        rows = [
            (
                row.id,
                row.title,
                row.sender or words.SYSTEM_SENDER,
                row.recipients,
                clock.local(row.sent_at),
                RECEIVED if row.copy_id else WRITTEN,
                row.copy_id is None or row.read_at is not None,
            )
            for row in session.execute(query)
        ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _letters(actor: Actor, records: Sequence[tuple[str, int]]) -> Any:
    own, sender = aliased(MessageRecipient), aliased(Person)
    everybody = (
        select(func.count(MessageRecipient.id))
        .where(MessageRecipient.message_id == Message.id)
        .correlate(Message)
        .scalar_subquery()
    )
    points = [
        and_(Message.related_type == kind, Message.related_id == key) for kind, key in records
    ]
    return (
        select(
            Message.id,
            Message.title,
            sender.name.label("sender"),
            everybody.label("recipients"),
            Message.sent_at,
            own.id.label("copy_id"),
            own.read_at,
        )
        .outerjoin(own, and_(own.message_id == Message.id, own.person_id == actor.person_id))
        .outerjoin(sender, sender.id == Message.sender_id)
        .where(or_(*points), or_(Message.sender_id == actor.person_id, own.id.is_not(None)))
        .order_by(Message.sent_at.desc(), Message.id.desc())
    )

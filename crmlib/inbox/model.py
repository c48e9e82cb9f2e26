"""Internal messages and who has read them."""

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, references
from crmlib.store.types import Id


class Message(Record):
    """A message, or a notice the system wrote (no sender); may point at a record."""

    __tablename__ = "message"
    sender_id: Mapped[int | None] = references("person")
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(index=True)
    # A (type, id) pair: the table's name and the row's id.
    related_type: Mapped[str | None] = mapped_column(String(40))
    related_id: Mapped[int | None] = mapped_column(Id)
    __table_args__ = (Index("ix_message_related_type_related_id", "related_type", "related_id"),)


class MessageRecipient(Record):
    """One person's copy."""

    __tablename__ = "message_recipient"
    logged = False  # reading a message changes nothing anybody audits
    message_id: Mapped[int] = references("message")
    person_id: Mapped[int] = references("person", index=False)
    read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    # 稍后提醒: hidden until then, unread from then on.
    snoozed_until: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("message_id", "person_id"),
        Index("ix_message_recipient_person_id_read_at", "person_id", "read_at"),
    )

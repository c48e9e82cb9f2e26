"""Files that belong to a record; their content lies outside the database."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, references
from crmlib.store.types import Id


class Attachment(Record):
    """A file of a customer or an opportunity; several may share one content."""

    __tablename__ = "attachment"
    # A (type, id) pair: the table's name and the row's id, so that a merge moves it.
    entity_type: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    kind: Mapped[str] = mapped_column(String(20))  # the ending: pdf, xlsx, dwg …
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    uploaded_by_id: Mapped[int] = references("person")
    uploaded_at: Mapped[datetime]
    removed_by_id: Mapped[int | None] = references("person")
    removed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_attachment_entity_type_entity_id", "entity_type", "entity_id"),)

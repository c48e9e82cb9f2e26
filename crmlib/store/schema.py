"""The declarative base, names of constraints, and the store's own tables."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crmlib.store.types import Id, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables.

    ``logged`` says whether changes are written to the change log, ``secret`` names the columns
    that never get there.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict: JSON, list: JSON}
    logged: ClassVar[bool] = True
    secret: ClassVar[frozenset[str]] = frozenset()


class Record(Base):
    """A table with a numeric key."""

    __abstract__ = True
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)


class Versioned(Record):
    """A record people edit in forms; ``version`` refuses a stale save."""

    __abstract__ = True
    version: Mapped[int] = mapped_column(default=1)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let SQLAlchemy count the version of each mapped class."""
        if "__tablename__" in cls.__dict__:
            cls.__mapper_args__ = {"version_id_col": cls.version}
        super().__init_subclass__(**kwargs)


_HAS_PARENT = text("parent IS NOT NULL")


class ChangeLog(Record):
    """Audit and change feed in one: who changed which fields when, from what to what."""

    __tablename__ = "change_log"
    logged = False
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(10))  # insert, update, delete, event, failed, refused
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # PostgreSQL only: the writing transaction, so that a reader never misses a late commit.
    txid: Mapped[int | None] = mapped_column(BigInteger, index=True)
    via: Mapped[str | None] = mapped_column(String(40))  # the program's token, if it was one
    # Of a row that came or went: the record it belonged to, so that its history tells of it later.
    parent: Mapped[str | None] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(Id)
    __table_args__ = (
        # With the kind: SQLite would else ask who entered a record by the index of all entries.
        Index("ix_change_log_entity_entity_id", "entity", "entity_id", "kind"),
        # Millions of rows are read newest first, by one of these at a time.
        Index("ix_change_log_person_id_at", "person_id", "at"),
        Index("ix_change_log_entity_at", "entity", "at"),
        Index("ix_change_log_kind_at", "kind", "at"),
        Index(
            "ix_change_log_parent_parent_id",
            "parent",
            "parent_id",
            sqlite_where=_HAS_PARENT,
            postgresql_where=_HAS_PARENT,
        ),
    )


class Submission(Base):
    """A form already saved: its token and answer, so that a double click saves once."""

    __tablename__ = "submission"
    logged = False
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(60))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime]


class Counter(Base):
    """The last number given in a series such as KH2611."""

    __tablename__ = "counter"
    logged = False
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int]


def references(table: str, **kwargs: Any) -> Any:
    """Return an indexed foreign-key column to ``table.id``."""
    kwargs.setdefault("index", True)
    key = ForeignKey(f"{table}.id", use_alter=kwargs.pop("use_alter", False))
    return mapped_column(Id, key, **kwargs)

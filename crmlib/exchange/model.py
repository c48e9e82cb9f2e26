"""Import batches: the file, how its columns are meant, what became of each row, what was written."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Id, choice


class ImportKind(StrEnum):
    """What a list is of."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    OPPORTUNITIES = "opportunities"
    ACTIVITIES = "activities"
    ORDERS = "orders"


class BatchState(StrEnum):
    """Where a batch stands; the -ing ones have a process of their own at work."""

    READING = "reading"
    READ = "read"  # columns are to be matched
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"  # the file could not be read
    DROPPED = "dropped"


RUNNING = (BatchState.READING, BatchState.CHECKING, BatchState.APPLYING, BatchState.UNDOING)


class Verdict(StrEnum):
    """What becomes, or became, of a row."""

    NEW = "new"
    UPDATE = "update"
    SIMILAR = "similar"
    SAME = "same"
    ERROR = "error"


class ImportBatch(Versioned):
    """One file on its way in; it can be taken back as a whole."""

    __tablename__ = "import_batch"
    # What people wrote in the file has no place in the log.
    secret: ClassVar[frozenset[str]] = frozenset({"samples", "kept"})
    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[ImportKind] = mapped_column(choice(ImportKind))
    state: Mapped[BatchState] = mapped_column(choice(BatchState))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]  # bytes
    created_by_id: Mapped[int] = references("person")
    created_at: Mapped[datetime] = mapped_column(index=True)
    head: Mapped[int | None]  # the row of the titles, counted from 1
    titles: Mapped[list[Any]] = mapped_column(JSON, default=list)
    samples: Mapped[list[Any]] = mapped_column(JSON, default=list)  # a few cells per column
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # column from 0 → field
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # verdict → rows
    note: Mapped[str | None] = mapped_column(String(500))  # why it failed, what went otherwise
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = references("person")
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = references("person")
    kept: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [row, name, why], at the undo


class ImportRow(Record):
    """The verdict on one row of the file, each fault with its field, value and reason."""

    __tablename__ = "import_row"
    logged = False  # follows from the batch
    batch_id: Mapped[int] = references("import_batch", index=False)
    number: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict))
    name: Mapped[str] = mapped_column(String(255))
    faults: Mapped[list[Any]] = mapped_column(JSON, default=list)
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    record: Mapped[int | None] = mapped_column(Id)  # what it became or names
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_import_row_batch_id_verdict_number", "batch_id", "verdict", "number"),
    )


class ImportChange(Record):
    """A record as a batch wrote it: all columns of a new one, before and after of a changed one."""

    __tablename__ = "import_change"
    logged = False  # the records themselves are logged
    batch_id: Mapped[int] = references("import_batch")
    number: Mapped[int]  # of the row; 0 belongs to none
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(Id)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # None: it was not there
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class ImportMapping(Record):
    """How the columns of lists with these titles were meant last time."""

    __tablename__ = "import_mapping"
    logged = False
    kind: Mapped[ImportKind] = mapped_column(choice(ImportKind))
    key: Mapped[str] = mapped_column(String(64))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)  # title → field, "" is none
    used_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("kind", "key"),)

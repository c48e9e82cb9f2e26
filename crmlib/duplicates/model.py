"""Duplicate candidates, merge documents (合并单) and affiliate links."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Id, choice


class PairStatus(StrEnum):
    """What 综合部 decided on a pair."""

    OPEN = "open"
    MERGED = "merged"
    DISTINCT = "distinct"
    AFFILIATED = "affiliated"
    DEFERRED = "deferred"


class PairSource(StrEnum):
    """Where a pair came from."""

    SCAN = "scan"
    ENTRY = "entry"
    IMPORT = "import"
    MANUAL = "manual"


class LinkKind(StrEnum):
    """How two companies of one group stand to each other."""

    BRANCH = "branch"
    SUBSIDIARY = "subsidiary"
    GROUP = "group"
    BOSS = "boss"
    OTHER = "other"


class DuplicatePair(Versioned):
    """Two customers that may be one; a pair stands once, the lower id first."""

    __tablename__ = "duplicate_pair"
    a_id: Mapped[int] = references("customer")
    b_id: Mapped[int] = references("customer")
    same: Mapped[float]
    related: Mapped[float]
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [[text, weight], …]
    source: Mapped[PairSource] = mapped_column(choice(PairSource))
    status: Mapped[PairStatus] = mapped_column(choice(PairStatus), default=PairStatus.OPEN)
    note: Mapped[str | None] = mapped_column(String(255))
    found_at: Mapped[datetime] = mapped_column(index=True)
    found_by_id: Mapped[int | None] = references("person")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = references("person")
    snooze_until: Mapped[date | None]
    # Names and phones of both at the decision: 不是重复 holds until one of them changes.
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="order"),
        Index("ix_duplicate_pair_status_same", "status", "same"),
    )


class AffiliateLink(Record):
    """Two customers of one group: related, not the same."""

    __tablename__ = "affiliate_link"
    a_id: Mapped[int] = references("customer")
    b_id: Mapped[int] = references("customer")
    kind: Mapped[LinkKind] = mapped_column(choice(LinkKind), default=LinkKind.GROUP)
    # The side that stands above, as it was called then: no foreign key, a merge need not touch
    # it. Whoever reads it follows ``merged_into_id``.
    parent_id: Mapped[int | None] = mapped_column(Id)
    note: Mapped[str | None] = mapped_column(String(255))
    linked_by_id: Mapped[int] = references("person")
    linked_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="order"),
    )


class Merge(Versioned):
    """A 合并单: before-images of both sides and every row that moved, so that it can be undone."""

    __tablename__ = "merge"
    number: Mapped[str] = mapped_column(String(30), unique=True)
    survivor_id: Mapped[int] = references("customer")
    loser_id: Mapped[int] = references("customer")
    pair_id: Mapped[int | None] = references("duplicate_pair")
    reason: Mapped[str | None] = mapped_column(String(255))
    merged_at: Mapped[datetime] = mapped_column(index=True)
    merged_by_id: Mapped[int] = references("person")
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = references("person")
    # What stayed with the survivor at the undo, in words.
    leftovers: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")


class Channel(StrEnum):
    """Where 撞单 was asked."""

    SCREEN = "screen"
    LIST = "list"
    SAVE = "save"


class CollisionQuery(Record):
    """A name somebody looked for; while he types on it stays one row with several answers."""

    __tablename__ = "collision_query"
    logged = False  # a log of its own
    person_id: Mapped[int] = references("person", index=False)
    at: Mapped[datetime] = mapped_column(index=True)  # the last answer
    name: Mapped[str] = mapped_column(String(200))
    with_phone: Mapped[bool]
    verdict: Mapped[str] = mapped_column(String(20))
    hits: Mapped[int]
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    answers: Mapped[int] = mapped_column(default=1)
    limited: Mapped[bool] = mapped_column(default=False)  # refused, or others' customers hidden
    __table_args__ = (Index("ix_collision_query_person_id_at", "person_id", "at"),)

"""Targets of people and offices, one row per period."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Versioned, references
from crmlib.store.types import Money, Quantity, choice
from crmlib.targets.kinds import TargetKind, TargetStatus


class Target(Versioned):
    """What a person, or an office, is to reach in a year, a quarter or a month.

    Either the person or the office is there. The three kinds stand by themselves: months need not
    add up to their quarter.
    """

    __tablename__ = "target"
    person_id: Mapped[int | None] = references("person", index=False)
    office_id: Mapped[int | None] = references("office", index=False)
    kind: Mapped[TargetKind] = mapped_column(choice(TargetKind))
    starts_on: Mapped[date]
    sales: Mapped[Decimal] = mapped_column(Money)
    customers: Mapped[int | None]
    satisfaction: Mapped[Decimal | None] = mapped_column(Quantity)
    status: Mapped[TargetStatus] = mapped_column(choice(TargetStatus), default=TargetStatus.DRAFT)
    issued_by_id: Mapped[int | None] = references("person")
    issued_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "starts_on"),
        UniqueConstraint("office_id", "kind", "starts_on"),
        Index("ix_target_starts_on", "starts_on"),
    )

"""Opportunities (商机), the stages they pass and the history of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Money, choice


class Outcome(StrEnum):
    """How a deal ended, if it did."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class StageSetStatus(StrEnum):
    """Life of a version of the stage definition."""

    DRAFT = "draft"
    SIGNING = "signing"
    ACTIVE = "active"
    RETIRED = "retired"


class StageSet(Record):
    """A version of 销售阶段定义; one is in force per kind of selling."""

    __tablename__ = "stage_set"
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(default=1)
    status: Mapped[StageSetStatus] = mapped_column(choice(StageSetStatus))
    effective_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("code", "number"),)


class Stage(Record):
    """One step: its probability in percent and its standard days."""

    __tablename__ = "stage"
    stage_set_id: Mapped[int] = references("stage_set")
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    probability: Mapped[int]
    standard_days: Mapped[int]
    checklist: Mapped[list[Any]] = mapped_column(JSON, default=list)
    disabled: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        UniqueConstraint("stage_set_id", "code"),
        UniqueConstraint("stage_set_id", "position"),
    )


class Opportunity(Versioned):
    """A deal in a building project."""

    __tablename__ = "opportunity"
    number: Mapped[str] = mapped_column(String(30), unique=True)
    subject: Mapped[str] = mapped_column(String(255))
    customer_id: Mapped[int] = references("customer")
    contact_id: Mapped[int | None] = references("contact")
    project_name: Mapped[str] = mapped_column(String(120))
    project_type: Mapped[str | None] = mapped_column(String(30))
    site_address: Mapped[str | None] = mapped_column(String(200))
    sales_task: Mapped[str] = mapped_column(String(30))
    amount: Mapped[Decimal] = mapped_column(Money)
    expected_close: Mapped[date]
    source: Mapped[str | None] = mapped_column(String(30))
    owner_id: Mapped[int] = references("person")
    office_id: Mapped[int] = references("office")
    stage_id: Mapped[int] = references("stage")
    stage_since: Mapped[datetime]
    probability: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome), default=Outcome.OPEN)
    closed: Mapped[bool] = mapped_column(default=False)
    decided_on: Mapped[date | None]
    outcome_reason: Mapped[str | None] = mapped_column(String(30))
    won_amount: Mapped[Decimal | None] = mapped_column(Money)
    competitor: Mapped[str | None] = mapped_column(String(30))
    project_summary: Mapped[str | None] = mapped_column(Text)
    registered_by_id: Mapped[int] = references("person")
    registered_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (
        Index("ix_opportunity_outcome_closed_stage_id", "outcome", "closed", "stage_id"),
    )


class OpportunityProduct(Record):
    """A product family or item (感兴趣产品) a deal is about."""

    __tablename__ = "opportunity_product"
    opportunity_id: Mapped[int] = references("opportunity")
    product: Mapped[str] = mapped_column(String(30))
    __table_args__ = (UniqueConstraint("opportunity_id", "product"),)


class OpportunityShare(Record):
    """A deal opened to a colleague of another region to push it together."""

    __tablename__ = "opportunity_share"
    opportunity_id: Mapped[int] = references("opportunity")
    person_id: Mapped[int] = references("person")
    ends_on: Mapped[date | None]
    shared_by_id: Mapped[int] = references("person")
    shared_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("opportunity_id", "person_id"),)


class StageHistory(Record):
    """One move between stages; the first row of a deal has no ``from_stage``."""

    __tablename__ = "stage_history"
    opportunity_id: Mapped[int] = references("opportunity")
    from_stage_id: Mapped[int | None] = references("stage")
    to_stage_id: Mapped[int] = references("stage")
    moved_at: Mapped[datetime] = mapped_column(index=True)
    moved_by_id: Mapped[int] = references("person")
    days: Mapped[int] = mapped_column(default=0)  # spent in from_stage
    reason: Mapped[str | None] = mapped_column(String(255))

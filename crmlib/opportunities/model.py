"""Opportunities (商机), the stages they pass and the history of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Money, choice


class Outcome(StrEnum):
    """How a deal ended, if it did."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class StageEvent(StrEnum):
    """What a row of the history tells; all but a move leave the deal in its stage."""

    MOVE = "move"
    WON = "won"
    LOST = "lost"
    UNDONE = "undone"
    CLOSED = "closed"
    REOPENED = "reopened"


class Threat(StrEnum):
    """How dangerous a competitor is in a deal."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class NeedKind(StrEnum):
    """What an entry of 需求与异议 tells: a wish, what we propose for it, an objection."""

    NEED = "need"
    PROPOSAL = "proposal"
    OBJECTION = "objection"


class PartyRole(StrEnum):
    """What a company has to do with the building project."""

    OWNER = "owner"
    DESIGNER = "designer"
    CONTRACTOR = "contractor"
    FACADE = "facade"
    WINDOWS = "windows"
    BIDDER = "bidder"


class StageSetStatus(StrEnum):
    """Life of a version of the stage definition."""

    DRAFT = "draft"
    SIGNING = "signing"
    ACTIVE = "active"
    RETIRED = "retired"


class StageAct(StrEnum):
    """What people do to a version of the stage definition: 制定, 提交, 审核, 退回, 批准."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AGREED = "agreed"
    RETURNED = "returned"
    APPROVED = "approved"


_IN_FORCE = text("status = 'active'")


class StageSet(Versioned):
    """A version of 销售阶段定义; one is in force per kind of selling."""

    __tablename__ = "stage_set"
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(default=1)
    status: Mapped[StageSetStatus] = mapped_column(choice(StageSetStatus))
    effective_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(255))  # what is new in it
    round: Mapped[int] = mapped_column(default=0)  # of 会签; grows with each 提交
    # Old stage → new stage (codes) of the deals that were open when it came into force.
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    __table_args__ = (
        UniqueConstraint("code", "number"),
        Index(
            "uq_stage_set_in_force",
            "code",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )


class StageSignature(Record):
    """Who did what to a version; ``party`` is the department an agreement counts for."""

    __tablename__ = "stage_signature"
    stage_set_id: Mapped[int] = references("stage_set", index=False)
    round: Mapped[int]
    act: Mapped[StageAct] = mapped_column(choice(StageAct))
    party: Mapped[str | None] = mapped_column(String(20))
    person_id: Mapped[int] = references("person")
    comment: Mapped[str | None] = mapped_column(String(255))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("stage_set_id", "round", "person_id", "act"),)


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
    note: Mapped[str | None] = mapped_column(String(255))
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
    currency: Mapped[str] = mapped_column(String(3), default="CNY", server_default="CNY")
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
    competitor: Mapped[str | None] = mapped_column(String(30))  # who won it instead
    outcome_note: Mapped[str | None] = mapped_column(String(255))
    project_summary: Mapped[str | None] = mapped_column(Text)
    closed_on: Mapped[date | None]
    close_reason: Mapped[str | None] = mapped_column(String(30))
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
    # Both sides are told once that it ended.
    end_told: Mapped[bool] = mapped_column(default=False, server_default=false())
    __table_args__ = (UniqueConstraint("opportunity_id", "person_id"),)


class StageHistory(Record):
    """What became of a deal, day by day: its moves between stages, its end, its reopening.

    The first row of a deal has no ``from_stage``; ``days`` passed since the row before, so that
    all of them add up to the age of the deal.
    """

    __tablename__ = "stage_history"
    opportunity_id: Mapped[int] = references("opportunity")
    from_stage_id: Mapped[int | None] = references("stage")
    to_stage_id: Mapped[int] = references("stage")
    moved_at: Mapped[datetime] = mapped_column(index=True)
    moved_by_id: Mapped[int] = references("person")
    days: Mapped[int] = mapped_column(default=0)  # spent in from_stage
    event: Mapped[StageEvent] = mapped_column(
        choice(StageEvent), default=StageEvent.MOVE, server_default=StageEvent.MOVE.value
    )
    reason: Mapped[str | None] = mapped_column(String(255))
    activity_id: Mapped[int | None] = references("activity")  # whose completion moved it


class CompetitorEntry(Versioned):
    """竞争分析: what a competitor offers in a deal, and how to meet it."""

    __tablename__ = "competitor_entry"
    opportunity_id: Mapped[int] = references("opportunity", index=False)
    competitor: Mapped[str] = mapped_column(String(30))
    product: Mapped[str | None] = mapped_column(String(120))
    price: Mapped[str | None] = mapped_column(String(120))  # as heard: a figure, or 低 8%
    strengths: Mapped[str | None] = mapped_column(String(500))
    weaknesses: Mapped[str | None] = mapped_column(String(500))
    countermeasure: Mapped[str | None] = mapped_column(String(500))
    threat: Mapped[Threat] = mapped_column(choice(Threat), default=Threat.MEDIUM)
    entered_by_id: Mapped[int] = references("person")
    entered_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("opportunity_id", "competitor"),)


class ProcessLog(Versioned):
    """处理过程: one entry of the diary of a deal."""

    __tablename__ = "process_log"
    opportunity_id: Mapped[int] = references("opportunity")
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = references("person")
    content: Mapped[str] = mapped_column(Text)


class OpportunityParty(Record):
    """参与方: a company that has a part in the building project."""

    __tablename__ = "opportunity_party"
    opportunity_id: Mapped[int] = references("opportunity", index=False)
    company: Mapped[str] = mapped_column(String(120))
    role: Mapped[PartyRole] = mapped_column(choice(PartyRole))
    note: Mapped[str | None] = mapped_column(String(255))
    __table_args__ = (UniqueConstraint("opportunity_id", "company", "role"),)


class CustomerNeed(Versioned):
    """需求与异议: what the customer wants or objects to, whose it is, and our answer."""

    __tablename__ = "customer_need"
    opportunity_id: Mapped[int] = references("opportunity")
    kind: Mapped[NeedKind] = mapped_column(choice(NeedKind))
    content: Mapped[str] = mapped_column(Text)
    raised_on: Mapped[date]
    owner_id: Mapped[int] = references("person")
    answer: Mapped[str | None] = mapped_column(Text)  # none: 待答复
    answered_by_id: Mapped[int | None] = references("person")
    answered_at: Mapped[datetime | None]
    entered_by_id: Mapped[int] = references("person")
    entered_at: Mapped[datetime]

"""服务工单: what a customer asked, complained of or had repaired, and what was done about it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Versioned, references
from crmlib.store.types import choice


class TicketKind(StrEnum):
    """What a ticket is about."""

    INQUIRY = "inquiry"
    FEEDBACK = "feedback"
    COMPLAINT = "complaint"
    REPAIR = "repair"


class Severity(StrEnum):
    """How pressing a ticket is; the time allowed follows from it."""

    URGENT = "urgent"
    NORMAL = "normal"
    MINOR = "minor"


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    ACCEPTED = "accepted"
    WORKING = "working"
    SOLVED = "solved"
    REVISITED = "revisited"
    CLOSED = "closed"


class ServiceTicket(Versioned):
    """One matter of after-sales service with a customer."""

    __tablename__ = "service_ticket"
    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[TicketKind] = mapped_column(choice(TicketKind))
    customer_id: Mapped[int] = references("customer")
    order_id: Mapped[int | None] = references("sales_order")
    description: Mapped[str] = mapped_column(Text)
    severity: Mapped[Severity] = mapped_column(choice(Severity), default=Severity.NORMAL)
    status: Mapped[TicketStatus] = mapped_column(choice(TicketStatus), default=TicketStatus.NEW)
    handler_id: Mapped[int | None] = references("person")
    reply_due: Mapped[datetime]
    solve_due: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    solution: Mapped[str | None] = mapped_column(Text)
    solved_at: Mapped[datetime | None]
    revisit: Mapped[str | None] = mapped_column(Text)
    revisited_on: Mapped[date | None]
    score: Mapped[int | None]  # 满意度 1–5
    improvement: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    reopen_reason: Mapped[str | None] = mapped_column(String(255))
    registered_by_id: Mapped[int] = references("person")
    registered_at: Mapped[datetime]
    __table_args__ = (Index("ix_service_ticket_status_solve_due", "status", "solve_due"),)

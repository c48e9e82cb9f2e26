"""Work reports: the plan of a week, the summary of a day, and what stands in them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Id, choice
from crmlib.work_reports.kinds import LineKind, ReportKind, ReportStatus


class WorkReport(Versioned):
    """A person's 周计划 or 日总结; there is one for each week and each day."""

    __tablename__ = "work_report"
    person_id: Mapped[int] = references("person", index=False)
    office_id: Mapped[int] = references("office")  # the author's when he wrote it
    kind: Mapped[ReportKind] = mapped_column(choice(ReportKind))
    starts_on: Mapped[date]  # the Monday of a plan, the day of a summary
    content: Mapped[str] = mapped_column(String(100), default="")
    outcome: Mapped[str] = mapped_column(String(100), default="")
    subject: Mapped[str] = mapped_column(String(255), default="")
    internal: Mapped[bool] = mapped_column(default=False)  # 内部事务: about no customer
    status: Mapped[ReportStatus] = mapped_column(choice(ReportStatus), default=ReportStatus.DRAFT)
    submitted_at: Mapped[datetime | None]
    late: Mapped[bool | None]  # of the first hand-in; None before it
    comment: Mapped[str | None] = mapped_column(Text)
    reviewed_by_id: Mapped[int | None] = references("person")
    reviewed_at: Mapped[datetime | None]
    returned_reason: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "starts_on"),
        Index("ix_work_report_kind_starts_on", "kind", "starts_on"),
        Index("ix_work_report_status_person_id", "status", "person_id"),
    )


class WorkReportCustomer(Record):
    """A customer a report is about."""

    __tablename__ = "work_report_customer"
    report_id: Mapped[int] = references("work_report")
    customer_id: Mapped[int] = references("customer")
    __table_args__ = (UniqueConstraint("report_id", "customer_id"),)


class WorkReportLine(Record):
    """One line: text alone, or an activity told or planned."""

    __tablename__ = "work_report_line"
    report_id: Mapped[int] = references("work_report", index=False)
    kind: Mapped[LineKind] = mapped_column(choice(LineKind))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(255))
    result: Mapped[str | None] = mapped_column(String(255))
    activity_type: Mapped[str | None] = mapped_column(String(30))
    customer_id: Mapped[int | None] = references("customer")
    opportunity_id: Mapped[int | None] = references("opportunity")
    planned_on: Mapped[date | None]
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    # A planned activity may be deleted; the line keeps telling of the plan.
    activity_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("activity.id", ondelete="SET NULL"), index=True
    )
    __table_args__ = (UniqueConstraint("report_id", "kind", "position"),)

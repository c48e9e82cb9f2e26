"""One report as its author and those above him read it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity
from crmlib.people.model import Office, Person
from crmlib.people.workdays import is_workday
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.engine import reading
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import LineKind, ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport, WorkReportCustomer, WorkReportLine
from crmlib.work_reports.naming import period_text
from crmlib.work_reports.queries import status_text
from crmlib.work_reports.rows import reviewable_reports, visible_reports


@dataclass(frozen=True, slots=True)
class ReportCustomer:
    """A customer of a report; without an id the reader may not open it."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line in words; ``activity`` is the number of its activity, its id for who may open it."""

    kind: LineKind
    text: str
    result: str
    activity_type: str
    about: str
    when: str
    activity: str
    activity_id: int | None


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A report with its lines, and what its reader may do with it."""

    id: int
    version: int
    kind: ReportKind
    starts_on: date
    person: str
    office: str
    content: str
    outcome: str
    subject: str
    internal: bool
    status: ReportStatus
    status_label: str
    late: bool
    submitted_at: datetime | None
    due_at: datetime
    comment: str
    reviewed_by: str
    reviewed_at: datetime | None
    returned_reason: str
    customers: tuple[ReportCustomer, ...]
    lines: tuple[ReportLine, ...]
    is_own: bool
    may_review: bool


def report_card(actor: Actor, report_id: int) -> ReportCard:
    """Return a report the actor wrote or may read.

    Raises:
        NotAllowed: neither, or no such report.
    """
    with reading() as session:
        row = session.execute(
            select(
                WorkReport,
                Person.name.label("person"),
                Office.name.label("office"),
                reviewable_reports(actor).label("may_review"),
            )
            .join(Person, Person.id == WorkReport.person_id)
            .join(Office, Office.id == WorkReport.office_id)
            .where(WorkReport.id == report_id, visible_reports(actor))
        ).one_or_none()
        if row is None:
            raise NotAllowed
        return _card(session, actor, row)


_OWN = (
    *("id", "version", "kind", "starts_on", "content", "outcome", "subject", "internal", "status"),
)


def _card(session: Session, actor: Actor, row: Any) -> ReportCard:
    report: WorkReport = row[0]
    reviewer = report.reviewed_by_id and session.get(Person, report.reviewed_by_id)
    own: dict[str, Any] = {name: getattr(report, name) for name in _OWN}
    return ReportCard(
        **own,
        person=row.person,
        office=row.office,
        status_label=status_text(report.status, report.returned_reason),
        late=bool(report.late),
        submitted_at=_local(report.submitted_at),
        due_at=rules.due_at(report.kind, report.starts_on, is_workday),
        comment=report.comment or "",
        reviewed_by=reviewer.name if reviewer else "",
        reviewed_at=_local(report.reviewed_at),
        returned_reason=report.returned_reason or "",
        customers=_customers(session, actor, report.id),
        lines=tuple(_lines(session, actor, [report.id]).get(report.id, ())),
        is_own=report.person_id == actor.person_id,
        may_review=bool(row.may_review) and report.status is not ReportStatus.DRAFT,
    )


def _customers(session: Session, actor: Actor, report_id: int) -> tuple[ReportCustomer, ...]:
    rows = session.execute(
        select(Customer.id, Customer.name, visible_customers(actor).label("opens"))
        .join(WorkReportCustomer, WorkReportCustomer.customer_id == Customer.id)
        .where(WorkReportCustomer.report_id == report_id)
        .order_by(WorkReportCustomer.id)
    )
    return tuple(ReportCustomer(row.id if row.opens else None, row.name) for row in rows)


def report_lines(actor: Actor, report_ids: list[int]) -> list[tuple[str, str, ReportLine]]:
    """Return period, author and line of all lines of reports the actor may read, in order."""
    with reading() as session:
        heads = {
            row.id: row
            for row in session.execute(
                select(WorkReport.id, WorkReport.kind, WorkReport.starts_on, Person.name)
                .join(Person, Person.id == WorkReport.person_id)
                .where(WorkReport.id.in_(report_ids), visible_reports(actor))
            )
        }
        found = _lines(session, actor, [key for key in report_ids if key in heads])
    return [
        (period_text(heads[key].kind, heads[key].starts_on), heads[key].name, line)
        for key in report_ids
        for line in found.get(key, ())
    ]


def _lines(session: Session, actor: Actor, ids: list[int]) -> dict[int, list[ReportLine]]:
    types = labels(session, DictKind.ACTIVITY_TYPE)
    rows = session.execute(
        select(
            WorkReportLine,
            Customer.name.label("customer"),
            Opportunity.subject.label("deal"),
            Activity.number.label("number"),
            visible_activities(actor).label("opens"),
        )
        .outerjoin(Customer, Customer.id == WorkReportLine.customer_id)
        .outerjoin(Opportunity, Opportunity.id == WorkReportLine.opportunity_id)
        .outerjoin(Activity, Activity.id == WorkReportLine.activity_id)
        .where(WorkReportLine.report_id.in_(ids))
        .order_by(WorkReportLine.report_id, WorkReportLine.position)
    )
    found: dict[int, list[ReportLine]] = {}
    for line, customer, deal, number, opens in rows:
        found.setdefault(line.report_id, []).append(
            ReportLine(
                kind=line.kind,
                text=line.text,
                result=line.result or "",
                activity_type=types.get(line.activity_type or "", ""),
                about=" · ".join(filter(None, (customer, deal))),
                when=_when(line),
                activity=number or "",
                activity_id=line.activity_id if opens else None,
            )
        )
    return found


def _when(line: WorkReportLine) -> str:
    day = (
        f"{line.planned_on:%m-%d} 周{'一二三四五六日'[line.planned_on.weekday()]}"
        if line.planned_on
        else ""
    )
    if line.planned_start is None:
        return day
    return f"{day} {rules.hours_text(line.planned_start, line.planned_end)}"


def _local(moment: datetime | None) -> datetime | None:
    return clock.local(moment) if moment else None

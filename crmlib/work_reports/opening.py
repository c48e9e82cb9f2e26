"""Open the report of a week or day: the one that is there, or a new one filled in already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.model import Activity
from crmlib.activities.states import ActivityStatus
from crmlib.customers.model import Customer
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity
from crmlib.people.workdays import add_workdays, is_workday
from crmlib.store.engine import reading
from crmlib.work_reports import rules
from crmlib.work_reports.choices import CUSTOMER, DEAL
from crmlib.work_reports.kinds import PLANS, LineKind, ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport, WorkReportCustomer, WorkReportLine
from crmlib.work_reports.rules import MOST_LINES, LineDraft, ReportDraft
from crmlib.work_reports.settings import internal_allowed

_UNDONE = (ActivityStatus.NOT_STARTED, ActivityStatus.STARTED)


@dataclass(frozen=True, slots=True)
class OpenedReport:
    """A report as its form shows it; without ``report_id`` nothing is stored yet.

    ``names`` are label and hint of what it names, by ``c12`` or ``o34``; ``unlisted`` counts
    activities of the period that stand in no line.
    """

    kind: ReportKind
    starts_on: date
    report_id: int | None
    version: int | None
    status: ReportStatus
    draft: ReportDraft
    names: Mapping[str, tuple[str, str]]
    unlisted: int
    returned_reason: str
    due_at: datetime
    is_overdue: bool
    internal_allowed: bool
    period_fault: str


def open_report(
    actor: Actor, kind: ReportKind, day: date, *, with_unlisted: bool = False
) -> OpenedReport:
    """Return the actor's report of the week or day that ``day`` belongs to.

    A new one holds the completed activities of the day and what is planned for the next, or what
    is planned for the week; so does a draft, ``with_unlisted``, after its own lines.

    Raises:
        NotAllowed: the actor writes no reports.
    """
    if not actor.may(Permission.REPORT_WRITE):
        raise NotAllowed
    start = rules.starts_on(kind, day)
    due = rules.due_at(kind, start, is_workday)
    with reading() as session:
        report = _own(session, actor, kind, start)
        lines = _lines_of(session, report) if report else ()
        fresh = _fresh_lines(session, actor, kind, start, {line.activity_id for line in lines})
        if report is None or with_unlisted:
            lines, fresh = (*lines, *fresh)[:MOST_LINES], ()
        draft = replace(_draft_of(session, report), lines=lines)
        if report is None or with_unlisted:
            draft = rules.cleaned(draft)
        return OpenedReport(
            kind=kind,
            starts_on=start,
            report_id=report.id if report else None,
            version=report.version if report else None,
            status=report.status if report else ReportStatus.DRAFT,
            draft=draft,
            names=_names(session, draft),
            unlisted=sum(line.activity_id is not None for line in fresh),
            returned_reason=(report.returned_reason or "") if report else "",
            due_at=due,
            is_overdue=clock.now() > due,
            internal_allowed=internal_allowed(session),
            period_fault=rules.period_fault(kind, start, clock.today()),
        )


def _own(session: Session, actor: Actor, kind: ReportKind, start: date) -> WorkReport | None:
    return session.scalar(
        select(WorkReport).where(
            WorkReport.person_id == actor.person_id,
            WorkReport.kind == kind,
            WorkReport.starts_on == start,
        )
    )


def _draft_of(session: Session, report: WorkReport | None) -> ReportDraft:
    if report is None:
        return ReportDraft()
    composed = rules.compose_subject(report.content, report.outcome)
    customers = session.scalars(
        select(WorkReportCustomer.customer_id)
        .where(WorkReportCustomer.report_id == report.id)
        .order_by(WorkReportCustomer.id)
    )
    return ReportDraft(
        content=report.content,
        outcome=report.outcome,
        subject="" if report.subject == composed else report.subject,
        customers=tuple(customers),
        internal=report.internal,
    )


def _lines_of(session: Session, report: WorkReport) -> tuple[LineDraft, ...]:
    rows = session.scalars(
        select(WorkReportLine)
        .where(WorkReportLine.report_id == report.id)
        .order_by(WorkReportLine.position)
    )
    return tuple(
        LineDraft(
            kind=row.kind,
            text=row.text,
            result=row.result or "",
            activity_type=row.activity_type or "",
            customer_id=row.customer_id,
            opportunity_id=row.opportunity_id,
            day=row.planned_on,
            hours=_hours(row.planned_start, row.planned_end),
            activity_id=row.activity_id,
        )
        for row in rows
    )


def _fresh_lines(
    session: Session, actor: Actor, kind: ReportKind, start: date, told: set[int | None]
) -> tuple[LineDraft, ...]:
    """Return lines of the period's activities that are not told of, and of the week's plan."""
    if kind is ReportKind.PLAN:
        return tuple(_planned(session, actor, LineKind.PLAN, rules.days_of(kind, start), told))
    done = _of_activities(
        session,
        LineKind.DONE,
        Activity.owner_id == actor.person_id,
        Activity.status == ActivityStatus.DONE,
        Activity.ended_at >= _midnight(start),
        Activity.ended_at < _midnight(start + timedelta(days=1)),
    )
    ahead = add_workdays(start, 1) - start
    days = tuple(start + timedelta(days=n) for n in range(1, ahead.days + 1))
    planned = _planned(session, actor, LineKind.TOMORROW, days, told)
    noted = [] if told else _noted(session, actor, days)
    return (*(line for line in done if line.activity_id not in told), *planned, *noted)


def _planned(
    session: Session, actor: Actor, kind: LineKind, days: tuple[date, ...], told: set[int | None]
) -> list[LineDraft]:
    found = _of_activities(
        session,
        kind,
        Activity.owner_id == actor.person_id,
        Activity.status.in_(_UNDONE),
        Activity.planned_start >= _midnight(days[0]),
        Activity.planned_start < _midnight(days[-1] + timedelta(days=1)),
    )
    return [line for line in found if line.activity_id not in told]


def _of_activities(session: Session, kind: LineKind, *wanted: object) -> list[LineDraft]:
    when = Activity.ended_at if kind is LineKind.DONE else Activity.planned_start
    rows = session.scalars(
        select(Activity).where(*wanted).order_by(when, Activity.id).limit(MOST_LINES)  # type: ignore[arg-type]
    )
    return [
        LineDraft(
            kind=kind,
            text=row.subject,
            result=(row.result or "") if kind is LineKind.DONE else "",
            activity_type=row.activity_type,
            customer_id=row.customer_id,
            opportunity_id=row.opportunity_id,
            day=None if kind is LineKind.DONE else _day(row.planned_start),
            hours="" if kind is LineKind.DONE else _hours(row.planned_start, row.planned_end),
            activity_id=row.id,
        )
        for row in rows
    ]


def _noted(session: Session, actor: Actor, days: tuple[date, ...]) -> list[LineDraft]:
    """Return what the plan of the week says of these days without an activity."""
    rows = session.scalars(
        select(WorkReportLine)
        .join(WorkReport, WorkReport.id == WorkReportLine.report_id)
        .where(
            WorkReport.person_id == actor.person_id,
            WorkReport.kind == ReportKind.PLAN,
            WorkReportLine.planned_on.in_(days),
            WorkReportLine.activity_id.is_(None),
            WorkReportLine.planned_start.is_(None),
        )
        .order_by(WorkReportLine.planned_on, WorkReportLine.position)
    )
    return [
        LineDraft(
            kind=PLANS[ReportKind.SUMMARY],
            text=row.text,
            activity_type=row.activity_type or "",
            customer_id=row.customer_id,
            opportunity_id=row.opportunity_id,
            day=row.planned_on,
        )
        for row in rows
    ]


def _names(session: Session, draft: ReportDraft) -> dict[str, tuple[str, str]]:
    customers = {*draft.customers, *(line.customer_id for line in draft.lines)} - {None}
    deals = {line.opportunity_id for line in draft.lines} - {None}
    found = {
        f"{CUSTOMER}{key}": (name, code)
        for key, name, code in session.execute(
            select(Customer.id, Customer.name, Customer.code).where(
                Customer.id.in_(_ids(customers))
            )
        )
    }
    return found | {
        f"{DEAL}{key}": (subject, name)
        for key, subject, name in session.execute(
            select(Opportunity.id, Opportunity.subject, Customer.name)
            .join(Customer, Customer.id == Opportunity.customer_id)
            .where(Opportunity.id.in_(_ids(deals)))
        )
    }


def _ids(found: Iterable[int | None]) -> list[int]:
    return sorted(key for key in found if key is not None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def _hours(start: datetime | None, end: datetime | None) -> str:
    return rules.hours_text(start, end) if start else ""

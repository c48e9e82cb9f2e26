"""Write a checked draft into a report and its lines, inside an action's transaction."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, attributes

from crmlib import clock
from crmlib.access.action import Work, expect_version
from crmlib.access.grants import Permission
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport, WorkReportCustomer, WorkReportLine
from crmlib.work_reports.rules import LineDraft, ReportDraft
from crmlib.work_reports.settings import internal_allowed


def own_report(work: Work, kind: ReportKind, start: date, version: int | None) -> WorkReport | None:
    """Return the actor's report of a period for writing; None if he has none yet.

    Raises:
        Refused: it is handed in, or a new form meets a report that is there already.
        Stale: it was changed since the form was opened.
    """
    report = work.session.scalar(
        select(WorkReport)
        .where(
            WorkReport.person_id == work.actor.person_id,
            WorkReport.kind == kind,
            WorkReport.starts_on == start,
        )
        .with_for_update()
    )
    if report is None:
        return None
    if rules.step(report.status, "save") is None:
        raise Refused(rules.LOCKED)
    if version is None:
        raise Refused(rules.ALREADY_THERE)
    expect_version(report, version)
    return report


def require_period(kind: ReportKind, start: date) -> None:
    """Refuse a period that is none, or that can't be written of today."""
    if start != rules.starts_on(kind, start):
        raise Invalid({"": "周计划从周一开始"})
    if fault := rules.period_fault(kind, start, clock.today()):
        raise Invalid({"": fault})


def with_customers(work: Work, draft: ReportDraft) -> ReportDraft:
    """Return the draft with the customer of each deal that a line names alone."""
    deals = _deals(work, [line.opportunity_id for line in draft.lines])
    lines = [
        replace(line, customer_id=line.customer_id or deals.get(line.opportunity_id or 0))
        for line in draft.lines
    ]
    return replace(draft, lines=tuple(lines))


def reach_faults(
    work: Work, kind: ReportKind, draft: ReportDraft, report: WorkReport | None
) -> dict[str, str]:
    """Return faults of what a draft names: customers and deals the actor can't choose.

    Raises:
        NotAllowed: an activity that is not the actor's to tell of.
    """
    session = work.session
    known = _customers(work, draft.customers) | _held_customers(session, report)
    found = {}
    if set(draft.customers) - known:
        found["customers"] = "相关联客户 只能选择您可以查看的客户"
    deals = _deals(work, [line.opportunity_id for line in draft.lines])
    for name, line in rules.placed(kind, draft.lines):
        deal = line.opportunity_id
        if deal and (deal not in deals or deals[deal] != line.customer_id):
            found[f"{name}.about"] = "商机 只能选择该客户的、您可以查看的商机"
    _require_activities(work, draft.lines)
    return found


def _customers(work: Work, ids: Iterable[int]) -> set[int]:
    allowed = visible_customers(work.actor, Permission.CUSTOMER_VIEW)
    wanted = select(Customer.id).where(Customer.id.in_(ids), Customer.status.in_(LIVE), allowed)
    return set(work.session.scalars(wanted))


def _held_customers(session: Session, report: WorkReport | None) -> set[int]:
    # A customer that was merged or handed over meanwhile stays where it was named.
    if report is None:
        return set()
    held = WorkReportCustomer.report_id == report.id
    return set(session.scalars(select(WorkReportCustomer.customer_id).where(held)))


def _deals(work: Work, ids: Iterable[int | None]) -> dict[int, int]:
    wanted = [key for key in ids if key is not None]
    rows = select(Opportunity.id, Opportunity.customer_id).where(
        Opportunity.id.in_(wanted),
        visible_opportunities(work.actor, Permission.OPPORTUNITY_VIEW),
    )
    return {row.id: row.customer_id for row in work.session.execute(rows)}


def _require_activities(work: Work, lines: Iterable[LineDraft]) -> None:
    wanted = {line.activity_id for line in lines if line.activity_id is not None}
    if not wanted:
        return
    rows = select(Activity.id).where(Activity.id.in_(wanted), visible_activities(work.actor))
    if wanted - set(work.session.scalars(rows)):
        raise NotAllowed


def store(
    work: Work, kind: ReportKind, start: date, draft: ReportDraft, report: WorkReport | None
) -> tuple[WorkReport, list[WorkReportLine]]:
    """Write a draft that has no faults; return the report and its lines in their order."""
    session = work.session
    if report is None:
        report = WorkReport(
            person_id=work.actor.person_id,
            office_id=work.actor.office_id,
            kind=kind,
            starts_on=start,
            created_at=clock.now(),
            status=ReportStatus.DRAFT,
        )
        session.add(report)
    report.content, report.outcome = draft.content, draft.outcome
    report.subject = draft.subject or rules.compose_subject(draft.content, draft.outcome)
    report.internal = draft.internal and not draft.customers and internal_allowed(session)
    attributes.flag_modified(report, "subject")  # lines count: the version grows with them
    session.flush()
    _store_customers(session, report, draft.customers)
    return report, _store_lines(session, report, draft.lines)


def _store_customers(session: Session, report: WorkReport, wanted: Iterable[int]) -> None:
    held = {
        row.customer_id: row
        for row in session.scalars(
            select(WorkReportCustomer).where(WorkReportCustomer.report_id == report.id)
        )
    }
    for key in held.keys() - set(wanted):
        session.delete(held[key])
    session.add_all(
        WorkReportCustomer(report_id=report.id, customer_id=key)
        for key in wanted
        if key not in held
    )


def _store_lines(
    session: Session, report: WorkReport, lines: Iterable[LineDraft]
) -> list[WorkReportLine]:
    held = {
        (row.kind, row.position): row
        for row in session.scalars(
            select(WorkReportLine).where(WorkReportLine.report_id == report.id)
        )
    }
    stored = []
    for position, line in enumerate(lines):
        row = held.pop((line.kind, position), None)
        if row is None:
            row = WorkReportLine(report_id=report.id, kind=line.kind, position=position)
            session.add(row)
        for name, value in _columns(line).items():
            setattr(row, name, value)
        stored.append(row)
    for row in held.values():
        session.delete(row)
    session.flush()
    return stored


def _columns(line: LineDraft) -> dict[str, object]:
    span = rules.hours_of(line)
    return {
        "text": line.text,
        "result": line.result or None,
        "activity_type": line.activity_type or None,
        "customer_id": line.customer_id,
        "opportunity_id": line.opportunity_id,
        "planned_on": line.day,
        "planned_start": span[0] if span else None,
        "planned_end": span[1] if span else None,
        "activity_id": line.activity_id,
    }

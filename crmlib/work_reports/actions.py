"""Keep a report as a draft, hand it in, read it, comment on it, give it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import notify
from crmlib.people.workdays import is_workday
from crmlib.store.text import clean, clean_lines
from crmlib.work_reports import rules
from crmlib.work_reports.effects import make_activities
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.labels import WORK_REPORT
from crmlib.work_reports.model import WorkReport
from crmlib.work_reports.naming import report_name
from crmlib.work_reports.rows import reviewable_reports
from crmlib.work_reports.rules import ReportDraft
from crmlib.work_reports.settings import internal_allowed
from crmlib.work_reports.storing import (
    own_report,
    reach_faults,
    require_period,
    store,
    with_customers,
)

MOST_READ = 200  # reports marked at once
REASON_LENGTH = 255


@dataclass(frozen=True, slots=True)
class ReportSaved:
    """A report after its author saved it or handed it in; ``activities`` were made of its lines."""

    report_id: int
    version: int
    subject: str
    late: bool
    activities: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A report after its reader's step; ``text`` is what he reads."""

    report_id: int
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class ReadDone:
    """How many reports were marked as read."""

    count: int


@action(Permission.REPORT_WRITE)
def save_report(
    work: Work,
    kind: ReportKind,
    starts_on: date,
    draft: ReportDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> ReportSaved:
    """Keep the actor's report of a week or day as a draft; a new one has no version.

    Raises:
        Invalid: what is too long or nonsense; a period that can't be written of.
        Refused: it is handed in, or it is there already.
        Stale: it was changed since the form was opened.
    """
    draft = rules.cleaned(with_customers(work, draft))
    report = own_report(work, kind, starts_on, version)
    require_period(kind, starts_on)
    if found := rules.draft_faults(kind, draft) | reach_faults(work, kind, draft, report):
        raise Invalid(found)
    report, _ = store(work, kind, starts_on, draft, report)
    return ReportSaved(report.id, report.version, report.subject, bool(report.late), 0)


@action(Permission.REPORT_WRITE)
def submit_report(
    work: Work,
    kind: ReportKind,
    starts_on: date,
    draft: ReportDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> ReportSaved:
    """Save the actor's report and hand it in; its lines become activities, each only once.

    Raises:
        Invalid, Refused, Stale: as ``save_report``; and what a whole report must have.
    """
    draft = rules.cleaned(with_customers(work, draft))
    report = own_report(work, kind, starts_on, version)
    require_period(kind, starts_on)
    allowed = internal_allowed(work.session)
    found = rules.faults(kind, draft, internal_allowed=allowed)
    if found := found | reach_faults(work, kind, draft, report):
        raise Invalid(found)
    report, lines = store(work, kind, starts_on, draft, report)
    made = make_activities(work, kind, starts_on, draft.lines, lines)
    now = clock.now()
    report.status, report.submitted_at = ReportStatus.SUBMITTED, now
    if report.late is None:  # a report given back was in time when it came first
        report.late = rules.is_late(kind, starts_on, now, is_workday)
    report.returned_reason = None
    work.session.flush()
    return ReportSaved(report.id, report.version, report.subject, report.late, made)


@action(Permission.REPORT_REVIEW)
def review_report(
    work: Work,
    report_id: int,
    comment: str = "",
    *,
    version: int | None = None,
    token: str | None = None,
) -> Reviewed:
    """已阅, with a 批注 if there is something to say; who wrote the report is told."""
    report = _handed_in(work, report_id, "read", version)
    text = clean_lines(comment)
    if fault := rules.comment_fault(
        text, WORK_REPORT["comment"], needed=False, most=rules.COMMENT_LENGTH
    ):
        raise Invalid({"comment": fault})
    _sign(work, report)
    name = report_name(report.kind, report.starts_on)
    if text:
        said = f"{work.actor.name}：{text}"
        report.comment = f"{report.comment}\n{said}" if report.comment else said
        _tell(work, [report.person_id], f"批注：{name}", f"{said}\n主题：{report.subject}", report)
    else:
        _tell(work, [report.person_id], f"已阅：{name}", _read_by(work, report.subject), report)
    work.session.flush()
    return Reviewed(report.id, report.version, "批注已保存" if text else "已标为已阅")


@action(Permission.REPORT_REVIEW)
def read_reports(work: Work, report_ids: Sequence[int], *, token: str | None = None) -> ReadDone:
    """已阅 for several reports at once; what was read already, or can't be, is left as it is."""
    if len(report_ids) > MOST_READ:
        message = f"一次最多标记 {MOST_READ} 份报告"
        raise Refused(message)
    told: dict[int, list[WorkReport]] = {}
    waiting = select(WorkReport).where(
        WorkReport.id.in_(report_ids),
        WorkReport.status == ReportStatus.SUBMITTED,
        reviewable_reports(work.actor),
    )
    for report in work.session.scalars(waiting.order_by(WorkReport.id)):
        _sign(work, report)
        told.setdefault(report.person_id, []).append(report)
    for person_id, reports in told.items():
        names = [report_name(each.kind, each.starts_on) for each in reports]
        title = f"已阅：{names[0]}" + (f" 等 {len(names)} 份" if len(names) > 1 else "")
        _tell(work, [person_id], title, _read_by(work, "\n".join(names)), reports[0])
    return ReadDone(sum(len(reports) for reports in told.values()))


@action(Permission.REPORT_REVIEW)
def return_report(
    work: Work,
    report_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Reviewed:
    """退回: the report is a draft again, its author reads why and hands it in anew."""
    report = _handed_in(work, report_id, "return", version)
    reason = clean(reason)
    label = WORK_REPORT["returned_reason"]
    if fault := rules.comment_fault(reason, label, needed=True, most=REASON_LENGTH):
        raise Invalid({"reason": fault})
    report.status, report.returned_reason = ReportStatus.DRAFT, reason
    report.reviewed_by_id = report.reviewed_at = None
    name = report_name(report.kind, report.starts_on)
    _tell(
        work,
        [report.person_id],
        f"退回：{name}",
        f"{work.actor.name} 退回了您的报告，请修改后重新提交。\n原因：{reason}",
        report,
    )
    work.session.flush()
    return Reviewed(report.id, report.version, "报告已退回")


def _handed_in(work: Work, report_id: int, event: str, version: int | None) -> WorkReport:
    report = work.fetch(WorkReport, report_id, reviewable_reports(work.actor))
    if rules.step(report.status, event) is None:
        raise Refused(rules.refusal(report.status))
    expect_version(report, version)
    return report


def _sign(work: Work, report: WorkReport) -> None:
    report.status = ReportStatus.READ
    report.reviewed_by_id, report.reviewed_at = work.actor.person_id, clock.now()


def _read_by(work: Work, what: str) -> str:
    return f"{work.actor.name} 已阅您的报告。\n{what}"


def _tell(work: Work, people: list[int], title: str, body: str, report: WorkReport) -> None:
    related = (WorkReport.__tablename__, report.id)
    notify(work.session, people, title, body, related, sender_id=work.actor.person_id)

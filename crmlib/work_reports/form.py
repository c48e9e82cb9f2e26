"""The form of a report: its fields, its lines as rows, and what it sends made into a draft."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crmlib.access.actor import Actor
from crmlib.people.workdays import add_workdays
from crmlib.ui.choices import by_code
from crmlib.ui.fields import PRESSED, SECOND, Field
from crmlib.ui.form import Form
from crmlib.ui.format import WEEKDAYS
from crmlib.ui.options import Option
from crmlib.ui.reply import Reply
from crmlib.ui.route import link
from crmlib.work_reports import rules
from crmlib.work_reports.actions import ReportSaved, save_report, submit_report
from crmlib.work_reports.choices import (
    CUSTOMER,
    DEAL,
    about_choices,
    about_of,
    customer_choices,
    type_choices,
)
from crmlib.work_reports.kinds import PLANS, LineKind, ReportKind
from crmlib.work_reports.labels import REPORT_LINE_KINDS, WORK_REPORT, WORK_REPORT_LINE
from crmlib.work_reports.opening import OpenedReport
from crmlib.work_reports.queries import PAGE
from crmlib.work_reports.rules import LineDraft, ReportDraft

_HIDDEN = Field(name="activity_id", label="", kind="hidden")


def report_form(actor: Actor, opened: OpenedReport) -> Form:
    """Return the form of an opened report: 提交, or 保存草稿 as it is."""
    # The form stays after 保存草稿: the next save is of the version that made.
    version = [opened.version]

    def submit(values: dict[str, Any], token: str) -> Reply:
        draft = read_draft(opened.kind, values)
        is_draft = values.get(PRESSED) == SECOND
        save = save_report if is_draft else submit_report
        saved = save(actor, opened.kind, opened.starts_on, draft, version=version[0], token=token)
        version[0] = saved.version
        if is_draft:
            return Reply(ok=True, message="草稿已保存，尚未提交")
        return Reply(ok=True, message=_said(saved), next=link(PAGE, saved.report_id))

    def check(values: dict[str, Any]) -> Mapping[str, str]:
        draft = rules.cleaned(read_draft(opened.kind, values))
        if values.get(PRESSED) == SECOND:
            return rules.draft_faults(opened.kind, draft)
        return rules.faults(opened.kind, draft, internal_allowed=opened.internal_allowed)

    return Form(
        _fields(opened),
        submit,
        key=f"work_report {opened.kind.value} {opened.starts_on}",
        values=_values(opened),
        version=opened.version,
        submit_label="提交",
        second="保存草稿",
        check=check,
        on_ask={
            "customers": lambda text, _values: customer_choices(actor, text),
            "about": lambda text, _values: about_choices(actor, text),
        },
    )


def _said(saved: ReportSaved) -> str:
    said = "报告已提交（迟交）" if saved.late else "报告已提交"
    return f"{said}，登记活动 {saved.activities} 个" if saved.activities else said


def _fields(opened: OpenedReport) -> list[Field]:
    lines = [_lines_field("plans", PLANS[opened.kind], _plan_columns(opened))]
    if opened.kind is ReportKind.SUMMARY:
        lines.insert(0, _lines_field("done", LineKind.DONE, _done_columns()))
    customers = Field(
        name="customers",
        label=WORK_REPORT["customers"],
        kind="multiselect",
        search="customers",
        hint="至少选择一个；明细中的客户自动加入",
        width=2,
    )
    internal = Field(
        name="internal",
        label=WORK_REPORT["internal"],
        kind="checkbox",
        hint="没有相关联客户时勾选",
        width=2,
    )
    subject = Field(
        name="subject",
        label=WORK_REPORT["subject"],
        max_length=rules.TEXT_LENGTH,
        hint=f"留空自动组成。{rules.SUBJECT_FORMAT}",
        width=2,
    )
    inside = [internal] if opened.internal_allowed else []
    return [
        _short("content", "做了什么，例如 拜访南山项目"),
        _short("outcome", "得到什么，例如 确认封样"),
        customers,
        *inside,
        *lines,
        subject,
    ]


def _short(name: str, hint: str) -> Field:
    return Field(
        name=name, label=WORK_REPORT[name], required=True, max_length=rules.SHORT_LENGTH, hint=hint
    )


def _lines_field(name: str, kind: LineKind, columns: Sequence[Field]) -> Field:
    return Field(
        name=name,
        label=REPORT_LINE_KINDS[kind.value],
        kind="lines",
        columns=tuple(columns),
        most=rules.MOST_LINES,
    )


def _column(name: str, **more: Any) -> Field:
    return Field(name=name, label=WORK_REPORT_LINE[name], **more)


def _done_columns() -> list[Field]:
    return [
        _HIDDEN,
        _column("text", max_length=rules.TEXT_LENGTH),
        _column("about", kind="picker", search="about", width=240),
        _column("activity_type", kind="select", options=by_code(type_choices()), width=110),
        _column("result", max_length=rules.TEXT_LENGTH, width=260),
    ]


def _plan_columns(opened: OpenedReport) -> list[Field]:
    days = set(rules.planned_days(opened.kind, opened.starts_on))
    # After a long holiday the next working day may be further off.
    days |= {line.day for line in opened.draft.lines if line.day}
    is_summary = opened.kind is ReportKind.SUMMARY
    usual = add_workdays(opened.starts_on, 1) if is_summary else None
    days |= {usual} if usual else set()
    options = [(f"{day}", f"{day:%m-%d} 周{WEEKDAYS[day.weekday()]}") for day in sorted(days)]
    return [
        _HIDDEN,
        _column(
            "day",
            kind="select",
            options=options,
            default=f"{usual}" if usual else None,
            width=112,
        ),
        _column("hours", hint="10:00-11:30", width=110),
        _column("text", max_length=rules.TEXT_LENGTH),
        _column("about", kind="picker", search="about", width=240),
        _column("activity_type", kind="select", options=by_code(type_choices()), width=110),
    ]


def _values(opened: OpenedReport) -> dict[str, object]:
    draft = opened.draft
    return {
        "content": draft.content,
        "outcome": draft.outcome,
        "subject": draft.subject,
        "internal": draft.internal,
        "customers": [
            Option(key, *opened.names.get(f"{CUSTOMER}{key}", ("", ""))) for key in draft.customers
        ],
        "done": [_row(opened, each) for each in draft.lines if each.kind is LineKind.DONE],
        "plans": [_row(opened, each) for each in draft.lines if each.kind is not LineKind.DONE],
    }


def _row(opened: OpenedReport, line: LineDraft) -> dict[str, object]:
    deal, customer = f"{DEAL}{line.opportunity_id}", f"{CUSTOMER}{line.customer_id}"
    key = deal if deal in opened.names else customer
    return {
        "activity_id": line.activity_id,
        "day": f"{line.day}" if line.day else "",
        "hours": line.hours,
        "text": line.text,
        "about": Option(key, *opened.names[key]) if key in opened.names else None,
        "activity_type": line.activity_type,
        "result": line.result,
    }


def read_draft(kind: ReportKind, values: Mapping[str, Any]) -> ReportDraft:
    """Return what a form sent as a draft."""
    lines = [_line(LineKind.DONE, row) for row in values.get("done") or ()]
    lines += [_line(PLANS[kind], row) for row in values.get("plans") or ()]
    return ReportDraft(
        content=values["content"],
        outcome=values["outcome"],
        subject=values["subject"],
        customers=tuple(int(key) for key in values["customers"] if str(key).isdecimal()),
        internal=bool(values.get("internal")),
        lines=tuple(lines),
    )


def _line(kind: LineKind, row: Mapping[str, Any]) -> LineDraft:
    customer, deal = about_of(row["about"])
    activity = str(row.get("activity_id") or "")
    return LineDraft(
        kind=kind,
        text=row["text"],
        result=row.get("result") or "",
        activity_type=row["activity_type"] or "",
        customer_id=customer,
        opportunity_id=deal,
        day=date.fromisoformat(row["day"]) if row.get("day") else None,
        hours=row.get("hours") or "",
        activity_id=int(activity) if activity.isdecimal() else None,
    )

"""A report on its page, and the steps of who reads it."""

from collections.abc import Sequence
from typing import Any

import marimo as mo

from crmlib.access.actor import Actor
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link
from crmlib.work_reports.actions import REASON_LENGTH, return_report, review_report
from crmlib.work_reports.card import ReportCard, ReportLine
from crmlib.work_reports.kinds import LineKind, ReportStatus
from crmlib.work_reports.labels import REPORT_LINE_KINDS, WORK_REPORT
from crmlib.work_reports.naming import TITLES, period_text
from crmlib.work_reports.queries import LIST
from crmlib.work_reports.rules import COMMENT_LENGTH

TONES: dict[ReportStatus, cards.Tone] = {
    ReportStatus.DRAFT: "mute",
    ReportStatus.SUBMITTED: "info",
    ReportStatus.READ: "good",
}
EDITORS = {"plan": "weekly_plan", "summary": "daily_summary"}


def report_title(report: ReportCard) -> mo.Html:
    """Return the head of a report's page."""
    tags = [cards.tag(report.status_label, TONES[report.status])]
    if report.late:
        tags.append(cards.tag("迟交", "warn"))
    title = TITLES[report.kind]
    return cards.page_title(
        title,
        record=f"{report.person} {title}",
        steps=("工作报告", "报告列表", title),
        tags=tags,
        note=period_text(report.kind, report.starts_on),
    )


def report_body(report: ReportCard) -> mo.Html:
    """Return what stands in a report, the words of its readers first."""
    parts = []
    if report.status is ReportStatus.DRAFT and report.returned_reason:
        parts.append(cards.notice(f"已退回：{report.returned_reason}", "warn"))
    if report.comment:
        said = cards.h("div", report.comment, class_="sm-body")
        parts += [cards.section(WORK_REPORT["comment"]), cards.show(said)]
    parts.append(cards.details(_facts(report), columns=2))
    for kind in LineKind:
        lines = [line for line in report.lines if line.kind is kind]
        if lines:
            parts += [cards.section(REPORT_LINE_KINDS[kind.value]), _table(kind, lines)]
    return mo.vstack(parts)


def _facts(report: ReportCard) -> list[tuple[str, object]]:
    label = WORK_REPORT
    names = [
        cards.anchor(each.name, link("customer", each.id, workspace="entry"))
        if each.id is not None
        else each.name
        for each in report.customers
    ]
    joined = [part for name in names for part in ("、", name)][1:]
    customers: object = cards.h("span", *joined) if joined else ""
    if report.internal:
        customers = label["internal"]
    reviewed = (
        f"{report.reviewed_by} {shown.moment(report.reviewed_at)}" if report.reviewed_by else ""
    )
    return [
        (label["subject"], report.subject),
        (label["customers"], customers),
        (label["content"], report.content),
        (label["outcome"], report.outcome),
        (label["person"], f"{report.person}（{report.office}）"),
        (label["submitted_at"], shown.moment(report.submitted_at)),
        ("提交截止", shown.moment(report.due_at)),
        (label["reviewed_by"], reviewed),
    ]


def _table(kind: LineKind, lines: Sequence[ReportLine]) -> mo.Html:
    if kind is LineKind.DONE:
        return cards.small_table(
            ["内容", "客户或商机", "活动类型", "结果", "活动"],
            [
                (each.text, each.about, each.activity_type, each.result, _activity(each))
                for each in lines
            ],
        )
    return cards.small_table(
        ["时间", "内容", "客户或商机", "活动类型", "活动"],
        [(each.when, each.text, each.about, each.activity_type, _activity(each)) for each in lines],
    )


def _activity(line: ReportLine) -> object:
    if line.activity_id is None:
        return line.activity
    return cards.anchor(line.activity, link("activity", line.activity_id, workspace="entry"))


def report_steps(actor: Actor, report: ReportCard) -> list[Action]:
    """Return what the reader may do with a report."""
    steps = []
    if report.is_own and report.status is ReportStatus.DRAFT:
        page = EDITORS[report.kind.value]
        href = link(page, workspace="entry", day=report.starts_on)
        steps.append(Action(label="继续填写", href=href, kind="primary"))
    if report.may_review:
        steps += [_comment(actor, report), *_read(actor, report), _return(actor, report)]
    return steps


def _comment(actor: Actor, report: ReportCard) -> Action:
    def write(values: dict[str, Any], token: str) -> Reply:
        text = values["comment"]
        return saved(
            review_report(actor, report.id, text, version=report.version, token=token).text
        )

    return Action(
        name="comment",
        label="批注",
        kind="primary",
        title=f"批注：{report.subject}",
        fields=[
            Field(
                name="comment",
                label=WORK_REPORT["comment"],
                kind="textarea",
                required=True,
                rows=4,
                max_length=COMMENT_LENGTH,
            )
        ],
        on_submit=write,
        submit_label="保存批注",
    )


def _read(actor: Actor, report: ReportCard) -> list[Action]:
    def mark() -> Reply:
        return saved(review_report(actor, report.id, version=report.version).text)

    is_new = report.status is ReportStatus.SUBMITTED
    return [Action(name="read", label="已阅", call=mark)] if is_new else []


def _return(actor: Actor, report: ReportCard) -> Action:
    def give_back(values: dict[str, Any], token: str) -> Reply:
        reason = values["reason"]
        done = return_report(actor, report.id, reason, version=report.version, token=token)
        # A draft is its author's alone again.
        return saved(done.text, next=link(LIST))

    return Action(
        name="return",
        label="退回",
        kind="danger",
        title=f"退回：{report.subject}",
        note="退回后报告回到草稿，由报告人修改后重新提交。",
        fields=[
            Field(
                name="reason",
                label=WORK_REPORT["returned_reason"],
                kind="textarea",
                required=True,
                max_length=REASON_LENGTH,
            )
        ],
        on_submit=give_back,
        submit_label="退回",
    )

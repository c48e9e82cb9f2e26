"""What stands over the form of a report: its period, its due time, what is to be noted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import marimo as mo

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.route import link
from crmlib.work_reports import rules
from crmlib.work_reports.card import report_card
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.naming import TITLES, period_text
from crmlib.work_reports.opening import OpenedReport, open_report
from crmlib.work_reports.queries import PAGE
from crmlib.work_reports.view import EDITORS, report_body, report_title

_MENU = {ReportKind.SUMMARY: "每日总结", ReportKind.PLAN: "每周计划"}
_BEFORE = {ReportKind.SUMMARY: "‹ 前一天", ReportKind.PLAN: "‹ 上一周"}
_AFTER = {ReportKind.SUMMARY: "后一天 ›", ReportKind.PLAN: "下一周 ›"}
NO_RIGHT = "您没有权限填写工作报告"


@dataclass(frozen=True, slots=True)
class Editing:
    """The page of a report to be written; without ``opened`` there is nothing to write."""

    head: mo.Html
    opened: OpenedReport | None


def editing(actor: Actor, kind: ReportKind, params: Mapping[str, object]) -> Editing:
    """Return the head of a report's form: of the day in the address, else of the usual period."""
    if not actor.may(Permission.REPORT_WRITE):
        return Editing(cards.notice(NO_RIGHT, "warn"), None)
    opened = open_report(actor, kind, _day(kind, params), with_unlisted=params.get("more") == "1")
    # The first report of a period is the only one: handed in, it is shown as it is.
    if opened.report_id is not None and opened.status is not ReportStatus.DRAFT:
        return Editing(_handed_in(actor, opened.report_id), None)
    if opened.period_fault:
        notice = cards.notice(opened.period_fault, "warn")
        return Editing(mo.vstack([_title(opened), notice]), None)
    return Editing(mo.vstack([_title(opened), *_notes(opened)]), opened)


def _day(kind: ReportKind, params: Mapping[str, object]) -> date:
    today = clock.today()
    try:
        day = date.fromisoformat(str(params.get("day", "")))
    except ValueError:
        return rules.usual_week(today) if kind is ReportKind.PLAN else today
    # An address may say anything: years have an end.
    return day if abs((day - today).days) < 3660 else today


def _title(opened: OpenedReport) -> mo.Html:
    kind, start = opened.kind, opened.starts_on
    page, step = EDITORS[kind.value], timedelta(days=len(rules.days_of(kind, start)))
    return cards.page_title(
        TITLES[kind],
        record=f"{TITLES[kind]} {period_text(kind, start)}",
        steps=("工作报告", _MENU[kind]),
        note=f"提交截止 {shown.moment(opened.due_at)}",
        links=[
            cards.anchor(_BEFORE[kind], link(page, day=start - step), button=True),
            cards.anchor(_AFTER[kind], link(page, day=start + step), button=True),
        ],
    )


def _notes(opened: OpenedReport) -> list[mo.Html]:
    found = []
    if opened.returned_reason:
        found.append(cards.notice(f"已退回：{opened.returned_reason}", "warn"))
    if opened.is_overdue:
        found.append(cards.notice("已过提交截止时间，现在提交记为迟交", "warn"))
    if opened.unlisted:
        more = link(EDITORS[opened.kind.value], day=opened.starts_on, more=1)
        text = f"另有 {opened.unlisted} 个活动没有列入明细"
        found.append(cards.notice(text, "info", cards.anchor("带入", more)))
    return found


def _handed_in(actor: Actor, report_id: int) -> mo.Html:
    report = report_card(actor, report_id)
    way_on = cards.anchor("打开报告", link(PAGE, report_id))
    return mo.vstack(
        [report_title(report), cards.notice(rules.LOCKED, "info", way_on), report_body(report)]
    )

"""How a report and its period are called."""

from datetime import date

from crmlib.ui import format as shown
from crmlib.work_reports.kinds import ReportKind
from crmlib.work_reports.rules import days_of

TITLES = {ReportKind.PLAN: "每周工作计划", ReportKind.SUMMARY: "每日工作总结"}


def period_text(kind: ReportKind, start: date) -> str:
    """Return 2026-11-23 (周一), or 2026-11-23 至 11-29."""
    if kind is ReportKind.SUMMARY:
        return shown.day(start, weekday=True)
    return f"{start:%Y-%m-%d} 至 {days_of(kind, start)[-1]:%m-%d}"


def short_period(kind: ReportKind, start: date) -> str:
    """Return a period as a narrow column shows it: 2026-11-23 起一周."""
    return f"{start:%Y-%m-%d} 起一周" if kind is ReportKind.PLAN else period_text(kind, start)


def report_name(kind: ReportKind, start: date, author: str = "") -> str:
    """Return what a report is called in messages: 王强 每日工作总结 2026-11-23 (周一)."""
    return f"{author} {TITLES[kind]} {period_text(kind, start)}".strip()

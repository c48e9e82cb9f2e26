"""Work reports as a workbook: what used to be mailed around, all of it on three sheets."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import xlsxwriter

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Refused
from crmlib.exchange.export import MOST_ROWS_OF, note_export
from crmlib.ui.format import moment
from crmlib.ui.grid import Export, Query
from crmlib.work_reports.card import report_lines
from crmlib.work_reports.kinds import ReportKind
from crmlib.work_reports.labels import (
    REPORT_KINDS,
    REPORT_LINE_KINDS,
    REPORT_STATUS,
    WORK_REPORT,
    WORK_REPORT_LINE,
)
from crmlib.work_reports.model import WorkReport
from crmlib.work_reports.queries import MAX_SIZE, ReportQuery, report_page

TITLE = "工作报告"
MOST_ROWS = 5_000
_LONGEST_CELL = 32_000  # Excel's limit is a little higher
_AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_REPORTS = {
    "kind": 10,
    "period": 24,
    "person": 10,
    "office": 12,
    "subject": 36,
    "customers": 36,
    "status": 10,
    "late": 8,
    "submitted_at": 18,
    "reviewed_by": 10,
    "comment": 50,
}
_LINES = {
    "period": 24,
    "person": 10,
    "kind": 12,
    "when": 20,
    "text": 44,
    "about": 40,
    "activity_type": 12,
    "result": 36,
    "activity": 16,
}
_HEADINGS = WORK_REPORT | {"period": WORK_REPORT["starts_on"]}
_LINE_HEADINGS = WORK_REPORT_LINE | {
    "period": WORK_REPORT["starts_on"],
    "person": WORK_REPORT["person"],
    "when": "计划时间",
}


def report_exporter(actor: Actor, query_of: Callable[[Query], ReportQuery]) -> Export | None:
    """Return what a ``Grid`` of reports calls to export them; None for those who may not."""
    if not actor.may(Permission.LIST_EXPORT):
        return None

    def export(query: Query) -> tuple[str, bytes]:
        return export_reports(actor, query_of(query))

    return export


def export_reports(actor: Actor, query: ReportQuery) -> tuple[str, bytes]:
    """Return file name and content of the reports of a list with all of their lines.

    Raises:
        NotAllowed: the actor may not export.
        Refused: more reports than he may take along at once.
    """
    most = MOST_ROWS_OF.get(actor.role, MOST_ROWS)
    reports = _all(actor, query, most)
    lines = [
        asdict(line) | {"period": period, "person": person, "kind": REPORT_LINE_KINDS[line.kind]}
        for period, person, line in report_lines(actor, [row["id"] for row in reports])
    ]
    told = _told(query)
    # Logged before it is handed out, with the right asked afresh.
    note_export(
        actor,
        WorkReport.__tablename__,
        TITLE,
        told,
        [_HEADINGS[name] for name in _REPORTS],
        len(reports),
    )
    facts = [
        ("列表", TITLE),
        ("条件", "；".join(f"{name}：{value}" for name, value in told.items()) or "无"),
        ("行数", f"{len(reports):,}"),
        ("导出人", f"{actor.name}（{actor.office}，{actor.login}）"),
        ("导出时间", f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}"),
        ("权限", f"{words.ROLES[actor.role]}：只含本人有权查看的报告"),
    ]
    name = f"{TITLE}-{clock.local(clock.now()):%Y%m%d-%H%M}.xlsx"
    return name, _workbook(reports, lines, facts)


def _all(actor: Actor, query: ReportQuery, most: int) -> list[Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    page = 1
    while True:
        part = report_page(actor, replace(query, page=page, size=MAX_SIZE))
        if part.total > most:
            message = f"共 {part.total:,} 份，超过一次可导出的 {most:,} 份，请先筛选"
            raise Refused(message)
        # A report that moved between two questions comes twice.
        found |= {row["id"]: row for row in part.rows.iter_rows(named=True)}
        if page * MAX_SIZE >= part.total or part.rows.is_empty():
            return list(found.values())
        page += 1


def _told(query: ReportQuery) -> dict[str, str]:
    period = " 至 ".join(str(day) if day else "" for day in (query.since, query.until))
    told = {
        "范围": "我的报告" if query.mine else "待我批阅" if query.waiting else "",
        WORK_REPORT["kind"]: REPORT_KINDS[query.kind.value] if query.kind else "",
        WORK_REPORT["status"]: REPORT_STATUS[query.status.value] if query.status else "",
        WORK_REPORT["late"]: words.YES if query.late else "",
        "日期": period if query.since or query.until else "",
        "查找": f"含“{query.text}”" if query.text else "",
    }
    return {name: value for name, value in told.items() if value}


def _workbook(
    reports: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    facts: Sequence[tuple[str, str]],
) -> bytes:
    by_kind = {
        kind: [row for row in reports if row["kind"] == REPORT_KINDS[kind.value]]
        for kind in (ReportKind.SUMMARY, ReportKind.PLAN)
    }
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _AS_TEXT) as book:
        for kind, rows in by_kind.items():
            _sheet(book, REPORT_KINDS[kind.value], _REPORTS, _HEADINGS, rows)
        _sheet(book, "明细", _LINES, _LINE_HEADINGS, lines)
        told = [{"name": name, "value": value} for name, value in facts]
        _sheet(book, "说明", {"name": 12, "value": 100}, {"name": "项目", "value": "内容"}, told)
    return content.getvalue()


def _sheet(
    book: Any,
    title: str,
    columns: Mapping[str, int],
    headings: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for place, (name, width) in enumerate(columns.items()):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, headings[name], bold)
        for line, row in enumerate(rows, start=1):
            sheet.write_string(line, place, _shown(row.get(name))[:_LONGEST_CELL], text)
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else moment(value)

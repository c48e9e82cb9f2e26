"""Lists of reports, one report as its reader sees it, and what waits for people."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading
from crmlib.store.text import clean
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.labels import REPORT_KINDS, REPORT_STATUS
from crmlib.work_reports.model import WorkReport, WorkReportCustomer
from crmlib.work_reports.naming import report_name, short_period
from crmlib.work_reports.rows import own_reports, visible_reports, waiting_reports

PAGE, LIST = "work_report", "work_reports"
MAX_SIZE = 500
RETURNED = "已退回"
_REVIEWER = aliased(Person)
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "kind": pl.String,
    "starts_on": pl.Date,
    "period": pl.String,
    "person": pl.String,
    "office": pl.String,
    "subject": pl.String,
    "customers": pl.String,
    "status": pl.String,
    "late": pl.String,  # 迟交 or nothing
    "submitted_at": _MOMENT,
    "reviewed_by": pl.String,
    "comment": pl.String,
}


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Which reports are wanted: the actor's own, or those of others he may read."""

    page: int = 1
    size: int = 20
    mine: bool = False
    waiting: bool = False  # only those that wait for the actor
    kind: ReportKind | None = None
    status: ReportStatus | None = None
    late: bool = False
    since: date | None = None
    until: date | None = None
    person_id: int | None = None
    text: str = ""  # part of 主题, of the author's or a customer's name


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of reports (columns: SCHEMA), unread ones first, and how many there are."""

    rows: pl.DataFrame
    total: int


def report_page(actor: Actor, query: ReportQuery | None = None) -> ReportPage:
    """Return one page of the actor's own reports, or of those of others he may read."""
    query = query or ReportQuery()
    found = conditions(actor, query)
    size = min(max(query.size, 1), MAX_SIZE)
    first = (WorkReport.status == ReportStatus.SUBMITTED).desc()
    order = (WorkReport.starts_on.desc(), WorkReport.kind, WorkReport.id.desc())
    with reading() as session:
        total = session.scalar(_joined(select(func.count(WorkReport.id))).where(*found)) or 0
        rows = session.execute(
            _joined(_columns())
            .where(*found)
            .order_by(*(order if query.mine else (first, *order)))
            .limit(size)
            .offset((max(query.page, 1) - 1) * size)
        ).all()
        customers = customer_names(session, [row.id for row in rows])
    made = [_line(row, customers.get(row.id, [])) for row in rows]
    return ReportPage(pl.DataFrame(made, schema=SCHEMA), total)


def conditions(actor: Actor, query: ReportQuery) -> list[ColumnElement[bool]]:
    """Return what reports must meet to be in a list."""
    mine = own_reports(actor)
    found: list[ColumnElement[bool]] = [visible_reports(actor), mine if query.mine else ~mine]
    if query.waiting:
        found.append(waiting_reports(actor))
    if query.kind is not None:
        found.append(WorkReport.kind == query.kind)
    if query.status is not None:
        found.append(WorkReport.status == query.status)
    if query.late:
        found.append(WorkReport.late.is_(True))
    if query.since is not None:
        found.append(WorkReport.starts_on >= query.since)
    if query.until is not None:
        found.append(WorkReport.starts_on <= query.until)
    if query.person_id is not None:
        found.append(WorkReport.person_id == query.person_id)
    if text := clean(query.text):
        named = (
            select(WorkReportCustomer.report_id)
            .join(Customer, Customer.id == WorkReportCustomer.customer_id)
            .where(Customer.name.icontains(text, autoescape=True))
        )
        columns = (WorkReport.subject, Person.name)
        is_in = [column.icontains(text, autoescape=True) for column in columns]
        found.append(or_(*is_in, WorkReport.id.in_(named)))
    return found


def customer_names(session: Session, report_ids: list[int]) -> dict[int, list[str]]:
    """Return the names of the customers that reports are about."""
    found: dict[int, list[str]] = {}
    for key, name in session.execute(
        select(WorkReportCustomer.report_id, Customer.name)
        .join(Customer, Customer.id == WorkReportCustomer.customer_id)
        .where(WorkReportCustomer.report_id.in_(report_ids))
        .order_by(WorkReportCustomer.id)
    ):
        found.setdefault(key, []).append(name)
    return found


def status_text(status: ReportStatus, returned: str | None) -> str:
    """Return a state as people read it; a draft that was given back is 已退回."""
    is_returned = status is ReportStatus.DRAFT and returned
    return RETURNED if is_returned else REPORT_STATUS[status.value]


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(WorkReport)
        .join(Person, Person.id == WorkReport.person_id)
        .join(Office, Office.id == WorkReport.office_id)
        .outerjoin(_REVIEWER, _REVIEWER.id == WorkReport.reviewed_by_id)
    )


def _columns() -> Any:
    return select(
        WorkReport.id,
        WorkReport.kind,
        WorkReport.starts_on,
        WorkReport.subject,
        WorkReport.status,
        WorkReport.late,
        WorkReport.submitted_at,
        WorkReport.comment,
        WorkReport.returned_reason,
        Person.name.label("person"),
        Office.name.label("office"),
        _REVIEWER.name.label("reviewed_by"),
    )


def _line(row: Any, customers: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": REPORT_KINDS[row.kind.value],
        "starts_on": row.starts_on,
        "period": short_period(row.kind, row.starts_on),
        "person": row.person,
        "office": row.office,
        "subject": row.subject,
        "customers": "、".join(customers),
        "status": status_text(row.status, row.returned_reason),
        "late": "迟交" if row.late else None,
        "submitted_at": _local(row.submitted_at),
        "reviewed_by": row.reviewed_by,
        "comment": row.comment,
    }


def _local(moment: datetime | None) -> datetime | None:
    return clock.local(moment) if moment else None


def _open_report(session: Session, actor: Actor, key: int) -> Related | None:
    row = session.execute(
        select(WorkReport.kind, WorkReport.starts_on, Person.name)
        .join(Person, Person.id == WorkReport.person_id)
        .where(WorkReport.id == key, visible_reports(actor))
    ).one_or_none()
    return Related(PAGE, key, report_name(row.kind, row.starts_on, row.name)) if row else None


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.REPORT_REVIEW):
        return None
    count = session.scalar(select(func.count(WorkReport.id)).where(waiting_reports(actor)))
    return Pending("待批阅工作报告", count or 0, LIST)


def _returned(session: Session, actor: Actor) -> Pending | None:
    back = (
        own_reports(actor),
        WorkReport.status == ReportStatus.DRAFT,
        WorkReport.returned_reason.is_not(None),
    )
    count = session.scalar(select(func.count(WorkReport.id)).where(*back))
    return Pending("被退回的工作报告", count or 0, LIST)


open_with(WorkReport.__tablename__, _open_report)
count_pending("work_reports", _waiting)
count_pending("returned_reports", _returned)

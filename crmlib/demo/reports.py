"""Work reports of the last two weeks, of the offices where the cast sells."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.activities.model import Activity
from crmlib.activities.states import ActivityStatus
from crmlib.customers.model import CustomerStatus
from crmlib.demo.bulk import Row, insert_rows
from crmlib.demo.calendar import last_evening
from crmlib.demo.customers import Prospect
from crmlib.demo.people import Branch, Staff
from crmlib.people.model import Person
from crmlib.people.workdays import is_workday
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import LineKind, ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport, WorkReportCustomer, WorkReportLine

_OFFICES, _DAYS = 3, 14
_MISSING, _LATE, _COMMENTED, _UNREAD_DAYS = 0.08, 0.15, 0.25, 2
_OFFICE_WORK = (
    ("整理客户资料", "补齐联系人与电话"),
    ("准备报价与样品", "样品已寄出"),
    ("跟进图纸深化", "等待设计院回复"),
    ("电话回访老客户", "了解下季度采购计划"),
)
_WEEKS = (
    ("跟进在手项目报价", "两个项目进入谈判"),
    ("拜访新客户并送样", "确定封样时间"),
    ("核对订单与发货", "按期交付"),
)
_COMMENTS = (
    "继续跟进，注意竞争对手报价",
    "封样后及时推进阶段",
    "请补充联系人",
    "很好，下周一起拜访",
)


class _Folder:
    """Collects the rows of reports, numbered in their order."""

    def __init__(self) -> None:
        self.reports: list[Row] = []
        self.customers: list[Row] = []
        self.lines: list[Row] = []

    def add(self, report: Row, customers: Sequence[int], lines: Sequence[Row]) -> None:
        key = len(self.reports) + 1
        self.reports.append(report | {"id": key})
        for customer in dict.fromkeys(customers):
            row = {"id": len(self.customers) + 1, "report_id": key, "customer_id": customer}
            self.customers.append(row)
        for position, line in enumerate(lines):
            place = {"id": len(self.lines) + 1, "report_id": key, "position": position}
            self.lines.append(_BLANK | line | place)


_BLANK: Row = {
    "kind": LineKind.DONE,
    "text": "",
    "result": None,
    "activity_type": None,
    "customer_id": None,
    "opportunity_id": None,
    "planned_on": None,
    "planned_start": None,
    "planned_end": None,
    "activity_id": None,
}


def write_reports(
    session: Session, staff: Staff, prospects: Sequence[Prospect], chance: Random
) -> int:
    """Write the reports and return how many they are."""
    today = last_evening().date()
    days = [today - timedelta(days=n) for n in range(_DAYS - 1, -1, -1)]
    branches = staff.branches[:_OFFICES]
    visits = _visits(session, branches, days[0])
    held: dict[int, list[int]] = defaultdict(list)
    for prospect in prospects:
        if prospect.owner and prospect.status is not CustomerStatus.RECYCLED:
            held[prospect.owner].append(prospect.id)
    folder = _Folder()
    names: dict[int, str] = dict(session.execute(select(Person.id, Person.name)).all())
    for branch in branches:
        for seller in branch.sales:
            if not held[seller]:
                continue
            writer = _Writer(folder, branch, names[branch.head], seller, held[seller], chance)
            for day in days:
                if day == rules.starts_on(ReportKind.PLAN, day):
                    writer.plan(day)
                if is_workday(day):
                    writer.summary(day, visits[seller, day])
    for model, rows in (
        (WorkReport, folder.reports),
        (WorkReportCustomer, folder.customers),
        (WorkReportLine, folder.lines),
    ):
        insert_rows(session, model, rows)
    return len(folder.reports)


def _visits(
    session: Session, branches: Sequence[Branch], since: date
) -> dict[tuple[int, date], list[Activity]]:
    sellers = [seller for branch in branches for seller in branch.sales]
    found: dict[tuple[int, date], list[Activity]] = defaultdict(list)
    for activity in session.scalars(
        select(Activity)
        .where(
            Activity.owner_id.in_(sellers),
            Activity.status == ActivityStatus.DONE,
            Activity.ended_at >= _at(since, 0),
        )
        .order_by(Activity.ended_at, Activity.id)
    ):
        if activity.ended_at is not None:
            day = clock.local(activity.ended_at).date()
            found[activity.owner_id, day].append(activity)
    return found


class _Writer:
    """Writes the reports of one salesperson."""

    def __init__(
        self,
        folder: _Folder,
        branch: Branch,
        head: str,
        seller: int,
        held: Sequence[int],
        chance: Random,
    ) -> None:
        self.folder, self.branch, self.head, self.seller = folder, branch, head, seller
        self.held, self.chance = held, chance

    def plan(self, monday: date) -> None:
        """Write the plan of a week."""
        if self.chance.random() < _MISSING:
            return
        content, outcome = self.chance.choice(_WEEKS)
        line = {
            "kind": LineKind.PLAN,
            "text": content,
            "planned_on": monday + timedelta(days=self.chance.randrange(5)),
        }
        report = self._report(ReportKind.PLAN, monday, content, outcome)
        self.folder.add(report, [self.chance.choice(self.held)], [line])

    def summary(self, day: date, visits: Sequence[Activity]) -> None:
        """Write the summary of a day with its activities."""
        if self.chance.random() < _MISSING:
            return
        content, outcome = self.chance.choice(_OFFICE_WORK)
        lines: list[Row] = [
            {
                "text": each.subject,
                "result": each.result,
                "activity_type": each.activity_type,
                "customer_id": each.customer_id,
                "opportunity_id": each.opportunity_id,
                "activity_id": each.id,
            }
            for each in visits
        ]
        if visits:
            content, outcome = visits[0].subject[:100], (visits[0].result or outcome)[:100]
        lines.append({"text": "整理当天资料"})
        customers = [each.customer_id for each in visits] or [self.chance.choice(self.held)]
        report = self._report(ReportKind.SUMMARY, day, content, outcome)
        self.folder.add(report, customers, lines)

    def _report(self, kind: ReportKind, start: date, content: str, outcome: str) -> Row:
        due = rules.due_at(kind, start, is_workday)
        late = self.chance.random() < _LATE
        sent = min(due + timedelta(hours=3) if late else _at(start, 17), last_evening())
        days = (last_evening().date() - start).days
        is_read = days > _UNREAD_DAYS and self.chance.random() < 0.9
        return {
            "version": 1,
            "person_id": self.seller,
            "office_id": self.branch.office_id,
            "kind": kind,
            "starts_on": start,
            "content": content,
            "outcome": outcome,
            "subject": rules.compose_subject(content, outcome),
            "internal": False,
            "status": ReportStatus.READ if is_read else ReportStatus.SUBMITTED,
            "submitted_at": sent,
            "late": rules.is_late(kind, start, sent, is_workday),
            "comment": self._comment() if is_read else None,
            "reviewed_by_id": self.branch.head if is_read else None,
            "reviewed_at": min(sent + timedelta(hours=16), last_evening()) if is_read else None,
            "created_at": sent,
        }

    def _comment(self) -> str | None:
        has_one = self.chance.random() < _COMMENTED
        return f"{self.head}：{self.chance.choice(_COMMENTS)}" if has_one else None


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.SHANGHAI)

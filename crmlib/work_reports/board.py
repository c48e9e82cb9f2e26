"""报告提交情况: what each person handed in in a week; ``insight.hand_ins`` counts it for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role, Scope
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.people.workdays import is_workday
from crmlib.store.engine import reading
from crmlib.ui.cards import Tone
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport
from crmlib.work_reports.rows import people_on_board

# Who has to hand in; others may.
WRITERS = (Role.SALES,)


class HandIn(StrEnum):
    """What became of one report of one person."""

    READ = "read"
    IN_TIME = "in_time"
    LATE = "late"
    RETURNED = "returned"
    MISSING = "missing"
    OPEN = "open"  # not due yet
    NONE = "none"  # nobody expects one


HAND_INS = {
    HandIn.READ: "已阅",
    HandIn.IN_TIME: "已交",
    HandIn.LATE: "迟交",
    HandIn.RETURNED: "已退回",
    HandIn.MISSING: "未交",
    HandIn.OPEN: "待交",
    HandIn.NONE: "—",
}
TONES: Mapping[HandIn, Tone] = {
    HandIn.READ: "good",
    HandIn.IN_TIME: "info",
    HandIn.LATE: "warn",
    HandIn.RETURNED: "bad",
    HandIn.MISSING: "bad",
    HandIn.OPEN: "mute",
    HandIn.NONE: "mute",
}
MOST_SHOWN = 100  # people in one table


@dataclass(frozen=True, slots=True)
class Cell:
    """One report of one person: its state, and its id where the actor may open it."""

    state: HandIn
    report_id: int | None = None
    was_late: bool = False


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One person's week: his plan and the summaries of its days."""

    person_id: int
    name: str
    office_id: int
    office: str
    plan: Cell
    days: tuple[Cell, ...]


def week_rows(
    actor: Actor, monday: date, person_ids: Sequence[int], begun: date
) -> tuple[BoardRow, ...]:
    """Return the week that begins on a Monday of those people the actor follows, by office.

    Nothing is missing of days before ``begun``, when the firm began with reports.

    Raises:
        NotAllowed: the actor follows nobody's reports, or sees figures without names.
    """
    held = actor.scopes(Permission.REPORT_BOARD)
    if not held or Scope.MASKED in held:
        raise NotAllowed
    return _rows(actor, rules.days_of(ReportKind.PLAN, monday), person_ids, begun)


def weeks(today: date, count: int = 12) -> list[date]:
    """Return the Mondays one may look at, the next week first."""
    this = rules.starts_on(ReportKind.PLAN, today)
    return [this + timedelta(weeks=n) for n in range(1, 1 - count, -1)]


def _rows(
    actor: Actor, days: Sequence[date], person_ids: Sequence[int], begun: date
) -> tuple[BoardRow, ...]:
    monday, sunday = days[0], days[-1]
    in_week = (
        WorkReport.person_id.in_(person_ids),
        WorkReport.starts_on >= monday,
        WorkReport.starts_on <= sunday,
    )
    columns = (WorkReport.person_id, WorkReport.kind, WorkReport.starts_on, WorkReport.id)
    state = (WorkReport.status, WorkReport.late, WorkReport.returned_reason)
    with reading() as session:
        people = session.execute(
            select(Person.id, Person.name, Person.role, Person.joined_on, Office.id, Office.name)
            .join(Office, Office.id == Person.office_id)
            .where(people_on_board(actor), Person.id.in_(person_ids))
            .order_by(Office.name, Person.seller_code, Person.id)
        ).all()
        reports: Mapping[tuple[int, ReportKind, date], Cell] = {
            (row.person_id, row.kind, row.starts_on): _cell(*row[3:])
            for row in session.execute(select(*columns, *state).where(*in_week))
        }
    empty = _expected(days, begun)
    return tuple(
        BoardRow(key, name, office_id, office, *_week(key, reports, empty, role, joined, days))
        for key, name, role, joined, office_id, office in people
    )


def _expected(days: Sequence[date], begun: date) -> dict[tuple[ReportKind, date], HandIn]:
    """Return what is to be said of reports that are not there."""
    now, workdays = clock.now(), [day for day in days if is_workday(day)]

    def state(kind: ReportKind, day: date) -> HandIn:
        if not rules.is_late(kind, day, now, is_workday):
            return HandIn.OPEN
        return HandIn.MISSING if day >= begun else HandIn.NONE

    found = {(ReportKind.SUMMARY, day): HandIn.NONE for day in days}
    found |= {(ReportKind.SUMMARY, day): state(ReportKind.SUMMARY, day) for day in workdays}
    plan = state(ReportKind.PLAN, days[0]) if workdays else HandIn.NONE
    return found | {(ReportKind.PLAN, days[0]): plan}


def _week(
    key: int,
    reports: Mapping[tuple[int, ReportKind, date], Cell],
    empty: Mapping[tuple[ReportKind, date], HandIn],
    role: Role,
    joined: date | None,
    days: Sequence[date],
) -> tuple[Cell, tuple[Cell, ...]]:
    def cell(kind: ReportKind, day: date) -> Cell:
        found = reports.get((key, kind, day))
        if found is not None and found.state is not HandIn.OPEN:
            return found
        is_free = role not in WRITERS or (joined is not None and joined > day)
        return Cell(HandIn.NONE if is_free else empty[kind, day])

    return cell(ReportKind.PLAN, days[0]), tuple(cell(ReportKind.SUMMARY, day) for day in days)


def _cell(key: int, status: ReportStatus, late: bool | None, returned: str | None) -> Cell:
    if status is ReportStatus.DRAFT:
        return Cell(HandIn.RETURNED if returned else HandIn.OPEN)
    if status is ReportStatus.READ:
        return Cell(HandIn.READ, key, bool(late))
    return Cell(HandIn.LATE if late else HandIn.IN_TIME, key, bool(late))

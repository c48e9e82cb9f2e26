"""What a work report must hold, of which day or week it is, when it is late, and its states."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from crmlib import clock, words
from crmlib.store.text import clean
from crmlib.work_reports.kinds import PLANS, LineKind, ReportKind, ReportStatus
from crmlib.work_reports.labels import WORK_REPORT, WORK_REPORT_LINE

NO_CUSTOMER = "必须选择相关联客户"
SUBJECT_FORMAT = "主题格式：内容概括+结果概括"
LOCKED = "报告已提交，不能修改；需要修改时请上级退回"
NOT_HANDED_IN = "报告还没有提交"
ALREADY_THERE = "这一期的报告已经存在，请打开已有的报告"
BAD_TIME = "时间 请填写开始或起止，例如 10:00 或 10:00-11:30"
BACKWARDS = "时间 的结束应晚于开始"
NO_RESULT = "结果 为必录项：没有对应活动的一行会登记为已完成的活动"
NO_TYPE = "活动类型 为必录项：这一行会登记为活动"
NO_ABOUT = "客户 为必录项：填写了时间的一行会登记为未开始的活动"
NO_DAY = "日期 为必录项：填写了时间的一行会登记为未开始的活动"
PLUS = "+"
SHORT_LENGTH, TEXT_LENGTH, COMMENT_LENGTH = 100, 255, 1000
MOST_LINES = 50
MOST_CUSTOMERS = 50
BACK_DAYS, AHEAD_DAYS = 31, 14
_NOON, _EVENING = time(12), time(18)
_HOUR = timedelta(hours=1)
_WEEK = 7
_TIME = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?:-(\d{1,2})(?::?(\d{2}))?)?")
_SIGNS = str.maketrans("：－–—~～至", ":------")
IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """One line as a form holds it; ``hours`` as typed: 10:00 or 10:00-11:30."""

    kind: LineKind
    text: str = ""
    result: str = ""
    activity_type: str = ""
    customer_id: int | None = None
    opportunity_id: int | None = None
    day: date | None = None
    hours: str = ""
    activity_id: int | None = None  # of an activity that is there already

    @property
    def is_about(self) -> bool:
        """Say whether a customer or a deal is named."""
        return self.customer_id is not None or self.opportunity_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """What a form holds of a report; texts may still be as typed (see ``cleaned``)."""

    content: str = ""
    outcome: str = ""
    subject: str = ""  # empty: composed
    customers: tuple[int, ...] = ()
    internal: bool = False
    lines: tuple[LineDraft, ...] = ()


# --- which day or week, and when it is due ---------------------------------------------------


def starts_on(kind: ReportKind, day: date) -> date:
    """Return the first day of the period a day belongs to: its Monday, or itself."""
    return day - timedelta(days=day.weekday()) if kind is ReportKind.PLAN else day


def days_of(kind: ReportKind, start: date) -> tuple[date, ...]:
    """Return the days a report is about."""
    return tuple(start + timedelta(days=n) for n in range(_WEEK if kind is ReportKind.PLAN else 1))


def planned_days(kind: ReportKind, start: date) -> tuple[date, ...]:
    """Return the days a report may plan for: those of the week, or the seven after the day."""
    first = 0 if kind is ReportKind.PLAN else 1
    return tuple(start + timedelta(days=first + n) for n in range(_WEEK))


def usual_week(today: date) -> date:
    """Return the Monday of the week one plans for today: from Thursday on the next one."""
    monday = starts_on(ReportKind.PLAN, today)
    return monday + timedelta(days=_WEEK) if today.weekday() > 2 else monday


def period_fault(kind: ReportKind, start: date, today: date) -> str:
    """Return why a report of this period can't be written today, or nothing."""
    latest = today if kind is ReportKind.SUMMARY else today + timedelta(days=AHEAD_DAYS)
    if start > latest:
        return "不能填写未来日期的总结" if kind is ReportKind.SUMMARY else "最多提前两周填写周计划"
    if start < starts_on(kind, today) - timedelta(days=BACK_DAYS):
        return f"只能补交最近 {BACK_DAYS} 天的报告"
    return ""


def due_at(kind: ReportKind, start: date, is_workday: IsWorkday) -> datetime:
    """Return until when a report is in time.

    A summary until 12:00 of the next working day, a plan until 18:00 of the first working day
    of its week.
    """
    days = [start + timedelta(days=n) for n in range(_WEEK)]
    if kind is ReportKind.SUMMARY:
        days = [start + timedelta(days=n) for n in range(1, 30)]
    day = next((each for each in days if is_workday(each)), days[0])
    limit = _NOON if kind is ReportKind.SUMMARY else _EVENING
    return datetime.combine(day, limit, tzinfo=clock.SHANGHAI)


def is_late(kind: ReportKind, start: date, moment: datetime, is_workday: IsWorkday) -> bool:
    """Say whether a report handed in at a moment comes late."""
    return moment > due_at(kind, start, is_workday)


# --- its text --------------------------------------------------------------------------------


def compose_subject(content: str, outcome: str) -> str:
    """Return the 主题: 内容概括+结果概括; nothing as long as one of them is missing."""
    return f"{content}{PLUS}{outcome}" if content and outcome else ""


def subject_fault(subject: str) -> str:
    """Return the fault of a 主题 typed by hand, or nothing."""
    parts = subject.split(PLUS)
    return "" if len(parts) == 2 and all(part.strip() for part in parts) else SUBJECT_FORMAT


def cleaned(draft: ReportDraft) -> ReportDraft:
    """Return the draft trimmed, without empty lines, with the customers of its lines named."""
    lines = tuple(line for line in map(_cleaned_line, draft.lines) if not _is_empty(line))
    told = [line.customer_id for line in lines if line.customer_id is not None]
    return replace(
        draft,
        content=_signs(draft.content),
        outcome=_signs(draft.outcome),
        subject=_signs(draft.subject),
        customers=tuple(dict.fromkeys([*draft.customers, *told])),
        lines=lines,
    )


def _signs(text: str) -> str:
    return clean(text).replace("＋", PLUS)


def _cleaned_line(line: LineDraft) -> LineDraft:
    return replace(
        line,
        text=clean(line.text),
        result=clean(line.result),
        hours=re.sub(r"\s", "", unicodedata.normalize("NFKC", line.hours).translate(_SIGNS)),
    )


def _is_empty(line: LineDraft) -> bool:
    given = (line.text, line.result, line.hours, line.activity_id, line.is_about)
    return not any(given)


def hours_of(line: LineDraft) -> tuple[datetime, datetime] | None:
    """Return from when to when a line is planned; None if nothing (or nonsense) was typed."""
    found = _TIME.fullmatch(line.hours)
    if line.day is None or found is None:
        return None
    first, second, third, fourth = (int(part) if part else 0 for part in found.groups())
    try:
        start = datetime.combine(line.day, time(first, second), tzinfo=clock.SHANGHAI)
        if not found[3]:
            return start, start + _HOUR
        return start, datetime.combine(line.day, time(third, fourth), tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


def hours_text(start: datetime, end: datetime | None) -> str:
    """Return planned hours as a form shows them."""
    first = f"{clock.local(start):%H:%M}"
    return first if end is None else f"{first}-{clock.local(end):%H:%M}"


# --- faults ----------------------------------------------------------------------------------


def draft_faults(kind: ReportKind, draft: ReportDraft) -> dict[str, str]:
    """Return what keeps a cleaned draft from being kept at all: what is too long or nonsense."""
    label = WORK_REPORT
    found = {
        name: f"{label[name]} 不能超过 {limit} 个字"
        for name, limit in (
            ("content", SHORT_LENGTH),
            ("outcome", SHORT_LENGTH),
            ("subject", TEXT_LENGTH),
        )
        if len(getattr(draft, name)) > limit
    }
    for name in ("content", "outcome"):
        if PLUS in getattr(draft, name):
            found[name] = f"{label[name]} 不能含「{PLUS}」"
    if draft.subject and (fault := subject_fault(draft.subject)):
        found.setdefault("subject", fault)
    if len(draft.customers) > MOST_CUSTOMERS:
        found["customers"] = f"{label['customers']} 不能超过 {MOST_CUSTOMERS} 个"
    if len(draft.lines) > MOST_LINES:
        found[""] = f"一份报告最多 {MOST_LINES} 行"
    for name, line in placed(kind, draft.lines):
        found |= {f"{name}.{cell}": text for cell, text in _loose_faults(line).items()}
    return found


def faults(kind: ReportKind, draft: ReportDraft, *, internal_allowed: bool) -> dict[str, str]:
    """Return everything that keeps a cleaned draft from being handed in."""
    found = {
        name: words.required(WORK_REPORT[name])
        for name in ("content", "outcome")
        if not getattr(draft, name)
    }
    is_named = draft.customers or any(line.is_about for line in draft.lines)
    if not is_named and not (draft.internal and internal_allowed):
        found["customers"] = NO_CUSTOMER
    for name, line in placed(kind, draft.lines):
        found |= {f"{name}.{cell}": text for cell, text in _strict_faults(line).items()}
    return found | draft_faults(kind, draft)


def placed(kind: ReportKind, lines: Sequence[LineDraft]) -> list[tuple[str, LineDraft]]:
    """Return each line with its place in the form: done.0, plans.2, and so on."""
    count = {"done": 0, "plans": 0}
    found = []
    for line in lines:
        name = "plans" if line.kind is PLANS[kind] else "done"
        found.append((f"{name}.{count[name]}", line))
        count[name] += 1
    return found


def _loose_faults(line: LineDraft) -> dict[str, str]:
    label = WORK_REPORT_LINE
    found = {
        name: f"{label[name]} 不能超过 {TEXT_LENGTH} 个字"
        for name in ("text", "result")
        if len(getattr(line, name)) > TEXT_LENGTH
    }
    if not line.text:
        found["text"] = words.required(label["text"])
    if line.hours and not _TIME.fullmatch(line.hours):
        found["hours"] = BAD_TIME
    elif line.hours and line.day is not None:
        span = hours_of(line)
        if span is None:
            found["hours"] = BAD_TIME
        elif span[1] <= span[0]:
            found["hours"] = BACKWARDS
    return found


def _strict_faults(line: LineDraft) -> dict[str, str]:
    if line.activity_id is not None:
        return {}
    found: dict[str, str] = {}
    if becomes_done(line):
        found |= {} if line.result else {"result": NO_RESULT}
    elif line.kind is not LineKind.DONE and line.hours:
        found |= {} if line.is_about else {"about": NO_ABOUT}
        found |= {} if line.day else {"day": NO_DAY}
    if (becomes_done(line) or line.hours) and not line.activity_type:
        found["activity_type"] = NO_TYPE
    return found


def becomes_done(line: LineDraft) -> bool:
    """Say whether handing in makes a completed activity of a line."""
    return line.kind is LineKind.DONE and line.activity_id is None and line.is_about


def becomes_planned(line: LineDraft) -> bool:
    """Say whether handing in makes an activity that has not begun of a line."""
    return line.kind is not LineKind.DONE and line.activity_id is None and bool(line.hours)


# --- states ----------------------------------------------------------------------------------

_STEPS = {
    (ReportStatus.DRAFT, "save"): ReportStatus.DRAFT,
    (ReportStatus.DRAFT, "submit"): ReportStatus.SUBMITTED,
    (ReportStatus.SUBMITTED, "read"): ReportStatus.READ,
    (ReportStatus.READ, "read"): ReportStatus.READ,
    (ReportStatus.SUBMITTED, "return"): ReportStatus.DRAFT,
    (ReportStatus.READ, "return"): ReportStatus.DRAFT,
}


def step(status: ReportStatus, event: str) -> ReportStatus | None:
    """Return the state after save, submit, read or return; None if it can't happen now."""
    return _STEPS.get((status, event))


def refusal(status: ReportStatus) -> str:
    """Return why a step can't happen in a state."""
    return NOT_HANDED_IN if status is ReportStatus.DRAFT else LOCKED


def comment_fault(text: str, label: str, *, needed: bool, most: int) -> str:
    """Return the fault of a cleaned comment or reason, or nothing."""
    if needed and not text:
        return words.required(label)
    return f"{label} 不能超过 {most} 个字" if len(text) > most else ""

"""What makes an activity right: its fields, its times, and which of them may still be changed."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crmlib import clock
from crmlib.activities.states import ActivityStatus, Importance, Priority
from crmlib.store.text import clean, clean_lines
from crmlib.words import ACTIVITY, ACTIVITY_STATUS, required

LENGTHS = {"subject": 255, "phone": 40, "result": 255, "place": 120}
LONG = {"description": 5000, "result_note": 5000}
MOMENTS = ("planned_start", "planned_end", "started_at", "ended_at")
EARLIEST, LATEST = 2000, 2100  # years
BAD_MOMENT = "{label} 请填写正确的时间，如 2026-11-24 10:00"
NOT_AN_OPTION = "{label} 请从列表中选择"
FOREIGN_CONTACT = "联系人 请从该客户的联系人中选择"
FOREIGN_DEAL = "商机 请从该客户的商机中选择"
NO_OWNER = "负责人 只能选择本人或下属"
NO_DEAL = "该活动没有关联商机，不能同时推进阶段"
NOT_LIVE = "客户已合并或已移入回收站，不能登记活动"
TOLD_OF = "该活动已写入工作报告等记录，不能删除"
ONLY_NOTE = "活动已完成，只能修改结果说明"
SUBJECT_OF_RESULT = 30  # signs of a result that name a 联系记录
_FORMATS = ("%Y-%m-%d %H:%M",)
_PLAN = frozenset({"planned_start", "planned_end", "remind"})
EDITABLE = _PLAN | {
    *("subject", "activity_type", "contact_id", "phone", "importance", "priority"),
    *("opportunity_id", "description", "result_note", "place", "owner_id"),
}


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """What a form holds of an activity; texts and moments may still be as typed (``cleaned``)."""

    customer_id: int | None = None  # None: the opportunity's
    subject: str = ""
    activity_type: str = ""  # code
    contact_id: int | None = None
    phone: str = ""
    status: ActivityStatus = ActivityStatus.NOT_STARTED
    importance: Importance = Importance.NORMAL
    priority: Priority = Priority.MEDIUM
    planned_start: datetime | str | None = None
    planned_end: datetime | str | None = None
    started_at: datetime | str | None = None  # 已开始: None is now
    ended_at: datetime | str | None = None  # 已完成: None is now
    opportunity_id: int | None = None
    result: str = ""
    description: str = ""
    result_note: str = ""
    place: str = ""
    remind: bool = False
    owner_id: int | None = None  # None: the customer's owner if he is below, else the actor


def cleaned(draft: ActivityDraft) -> ActivityDraft:
    """Return the draft trimmed, moments read where they can be, without what its state forbids."""
    is_new = draft.status is ActivityStatus.NOT_STARTED
    is_done = draft.status is ActivityStatus.DONE
    read: dict[str, Any] = {
        **{name: clean(getattr(draft, name)) for name in LENGTHS},
        **{name: clean_lines(getattr(draft, name)) for name in LONG},
        **{name: read_moment(getattr(draft, name)) for name in ("planned_start", "planned_end")},
        "started_at": None if is_new else read_moment(draft.started_at),
        "ended_at": read_moment(draft.ended_at) if is_done else None,
        "activity_type": draft.activity_type or "",
        "remind": bool(draft.remind) and is_new,
    }
    return replace(draft, **read)


def read_moment(value: datetime | str | None) -> datetime | str | None:
    """Return a moment as typed, in Shanghai; the text itself if it is none."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=clock.SHANGHAI)
    text = unicodedata.normalize("NFKC", value or "").strip().replace("/", "-").replace("T", " ")
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=clock.SHANGHAI)
        except ValueError:
            continue
    return _read_iso(text) or text or None


def _read_iso(text: str) -> datetime | None:
    """Return a moment as programs write it, with seconds or a zone; a day alone is none."""
    try:
        found = datetime.fromisoformat(text) if ":" in text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=clock.SHANGHAI)


def faults(draft: ActivityDraft, types: Collection[str], now: datetime) -> dict[str, str]:
    """Return every fault of a cleaned draft: field → message."""
    found = _missing(draft)
    for name, limit in (LENGTHS | LONG).items():
        if len(getattr(draft, name)) > limit:
            found[name] = f"{ACTIVITY[name]} 不能超过 {limit} 个字"
    if draft.activity_type and draft.activity_type not in types:
        found["activity_type"] = NOT_AN_OPTION.format(label=ACTIVITY["activity_type"])
    return _moment_faults(draft, now) | found


def _missing(draft: ActivityDraft) -> dict[str, str]:
    wanted = {"customer_id": "customer", "subject": "subject", "activity_type": "activity_type"}
    if draft.opportunity_id is not None:
        del wanted["customer_id"]
    if draft.status is ActivityStatus.NOT_STARTED:
        wanted |= {name: name for name in ("planned_start", "planned_end")}
    if draft.status is ActivityStatus.DONE:
        wanted["result"] = "result"
    return {
        field: required(ACTIVITY[label])
        for field, label in wanted.items()
        if getattr(draft, field) in (None, "")
    }


def _moment_faults(draft: ActivityDraft, now: datetime) -> dict[str, str]:
    found = {name: text for name in MOMENTS if (text := _moment_fault(name, getattr(draft, name)))}
    for first, last in (("planned_start", "planned_end"), ("started_at", "ended_at")):
        start, end = getattr(draft, first), getattr(draft, last)
        is_read = isinstance(start, datetime) and isinstance(end, datetime)
        if is_read and not {first, last} & found.keys() and end < start:
            found[last] = f"{ACTIVITY[last]} 不能早于{ACTIVITY[first]}"
    for name in ("started_at", "ended_at"):
        moment = getattr(draft, name)
        if isinstance(moment, datetime) and moment > now:
            found.setdefault(name, f"{ACTIVITY[name]} 不能晚于现在")
    return found


def _moment_fault(name: str, moment: datetime | str | None) -> str | None:
    if moment is None or (isinstance(moment, datetime) and EARLIEST <= moment.year < LATEST):
        return None
    return BAD_MOMENT.format(label=ACTIVITY[name])


def editable_fields(status: ActivityStatus) -> frozenset[str]:
    """Return what may be changed: after 已完成 only 结果说明, the plan only while 未开始."""
    if status is ActivityStatus.DONE:
        return frozenset({"result_note"})
    return EDITABLE if status is ActivityStatus.NOT_STARTED else EDITABLE - _PLAN


def edit_refusal(status: ActivityStatus, changed: Collection[str]) -> str | None:
    """Return why these fields may not be changed any more, if so."""
    if not set(changed) - editable_fields(status):
        return None
    if status is ActivityStatus.DONE:
        return ONLY_NOTE
    return "活动已开始，不能再修改计划时间和提醒"


def step_refusal(number: str, status: ActivityStatus, wanted: Collection[ActivityStatus]) -> str:
    """Return why a step is refused that only activities in the wanted states may take."""
    if status in wanted:
        return ""
    return f"活动{number}{ACTIVITY_STATUS[status]}，不能执行此操作"


def completion_faults(
    result: str, note: str, times: tuple[datetime | None, datetime | str], now: datetime
) -> dict[str, str]:
    """Return what is wrong with how an activity is completed; the times are its start and end."""
    draft = ActivityDraft(
        status=ActivityStatus.DONE,
        result=result,
        result_note=note,
        started_at=times[0],
        ended_at=times[1],
    )
    wanted = {"result", "result_note", "ended_at"}
    return {name: text for name, text in faults(draft, (), now).items() if name in wanted}


def end_after(start: datetime | None, end: datetime | str) -> datetime | str:
    """Return when it ended; people say so to the minute, the system notes starts to the second."""
    if start is None or not isinstance(end, datetime):
        return end
    return start if timedelta() < start - end < timedelta(minutes=1) else end


def later_fault(to: datetime | str | None, now: datetime) -> str | None:
    """Return what is wrong with the moment an activity is put off to."""
    label = "延后到"
    if to is None:
        return required(label)
    if not isinstance(to, datetime):
        return BAD_MOMENT.format(label=label)
    return f"{label} 不能早于现在" if to < now else None


def postponed(
    start: datetime | None, end: datetime | None, to: datetime
) -> tuple[datetime, datetime]:
    """Return the plan moved to a later start, as long as before; an hour if nobody planned it."""
    length = end - start if start and end else timedelta(hours=1)
    return to, to + length


def is_overdue(status: ActivityStatus, planned_end: datetime | None, now: datetime) -> bool:
    """Say whether an activity is overdue: 未开始 though its planned end has passed."""
    return status is ActivityStatus.NOT_STARTED and planned_end is not None and planned_end < now


def contact_subject(type_name: str, result: str) -> str:
    """Return the 主题 of a 联系记录 nobody named: its type and how its result begins."""
    short = result if len(result) <= SUBJECT_OF_RESULT else f"{result[:SUBJECT_OF_RESULT]}…"
    return f"{type_name}：{short}"


def later_choices(now: datetime) -> Mapping[str, tuple[str, datetime]]:
    """Return to which day 延后 puts an activity (the time of day stays): key → words, day."""
    today = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=7 - today.weekday())
    return {
        "tomorrow": ("明天同一时间", today + timedelta(days=1)),
        "monday": ("下周一同一时间", monday),
        "week": ("一周后同一时间", today + timedelta(days=7)),
    }

"""The rules of activities as tables of cases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.activities import rules
from crmlib.activities.rules import ActivityDraft, cleaned, faults
from crmlib.activities.states import ActivityStatus

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
DONE, STARTED, NEW = ActivityStatus.DONE, ActivityStatus.STARTED, ActivityStatus.NOT_STARTED
GOOD = ActivityDraft(
    customer_id=1,
    subject="拜访",
    activity_type="01",
    planned_start="2026-11-24 10:00",
    planned_end="2026-11-24T11:00",
)


def faults_of(**values: Any) -> dict[str, str]:
    return faults(cleaned(replace(GOOD, **values)), {"01", "02"}, NOW)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, set()),
        ({"customer_id": None}, {"customer_id"}),
        ({"customer_id": None, "opportunity_id": 3}, set()),  # the deal's customer
        ({"subject": "  "}, {"subject"}),
        ({"subject": "长" * 256}, {"subject"}),
        ({"activity_type": ""}, {"activity_type"}),
        ({"activity_type": "99"}, {"activity_type"}),
        ({"planned_start": None, "planned_end": ""}, {"planned_start", "planned_end"}),
        ({"planned_end": "2026-11-24 09:59"}, {"planned_end"}),
        ({"planned_end": "2026-11-24 10:00"}, set()),
        ({"planned_start": "明后天 10:00"}, {"planned_start"}),
        ({"planned_start": "0026-11-24 10:00"}, {"planned_start"}),
        ({"planned_end": "2126-11-24 10:00"}, {"planned_end"}),
        ({"status": STARTED, "planned_start": None, "planned_end": None}, set()),
        ({"status": STARTED, "started_at": "2026-11-23 10:01"}, {"started_at"}),
        ({"status": DONE}, {"result"}),
        ({"status": DONE, "result": "已约见", "planned_start": None, "planned_end": None}, set()),
        ({"status": DONE, "result": "好", "ended_at": "2026-11-23 10:01"}, {"ended_at"}),
        ({"status": DONE, "result": "好", "ended_at": "2026-11-23 10:00"}, set()),
        (
            {"status": DONE, "result": "好", "started_at": "2026-11-23 09:00",
             "ended_at": "2026-11-23 08:00"},
            {"ended_at"},
        ),
        ({"phone": "1" * 41, "place": "长" * 121, "result": "长" * 256}, {"phone", "place", "result"}),
        ({"description": "长" * 5001, "result_note": "长" * 5001}, {"description", "result_note"}),
    ],
)  # fmt: skip
def test_faults(values: dict[str, Any], fields: set[str]) -> None:
    found = faults_of(**values)
    assert set(found) == fields
    assert all(text and not text.isascii() for text in found.values())


def test_messages_name_the_field_as_the_page_does() -> None:
    assert faults_of(planned_start=None)["planned_start"] == "计划开始时间 为必录项"
    assert faults_of(status=DONE)["result"] == "活动结果 为必录项"
    assert faults_of(planned_end="2026-11-24 09:00") == {
        "planned_end": "计划结束时间 不能早于计划开始时间"
    }


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-11-24T10:00", "2026-11-24 10:00"),
        ("2026/11/24 10：00", "2026-11-24 10:00"),
        ("2026-11-24T10:00:00+08:00", "2026-11-24 10:00"),
        ("2026-11-24T02:00:00Z", "2026-11-24 10:00"),
        ("2026-11-24", "2026-11-24"),  # at what time?
        (datetime(2026, 11, 24, 10, tzinfo=clock.SHANGHAI), "2026-11-24 10:00"),
        (datetime(2026, 11, 24, 2, tzinfo=UTC), "2026-11-24 10:00"),
        ("明天", "明天"),
        ("", None),
        (None, None),
    ],
)
def test_moments_are_read_in_shanghai(typed: Any, read: str | None) -> None:
    found = rules.read_moment(typed)
    shown = f"{clock.local(found):%Y-%m-%d %H:%M}" if isinstance(found, datetime) else found
    assert shown == read


@pytest.mark.parametrize(("status", "reminds"), [(NEW, True), (STARTED, False), (DONE, False)])
def test_only_what_has_not_begun_reminds(status: ActivityStatus, reminds: bool) -> None:
    assert cleaned(replace(GOOD, status=status, remind=True)).remind is reminds


def test_what_the_state_forbids_is_dropped() -> None:
    times = {"started_at": "2026-11-20 10:00", "ended_at": "2026-11-20 11:00"}
    new, begun = (cleaned(replace(GOOD, status=s, **times)) for s in (NEW, STARTED))
    assert (new.started_at, new.ended_at) == (None, None)
    assert isinstance(begun.started_at, datetime)
    assert begun.ended_at is None


@pytest.mark.parametrize(
    ("status", "field", "is_refused"),
    [
        (NEW, "planned_start", False),
        (NEW, "remind", False),
        (STARTED, "subject", False),
        (STARTED, "planned_end", True),
        (STARTED, "remind", True),
        (DONE, "result_note", False),
        (DONE, "subject", True),
        (DONE, "result", True),
        (NEW, "status", True),
        (NEW, "customer_id", True),
    ],
)
def test_what_may_still_be_changed(status: ActivityStatus, field: str, is_refused: bool) -> None:
    assert bool(rules.edit_refusal(status, {field})) is is_refused
    assert rules.edit_refusal(status, set()) is None


def test_putting_off_keeps_the_length() -> None:
    start, later = NOW, NOW + timedelta(days=1)
    assert rules.postponed(start, start + timedelta(minutes=90), later) == (
        later,
        later + timedelta(minutes=90),
    )
    assert rules.postponed(None, None, later) == (later, later + timedelta(hours=1))
    assert rules.later_fault(NOW - timedelta(minutes=1), NOW) == "延后到 不能早于现在"
    assert rules.later_fault(None, NOW) == "延后到 为必录项"
    assert "正确的时间" in (rules.later_fault("改天", NOW) or "")
    assert rules.later_fault(later, NOW) is None
    days = {key: clock.local(day).date().isoformat() for key, (_, day) in rules.later_choices(NOW).items()}  # fmt: skip
    assert days == {"tomorrow": "2026-11-24", "monday": "2026-11-30", "week": "2026-11-30"}


def test_an_end_in_the_minute_of_the_start_is_right() -> None:
    start = NOW + timedelta(seconds=30)
    assert rules.end_after(start, NOW) == start
    early = NOW - timedelta(seconds=31)
    assert rules.end_after(start, early) == early
    assert rules.end_after(start, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
    assert rules.end_after(None, NOW) == NOW
    assert rules.end_after(start, "刚才") == "刚才"


def test_overdue_is_what_has_not_begun_in_time() -> None:
    late, soon = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
    assert rules.is_overdue(NEW, late, NOW)
    assert not rules.is_overdue(NEW, soon, NOW)
    assert not rules.is_overdue(NEW, None, NOW)
    assert not rules.is_overdue(STARTED, late, NOW)


def test_subject_of_a_quick_record() -> None:
    assert rules.contact_subject("电话", "已报价") == "电话：已报价"
    assert rules.contact_subject("电话", "长" * 40) == f"电话：{'长' * 30}…"

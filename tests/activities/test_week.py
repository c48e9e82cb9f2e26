"""活动日历: whose week one may see, what stands on which day, and the file other programs read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.board import week_page
from crmlib.activities.ics import calendar_file
from crmlib.activities.model import ActivityStatus
from crmlib.activities.week import (
    Entry,
    calendar_people,
    calendar_person,
    monday_of,
    week_of,
)
from crmlib.errors import NotAllowed
from crmlib.exchange.calendar import export_calendar
from crmlib.store.schema import ChangeLog
from crmlib.ui.options import Option
from crmlib.ui.week import NO_DAY, WeekBoard, WeekEntry, WeekPage
from crmlib.ui.widget import Fault
from tests import make
from tests.activities.test_queries import add

Cast = dict[str, Actor]
MONDAY = date(2026, 11, 23)
DONE, STARTED = ActivityStatus.DONE, ActivityStatus.STARTED


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of that week in Shanghai; day 0 is Monday."""
    day_of = MONDAY + timedelta(days=day)
    return datetime(day_of.year, day_of.month, day_of.day, hour, minute, tzinfo=clock.SHANGHAI)


@pytest.fixture
def week(cast: Cast) -> dict[str, int]:
    wang, customer = cast["wangqiang"], make.customer("广州明珠幕墙有限公司")
    return {
        "plan": add(wang, customer, 1, planned_start=at(1, 10), planned_end=at(1, 11), remind=True),
        "trip": add(wang, customer, 2, planned_start=at(2, 9), planned_end=at(4, 0)),
        "done": add(wang, customer, 3, status=DONE, started_at=at(0, 9), ended_at=at(0, 9, 30)),
        "long": add(wang, customer, 4, status=DONE, started_at=at(-9, 9), ended_at=at(0, 8)),
        "begun": add(wang, customer, 5, status=STARTED, started_at=at(6, 23)),
        "before": add(wang, customer, 6, planned_start=at(-1, 10), planned_end=at(-1, 11)),
        "after": add(wang, customer, 7, status=DONE, ended_at=at(7, 0)),
        "boss": add(cast["zhangwei"], customer, 8, planned_start=at(1, 10), planned_end=at(1, 11)),
    }


def test_a_week_in_its_order_and_on_its_days(cast: Cast, week: dict[str, int]) -> None:
    wang = cast["wangqiang"]
    found = week_of(wang, wang.person_id, MONDAY)
    names = {key: name for name, key in week.items()}
    days = {names[entry.id]: entry.days(MONDAY) for entry in found}
    assert list(days) == ["long", "done", "plan", "trip", "begun"]
    # Until midnight is not the next day.
    assert days == {"long": [0], "done": [0], "plan": [1], "trip": [2, 3], "begun": [6]}
    shown = {names[int(e.href.rpartition("=")[2])]: e for e in week_page(wang, wang.person_id, MONDAY).entries}  # fmt: skip
    assert (shown["done"].time, shown["long"].time) == ("09:00–09:30", "08:00")
    assert shown["trip"].time == "09:00–11-27 00:00"
    assert monday_of(date(2026, 11, 29)) == MONDAY


def test_holidays_are_named(cast: Cast) -> None:
    wang = cast["wangqiang"]
    names = week_page(wang, wang.person_id, date(2026, 9, 28)).names
    assert "国庆节" in " ".join(names)
    assert list(week_page(wang, wang.person_id, MONDAY).names) == [""] * 7


def test_whose_week_one_may_see(cast: Cast, week: dict[str, int]) -> None:
    wang = cast["wangqiang"].person_id
    seen = {login for login, actor in cast.items() if calendar_person(actor, wang)}
    assert seen == {"wangqiang", "zhangwei", "liuyang", "zhouting", "zhaolei", "sunyue"}
    with pytest.raises(NotAllowed):
        week_page(cast["chengang"], wang, MONDAY)
    own = [option.label for option in calendar_people(cast["wangqiang"])]
    assert own == ["王强"]
    assert calendar_people(cast["zhangwei"])[0].label == "张伟"
    assert [o.label for o in calendar_people(cast["zhangwei"], "王")] == ["王强"]


def test_taken_along_as_a_file_and_logged(cast: Cast, week: dict[str, int]) -> None:
    boss, wang = cast["zhangwei"], cast["wangqiang"].person_id
    name, content = export_calendar(boss, wang, MONDAY)
    assert name == "活动日历-王强-20261123.ics"
    assert len(Calendar.from_ical(content).walk("VEVENT")) == 5
    later = Calendar.from_ical(export_calendar(boss, wang, MONDAY, later=True)[1])
    assert len(later.walk("VEVENT")) == 6
    logged = make.rows(ChangeLog, entity="export")
    assert [(entry.after["list"], entry.after["rows"]) for entry in logged] == [
        ("活动日历", 5),
        ("活动日历", 6),
    ]
    for login, person in (("chengang", wang), ("limin", cast["limin"].person_id)):
        with pytest.raises(NotAllowed):
            export_calendar(cast[login], person, MONDAY)


ENTRY = Entry(
    id=7,
    version=3,
    number="HD261100007",
    subject="上门拜访；谈价格, 交期",
    activity_type="01",
    customer="广州明珠幕墙有限公司",
    place="天河路1号",
    description="第一行\n第二行" + "很长" * 40,
    status=ActivityStatus.NOT_STARTED,
    remind=True,
    start=at(1, 10),
    end=at(1, 11),
    overdue=False,
)


def test_the_file_is_what_rfc_5545_wants() -> None:
    content = calendar_file([ENTRY], "王强的活动")
    lines = content.split(b"\r\n")
    assert (lines[0], lines[-2], lines[-1]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"")
    assert max(map(len, lines)) <= 75  # octets; longer ones are folded
    assert b"\n" not in content.replace(b"\r\n", b"")
    read = Calendar.from_ical(content)
    assert (read["VERSION"], read["METHOD"]) == ("2.0", "PUBLISH")
    (event,) = read.walk("VEVENT")
    assert event["UID"] == "HD261100007@sunmao.sunmao"
    assert event["SEQUENCE"] == 3
    assert event.decoded("DTSTART") == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
    assert str(event["SUMMARY"]) == f"{ENTRY.subject}（{ENTRY.customer}）"
    assert str(event["DESCRIPTION"]) == f"HD261100007 未开始\n{ENTRY.description}"
    assert str(event["LOCATION"]) == "天河路1号"
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(minutes=-15)


@pytest.mark.parametrize("changes", [{"remind": False}, {"status": DONE}])
def test_nothing_rings_for_what_is_done_or_not_ticked(changes: dict[str, Any]) -> None:
    read = Calendar.from_ical(calendar_file([replace(ENTRY, **changes)], "x"))
    assert read.walk("VALARM") == []


def test_the_board_answers_for_any_week_and_only_for_weeks() -> None:
    asked = []

    def fetch(person: int, monday: date) -> WeekPage:
        asked.append((person, monday))
        return WeekPage(entries=[WeekEntry(href="?", time="10:00", title="拜访", days=[1])])

    board = WeekBoard(fetch, Option(5, "王强"), today=date(2026, 11, 25), monday=MONDAY)
    assert board.spec["thisWeek"] == "2026-11-23"
    told = board._week({"person": 5, "monday": "2026-12-02"})
    assert asked[-1] == (5, date(2026, 11, 30))
    assert (told["before"], told["after"], told["number"]) == ("2026-11-23", "2026-12-07", 49)
    for wrong in ({}, {"person": 5, "monday": "morgen"}, {"person": "x", "monday": "2026-12-02"}, {"person": 5, "monday": "0001-01-01"}):  # fmt: skip
        with pytest.raises(Fault, match=NO_DAY):
            board._week(wrong)
    with pytest.raises(Fault):
        board._export({"person": 5, "monday": "2026-12-02"})

"""工作日历: who keeps it, what is refused, and that counting follows at once."""

from datetime import date

import pytest

from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.people import workdays
from crmlib.people.workdays import (
    add_workdays,
    calendar_years,
    is_workday,
    keep_days,
    remove_days,
    workdays_between,
    year_calendar,
)
from crmlib.reference.model import DayOff
from crmlib.store.schema import ChangeLog
from tests import make

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


def test_days_kept_by_an_admin_hold_at_once_and_are_logged(cast: dict[str, Actor]) -> None:
    admin = cast["zhaolei"]
    assert is_workday(MONDAY)
    assert workdays_between(date(2026, 11, 20), FRIDAY) == 5
    kept = keep_days(admin, MONDAY, date(2026, 11, 24), "rest", " 年会 ", token="days")
    assert kept == keep_days(admin, MONDAY, date(2026, 11, 24), "rest", "年会", token="days")
    assert (kept.days, kept.text) == (2, "已登记 2 天为「休」")
    assert not is_workday(MONDAY)
    assert workdays_between(date(2026, 11, 20), FRIDAY) == 3
    assert add_workdays(date(2026, 11, 20), 1) == date(2026, 11, 25)
    # Said again, a day stands once.
    keep_days(admin, MONDAY, None, "work", "年会改期")
    assert is_workday(MONDAY)
    assert [row.name for row in make.rows(DayOff)] == ["年会改期", "年会"]
    assert {row.entity for row in make.rows(ChangeLog, action="keep_days")} == {"day_off"}
    shown = year_calendar(admin, 2026).days.to_dicts()
    own = {row["day"]: (row["kind"], row["name"]) for row in shown if row["source"] == "本单位"}
    assert own == {MONDAY: ("班", "年会改期"), date(2026, 11, 24): ("休", "年会")}
    assert ("休", "国庆节") in {(row["kind"], row["name"]) for row in shown}

    removed = remove_days(admin, [MONDAY, date(2026, 11, 24), date(2026, 10, 1)])
    assert removed.days == 2
    assert workdays_between(date(2026, 11, 20), FRIDAY) == 5
    with pytest.raises(Refused, match="国家公布的安排不能删除"):
        remove_days(admin, [date(2026, 10, 1)])


def test_only_admins_keep_the_calendar(cast: dict[str, Actor]) -> None:
    for login in ("limin", "wangqiang", "zhangwei", "zhouting", "sunyue"):
        with pytest.raises(NotAllowed):
            keep_days(cast[login], MONDAY, None, "rest", "年会")
        with pytest.raises(NotAllowed):
            remove_days(cast[login], [MONDAY])
        with pytest.raises(NotAllowed):
            year_calendar(cast[login], 2026)
        with pytest.raises(NotAllowed):
            calendar_years(cast[login])
    assert make.rows(DayOff) == []


@pytest.mark.parametrize(
    ("since", "until", "kind", "name", "faults"),
    [
        (None, None, "", "", {"since", "kind", "name"}),
        (FRIDAY, MONDAY, "rest", "年会", {"until"}),
        (MONDAY, date(2027, 11, 23), "rest", "年会", {"until"}),
        (MONDAY, None, "holiday", "年会", {"kind"}),
        (MONDAY, None, "rest", "年" * 41, {"name"}),
        (date(1999, 1, 1), None, "rest", "元旦", {"since"}),
        (MONDAY, FRIDAY, "work", "年会", set()),
    ],
)
def test_faults_of_days(
    since: date | None, until: date | None, kind: str, name: str, faults: set[str]
) -> None:
    assert set(workdays.day_faults(since, until, kind, name)) == faults


def test_faults_come_all_at_once(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as wrong:
        keep_days(cast["zhaolei"], None, None, "", " ")
    assert set(wrong.value.faults) == {"since", "kind", "name"}


def test_a_year_nobody_published_says_so(cast: dict[str, Actor]) -> None:
    admin = cast["zhaolei"]
    assert year_calendar(admin, 2026).published
    unknown = year_calendar(admin, 2031)
    assert (unknown.published, unknown.days.height) == (False, 0)
    assert sum(worked for worked, _ in unknown.months) == 261
    keep_days(admin, date(2031, 10, 1), date(2031, 10, 7), "rest", "国庆节")
    assert calendar_years(admin)[0] == 2031
    assert year_calendar(admin, 2031).months[9][0] == 18

"""The rules of work reports as tables: period, due time, 主题, lines, states."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib import clock
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import LineKind, ReportKind, ReportStatus
from crmlib.work_reports.rules import LineDraft, ReportDraft

PLAN, SUMMARY = ReportKind.PLAN, ReportKind.SUMMARY
MONDAY = date(2026, 11, 23)
D, S, R = ReportStatus.DRAFT, ReportStatus.SUBMITTED, ReportStatus.READ


def weekday(day: date) -> bool:
    return day.weekday() < 5


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.SHANGHAI)


@pytest.mark.parametrize(
    ("kind", "day", "start"),
    [
        (SUMMARY, date(2026, 11, 26), date(2026, 11, 26)),
        (PLAN, MONDAY, MONDAY),
        (PLAN, date(2026, 11, 29), MONDAY),
        (PLAN, date(2026, 11, 30), date(2026, 11, 30)),
        (PLAN, date(2027, 1, 1), date(2026, 12, 28)),
    ],
)
def test_a_period_begins_on_its_monday_or_is_the_day(kind, day: date, start: date) -> None:
    assert rules.starts_on(kind, day) == start
    assert day in rules.days_of(kind, start)


@pytest.mark.parametrize(
    ("kind", "start", "moment", "late"),
    [
        (SUMMARY, MONDAY, at(23, 18), False),
        (SUMMARY, MONDAY, at(24, 12), False),
        (SUMMARY, MONDAY, at(24, 12, 1), True),
        (SUMMARY, MONDAY, datetime(2026, 11, 24, 4, 0, tzinfo=UTC), False),  # 12:00 in Shanghai
        (SUMMARY, MONDAY, datetime(2026, 11, 24, 4, 1, tzinfo=UTC), True),
        (SUMMARY, date(2026, 11, 27), at(30, 12), False),  # Friday's until Monday noon
        (SUMMARY, date(2026, 11, 27), at(30, 12, 1), True),
        (PLAN, MONDAY, at(20, 9), False),
        (PLAN, MONDAY, at(23, 18), False),
        (PLAN, MONDAY, at(23, 18, 1), True),
    ],
)
def test_when_a_report_is_late(kind, start: date, moment: datetime, late: bool) -> None:
    assert rules.is_late(kind, start, moment, weekday) is late


def test_a_plan_is_due_on_the_first_working_day_and_holidays_put_off_summaries() -> None:
    def tuesday_on(day: date) -> bool:
        return weekday(day) and day != MONDAY

    assert rules.due_at(PLAN, MONDAY, tuesday_on) == at(24, 18)
    assert rules.due_at(SUMMARY, date(2026, 11, 20), tuesday_on) == at(24, 12)
    assert rules.due_at(PLAN, MONDAY, lambda _day: False) == at(23, 18)


@pytest.mark.parametrize(
    ("kind", "start", "fault"),
    [
        (SUMMARY, MONDAY, ""),
        (SUMMARY, date(2026, 11, 24), "不能填写未来日期的总结"),
        (SUMMARY, date(2026, 10, 23), ""),
        (SUMMARY, date(2026, 10, 22), "只能补交最近 31 天的报告"),
        (PLAN, date(2026, 12, 7), ""),
        (PLAN, date(2026, 12, 14), "最多提前两周填写周计划"),
        (PLAN, date(2026, 10, 19), "只能补交最近 31 天的报告"),
    ],
)
def test_which_periods_can_be_written_of(kind, start: date, fault: str) -> None:
    assert rules.period_fault(kind, start, MONDAY) == fault


@pytest.mark.parametrize(
    ("today", "monday"), [(23, 23), (25, 23), (26, 30), (29, 30), (30, 30)]
)  # fmt: skip
def test_from_thursday_on_one_plans_the_next_week(today: int, monday: int) -> None:
    assert rules.usual_week(date(2026, 11, today)) == date(2026, 11, monday)


@pytest.mark.parametrize(
    ("subject", "is_right"),
    [
        ("拜访南山项目+确认封样", True),
        ("拜访南山项目", False),
        ("+确认封样", False),
        ("拜访南山项目+ ", False),
        ("拜访+南山+封样", False),
        ("", False),
    ],
)
def test_subject_has_one_plus_between_two_texts(subject: str, is_right: bool) -> None:
    assert rules.subject_fault(subject) == ("" if is_right else rules.SUBJECT_FORMAT)


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_composed_of_right_texts_is_right(content: str, outcome: str) -> None:
    draft = rules.cleaned(ReportDraft(content=content, outcome=outcome, customers=(1,)))
    if rules.faults(SUMMARY, draft, internal_allowed=False):
        return
    assert rules.subject_fault(rules.compose_subject(draft.content, draft.outcome)) == ""


def whole(**values) -> ReportDraft:
    usual = {"content": "拜访南山项目", "outcome": "确认封样", "customers": (7,)}
    return rules.cleaned(ReportDraft(**usual | values))


def line(kind: LineKind = LineKind.DONE, **values) -> LineDraft:
    return LineDraft(kind=kind, **{"text": "拜访"} | values)


DONE, TOMORROW, WEEK = LineKind.DONE, LineKind.TOMORROW, LineKind.PLAN


@pytest.mark.parametrize(
    ("draft", "allowed", "found"),
    [
        (whole(), False, {}),
        (whole(content="拜访＋南山"), False, {"content": "内容概括 不能含「+」"}),
        (whole(content=" "), False, {"content": "内容概括 为必录项"}),
        (whole(outcome=""), False, {"outcome": "结果概括 为必录项"}),
        (whole(content="长" * 101), False, {"content": "内容概括 不能超过 100 个字"}),
        (whole(subject="随便"), False, {"subject": rules.SUBJECT_FORMAT}),
        (whole(subject="拜访＋封样"), False, {}),
        (whole(customers=()), False, {"customers": "必须选择相关联客户"}),
        (whole(customers=(), internal=True), False, {"customers": "必须选择相关联客户"}),
        (whole(customers=(), internal=True), True, {}),
        (whole(customers=()), True, {"customers": "必须选择相关联客户"}),
        (whole(customers=(), lines=(line(activity_id=3, customer_id=7),)), False, {}),
        (whole(lines=(line(), line(text=" "))), False, {}),
        (whole(lines=(line(text="", result="好"),)), False, {"done.0.text": "内容 为必录项"}),
        (
            whole(lines=(line(), line(customer_id=7))),
            False,
            {"done.1.result": rules.NO_RESULT, "done.1.activity_type": rules.NO_TYPE},
        ),
        (whole(lines=(line(customer_id=7, result="好", activity_type="01"),)), False, {}),
        (
            whole(lines=(line(TOMORROW, hours="10:00"),)),
            False,
            {
                "plans.0.about": rules.NO_ABOUT,
                "plans.0.day": rules.NO_DAY,
                "plans.0.activity_type": rules.NO_TYPE,
            },
        ),
        (whole(lines=(line(), line(TOMORROW, hours="25:00", day=MONDAY, customer_id=7,
                                   activity_type="01"))),
         False, {"plans.0.hours": rules.BAD_TIME}),
        (whole(lines=(line(TOMORROW, hours="11:00-10:00", day=MONDAY, customer_id=7,
                           activity_type="01"),)),
         False, {"plans.0.hours": rules.BACKWARDS}),
        (whole(lines=(line(TOMORROW, day=MONDAY),)), False, {}),
        (whole(lines=(line(),) * 51), False, {"": "一份报告最多 50 行"}),
    ],
)  # fmt: skip
def test_what_a_report_must_have(draft: ReportDraft, allowed: bool, found: dict[str, str]) -> None:
    assert rules.faults(SUMMARY, draft, internal_allowed=allowed) == found


def test_a_draft_may_lack_everything_but_hold_no_nonsense() -> None:
    assert rules.draft_faults(PLAN, rules.cleaned(ReportDraft())) == {}
    odd = whole(content="一+二", lines=(line(WEEK, hours="上午"),))
    assert set(rules.draft_faults(PLAN, odd)) == {"content", "plans.0.hours"}


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("10:00", ("10:00", "11:00")),
        ("9", ("09:00", "10:00")),
        ("1430", ("14:30", "15:30")),
        ("10:00-11:30", ("10:00", "11:30")),
        ("１０：００－１１：３０", ("10:00", "11:30")),
        ("10:00 至 11:30", ("10:00", "11:30")),
        ("9~10", ("09:00", "10:00")),
        ("24:00", None),
        ("上午", None),
        ("", None),
    ],
)
def test_hours_as_people_type_them(typed: str, span: tuple[str, str] | None) -> None:
    (read,) = rules.cleaned(
        ReportDraft(lines=(line(WEEK, hours=typed, day=MONDAY, customer_id=1),))
    ).lines
    found = rules.hours_of(read)
    assert (found and tuple(f"{each:%H:%M}" for each in found)) == span
    if found:
        assert rules.hours_text(*found) == "-".join(span or ())


def test_customers_of_lines_are_customers_of_the_report() -> None:
    draft = whole(customers=(3, 3), lines=(line(customer_id=5), line(customer_id=3)))
    assert draft.customers == (3, 5)


@pytest.mark.parametrize(
    ("event", "after"),
    [
        ("save", {D: D}),
        ("submit", {D: S}),
        ("read", {S: R, R: R}),
        ("return", {S: D, R: D}),
    ],
)
def test_states(event: str, after: dict[ReportStatus, ReportStatus]) -> None:
    assert {s: rules.step(s, event) for s in ReportStatus} == {
        s: after.get(s) for s in ReportStatus
    }
    for status in set(ReportStatus) - after.keys():
        assert rules.refusal(status) == (rules.NOT_HANDED_IN if status is D else rules.LOCKED)

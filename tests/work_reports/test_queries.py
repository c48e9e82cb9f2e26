"""Who sees which report where; what opens filled in; the board; the workbook."""

import io
from collections import Counter
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import create_activity
from crmlib.activities.model import Activity
from crmlib.activities.rules import ActivityDraft
from crmlib.activities.states import ActivityStatus
from crmlib.errors import NotAllowed
from crmlib.exchange.reports import export_reports, report_exporter
from crmlib.inbox.model import Message
from crmlib.inbox.queries import message_detail, pending
from crmlib.insight import hand_ins
from crmlib.people.model import Person
from crmlib.people.workdays import add_workdays
from crmlib.store import rooms
from crmlib.store.schema import ChangeLog
from crmlib.work_reports import actions, rules
from crmlib.work_reports import board as boards
from crmlib.work_reports.actions import return_report, review_report, save_report, submit_report
from crmlib.work_reports.board import HandIn, week_rows, weeks
from crmlib.work_reports.card import report_card, report_lines
from crmlib.work_reports.choices import about_choices, about_of, customer_choices
from crmlib.work_reports.editing import editing
from crmlib.work_reports.form import read_draft, report_form
from crmlib.work_reports.kinds import LineKind, ReportKind, ReportStatus
from crmlib.work_reports.opening import open_report
from crmlib.work_reports.queries import ReportQuery, report_page
from crmlib.work_reports.rules import LineDraft, ReportDraft
from tests import make

PLAN, SUMMARY = ReportKind.PLAN, ReportKind.SUMMARY
TODAY = clock.today()
VISIT = "01"
LAST = rules.starts_on(PLAN, TODAY) - timedelta(days=7)


@pytest.fixture(autouse=True)
def rooms_known() -> None:
    """What waits for people is counted as in the product."""
    rooms.load(rooms.QUERIES)


def monday(day: date = TODAY) -> date:
    return rules.starts_on(PLAN, day)


def hand_in(
    actor: Actor, customer: int, kind: ReportKind = SUMMARY, day: date = TODAY, **values
) -> int:
    usual = {"content": "拜访南山项目", "outcome": "确认封样", "customers": (customer,)}
    start = rules.starts_on(kind, day)
    return submit_report(actor, kind, start, ReportDraft(**usual | values)).report_id


def listed(actor: Actor, **query) -> list[int]:
    return report_page(actor, ReportQuery(**query)).rows["id"].to_list()


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.SHANGHAI)


def test_everybody_sees_his_own_and_those_of_his_people(cast: dict[str, Actor]) -> None:
    customer, other = make.customer("南山幕墙有限公司"), make.customer(owner="chengang")
    wang, zhang, chen = (cast[name] for name in ("wangqiang", "zhangwei", "chengang"))
    one = hand_in(wang, customer)
    two = hand_in(wang, customer, PLAN)
    far = hand_in(chen, other)
    his = hand_in(zhang, customer)
    kept = save_report(wang, PLAN, monday() + timedelta(days=7), ReportDraft(content="下周"))
    seen = {
        "wangqiang": {one, two, kept.report_id},
        "zhangwei": {one, two, his},
        "liuyang": {one, two, his},
        "chengang": {far},
        "limin": set(),
        "zhouting": {one, two, far, his},
        "zhaolei": set(),
        "sunyue": set(),
    }
    for login, wanted in seen.items():
        actor = cast[login]
        mine, others = set(listed(actor, mine=True)), set(listed(actor))
        assert mine | others == wanted, login
        assert not mine & others
        for key in (one, two, far, his, kept.report_id):
            if key in wanted:
                assert report_card(actor, key).id == key
            else:
                with pytest.raises(NotAllowed):
                    report_card(actor, key)
        assert {line[1] for line in report_lines(actor, [one, far])} <= {"王强", "陈刚"}
    assert [report_card(cast[n], one).may_review for n in ("wangqiang", "zhangwei", "zhouting")] == [
        False, True, False,
    ]  # fmt: skip


def test_lists_show_unread_ones_first_and_narrow(cast: dict[str, Actor]) -> None:
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    customer = make.customer("南山幕墙有限公司")
    old = hand_in(wang, customer, day=TODAY - timedelta(days=4))
    read = hand_in(wang, customer, content="电话沟通")
    plan = hand_in(wang, customer, PLAN)
    review_report(zhang, read)
    assert set(listed(zhang)[:2]) == {plan, old}
    assert listed(zhang)[2] == read
    assert listed(zhang, kind=PLAN) == [plan]
    assert listed(zhang, status=ReportStatus.READ) == [read]
    late = {key for key in (old, read, plan) if report_card(zhang, key).late}
    assert set(listed(zhang, late=True)) == late
    assert listed(zhang, text="没有这个") == []
    assert listed(zhang, text="电话") == [read]
    assert set(listed(zhang, text="南山幕墙")) == {old, read, plan}
    assert listed(zhang, since=TODAY, kind=SUMMARY) == [read]
    assert listed(zhang, until=TODAY - timedelta(days=3), kind=SUMMARY) == [old]
    # It waits for the nearest 上级 only.
    assert len(listed(zhang, waiting=True)) == 2
    assert listed(cast["liuyang"], waiting=True) == []
    row = report_page(zhang, ReportQuery(text="电话")).rows.to_dicts()[0]
    assert (row["person"], row["status"], row["customers"], row["reviewed_by"]) == (
        "王强", "已阅", "南山幕墙有限公司", "张伟",
    )  # fmt: skip


def test_what_waits_is_counted_and_messages_lead_to_the_report(cast: dict[str, Actor]) -> None:
    wang, zhang, liu = (cast[name] for name in ("wangqiang", "zhangwei", "liuyang"))

    def waits(actor: Actor) -> dict[str, int]:
        return {p.label: p.count for p in pending(actor) if "工作报告" in p.label}

    key = hand_in(wang, make.customer())
    assert (waits(zhang), waits(liu), waits(wang)) == ({"待批阅工作报告": 1}, {}, {})
    return_report(zhang, key, "补充数量")
    assert (waits(zhang), waits(wang)) == ({}, {"被退回的工作报告": 1})
    (message,) = make.rows(Message, related_type="work_report")
    related = message_detail(wang, message.id).related
    assert (related.page, related.id) == ("work_report", key)
    # A draft again: nobody's but its author's.
    assert message_detail(zhang, message.id).related is None
    assert report_page(wang, ReportQuery(mine=True)).rows["status"].to_list() == ["已退回"]


def test_a_day_opens_with_what_was_done_and_what_is_planned(cast: dict[str, Actor]) -> None:
    wang, customer = cast["wangqiang"], make.customer("南山幕墙有限公司")
    deal, tomorrow = make.opportunity(customer), add_workdays(TODAY, 1)

    def act(**values) -> int:
        usual = {"customer_id": customer, "activity_type": VISIT, "owner_id": wang.person_id}
        return create_activity(wang, ActivityDraft(**usual | values)).activity_id

    done = act(subject="拜访何经理", status=ActivityStatus.DONE, result="确认封样",
               opportunity_id=deal)  # fmt: skip
    act(subject="前天的电话", status=ActivityStatus.DONE, result="好",
        ended_at=clock.now() - timedelta(days=2))  # fmt: skip
    plan = act(subject="送样", planned_start=at(tomorrow, 9), planned_end=at(tomorrow, 10))
    act(subject="很久以后", planned_start=at(TODAY + timedelta(days=25), 9),
        planned_end=at(TODAY + timedelta(days=25), 10))  # fmt: skip
    noted = LineDraft(kind=LineKind.PLAN, text="整理样册", day=tomorrow)
    hand_in(wang, customer, PLAN, tomorrow, lines=(noted,))
    opened = open_report(wang, SUMMARY, TODAY)
    assert (opened.report_id, opened.status, opened.starts_on) == (None, ReportStatus.DRAFT, TODAY)
    told = [(x.kind, x.text, x.result, x.activity_id, x.hours) for x in opened.draft.lines]
    assert told == [
        (LineKind.DONE, "拜访何经理", "确认封样", done, ""),
        (LineKind.TOMORROW, "送样", "", plan, "09:00-10:00"),
        (LineKind.TOMORROW, "整理样册", "", None, ""),
    ]
    assert opened.draft.customers == (customer,)
    assert opened.names[f"c{customer}"][0] == "南山幕墙有限公司"
    assert opened.draft.lines[1].day == tomorrow
    assert f"o{deal}" in opened.names
    assert make.rows(Activity, subject="送样")
    # As it opens it can be handed in but for its two texts; nothing is made twice.
    draft = rules.cleaned(opened.draft)
    assert set(rules.faults(SUMMARY, draft, internal_allowed=False)) == {"content", "outcome"}
    count = len(make.rows(Activity))
    saved = save_report(wang, SUMMARY, TODAY, draft)
    more = act(subject="下午的电话", status=ActivityStatus.DONE, result="好")
    again = open_report(wang, SUMMARY, TODAY)
    assert (again.report_id, again.version, again.unlisted) == (saved.report_id, saved.version, 1)
    assert len(again.draft.lines) == 3
    whole = open_report(wang, SUMMARY, TODAY, with_unlisted=True)
    assert [x.activity_id for x in whole.draft.lines] == [done, plan, None, more]
    hand_in_again = submit_report(
        wang, SUMMARY, TODAY,
        ReportDraft(content="拜访", outcome="封样", lines=whole.draft.lines),
        version=whole.version,
    )  # fmt: skip
    assert hand_in_again.activities == 0
    assert len(make.rows(Activity)) == count + 1
    with pytest.raises(NotAllowed):
        open_report(cast["zhouting"], SUMMARY, TODAY)


def test_a_week_opens_with_its_plans(cast: dict[str, Actor]) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    start = monday() + timedelta(days=7)
    for day in (0, 6, 7):
        moment = at(start + timedelta(days=day), 14)
        create_activity(
            wang,
            ActivityDraft(customer_id=customer, subject=f"第{day}天", activity_type=VISIT,
                          planned_start=moment, planned_end=moment + timedelta(hours=2)),
        )  # fmt: skip
    opened = open_report(wang, PLAN, start + timedelta(days=3))
    assert [x.text for x in opened.draft.lines] == ["第0天", "第6天"]
    assert (opened.starts_on, opened.due_at.hour, opened.is_overdue) == (start, 18, False)
    far = open_report(wang, PLAN, start + timedelta(days=70))
    assert far.period_fault == "最多提前两周填写周计划"


def test_the_form_sends_what_the_rules_read(cast: dict[str, Actor]) -> None:
    wang, customer = cast["wangqiang"], make.customer("南山幕墙有限公司")
    deal = make.opportunity(customer)
    form = report_form(wang, open_report(wang, SUMMARY, TODAY))
    row = {"text": "拜访", "about": f"o{deal}", "activity_type": VISIT, "result": "好",
           "activity_id": ""}  # fmt: skip
    plan = {"day": f"{add_workdays(TODAY, 1)}", "hours": "9-10", "text": "送样",
            "about": f"c{customer}", "activity_type": VISIT, "activity_id": ""}  # fmt: skip
    typed = {"content": "", "outcome": "", "customers": [], "subject": "随便", "done": [row],
             "plans": [plan | {"hours": "上午"}]}  # fmt: skip
    wrong = form.sheet.submit({"token": "a", "values": typed})
    assert wrong["errors"] == {
        "content": "内容概括 为必录项",
        "outcome": "结果概括 为必录项",
        "subject": rules.SUBJECT_FORMAT,
        "plans.0.hours": rules.BAD_TIME,
    }
    half = typed | {"content": "拜访", "subject": "", "plans": [plan], "pressed": "second"}
    assert form.sheet.submit({"token": "b", "values": half})["message"] == "草稿已保存，尚未提交"
    assert make.rows(Activity) == []
    whole = half | {"outcome": "封样", "pressed": ""}
    sent = form.sheet.submit({"token": "c", "values": whole})
    assert (sent["message"], sent["next"].split("&")[0]) == (
        "报告已提交，登记活动 2 个",
        "?page=work_report",
    )
    assert {a.opportunity_id for a in make.rows(Activity)} == {deal, None}
    assert read_draft(SUMMARY, form.sheet.spec()["blank"] | {"customers": ()}) == ReportDraft()
    # The second of the day opens the first.
    page = editing(wang, SUMMARY, {"day": f"{TODAY}"})
    assert page.opened is None
    assert "报告已提交，不能修改" in page.head.text
    assert editing(cast["zhouting"], SUMMARY, {}).opened is None
    assert editing(wang, SUMMARY, {"day": "0001-01-01"}).opened is None
    assert editing(wang, PLAN, {"day": "没有"}).opened is not None


def test_choices_are_those_one_may_see(cast: dict[str, Actor]) -> None:
    mine = make.customer("南山幕墙有限公司")
    make.customer("东海幕墙有限公司", owner="chengang")
    deal = make.opportunity(mine, subject="南山-执手-报价")
    wang = cast["wangqiang"]
    assert [o.value for o in customer_choices(wang, "幕墙")] == [mine]
    assert [o.value for o in about_choices(wang, "南山")] == [f"c{mine}", f"o{deal}"]
    assert [about_of(v) for v in ("c12", "o5", "x1", "", None, "c")] == [
        (12, None), (None, 5), *[(None, None)] * 4,
    ]  # fmt: skip


@pytest.fixture
def told(cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Reports of 王强 in the week before this one, one late, one read, one given back.

    陈刚 came on its Wednesday and wrote none; people work from Monday to Friday.
    """

    def weekday(day: date) -> bool:
        return day.weekday() < 5

    for room in (boards, actions):
        monkeypatch.setattr(room, "is_workday", weekday)
    monkeypatch.setattr(hand_ins, "work_calendar", lambda: SimpleNamespace(is_workday=weekday))
    wang, zhang, customer = cast["wangqiang"], cast["zhangwei"], make.customer()
    make.change(Person, cast["chengang"].person_id, joined_on=LAST + timedelta(days=2))
    late = hand_in(wang, customer, day=LAST)
    read = hand_in(wang, customer, PLAN, LAST)
    review_report(zhang, read)
    back = hand_in(wang, customer, day=LAST + timedelta(days=1))
    return_report(zhang, back, "补充")
    return {"late": late, "read": read, "customer": customer}


def test_the_board_tells_who_is_missing(cast: dict[str, Actor], told: dict[str, int]) -> None:
    wang, zhang, last = cast["wangqiang"], cast["zhangwei"], LAST
    sellers = [wang.person_id, cast["chengang"].person_id]
    (row,) = week_rows(zhang, last, sellers, last)
    assert (row.name, row.plan.state, row.plan.report_id) == ("王强", HandIn.READ, told["read"])
    states = [cell.state for cell in row.days]
    assert (states[0], row.days[0].report_id) == (HandIn.LATE, told["late"])
    assert states[1:3] == [HandIn.RETURNED, HandIn.MISSING]
    assert states[5:] == [HandIn.NONE, HandIn.NONE]
    whole = {row.name: row for row in week_rows(cast["zhouting"], last, sellers, last)}
    assert set(whole) == {"王强", "陈刚"}
    assert [whole["陈刚"].plan.state, whole["陈刚"].days[0].state] == [HandIn.NONE, HandIn.NONE]
    for login in ("sunyue", "wangqiang", "limin", "zhaolei"):
        with pytest.raises(NotAllowed):
            week_rows(cast[login], last, sellers, last)
    (ahead,) = week_rows(zhang, monday() + timedelta(days=7), [wang.person_id], last)
    assert {cell.state for cell in ahead.days} == {HandIn.OPEN, HandIn.NONE}
    # Before the firm began nothing is missing.
    (early,) = week_rows(zhang, last - timedelta(days=7), [wang.person_id], last)
    assert {cell.state for cell in (early.plan, *early.days)} == {HandIn.NONE}

    assert weeks(date(2026, 11, 24), 3) == [date(2026, 11, d) for d in (30, 23, 16)]


def test_figures_are_those_of_the_people_shown(
    cast: dict[str, Actor], told: dict[str, int]
) -> None:
    wang, zhang, last = cast["wangqiang"], cast["zhangwei"], LAST
    sellers = [wang.person_id, cast["chengang"].person_id]
    found = hand_ins.board(zhang, weeks(TODAY))
    assert (found.begun, found.is_named) == (last, True)
    total = hand_ins.total(found.rows.filter(pl.col("period") == last))
    assert (total.handed_in, total.late, total.read) == (2, 2, 1)
    # On a Monday morning last Friday's is not due yet.
    assert (total.due, total.missing) in {(6, 4), (5, 3)}
    assert (total.in_time, total.share) == (0, 2 / total.due)
    assert min(found.rows["period"]) == last
    figures = hand_ins.board(cast["sunyue"], weeks(TODAY))
    assert not figures.is_named
    both = hand_ins.board(cast["zhouting"], weeks(TODAY))
    assert figures.rows.equals(both.rows)
    assert set(both.rows["person_id"]) == set(sellers)
    assert both.narrowed(wang.office_id, None).rows.equals(found.rows)
    assert set(both.narrowed(None, sellers[1]).rows["person_id"]) == {sellers[1]}
    # What the table of a week shows is what the figures count.
    for person, count in hand_ins.grouped(both.rows.filter(pl.col("period") == last), "person_id"):
        (cells,) = week_rows(cast["zhouting"], last, [person], last)
        seen = Counter(cell.state for cell in (cells.plan, *cells.days))
        assert count.missing == seen[HandIn.MISSING] + seen[HandIn.RETURNED]
        assert count.handed_in == seen[HandIn.READ] + seen[HandIn.LATE] + seen[HandIn.IN_TIME]
    people = hand_ins.by_person(both, both.rows)
    assert people["person_id"].to_list() in (sellers, sellers[::-1])
    assert people["missing"].is_sorted(descending=True)
    assert hand_ins.by_person(both, both.rows, "read")["name"].to_list() == ["王强"]
    assert hand_ins.by_person(found, found.rows.clear()).select("name", "due").rows() == [
        ("王强", 0)
    ]
    for login in ("wangqiang", "limin", "zhaolei"):
        with pytest.raises(NotAllowed):
            hand_ins.board(cast[login], weeks(TODAY))
        assert hand_ins.tally(cast[login], last, TODAY).is_empty()
    month = hand_ins.tally(zhang, last, last + timedelta(days=6))
    assert hand_ins.total(month) == total
    hand_in(wang, told["customer"], day=last + timedelta(days=2))
    after = hand_ins.total(hand_ins.tally(zhang, last, last + timedelta(days=6), "1w"))
    assert (after.handed_in, after.missing) == (3, total.missing - 1)


def test_the_workbook_replaces_the_mail(cast: dict[str, Actor]) -> None:
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    customer = make.customer("南山幕墙有限公司")
    line = LineDraft(kind=LineKind.DONE, text="=1+1", customer_id=customer, result="封样",
                     activity_type=VISIT)  # fmt: skip
    key = hand_in(wang, customer, lines=(line,))
    hand_in(wang, customer, PLAN)
    hand_in(cast["chengang"], make.customer(owner="chengang"))
    review_report(zhang, key, "很好")
    name, content = export_reports(zhang, ReportQuery(since=TODAY - timedelta(days=7)))
    assert name.startswith("工作报告-")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["日总结", "周计划", "明细", "说明"]
    days = book.get_sheet_by_name("日总结").to_python()
    assert len(days) == 2
    told = dict(zip(days[0], days[1], strict=True))
    assert (told["报告人"], told["主题"], told["批注"]) == (
        "王强",
        "拜访南山项目+确认封样",
        "张伟：很好",
    )
    assert len(book.get_sheet_by_name("周计划").to_python()) == 2
    lines = book.get_sheet_by_name("明细").to_python()
    assert dict(zip(lines[0], lines[1], strict=True))["内容"] == "=1+1"
    (logged,) = make.rows(ChangeLog, entity="export")
    assert (logged.person_id, logged.after["rows"]) == (zhang.person_id, 2)
    assert report_exporter(cast["limin"], lambda _query: ReportQuery()) is None
    with pytest.raises(NotAllowed):
        export_reports(cast["limin"], ReportQuery())

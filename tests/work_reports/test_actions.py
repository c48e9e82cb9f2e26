"""Drafts, hand-in, reading and giving back; who may do it, and that nothing is made twice."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import delete_activity
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import Customer
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.store.engine import reading
from crmlib.store.schema import ChangeLog
from crmlib.work_reports import actions, rules
from crmlib.work_reports.actions import (
    read_reports,
    return_report,
    review_report,
    save_report,
    submit_report,
)
from crmlib.work_reports.effects import NOT_YOURS
from crmlib.work_reports.kinds import LineKind, ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport, WorkReportCustomer, WorkReportLine
from crmlib.work_reports.rules import LineDraft, ReportDraft
from crmlib.work_reports.settings import report_settings, save_report_settings
from tests import make

PLAN, SUMMARY = ReportKind.PLAN, ReportKind.SUMMARY
DONE, TOMORROW, WEEK = LineKind.DONE, LineKind.TOMORROW, LineKind.PLAN
TODAY = clock.today()
VISIT = "01"


def monday() -> date:
    return rules.starts_on(PLAN, TODAY) + timedelta(days=7)


def draft(customer: int | None, *lines: LineDraft, **values) -> ReportDraft:
    usual = {"content": "拜访南山项目", "outcome": "确认封样"}
    named = (customer,) if customer else ()
    return ReportDraft(**usual | {"customers": named, "lines": lines} | values)


def done(customer: int | None, **values) -> LineDraft:
    return LineDraft(
        kind=DONE, **{"text": "拜访何经理", "result": "确认封样", "activity_type": VISIT} | values,
        customer_id=customer,
    )  # fmt: skip


def planned(customer: int | None, kind: LineKind = WEEK, **values) -> LineDraft:
    usual = {"text": "送样", "activity_type": VISIT, "day": monday(), "hours": "10:00-11:30"}
    return LineDraft(kind=kind, customer_id=customer, **usual | values)


def told(actor: Actor) -> list[str]:
    mine = {r.message_id for r in make.rows(MessageRecipient, person_id=actor.person_id)}
    return [m.title for m in make.rows(Message) if m.id in mine]


def report_of(key: int) -> WorkReport:
    return make.fetch(WorkReport, key)


def test_a_day_is_handed_in_and_its_lines_become_activities(cast: dict[str, Actor]) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    deal = make.opportunity(customer)
    wanted = draft(
        customer,
        done(customer, opportunity_id=deal),
        done(None, text="整理样册", result="", activity_type=""),
        planned(customer, TOMORROW, day=TODAY + timedelta(days=1)),
        planned(None, TOMORROW, hours="", text="开周会", activity_type=""),
    )
    saved = submit_report(wang, SUMMARY, TODAY, wanted, token="t")
    assert saved == submit_report(wang, SUMMARY, TODAY, wanted, token="t")
    assert (saved.subject, saved.late, saved.activities) == ("拜访南山项目+确认封样", False, 2)
    report = report_of(saved.report_id)
    assert (report.status, report.person_id, report.office_id, report.late) == (
        ReportStatus.SUBMITTED,
        wang.person_id,
        wang.office_id,
        False,
    )
    visit, plan = make.rows(Activity)
    assert (visit.status, visit.subject, visit.result, visit.opportunity_id) == (
        ActivityStatus.DONE,
        "拜访何经理",
        "确认封样",
        deal,
    )
    assert (plan.status, plan.remind, plan.owner_id) == (
        ActivityStatus.NOT_STARTED,
        True,
        wang.person_id,
    )
    start = datetime.combine(TODAY + timedelta(days=1), time(10), tzinfo=clock.SHANGHAI)
    assert (plan.planned_start, plan.planned_end - plan.planned_start) == (
        start,
        timedelta(minutes=90),
    )
    lines = make.rows(WorkReportLine)
    assert [row.activity_id for row in lines] == [visit.id, None, plan.id, None]
    assert make.fetch(Customer, customer).last_contact_on == TODAY
    assert make.rows(ChangeLog, action="submit_report", entity="work_report")


def test_given_back_and_handed_in_again_makes_nothing_twice(cast: dict[str, Actor]) -> None:
    wang, zhang, customer = cast["wangqiang"], cast["zhangwei"], make.customer()
    wanted = draft(customer, done(customer), planned(customer, TOMORROW, day=TODAY))
    first = submit_report(wang, SUMMARY, TODAY, wanted)
    returned = return_report(zhang, first.report_id, "请补充数量", version=first.version)
    report = report_of(first.report_id)
    assert (report.status, report.returned_reason) == (ReportStatus.DRAFT, "请补充数量")
    assert told(wang) == [
        f"退回：每日工作总结 {TODAY:%Y-%m-%d} (周{'一二三四五六日'[TODAY.weekday()]})"
    ]
    held = make.rows(WorkReportLine)
    lines = tuple(
        replace(line, activity_id=row.activity_id)
        for line, row in zip(wanted.lines, held, strict=True)
    )
    more = replace(wanted, lines=(*lines, done(customer, text="又去了一次")))
    again = submit_report(wang, SUMMARY, TODAY, more, version=returned.version)
    assert (again.report_id, again.activities, again.late) == (first.report_id, 1, False)
    assert len(make.rows(Activity)) == 3
    assert report_of(first.report_id).returned_reason is None


def test_one_report_of_a_day_and_it_is_locked(cast: dict[str, Actor]) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    kept = save_report(wang, SUMMARY, TODAY, ReportDraft(content="只写了一半"))
    with pytest.raises(Refused, match=rules.ALREADY_THERE):
        save_report(wang, SUMMARY, TODAY, draft(customer))
    with pytest.raises(Stale):
        save_report(wang, SUMMARY, TODAY, draft(customer), version=kept.version + 1)
    kept = save_report(wang, SUMMARY, TODAY, draft(customer, done(customer)), version=kept.version)
    kept = save_report(
        wang, SUMMARY, TODAY, draft(customer, done(customer), done(None)), version=kept.version
    )
    assert make.rows(Activity) == []
    submit_report(wang, SUMMARY, TODAY, draft(customer, done(None)), version=kept.version)
    for locked in (save_report, submit_report):
        with pytest.raises(Refused, match="报告已提交，不能修改"):
            locked(wang, SUMMARY, TODAY, draft(customer), version=kept.version + 1)
    (report,) = make.rows(WorkReport)
    assert report.status is ReportStatus.SUBMITTED
    assert len(make.rows(WorkReportLine)) == 1
    # Another kind, and another person's, are other reports.
    save_report(wang, PLAN, monday(), ReportDraft())
    save_report(cast["limin"], SUMMARY, TODAY, ReportDraft())
    assert len(make.rows(WorkReport)) == 3


@pytest.mark.parametrize(
    ("kind", "start", "fault"),
    [
        (SUMMARY, TODAY + timedelta(days=1), "不能填写未来日期的总结"),
        (PLAN, monday() + timedelta(days=1), "周计划从周一开始"),
    ],
)
def test_periods_that_are_none(cast: dict[str, Actor], kind, start: date, fault: str) -> None:
    with pytest.raises(Invalid) as found:
        save_report(cast["wangqiang"], kind, start, ReportDraft())
    assert found.value.faults == {"": fault}
    assert make.rows(WorkReport) == []


def test_faults_keep_everything_out(cast: dict[str, Actor]) -> None:
    wang, mine, other = cast["wangqiang"], make.customer(), make.customer(owner="chengang")
    with pytest.raises(Invalid) as found:
        submit_report(wang, SUMMARY, TODAY, draft(None))
    assert found.value.faults == {"customers": "必须选择相关联客户"}
    with pytest.raises(Invalid) as found:
        save_report(wang, SUMMARY, TODAY, draft(other))
    assert found.value.faults == {"customers": "相关联客户 只能选择您可以查看的客户"}
    foreign = done(mine, opportunity_id=make.opportunity(other, owner="chengang"))
    with pytest.raises(Invalid) as found:
        submit_report(wang, SUMMARY, TODAY, draft(mine, done(mine), foreign))
    assert found.value.faults == {"done.1.about": "商机 只能选择该客户的、您可以查看的商机"}
    with pytest.raises(Invalid) as found:
        submit_report(wang, SUMMARY, TODAY, draft(mine, done(mine, activity_type="99")))
    assert set(found.value.faults) == {"done.0.activity_type"}
    assert make.rows(WorkReport) == make.rows(Activity) == []


def test_a_customer_one_may_only_read_gets_no_activity(cast: dict[str, Actor]) -> None:
    from crmlib.customers.model import ShareLevel
    from crmlib.customers.sharing import share_customer

    wang, other = cast["wangqiang"], make.customer(owner="chengang")
    share_customer(cast["chengang"], other, wang.person_id, ShareLevel.READ)
    with pytest.raises(Invalid) as found:
        submit_report(wang, SUMMARY, TODAY, draft(other, done(other)))
    assert found.value.faults == {"done.0.about": NOT_YOURS}
    assert make.rows(Activity) == []
    submit_report(wang, SUMMARY, TODAY, draft(other, done(None)))


def test_an_activity_of_others_is_not_told_of(cast: dict[str, Actor]) -> None:
    theirs = make.customer(owner="chengang")
    own = submit_report(cast["chengang"], SUMMARY, TODAY, draft(theirs, done(theirs)))
    (activity,) = make.rows(Activity)
    assert own.activities == 1
    stolen = done(None, activity_id=activity.id)
    with pytest.raises(NotAllowed):
        save_report(cast["wangqiang"], SUMMARY, TODAY, draft(None, stolen))


def test_late_is_told_and_stays(cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    monkeypatch.setattr(actions, "is_workday", lambda _day: True)
    past = TODAY - timedelta(days=3)
    late = submit_report(wang, SUMMARY, past, draft(customer, done(customer)))
    assert late.late
    (activity,) = make.rows(Activity)
    assert clock.local(activity.ended_at).date() == past
    assert submit_report(wang, PLAN, monday(), draft(customer)).late is False


def test_who_reads_comments_and_returns(cast: dict[str, Actor]) -> None:
    wang, zhang, liu = (cast[name] for name in ("wangqiang", "zhangwei", "liuyang"))
    customer = make.customer()
    key = submit_report(wang, SUMMARY, TODAY, draft(customer)).report_id
    for login in ("wangqiang", "chengang", "limin", "zhouting", "zhaolei", "sunyue"):
        for step in (review_report, lambda a, k: return_report(a, k, "不行")):
            with pytest.raises(NotAllowed):
                step(cast[login], key)
    with pytest.raises(Stale):
        review_report(zhang, key, "好", version=0)
    seen = review_report(zhang, key, " 继续跟进封样 \n", version=report_of(key).version)
    assert (seen.text, report_of(key).status) == ("批注已保存", ReportStatus.READ)
    review_report(liu, key, "下周一起去")
    report = report_of(key)
    assert report.comment == "张伟：继续跟进封样\n刘洋：下周一起去"
    assert (report.reviewed_by_id, len(told(wang))) == (liu.person_id, 2)
    assert all(title.startswith("批注：每日工作总结") for title in told(wang))
    with pytest.raises(Invalid) as found:
        return_report(zhang, key, " ")
    assert found.value.faults == {"reason": "退回原因 为必录项"}
    with pytest.raises(Invalid) as found:
        review_report(zhang, key, "长" * 1001)
    assert found.value.faults == {"comment": "批注 不能超过 1000 个字"}
    return_report(liu, key, "补充数量")
    for step in (review_report, lambda a, k: return_report(a, k, "再改")):
        with pytest.raises(Refused, match=rules.NOT_HANDED_IN):
            step(zhang, key)


def test_several_are_read_at_once(cast: dict[str, Actor]) -> None:
    customer, zhang = make.customer(), cast["zhangwei"]
    keys = [
        submit_report(cast["wangqiang"], SUMMARY, TODAY, draft(customer)).report_id,
        submit_report(cast["wangqiang"], PLAN, monday(), draft(customer)).report_id,
        submit_report(cast["limin"], SUMMARY, TODAY, draft(customer)).report_id,
        submit_report(zhang, SUMMARY, TODAY, draft(customer)).report_id,
    ]
    assert read_reports(zhang, keys).count == 3
    assert read_reports(zhang, keys).count == 0
    assert [report_of(key).status for key in keys] == [ReportStatus.READ] * 3 + [
        ReportStatus.SUBMITTED
    ]
    assert [len(told(cast[name])) for name in ("wangqiang", "limin")] == [1, 1]
    assert told(cast["wangqiang"])[0].endswith("等 2 份")
    with pytest.raises(Refused):
        read_reports(zhang, range(201))
    with pytest.raises(NotAllowed):
        read_reports(cast["limin"], keys)


def test_internal_days_only_if_the_admin_allows(cast: dict[str, Actor]) -> None:
    wang, zhao = cast["wangqiang"], cast["zhaolei"]
    inside = draft(None, internal=True)
    with pytest.raises(Invalid):
        submit_report(wang, SUMMARY, TODAY, inside)
    for login in ("zhouting", "zhangwei"):
        with pytest.raises(NotAllowed):
            save_report_settings(cast[login], True, "试用", version=0)
        with pytest.raises(NotAllowed):
            report_settings(cast[login])
    with pytest.raises(Invalid) as found:
        save_report_settings(zhao, True, " ", version=0)
    assert found.value.faults == {"reason": "原因 为必录项"}
    kept = save_report_settings(zhao, True, "内勤培训", version=0)
    assert report_settings(zhao) == kept
    with pytest.raises(Stale):
        save_report_settings(zhao, False, "停止", version=0)
    key = submit_report(wang, SUMMARY, TODAY, inside).report_id
    assert report_of(key).internal
    save_report_settings(zhao, False, "停止", version=kept.version)
    with pytest.raises(Invalid):
        submit_report(wang, PLAN, monday(), inside)


def test_a_deleted_plan_leaves_its_line(cast: dict[str, Actor]) -> None:
    customer = make.customer()
    submit_report(cast["wangqiang"], PLAN, monday(), draft(customer, planned(customer)))
    (activity,) = make.rows(Activity)
    delete_activity(cast["wangqiang"], activity.id)
    (line,) = make.rows(WorkReportLine)
    assert (line.activity_id, line.text) == (None, "送样")
    assert len(make.rows(WorkReportCustomer)) == 1


STEPS = st.lists(st.sampled_from(["save", "submit", "read", "return"]), max_size=8)


@given(STEPS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_way_leads_to_a_state_that_is_none(cast: dict[str, Actor], steps: list[str]) -> None:
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    customer = make.customer()
    # Each run has a day of its own.
    with reading() as session:
        used = session.scalar(select(func.count(WorkReport.id))) or 0
        known = session.scalar(select(func.max(WorkReport.id))) or 0
    start, wanted = TODAY - timedelta(days=used), draft(customer, done(customer))
    state, key, version = None, 0, None
    before = len(make.rows(Activity))
    for event in steps:
        write = {"save": save_report, "submit": submit_report}.get(event)
        expected = rules.step(state or ReportStatus.DRAFT, event)
        try:
            if write:
                made = write(wang, SUMMARY, start, wanted, version=version)
                key, version = made.report_id, made.version
            elif key:
                step = review_report if event == "read" else return_report
                version = step(zhang, key, "改一下").version
        except CrmError:
            assert expected is None
            continue
        if not key:
            continue
        assert expected is not None
        state = report_of(key).status
        assert state is expected
        wanted = replace(wanted, lines=_with_activities(key, wanted))
    if key:
        assert key > known
        made = {row.activity_id for row in make.rows(WorkReportLine, report_id=key)} - {None}
        assert len(make.rows(Activity)) - before == len(made) <= 1


def _with_activities(key: int, wanted: ReportDraft) -> tuple[LineDraft, ...]:
    rows = make.rows(WorkReportLine, report_id=key)
    return tuple(
        replace(line, activity_id=row.activity_id)
        for line, row in zip(wanted.lines, rows, strict=True)
    )

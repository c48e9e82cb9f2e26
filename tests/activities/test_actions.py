"""Planning, starting, completing, reopening and deleting activities, on both databases."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.activities import rules
from crmlib.activities.actions import (
    ActivitySaved,
    Completion,
    complete_activity,
    create_activity,
    delete_activity,
    edit_activity,
    postpone_activity,
    record_contact,
    reopen_activity,
    start_activity,
)
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rules import ActivityDraft
from crmlib.customers.model import Contact, Customer, CustomerShare, CustomerStatus, ShareLevel
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message
from crmlib.opportunities.model import Opportunity, OpportunityShare, Stage, StageHistory
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

Cast = dict[str, Actor]
DONE, STARTED, NEW = ActivityStatus.DONE, ActivityStatus.STARTED, ActivityStatus.NOT_STARTED
CHECKED_INFO = ("项目名称", "工程地址", "甲方或总包已知")


def draft(customer_id: int | None, **values: Any) -> ActivityDraft:
    start = clock.now() + timedelta(days=1)
    good = ActivityDraft(
        customer_id=customer_id,
        subject="上门拜访",
        activity_type="01",
        planned_start=start,
        planned_end=start + timedelta(hours=1),
    )
    return replace(good, **values)


def done(customer_id: int | None, days_ago: int = 0, **values: Any) -> ActivityDraft:
    when = clock.now() - timedelta(days=days_ago)
    return draft(customer_id, **{"status": DONE, "result": "已面谈", "ended_at": when} | values)


def day(days_ago: int) -> date:
    return clock.local(clock.now() - timedelta(days=days_ago)).date()


def last_contact(customer: int) -> date | None:
    found: date | None = make.fetch(Customer, customer).last_contact_on
    return found


def row(saved: ActivitySaved) -> Activity:
    found: Activity = make.fetch(Activity, saved.activity_id)
    return found


def share_deal(deal: int, actor: Actor, by: Actor, ends_on: date | None = None) -> None:
    with writing() as session, session.begin():
        session.add(
            OpportunityShare(
                opportunity_id=deal,
                person_id=actor.person_id,
                shared_by_id=by.person_id,
                shared_at=clock.now(),
                ends_on=ends_on,
            )
        )


def share_customer(customer: int, actor: Actor, by: Actor, level: ShareLevel) -> None:
    with writing() as session, session.begin():
        session.add(
            CustomerShare(
                customer_id=customer,
                person_id=actor.person_id,
                level=level,
                shared_by_id=by.person_id,
                shared_at=clock.now(),
            )
        )


def test_new_activity_of_a_deal(cast: Cast) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    deal = make.opportunity(customer)
    (contact,) = make.rows(Contact, customer_id=customer)
    wanted = draft(None, opportunity_id=deal, contact_id=contact.id, remind=True, place="现场")
    made = [create_activity(wang, wanted, token="t") for _ in range(2)]
    assert made[0] == made[1]  # a double click
    (found,) = make.rows(Activity)
    assert found.number == made[0].number == f"HD{clock.today():%y%m}00001"
    assert (found.customer_id, found.opportunity_id) == (customer, deal)
    assert make.fetch(Stage, found.stage_id).code == "INFO"
    assert (found.owner_id, found.office_id) == (wang.person_id, wang.office_id)
    assert (found.status, found.remind, found.started_at) == (NEW, True, None)
    assert last_contact(customer) is None
    assert {c.action for c in make.rows(ChangeLog, entity="activity")} == {"create_activity"}


def test_all_faults_at_once_and_nothing_is_saved(cast: Cast) -> None:
    customer, other = make.customer(), make.customer()
    (stranger,) = make.rows(Contact, customer_id=other)
    foreign = make.opportunity(other)
    wrong = draft(
        customer,
        subject="",
        planned_end=None,
        contact_id=stranger.id,
        opportunity_id=foreign,
        owner_id=cast["chengang"].person_id,
    )
    with pytest.raises(Invalid) as refused:
        create_activity(cast["wangqiang"], wrong)
    assert refused.value.faults == {
        "subject": "主题 为必录项",
        "planned_end": "计划结束时间 为必录项",
        "contact_id": rules.FOREIGN_CONTACT,
        "opportunity_id": rules.FOREIGN_DEAL,
        "owner_id": rules.NO_OWNER,
    }
    with pytest.raises(Invalid) as refused:
        create_activity(cast["wangqiang"], draft(None))
    assert refused.value.faults == {"customer_id": "客户 为必录项"}
    assert make.rows(Activity) == []


def test_who_may_enter_activities_with_whom(cast: Cast) -> None:
    own, theirs = make.customer(), make.customer(owner="chengang")
    made = dict.fromkeys(cast, "")
    for login, actor in cast.items():
        for name, customer in (("a", own), ("b", theirs)):
            try:
                create_activity(actor, draft(customer))
                made[login] += name
            except NotAllowed:
                continue
    # 李敏: customers of her office; 综合部: all; each as his own.
    assert made == {
        "limin": "a", "wangqiang": "a", "zhangwei": "a", "liuyang": "a",
        "chengang": "b", "zhouting": "ab", "zhaolei": "", "sunyue": "",
    }  # fmt: skip


def test_whose_an_activity_becomes(cast: Cast) -> None:
    customer, wang = make.customer(), cast["wangqiang"].person_id
    owners = {
        login: row(create_activity(cast[login], draft(customer))).owner_id
        for login in ("limin", "wangqiang", "zhangwei")
    }
    # A manager plans for his salesman unless he says otherwise; a clerk does her own.
    assert owners == {"limin": cast["limin"].person_id, "wangqiang": wang, "zhangwei": wang}
    (told,) = make.rows(Message, title="新活动")
    assert told.related_type == "activity"
    mine = draft(customer, owner_id=cast["zhangwei"].person_id)
    assert row(create_activity(cast["zhangwei"], mine)).owner_id == cast["zhangwei"].person_id


@pytest.mark.parametrize(("level", "may"), [(ShareLevel.READ, False), (ShareLevel.COLLABORATE, True)])  # fmt: skip
def test_customer_shared_to_work_on(cast: Cast, level: ShareLevel, may: bool) -> None:
    customer, chen = make.customer(), cast["chengang"]
    share_customer(customer, chen, cast["wangqiang"], level)
    if not may:
        with pytest.raises(NotAllowed):
            create_activity(chen, draft(customer))
        return
    assert row(create_activity(chen, draft(customer))).owner_id == chen.person_id


def test_partner_of_a_deal_works_on_it_alone(cast: Cast) -> None:
    customer, wang, chen = make.customer(), cast["wangqiang"], cast["chengang"]
    deal, other = make.opportunity(customer), make.opportunity(customer)
    (contact,) = make.rows(Contact, customer_id=customer)
    share_deal(deal, chen, wang)
    made = create_activity(chen, draft(customer, opportunity_id=deal))
    for wrong in (draft(customer), draft(customer, opportunity_id=other)):
        with pytest.raises(NotAllowed):
            create_activity(chen, wrong)
    with pytest.raises(Invalid) as refused:  # not the deal's 主联系人
        create_activity(chen, draft(customer, opportunity_id=deal, contact_id=contact.id))
    assert set(refused.value.faults) == {"contact_id"}
    mine = create_activity(wang, draft(customer, opportunity_id=deal))
    start_activity(chen, mine.activity_id)  # 协作者
    with writing() as session, session.begin():
        session.query(OpportunityShare).delete()
    with pytest.raises(NotAllowed):
        start_activity(
            chen, create_activity(wang, draft(customer, opportunity_id=deal)).activity_id
        )
    with pytest.raises(NotAllowed):
        create_activity(chen, draft(customer, opportunity_id=deal))
    assert row(made).owner_id == chen.person_id


@pytest.mark.parametrize("status", [CustomerStatus.MERGED, CustomerStatus.RECYCLED])
def test_customer_that_is_gone_gets_no_activity(cast: Cast, status: CustomerStatus) -> None:
    with pytest.raises(Refused, match="已合并或已移入回收站"):
        create_activity(cast["wangqiang"], draft(make.customer(status=status)))


def test_closed_deal_gets_no_activity(cast: Cast) -> None:
    customer = make.customer()
    deal = make.opportunity(customer, closed=True)
    with pytest.raises(Invalid) as refused:
        create_activity(cast["wangqiang"], draft(customer, opportunity_id=deal))
    assert set(refused.value.faults) == {"opportunity_id"}


def test_from_plan_to_done(cast: Cast) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    made = create_activity(wang, draft(customer, remind=True))
    begun = start_activity(wang, made.activity_id, version=made.version)
    found = row(begun)
    assert (found.status, found.remind, begun.version) == (STARTED, False, 2)
    assert found.started_at is not None
    with pytest.raises(Refused, match="已开始，不能执行此操作"):
        start_activity(wang, made.activity_id)
    for wrong, fields in (
        (Completion(), {"result"}),
        (Completion(" ", ended_at=clock.now() + timedelta(hours=1)), {"result", "ended_at"}),
        (Completion("好", ended_at=found.started_at - timedelta(hours=1)), {"ended_at"}),
        (Completion("好", ended_at="刚才"), {"ended_at"}),
        (Completion("好", push=True), {"push"}),
    ):
        with pytest.raises(Invalid) as refused:
            complete_activity(wang, made.activity_id, wrong)
        assert set(refused.value.faults) == fields
    with pytest.raises(Stale):
        complete_activity(wang, made.activity_id, Completion("好"), version=1)
    ended = complete_activity(
        wang, made.activity_id, Completion("已封样", "样品两套\n已签字"), version=begun.version
    )
    found = row(ended)
    assert (found.status, found.result, found.result_note) == (DONE, "已封样", "样品两套\n已签字")
    assert last_contact(customer) == day(0)
    (noted,) = [
        c
        for c in make.rows(ChangeLog, entity="customer", kind="update")
        if "last_contact_on" in c.after
    ]
    assert noted.after["last_contact_on"] == day(0).isoformat()
    assert make.fetch(Customer, customer).version == 1  # nobody's open form is stale by it
    for step in (start_activity, postpone_activity, delete_activity):
        more = (clock.now() + timedelta(days=1),) if step is postpone_activity else ()
        with pytest.raises(Refused):
            step(wang, made.activity_id, *more)


def test_completing_pushes_the_deal_in_the_same_step(cast: Cast) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    deal = make.opportunity(customer)
    made = create_activity(wang, draft(customer, opportunity_id=deal))
    with pytest.raises(Invalid) as asked:
        complete_activity(wang, made.activity_id, Completion("好", push=True))
    assert set(asked.value.faults) == {"confirm"}  # the check list
    with pytest.raises(Invalid) as refused:
        complete_activity(wang, made.activity_id, Completion("", push=True))
    assert set(refused.value.faults) == {"result"}  # no question while something is wrong
    assert row(made).status is NEW
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 1
    wanted = Completion("已立项", push=True, ticked=CHECKED_INFO)
    assert complete_activity(wang, made.activity_id, wanted).stage.startswith("立项")
    pushed = make.fetch(Opportunity, deal)
    assert make.fetch(Stage, pushed.stage_id).code == "SETUP"
    assert row(made).stage_id == pushed.stage_id
    first, second = make.rows(StageHistory, opportunity_id=deal)
    assert (first.activity_id, second.activity_id) == (None, made.activity_id)
    decided = make.opportunity(customer, closed=True)
    with writing() as session, session.begin():
        session.get(
            Activity, create_activity(wang, draft(customer)).activity_id
        ).opportunity_id = decided
    (late,) = make.rows(Activity, opportunity_id=decided)
    with pytest.raises(Refused, match="已经关闭"):
        complete_activity(wang, late.id, Completion("好", push=True))


def test_nobody_pushes_by_an_activity_what_he_may_not_push(cast: Cast) -> None:
    customer, limin = make.customer(), cast["limin"]
    deal = make.opportunity(customer)
    made = create_activity(limin, draft(customer, opportunity_id=deal))
    with pytest.raises(NotAllowed):
        complete_activity(limin, made.activity_id, Completion("好", push=True, confirm=True))
    complete_activity(limin, made.activity_id, Completion("已电话确认"))


def test_last_contact_follows_every_step(cast: Cast) -> None:
    wang, boss, customer = cast["wangqiang"], cast["zhangwei"], make.customer()
    old = create_activity(wang, done(customer, 9))
    assert last_contact(customer) == day(9)
    new = create_activity(wang, draft(customer))
    create_activity(wang, done(customer, 12))
    assert last_contact(customer) == day(9)
    complete_activity(wang, new.activity_id, Completion("好"))
    assert last_contact(customer) == day(0)
    for actor in (wang, cast["limin"], cast["zhouting"], cast["chengang"]):
        with pytest.raises(NotAllowed):
            reopen_activity(actor, new.activity_id)
    again = reopen_activity(boss, new.activity_id)
    assert (row(again).status, row(again).ended_at, row(again).result) == (STARTED, None, "好")
    assert last_contact(customer) == day(9)
    reopen_activity(cast["zhaolei"], old.activity_id)
    assert last_contact(customer) == day(12)
    with pytest.raises(Refused):
        reopen_activity(boss, old.activity_id)
    told = [m.title for m in make.rows(Message)]
    assert told == ["活动已重开", "活动已重开"]


def test_editing_until_it_is_done(cast: Cast) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    deal = make.opportunity(customer)
    made = create_activity(wang, draft(customer))
    edited = edit_activity(
        wang,
        made.activity_id,
        {
            "subject": "封样",
            "opportunity_id": deal,
            "remind": True,
            "place": " 现场 ",
            "status": "done",
        },
        version=1,
    )
    found = row(edited)
    assert (found.subject, found.place, found.remind, found.status) == ("封样", "现场", True, NEW)
    assert make.fetch(Stage, found.stage_id).code == "INFO"
    with pytest.raises(Stale):
        edit_activity(wang, made.activity_id, {"subject": "x"}, version=1)
    for wrong, fields in (
        ({"planned_start": clock.now() + timedelta(days=9)}, {"planned_end"}),
        ({"activity_type": "99"}, {"activity_type"}),
        ({"owner_id": cast["chengang"].person_id}, {"owner_id"}),
        ({"opportunity_id": make.opportunity(make.customer())}, {"opportunity_id"}),
    ):
        with pytest.raises(Invalid) as refused:
            edit_activity(wang, made.activity_id, wrong)
        assert set(refused.value.faults) == fields
    assert make.fetch(Activity, made.activity_id).version == edited.version
    boss = cast["zhangwei"]
    edit_activity(boss, made.activity_id, {"owner_id": boss.person_id})
    assert row(made).owner_id == boss.person_id
    edit_activity(boss, made.activity_id, {"owner_id": wang.person_id})
    start_activity(wang, made.activity_id)
    with pytest.raises(Refused):
        edit_activity(wang, made.activity_id, {"remind": True, "planned_start": clock.now()})
    complete_activity(wang, made.activity_id, Completion("好"))
    with pytest.raises(Refused, match="只能修改结果说明"):
        edit_activity(wang, made.activity_id, {"subject": "x"})
    edit_activity(wang, made.activity_id, {"result_note": "补充", "subject": "封样"})
    assert row(made).result_note == "补充"


def test_who_may_change_an_activity(cast: Cast) -> None:
    made = create_activity(cast["wangqiang"], draft(make.customer()))
    may = set()
    for login, actor in cast.items():
        try:
            edit_activity(actor, made.activity_id, {"place": login})
            may.add(login)
        except NotAllowed:
            continue
    assert may == {"wangqiang", "zhangwei", "liuyang"}


def test_putting_off_and_deleting(cast: Cast) -> None:
    wang, customer = cast["wangqiang"], make.customer()
    made = create_activity(wang, draft(customer))
    to = clock.now().replace(microsecond=0) + timedelta(days=3)
    postpone_activity(wang, made.activity_id, to)
    found = row(made)
    assert found.planned_start == to
    assert found.planned_end - found.planned_start == timedelta(hours=1)
    with pytest.raises(Invalid, match="不能早于现在"):
        postpone_activity(wang, made.activity_id, datetime(2020, 1, 1, tzinfo=clock.SHANGHAI))
    with pytest.raises(NotAllowed):  # only his own
        delete_activity(cast["zhangwei"], made.activity_id)
    delete_activity(wang, made.activity_id, version=found.version)
    # What his manager planned for him he may drop too; the notice of it stays.
    delete_activity(wang, create_activity(cast["zhangwei"], draft(customer)).activity_id)
    assert make.rows(Activity) == []
    assert [m.title for m in make.rows(Message)] == ["新活动"]
    gone = make.rows(ChangeLog, entity="activity", kind="delete")
    assert {entry.parent for entry in gone} == {"customer"}


def test_quick_record_of_a_contact(cast: Cast) -> None:
    customer, boss = make.customer(), cast["zhangwei"]
    made = record_contact(
        boss, ActivityDraft(customer_id=customer, activity_type="03", result="已报价")
    )
    found = row(made)
    kind = make.rows(Activity)[0].activity_type
    assert found.subject.endswith("：已报价")
    assert (found.status, kind, found.owner_id) == (DONE, "03", boss.person_id)
    assert last_contact(customer) == day(0)
    with pytest.raises(Invalid) as refused:
        record_contact(boss, ActivityDraft(customer_id=customer))
    assert refused.value.faults == {
        "activity_type": words.required(words.ACTIVITY["activity_type"]),
        "result": words.required(words.ACTIVITY["result"]),
    }

"""Creating, editing and advancing opportunities, on both databases."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Contact, CustomerStatus
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities import rules
from crmlib.opportunities.actions import advance_stage, create_opportunity, edit_opportunity
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    OpportunityShare,
    Outcome,
    Stage,
    StageHistory,
)
from crmlib.opportunities.rules import OpportunityDraft
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

Cast = dict[str, Actor]
CHECKED_INFO = ("项目名称", "工程地址", "甲方或总包已知")


def draft(customer_id: int, **values: object) -> OpportunityDraft:
    good = OpportunityDraft(
        customer_id=customer_id,
        project_name="天河大厦",
        products=("P2",),
        sales_task="01",
        amount="350000",
        expected_close=clock.today() + timedelta(days=60),
    )
    return replace(good, **values)


def stage(code: str) -> int:
    return make.rows(Stage, code=code)[0].id


def share(deal: int, actor: Actor, by: Actor, **values: object) -> None:
    with writing() as session, session.begin():
        session.add(
            OpportunityShare(
                opportunity_id=deal,
                person_id=actor.person_id,
                shared_by_id=by.person_id,
                shared_at=clock.now(),
                **values,
            )
        )


def test_new_deal_of_the_scenario(cast: Cast) -> None:
    customer = make.customer("广州华南幕墙工程有限公司")
    made = create_opportunity(cast["wangqiang"], draft(customer))
    assert made.subject == "华南幕墙-点支承玻璃幕墙构配件-入围"
    assert made.number == f"SJ{clock.today():%y%m}00001"
    deal = make.fetch(Opportunity, made.opportunity_id)
    first = make.fetch(Stage, deal.stage_id)
    (contact,) = make.rows(Contact, customer_id=customer)
    assert (first.code, deal.probability, deal.outcome) == ("INFO", 5, Outcome.OPEN)
    assert (deal.owner_id, deal.office_id) == (
        cast["wangqiang"].person_id,
        cast["wangqiang"].office_id,
    )
    assert (deal.amount, deal.contact_id) == (Decimal(350_000), contact.id)
    (history,) = make.rows(StageHistory, opportunity_id=deal.id)
    assert (history.from_stage_id, history.to_stage_id) == (None, first.id)
    assert [p.product for p in make.rows(OpportunityProduct, opportunity_id=deal.id)] == ["P2"]
    assert {c.action for c in make.rows(ChangeLog, entity="opportunity")} == {"create_opportunity"}


def test_same_token_creates_one_deal(cast: Cast) -> None:
    wanted = draft(make.customer())
    made = [create_opportunity(cast["wangqiang"], wanted, token="t") for _ in range(2)]
    assert made[0] == made[1]
    assert len(make.rows(Opportunity)) == 1


def test_customer_without_contact_gets_no_deal_and_all_faults_are_told(cast: Cast) -> None:
    customer = make.customer()
    with writing() as session, session.begin():
        session.delete(session.query(Contact).filter_by(customer_id=customer).one())
    with pytest.raises(Invalid) as refused:
        create_opportunity(
            cast["wangqiang"], draft(customer, amount=-1, products=(), subject="随便")
        )
    assert refused.value.faults == {
        "contact_id": rules.NO_CONTACT,
        "amount": "预计金额 不能为负数",
        "products": "感兴趣产品 为必录项",
        "subject": rules.SUBJECT_FORMAT,
    }
    assert make.rows(Opportunity) == []


def test_contact_of_another_customer_is_refused(cast: Cast) -> None:
    (contact,) = make.rows(Contact, customer_id=make.customer())
    with pytest.raises(Invalid) as refused:
        create_opportunity(cast["wangqiang"], draft(make.customer(), contact_id=contact.id))
    assert set(refused.value.faults) == {"contact_id"}


@pytest.mark.parametrize("login", ["limin", "chengang", "zhouting", "zhaolei", "sunyue"])
def test_who_may_not_create(cast: Cast, login: str) -> None:
    customer = make.customer()
    with pytest.raises(NotAllowed):
        create_opportunity(cast[login], draft(customer))
    assert make.rows(Opportunity) == []


def test_manager_creates_for_his_salesman_who_is_told(cast: Cast) -> None:
    wang = cast["wangqiang"].person_id
    made = create_opportunity(cast["zhangwei"], draft(make.customer(), owner_id=wang))
    assert make.fetch(Opportunity, made.opportunity_id).owner_id == wang
    (message,) = make.rows(Message, related_type="opportunity", related_id=made.opportunity_id)
    assert make.rows(MessageRecipient, message_id=message.id)[0].person_id == wang


def test_nobody_creates_for_a_person_outside_his_tree(cast: Cast) -> None:
    customer, chen = make.customer(), cast["chengang"].person_id
    for login in ("zhangwei", "wangqiang"):
        with pytest.raises(NotAllowed):
            create_opportunity(cast[login], draft(customer, owner_id=chen))


@pytest.mark.parametrize("status", [CustomerStatus.MERGED, CustomerStatus.RECYCLED])
def test_customer_that_is_gone_gets_no_deal(cast: Cast, status: CustomerStatus) -> None:
    with pytest.raises(CrmError, match="已合并或已移入回收站"):
        create_opportunity(cast["wangqiang"], draft(make.customer(status=status)))


def test_second_open_deal_of_a_project_asks_first(cast: Cast) -> None:
    wanted = draft(make.customer())
    first = create_opportunity(cast["wangqiang"], wanted)
    with pytest.raises(Invalid) as asked:
        create_opportunity(cast["wangqiang"], wanted)
    assert first.number in asked.value.faults["confirm"]
    create_opportunity(cast["wangqiang"], wanted, confirm=True)
    assert len(make.rows(Opportunity)) == 2


def test_advance_one_step(cast: Cast) -> None:
    since = clock.now() - timedelta(days=7)
    deal = make.opportunity(make.customer(), stage_since=since)
    moved = advance_stage(cast["wangqiang"], deal, ticked=CHECKED_INFO)
    assert (moved.from_stage, moved.to_stage, moved.days) == ("信息收集", "立项(报备)", 7)
    row = make.fetch(Opportunity, deal)
    assert (row.probability, row.stage_id, row.version) == (10, stage("SETUP"), moved.version)
    assert row.stage_since > since
    *_, last = make.rows(StageHistory, opportunity_id=deal)
    assert (last.from_stage_id, last.to_stage_id, last.days, last.moved_by_id) == (
        stage("INFO"),
        stage("SETUP"),
        7,
        cast["wangqiang"].person_id,
    )
    assert make.rows(Message) == []


def test_open_check_list_asks_first(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(Invalid) as asked:
        advance_stage(cast["wangqiang"], deal, ticked=CHECKED_INFO[:1])
    assert "工程地址、甲方或总包已知" in asked.value.faults["confirm"]
    assert make.fetch(Opportunity, deal).stage_id == stage("INFO")
    advance_stage(cast["wangqiang"], deal, ticked=CHECKED_INFO[:1], confirm=True)
    assert make.fetch(Opportunity, deal).stage_id == stage("SETUP")


@pytest.mark.parametrize(("start", "target"), [("INFO", "SAMPLE"), ("QUOTE", "SPEC")])
def test_skipping_and_going_back_need_a_reason(cast: Cast, start: str, target: str) -> None:
    deal = make.opportunity(make.customer(), stage=start)
    with pytest.raises(Invalid) as refused:
        advance_stage(cast["wangqiang"], deal, stage(target), confirm=True)
    assert refused.value.faults == {"reason": rules.SKIPPED}
    advance_stage(cast["wangqiang"], deal, stage(target), reason="甲方要求", confirm=True)
    assert make.rows(StageHistory, opportunity_id=deal)[-1].reason == "甲方要求"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"closed": True}, "已经关闭"),
        ({"outcome": Outcome.WON}, "已经完成输赢单操作"),
        ({"outcome": Outcome.LOST}, "已经完成输赢单操作"),
    ],
)
def test_ended_deals_move_no_more(cast: Cast, state: dict[str, object], message: str) -> None:
    deal = make.opportunity(make.customer(), **state)
    with pytest.raises(Refused, match=message):
        advance_stage(cast["wangqiang"], deal, confirm=True)
    with pytest.raises(Refused, match=message):
        edit_opportunity(cast["wangqiang"], deal, {"project_name": "新"})


def test_last_stage_has_no_next(cast: Cast) -> None:
    deal = make.opportunity(make.customer(), stage="CONTRACT")
    with pytest.raises(Refused, match="最后一个阶段"):
        advance_stage(cast["wangqiang"], deal, confirm=True)


def test_stage_of_the_other_set_is_no_target(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    other = make.rows(Stage, code="QUOTE")[1].id
    with pytest.raises(Invalid) as refused:
        advance_stage(cast["wangqiang"], deal, other, reason="x", confirm=True)
    assert set(refused.value.faults) == {"to_stage_id"}


def test_colleague_advances_and_the_owner_is_told(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    share(deal, cast["chengang"], cast["wangqiang"])
    advance_stage(cast["chengang"], deal, confirm=True)
    row = make.fetch(Opportunity, deal)
    assert row.owner_id == cast["wangqiang"].person_id
    assert make.rows(StageHistory, opportunity_id=deal)[-1].moved_by_id == (
        cast["chengang"].person_id
    )
    (copy,) = make.rows(MessageRecipient)
    assert copy.person_id == cast["wangqiang"].person_id


def test_ended_share_gives_nothing(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    share(deal, cast["chengang"], cast["wangqiang"], ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(NotAllowed):
        advance_stage(cast["chengang"], deal, confirm=True)


@pytest.mark.parametrize("login", ["limin", "chengang", "zhouting", "zhaolei", "sunyue"])
def test_who_may_not_advance(cast: Cast, login: str) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(NotAllowed):
        advance_stage(cast[login], deal, confirm=True)
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 1


def test_old_form_is_stale(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    advance_stage(cast["wangqiang"], deal, confirm=True, version=1)
    with pytest.raises(Stale):
        advance_stage(cast["wangqiang"], deal, confirm=True, version=1)
    with pytest.raises(Stale):
        edit_opportunity(cast["wangqiang"], deal, {"project_name": "新"}, version=1)


def test_two_who_advance_at_once_move_one_step(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    outcomes: list[str] = []

    def push(login: str) -> None:
        try:
            outcomes.append(advance_stage(cast[login], deal, confirm=True, version=1).to_stage)
        except Stale as fault:
            outcomes.append(fault.message)

    threads = [threading.Thread(target=push, args=(who,)) for who in ("wangqiang", "zhangwei")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["立项(报备)", Stale.message])
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 2


def test_edit_changes_fields_and_products_together(cast: Cast) -> None:
    made = create_opportunity(cast["wangqiang"], draft(make.customer("广州华南幕墙有限公司")))
    changes = {"products": ["P1", "P3"], "amount": "400,000", "project_name": "天河大厦"}
    edited = edit_opportunity(cast["wangqiang"], made.opportunity_id, changes, version=1)
    assert edited.subject == "华南幕墙-门窗五金系统、门控五金系统-入围"
    assert edited.version == 2
    row = make.fetch(Opportunity, made.opportunity_id)
    assert (row.amount, row.version) == (Decimal(400_000), 2)
    held = make.rows(OpportunityProduct, opportunity_id=row.id)
    assert {p.product for p in held} == {"P1", "P3"}


def test_subject_written_by_hand_stays(cast: Cast) -> None:
    made = create_opportunity(cast["wangqiang"], draft(make.customer(), subject="甲-乙-丙"))
    edited = edit_opportunity(cast["wangqiang"], made.opportunity_id, {"products": ["P1"]})
    assert edited.subject == "甲-乙-丙"


def test_edit_tells_all_faults(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(Invalid) as refused:
        edit_opportunity(
            cast["zhangwei"], deal, {"amount": "-1", "subject": "随便", "probability": 200}
        )
    assert set(refused.value.faults) == {"amount", "subject", "products", "probability"}


@pytest.mark.parametrize(
    ("login", "field", "value", "may"),
    [
        ("wangqiang", "amount", 5, True),
        ("wangqiang", "owner_id", "zhangwei", False),
        ("wangqiang", "probability", 90, False),
        ("chengang", "project_name", "新", True),
        ("chengang", "amount", 5, False),
        ("chengang", "owner_id", "chengang", False),
        ("zhangwei", "owner_id", "zhangwei", True),
        ("zhangwei", "probability", 90, True),
    ],
)
def test_who_may_edit_which_field(
    cast: Cast, login: str, field: str, value: object, may: bool
) -> None:
    made = create_opportunity(cast["wangqiang"], draft(make.customer()))
    share(made.opportunity_id, cast["chengang"], cast["wangqiang"])
    value = cast[str(value)].person_id if field == "owner_id" else value
    if may:
        edit_opportunity(cast[login], made.opportunity_id, {field: value})
    else:
        with pytest.raises(NotAllowed):
            edit_opportunity(cast[login], made.opportunity_id, {field: value})
    kept = getattr(make.fetch(Opportunity, made.opportunity_id), field)
    assert (kept == value) is may

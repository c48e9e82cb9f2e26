"""赢单, 输单, their undoing, 关闭 and 重开, on both databases."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities import outcome_rules as rules
from crmlib.opportunities.actions import advance_stage, edit_opportunity
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.closing import close_opportunity, reopen_opportunity
from crmlib.opportunities.guards import REVIEW_REQUIRED, SETTING
from crmlib.opportunities.model import Opportunity, OpportunityShare, Outcome, StageHistory
from crmlib.opportunities.outcome_rules import Closing, Ending
from crmlib.opportunities.outcomes import lose_opportunity, undo_loss, undo_win, win_opportunity
from crmlib.opportunities.settings import deal_settings, save_deal_settings
from crmlib.orders.model import SalesOrder
from crmlib.reference.model import Setting
from crmlib.store.engine import writing
from tests import make

Cast = dict[str, Actor]
SUMMARY = Closing(summary="价格合适，服务到位")
STEPS: dict[str, Any] = {
    "win": lambda who, deal: win_opportunity(who, deal, win()),
    "lose": lambda who, deal: lose_opportunity(who, deal, loss()),
    "undo_win": lambda who, deal: undo_win(who, deal, "客户反悔"),
    "undo_loss": lambda who, deal: undo_loss(who, deal, "重新招标"),
    "close": lambda who, deal: close_opportunity(who, deal, replace(SUMMARY, reason="01")),
    "reopen": lambda who, deal: reopen_opportunity(who, deal, "关错了"),
}


def win(**change: object) -> Ending:
    return replace(Ending(decided_on=clock.today(), reason="01", amount="88000"), **change)


def loss(**change: object) -> Ending:
    return replace(Ending(decided_on=clock.today(), reason="01", competitor="02"), **change)


def share(deal: int, actor: Actor, by: Actor) -> None:
    with writing() as session, session.begin():
        session.add(
            OpportunityShare(
                opportunity_id=deal,
                person_id=actor.person_id,
                shared_by_id=by.person_id,
                shared_at=clock.now(),
            )
        )


def test_a_win_is_written_stamped_told_and_leads_to_the_conversion(cast: Cast) -> None:
    since = clock.now() - timedelta(days=5)
    deal = make.opportunity(make.customer(), stage="NEGO", stage_since=since, registered_at=since)
    share(deal, cast["chengang"], cast["wangqiang"])
    done = win_opportunity(cast["wangqiang"], deal, win(note="含安装"), token="t")
    again = win_opportunity(cast["wangqiang"], deal, win(note="含安装"), token="t")
    assert done == again
    assert (done.outcome, done.may_trade) == ("won", True)
    row = make.fetch(Opportunity, deal)
    assert (row.outcome, row.closed, row.won_amount) == (Outcome.WON, False, Decimal(88_000))
    assert (row.decided_on, row.outcome_reason, row.outcome_note) == (
        clock.today(), "01", "含安装",
    )  # fmt: skip
    last = make.rows(StageHistory, opportunity_id=deal)[-1]
    assert (last.event, last.days, last.reason) == (
        "won", 3, "甲方指定/品牌入围；含安装",
    )  # fmt: skip
    (message,) = make.rows(Message)
    assert message.title == f"赢单商机【{row.subject}】"
    told = {copy.person_id for copy in make.rows(MessageRecipient, message_id=message.id)}
    assert told == {cast["zhangwei"].person_id, cast["chengang"].person_id}


def test_a_loss_names_the_rival_and_offers_no_conversion(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    done = lose_opportunity(cast["wangqiang"], deal, loss())
    assert (done.outcome, done.may_trade) == ("lost", False)
    row = make.fetch(Opportunity, deal)
    assert (row.outcome, row.competitor, row.won_amount) == (Outcome.LOST, "02", None)
    assert make.rows(Message)[0].title == f"输单商机【{row.subject}】"
    other = make.opportunity(make.customer())
    lose_opportunity(cast["zhangwei"], other, loss(competitor="", no_competitor=True))
    assert make.fetch(Opportunity, other).competitor is None


def test_faults_are_told_together_and_nothing_is_saved(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(Invalid) as refused:
        win_opportunity(cast["wangqiang"], deal, Ending())
    assert refused.value.faults == {
        "decided_on": "输赢日期不能为空！",
        "reason": "输赢原因不能为空！",
        "amount": "成交金额 为必录项",
    }
    with pytest.raises(Invalid, match="不能晚于今天"):
        lose_opportunity(
            cast["wangqiang"], deal, loss(decided_on=clock.today() + timedelta(days=1))
        )
    with pytest.raises(Stale):
        win_opportunity(cast["wangqiang"], deal, win(), version=9)
    assert make.fetch(Opportunity, deal).outcome is Outcome.OPEN
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 1


MAY = {
    "win": {"wangqiang", "zhangwei", "liuyang"},
    "lose": {"wangqiang", "zhangwei", "liuyang"},
    "undo_win": {"zhangwei", "liuyang", "zhaolei"},
    "undo_loss": {"zhangwei", "liuyang", "zhaolei"},
    "close": {"wangqiang", "zhangwei", "liuyang", "zhouting", "zhaolei"},
    "reopen": {"zhouting", "zhaolei"},
}
BEFORE: dict[str, dict[str, object]] = {
    "undo_win": {"outcome": Outcome.WON, "decided_on": clock.today()},
    "undo_loss": {"outcome": Outcome.LOST, "decided_on": clock.today()},
    "close": {"outcome": Outcome.WON, "decided_on": clock.today()},
    "reopen": {"outcome": Outcome.LOST, "decided_on": clock.today(), "closed": True},
}
OFFERED = {
    "win": "decide", "lose": "decide", "undo_win": "undo", "undo_loss": "undo",
    "close": "close", "reopen": "reopen",
}  # fmt: skip


@pytest.mark.parametrize("step", list(STEPS))
def test_who_may_take_which_step(cast: Cast, step: str) -> None:
    """A colleague the deal is shared with may take none of them (A18)."""
    customer = make.customer()
    for login, actor in cast.items():
        deal = make.opportunity(customer, **BEFORE.get(step, {}))
        share(deal, cast["chengang"], cast["wangqiang"])
        offered = OFFERED[step] in opportunity_card(actor, deal).steps_open
        assert offered is (login in MAY[step]), login
        if login in MAY[step]:
            STEPS[step](actor, deal)
        else:
            with pytest.raises(NotAllowed):
                STEPS[step](actor, deal)


@pytest.mark.parametrize(
    ("state", "step", "message"),
    [
        ({"outcome": Outcome.WON}, "win", "已经完成输赢单操作！"),
        ({"outcome": Outcome.LOST}, "lose", "已经完成输赢单操作！"),
        ({"closed": True}, "win", "已经关闭！"),
        ({"outcome": Outcome.WON, "closed": True}, "undo_win", "已经关闭！"),
        ({"outcome": Outcome.LOST}, "undo_win", "只能对赢单的商机执行反赢单操作！"),
        ({}, "undo_loss", "只能对输单的商机执行反输单操作！"),
        ({}, "close", "进行中的商机只有综合部可以关闭"),
        ({"closed": True}, "close", "已经关闭！"),
        ({}, "reopen", "没有关闭"),
    ],
)
def test_steps_the_state_forbids(
    cast: Cast, state: dict[str, object], step: str, message: str
) -> None:
    deal = make.opportunity(make.customer(), **state)
    who = {"undo_win": "zhangwei", "undo_loss": "zhangwei", "reopen": "zhouting"}
    with pytest.raises(Refused, match=message):
        STEPS[step](cast[who.get(step, "wangqiang")], deal)
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 1


def test_an_undone_win_is_as_open_as_before_and_the_history_keeps_both(cast: Cast) -> None:
    deal = make.opportunity(make.customer(), stage="BID")
    win_opportunity(cast["wangqiang"], deal, win())
    with pytest.raises(Invalid):
        undo_win(cast["zhangwei"], deal, " ")
    undo_win(cast["zhangwei"], deal, "客户反悔")
    row = make.fetch(Opportunity, deal)
    stamps = (row.decided_on, row.outcome_reason, row.won_amount, row.competitor)
    assert (row.outcome, stamps) == (Outcome.OPEN, (None, None, None, None))
    events = [(h.event, h.reason) for h in make.rows(StageHistory, opportunity_id=deal)][1:]
    assert events == [("won", "甲方指定/品牌入围"), ("undone", "反赢单：客户反悔")]
    advance_stage(cast["wangqiang"], deal, confirm=True)  # and it moves on from there
    assert make.fetch(Opportunity, deal).probability == 75


def test_no_win_is_undone_once_there_are_orders(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    win_opportunity(cast["wangqiang"], deal, win())
    row = make.fetch(Opportunity, deal)
    with writing() as session, session.begin():
        session.add(
            SalesOrder(
                number="E1",
                customer_id=row.customer_id,
                opportunity_id=deal,
                ordered_on=clock.today(),
                amount=1,
                registered_by_id=cast["zhaolei"].person_id,
                registered_at=clock.now(),
            )
        )
    with pytest.raises(Refused, match="已有 1 个订单，不能反赢单"):
        undo_win(cast["zhangwei"], deal, "客户反悔")


def test_the_owner_sums_up_before_he_closes_and_then_nothing_is_changed(cast: Cast) -> None:
    deal = make.opportunity(make.customer(), outcome=Outcome.LOST, decided_on=clock.today())
    with pytest.raises(Invalid) as refused:
        close_opportunity(cast["wangqiang"], deal, Closing())
    assert refused.value.faults == {"summary": rules.NO_SUMMARY}
    close_opportunity(cast["wangqiang"], deal, SUMMARY)
    row = make.fetch(Opportunity, deal)
    assert (row.closed, row.closed_on, row.close_reason) == (True, clock.today(), "01")
    assert row.project_summary == SUMMARY.summary
    with pytest.raises(Refused, match="已经关闭"):
        edit_opportunity(cast["wangqiang"], deal, {"project_name": "新"})


def test_only_the_general_office_drops_an_open_deal_and_says_why(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(Refused, match="只有综合部可以关闭"):
        close_opportunity(cast["zhaolei"], deal, Closing("02"))
    with pytest.raises(Invalid) as refused:
        close_opportunity(cast["zhouting"], deal, Closing())
    assert refused.value.faults == {"reason": "关闭原因 为必录项"}
    close_opportunity(cast["zhouting"], deal, Closing("02", "半年没有联系"))
    row = make.fetch(Opportunity, deal)
    assert (row.outcome, row.closed, row.close_reason) == (Outcome.OPEN, True, "02")
    assert make.rows(StageHistory, opportunity_id=deal)[-1].reason == "长期无进展；半年没有联系"
    (message,) = make.rows(Message)
    assert "（废弃），原因：长期无进展" in message.body


def test_a_closed_deal_comes_back_only_while_its_customer_lives(cast: Cast) -> None:
    customer = make.customer()
    deal = make.opportunity(customer, closed=True)
    with writing() as session, session.begin():
        session.get_one(Customer, customer).status = CustomerStatus.RECYCLED
    with pytest.raises(Refused, match="不能重开商机"):
        reopen_opportunity(cast["zhouting"], deal, "关错了")
    with writing() as session, session.begin():
        session.get_one(Customer, customer).status = CustomerStatus.TRADING
    reopen_opportunity(cast["zhouting"], deal, "关错了")
    row = make.fetch(Opportunity, deal)
    assert (row.closed, row.closed_on, row.close_reason) == (False, None, None)
    advance_stage(cast["wangqiang"], deal, confirm=True)


def test_a_review_can_be_required_and_the_head_may_go_on_without(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with writing() as session, session.begin():
        session.add(Setting(key=SETTING, value={REVIEW_REQUIRED: True}, reason="试行"))
    with pytest.raises(CrmError, match=rules.NO_REVIEW):
        win_opportunity(cast["wangqiang"], deal, win())
    with pytest.raises(Invalid) as refused:
        win_opportunity(cast["zhangwei"], deal, win())
    assert refused.value.faults == {"override": rules.OVERRIDE}
    win_opportunity(cast["zhangwei"], deal, win(override="合同已签，OA 补录"))
    last = make.rows(StageHistory, opportunity_id=deal)[-1]
    assert last.reason == "甲方指定/品牌入围；例外：合同已签，OA 补录"


def test_the_parameter_is_the_admins_and_a_stale_form_is_refused(cast: Cast) -> None:
    admin = cast["zhaolei"]
    for login in ("zhangwei", "zhouting"):
        with pytest.raises(NotAllowed):
            deal_settings(cast[login])
        with pytest.raises(NotAllowed):
            save_deal_settings(cast[login], True, "试行", version=0)
    assert deal_settings(admin).review_required is False
    with pytest.raises(Invalid):
        save_deal_settings(admin, True, " ", version=0)
    on = save_deal_settings(admin, True, "试行", version=0)
    with pytest.raises(Stale):
        save_deal_settings(admin, False, "又不要", version=0)
    with pytest.raises(CrmError, match=rules.NO_REVIEW):
        win_opportunity(cast["wangqiang"], make.opportunity(make.customer()), win())
    save_deal_settings(admin, False, "试行结束", version=on.version)
    assert deal_settings(admin).review_required is False

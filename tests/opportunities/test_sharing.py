"""商机共享: to whom, until when, what the partner may do, and how it ends."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.card import customer_card
from crmlib.customers.model import Contact
from crmlib.customers.sharing import PAST
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities import sharing
from crmlib.opportunities.actions import advance_stage, edit_opportunity
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.dossier import dossier
from crmlib.opportunities.model import Opportunity, OpportunityShare, Outcome
from crmlib.opportunities.notes import log_process
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.opportunities.sharing import (
    partner_options,
    share_opportunities,
    share_opportunity,
    unshare_opportunity,
)
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make

Cast = dict[str, Actor]


def seen_by(actor: Actor) -> set[int]:
    return set(opportunity_page(actor, OpportunityQuery()).rows["id"].to_list())


def test_the_partner_works_on_this_deal_and_sees_no_other_of_the_customer(cast: Cast) -> None:
    owner, partner = cast["wangqiang"], cast["chengang"]
    customer = make.customer("广州华南幕墙有限公司")
    (contact,) = make.rows(Contact, customer_id=customer)
    deal = make.opportunity(customer, contact_id=contact.id)
    other = make.opportunity(customer)
    until = clock.today() + timedelta(days=30)
    done = share_opportunity(owner, deal, partner.person_id, until, token="t")
    assert share_opportunity(owner, deal, partner.person_id, until, token="t") == done
    assert seen_by(partner) == {deal}
    card = opportunity_card(partner, deal)
    assert card.steps_open == {"advance", "note"}
    assert (card.may_open_customer, card.contact) == (False, "何经理")
    assert ("行业", "幕墙公司") in card.customer_summary
    assert not card.editable & {"amount", "owner_id", "probability"}
    with pytest.raises(NotAllowed):
        opportunity_card(partner, other)
    with pytest.raises(NotAllowed):
        customer_card(partner, customer)
    advance_stage(partner, deal, confirm=True)
    log_process(partner, deal, "与设计院开会")
    assert make.fetch(Opportunity, deal).owner_id == owner.person_id
    with pytest.raises(NotAllowed):
        share_opportunity(partner, deal, cast["zhangwei"].person_id)
    (line,) = dossier(owner, deal).shares
    assert (line.person, line.ends_on, line.ended, line.may_revoke) == ("陈刚", until, False, True)
    titles = [m.title for m in make.rows(Message)]
    assert titles[0].startswith("商机共享：")


@pytest.mark.parametrize(
    ("who", "days", "faults"),
    [
        ("wangqiang", None, {"person": sharing.ONESELF}),
        ("limin", None, {"person": sharing.NO_USE}),
        ("zhouting", None, {"person": sharing.NO_USE}),
        (None, -1, {"person": sharing.NOBODY, "ends_on": PAST}),
        ("chengang", -1, {"ends_on": PAST}),
    ],
)
def test_faults_of_a_share(
    cast: Cast, who: str | None, days: int | None, faults: dict[str, str]
) -> None:
    deal = make.opportunity(make.customer())
    person = cast[who].person_id if who else None
    end = clock.today() + timedelta(days=days) if days else None
    with pytest.raises(Invalid) as refused:
        share_opportunity(cast["wangqiang"], deal, person, end)
    assert refused.value.faults == faults
    assert make.rows(OpportunityShare) == []


def test_shared_once_until_it_ends_and_never_with_the_owner(cast: Cast) -> None:
    deal, chen = make.opportunity(make.customer()), cast["chengang"].person_id
    with pytest.raises(Invalid, match=sharing.ONESELF):
        share_opportunity(cast["zhangwei"], deal, cast["wangqiang"].person_id)
    share_opportunity(cast["zhangwei"], deal, chen)
    with pytest.raises(Invalid, match="已共享给 陈刚"):
        share_opportunity(cast["wangqiang"], deal, chen)
    with writing() as session, session.begin():
        share = session.query(OpportunityShare).one()
        share.ends_on, share.end_told = clock.today() - timedelta(days=1), True
    assert seen_by(cast["chengang"]) == set()
    share_opportunity(cast["wangqiang"], deal, chen)
    (share,) = make.rows(OpportunityShare)
    assert (share.ends_on, share.end_told, share.shared_by_id) == (
        None, False, cast["wangqiang"].person_id,
    )  # fmt: skip


@pytest.mark.parametrize("login", ["limin", "chengang", "zhouting", "zhaolei", "sunyue"])
def test_who_may_not_share(cast: Cast, login: str) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(NotAllowed):
        share_opportunity(cast[login], deal, cast["liuyang"].person_id)


@pytest.mark.parametrize("state", [{"closed": True}, {"outcome": Outcome.LOST}])
def test_an_ended_deal_is_not_shared(cast: Cast, state: dict[str, object]) -> None:
    deal = make.opportunity(make.customer(), **state)
    with pytest.raises(Refused):
        share_opportunity(cast["wangqiang"], deal, cast["chengang"].person_id)


def test_taken_back_by_giver_owner_or_head_and_the_partners_save_fails(cast: Cast) -> None:
    partner = cast["chengang"]
    for login in ("wangqiang", "zhangwei"):
        deal = make.opportunity(make.customer())
        share_opportunity(cast["wangqiang"], deal, partner.person_id)
        with pytest.raises(NotAllowed):
            unshare_opportunity(partner, deal, partner.person_id)
        unshare_opportunity(cast[login], deal, partner.person_id)
        for step in (
            lambda key: advance_stage(partner, key, confirm=True),
            lambda key: edit_opportunity(partner, key, {"project_name": "新"}),
            lambda key: log_process(partner, key, "开会"),
        ):
            with pytest.raises(NotAllowed, match="您没有权限执行此操作"):
                step(deal)
        with pytest.raises(NotAllowed):
            unshare_opportunity(cast[login], deal, partner.person_id)
    assert seen_by(partner) == set()


def test_several_at_once_those_that_cannot_be_are_named(cast: Cast) -> None:
    customer = make.customer()
    good, closed = make.opportunity(customer), make.opportunity(customer, closed=True)
    foreign = make.opportunity(make.customer(owner="chengang"), owner="chengang")
    keys = [good, closed, foreign, good]
    done = share_opportunities(cast["wangqiang"], keys, cast["chengang"].person_id)
    assert (done.count, done.person) == (1, "陈刚")
    number = make.fetch(Opportunity, closed).number
    assert done.refused.split("\n") == [
        f"{number}：商机{number}已经关闭！",
        f"{foreign}：您没有权限执行此操作",
    ]
    with pytest.raises(CrmError, match=sharing.NOBODY):
        share_opportunities(cast["wangqiang"], [good], None)


def test_partners_to_choose_sell_and_are_not_oneself(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    assert {p.name for p in partner_options(cast["wangqiang"], deal)} == {"陈刚", "张伟", "刘洋"}
    assert {p.name for p in partner_options(cast["zhangwei"], deal)} == {"陈刚", "刘洋"}


def test_the_end_is_told_to_both_once(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    share_opportunity(cast["wangqiang"], deal, cast["chengang"].person_id)
    with writing() as session, session.begin():
        session.query(OpportunityShare).one().ends_on = clock.today() - timedelta(days=1)
    assert (sharing.tell_ended(), sharing.tell_ended()) == (1, 0)
    message = make.rows(Message)[-1]
    told = {c.person_id for c in make.rows(MessageRecipient, message_id=message.id)}
    assert told == {cast["chengang"].person_id, cast["wangqiang"].person_id}


def test_a_person_who_left_is_no_partner(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with writing() as session, session.begin():
        session.get_one(Person, cast["chengang"].person_id).active = False
    with pytest.raises(Invalid, match=sharing.NOBODY):
        share_opportunity(cast["wangqiang"], deal, cast["chengang"].person_id)
    assert cast["wangqiang"].may(Permission.OPPORTUNITY_SHARE)

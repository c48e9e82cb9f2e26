"""What a share opens, to whom, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.customers.actions import assign_customer
from crmlib.customers.card import customer_card
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.customers.shared import has_shares, shared_levels
from crmlib.customers.sharing import Parts, share_customer, tell_ended, unshare_customer
from crmlib.errors import NotAllowed
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.store.engine import reading, writing
from tests import make
from tests.activities.test_queries import add

NOTHING = Parts(with_contacts=False, with_opportunities=False, with_activities=False)
ALL = Parts(with_contacts=True, with_opportunities=True, with_activities=True)


def seen(model: type[Any], condition: Any) -> list[int]:
    with reading() as session:
        return list(session.scalars(select(model.id).where(condition)))


def titles(actor: Actor) -> list[str]:
    copies = make.rows(MessageRecipient, person_id=actor.person_id)
    return [make.fetch(Message, c.message_id).title for c in copies]


@pytest.mark.parametrize(("parts", "opens"), [(NOTHING, False), (ALL, True)])
def test_parts_come_along_as_chosen(cast: dict[str, Actor], parts: Parts, opens: bool) -> None:
    key, friend = make.customer(mobile="13912345678"), cast["chengang"]
    deal = make.opportunity(key)
    add(cast["wangqiang"], key, 1)
    share_customer(cast["wangqiang"], key, friend.person_id, ShareLevel.READ, parts=parts)
    card = customer_card(friend, key)
    assert card.sees_phones is opens
    assert (card.contacts[0].mobile == "13912345678") is opens
    assert (seen(Opportunity, visible_opportunities(friend)) == [deal]) is opens
    assert bool(seen(Activity, visible_activities(friend))) is opens
    phones = visible_opportunities(friend, Permission.CONTACT_PHONE)
    assert (seen(Opportunity, phones) == [deal]) is opens


@pytest.mark.parametrize(
    ("level", "works"), [(ShareLevel.READ, False), (ShareLevel.COLLABORATE, True)]
)
def test_the_level_holds_for_the_deals_too(
    cast: dict[str, Actor], level: ShareLevel, works: bool
) -> None:
    key, friend = make.customer(), cast["chengang"]
    deal = make.opportunity(key)
    share_customer(cast["wangqiang"], key, friend.person_id, level, parts=ALL)
    for permission in (Permission.OPPORTUNITY_EDIT, Permission.OPPORTUNITY_ADVANCE):
        assert (seen(Opportunity, visible_opportunities(friend, permission)) == [deal]) is works


def test_the_deals_close_with_the_share(cast: dict[str, Actor]) -> None:
    key, friend = make.customer(), cast["chengang"]
    make.opportunity(key)
    share_customer(cast["wangqiang"], key, friend.person_id, ShareLevel.READ, parts=ALL)
    with writing() as session, session.begin():
        session.query(CustomerShare).one().ends_on = clock.today() - timedelta(days=1)
    assert seen(Opportunity, visible_opportunities(friend)) == []
    with pytest.raises(NotAllowed):
        customer_card(friend, key)


def test_card_says_how_far_it_is_shared(cast: dict[str, Actor]) -> None:
    key, friend = make.customer(), cast["chengang"]
    share_customer(cast["wangqiang"], key, friend.person_id, ShareLevel.COLLABORATE)
    assert customer_card(friend, key).shared_with_me == "协作"
    assert customer_card(cast["wangqiang"], key).shared_with_me == ""
    (line,) = customer_card(cast["wangqiang"], key).shares
    assert (line.parts_text, line.may_revoke) == ("客户资料、联系方式、活动", True)
    assert not customer_card(friend, key).shares[0].may_revoke
    assert not customer_card(friend, key).may_share


def test_who_gave_a_share_may_take_it_back_after_the_customer_went_on(
    cast: dict[str, Actor],
) -> None:
    me, friend = cast["wangqiang"], cast["chengang"].person_id
    key = make.customer(registered_by_id=cast["zhouting"].person_id)
    share_customer(me, key, friend, ShareLevel.READ)
    assign_customer(
        cast["zhangwei"], key, cast["zhangwei"].person_id, make.fetch(Customer, key).version
    )
    done = unshare_customer(me, key, friend, token="u1")
    assert unshare_customer(me, key, friend, token="u1") == done
    assert make.rows(CustomerShare) == []
    assert titles(cast["chengang"])[-1].startswith("共享已取消")
    with pytest.raises(NotAllowed):
        share_customer(me, key, friend, ShareLevel.READ)


def test_ended_shares_are_told_once_to_both_sides(cast: dict[str, Actor]) -> None:
    key, friend = make.customer("恒晟幕墙有限公司"), cast["chengang"]
    share_customer(cast["wangqiang"], key, friend.person_id, ShareLevel.READ, clock.today())
    assert tell_ended() == 0  # its last day
    with writing() as session, session.begin():
        session.query(CustomerShare).one().ends_on = clock.today() - timedelta(days=1)
    assert (tell_ended(), tell_ended()) == (1, 0)
    for actor in (friend, cast["wangqiang"]):
        assert [t for t in titles(actor) if t.startswith("共享已到期：恒晟")]
    share_customer(cast["wangqiang"], key, friend.person_id, ShareLevel.READ)
    assert not make.rows(CustomerShare)[0].end_told


def test_lists_tag_what_is_shared(cast: dict[str, Actor]) -> None:
    key, own, friend = make.customer(), make.customer(owner="chengang"), cast["chengang"]
    assert not has_shares(friend)
    share_customer(cast["wangqiang"], key, friend.person_id, ShareLevel.COLLABORATE)
    assert has_shares(friend)
    assert shared_levels(friend, [key, own]) == {key: "协作"}
    assert shared_levels(cast["zhangwei"], [key, own]) == {}

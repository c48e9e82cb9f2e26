"""待分配: open deals of somebody who has left go to another one of his office."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.waiting import WaitingQuery
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.model import Message
from crmlib.inbox.queries import pending
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.opportunities.waiting import assign_waiting_opportunities, waiting_deals
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make


def leaves(actor: Actor) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, actor.person_id).active = False


def test_deals_of_who_has_left_wait_and_are_given_away(cast: dict[str, Actor]) -> None:
    customer = make.customer(owner="zhangwei")
    keys = [make.opportunity(customer, subject=f"商机{n}") for n in range(2)]
    make.opportunity(customer, outcome=Outcome.WON)
    make.opportunity(customer, owner="chengang")
    head = cast["zhangwei"]
    assert waiting_deals(head, WaitingQuery()).total == 0
    leaves(cast["wangqiang"])
    page = waiting_deals(head, WaitingQuery(sort="number"))
    assert (page.total, page.rows["id"].to_list()) == (2, keys)
    assert set(page.rows["why"]) == {"原负责人 王强 已停用"}
    assert waiting_deals(head, WaitingQuery(find_text="商机1")).total == 1
    assert ("待分配商机", 2) in [(p.label, p.count) for p in pending(head)]
    done = assign_waiting_opportunities(cast["liuyang"], keys, head.person_id, token="t")
    assert (done.count, done.late, done.owner) == (2, 0, "张伟")
    assert {make.fetch(Opportunity, key).owner_id for key in keys} == {head.person_id}
    assert len(make.rows(Message)) == 2
    with pytest.raises(Refused, match="已被分配，请刷新"):
        assign_waiting_opportunities(head, keys, head.person_id)


def test_who_may_not_give_them_away(cast: dict[str, Actor]) -> None:
    key = make.opportunity(make.customer())
    leaves(cast["wangqiang"])
    for login in ("limin", "sunyue", "zhouting"):
        with pytest.raises(NotAllowed):
            assign_waiting_opportunities(cast[login], [key], cast["zhangwei"].person_id)
    with pytest.raises(Invalid):
        assign_waiting_opportunities(cast["zhangwei"], [key], cast["chengang"].person_id)

"""Frames follow the database and the rights at once, and never serve another person's."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.errors import NotAllowed
from crmlib.insight import frames, live
from crmlib.insight.live import funnel_data
from crmlib.opportunities.actions import advance_stage, edit_opportunity
from crmlib.opportunities.model import Opportunity, OpportunityShare
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make

Cast = dict[str, Actor]


def seen(actor: Actor) -> set[int]:
    return set(funnel_data(actor).deals["opportunity_id"])


def test_nothing_changed_means_the_same_frame(cast: Cast) -> None:
    make.opportunity(make.customer())
    assert funnel_data(cast["zhangwei"]) is funnel_data(cast["zhangwei"])


def test_those_who_see_everything_share_one_frame(cast: Cast) -> None:
    make.opportunity(make.customer())
    assert funnel_data(cast["sunyue"]) is funnel_data(cast["zhouting"])
    assert funnel_data(cast["zhangwei"]) is not funnel_data(cast["wangqiang"])


def test_each_change_is_seen_at_once(cast: Cast) -> None:
    first = make.opportunity(make.customer())
    assert seen(cast["zhangwei"]) == {first}
    second = make.opportunity(make.customer("广州旧名门窗有限公司"))
    assert seen(cast["zhangwei"]) == {first, second}
    advance_stage(cast["wangqiang"], first, confirm=True)
    data = funnel_data(cast["zhangwei"])
    assert data.deals["stage_code"].to_list() == ["SETUP", "INFO"]
    assert funnel_data(cast["zhangwei"]).stays["row"].to_list() == [0, 0, 1]
    edit_opportunity(cast["wangqiang"], first, {"products": ["P3-01"], "amount": 5})
    assert funnel_data(cast["zhangwei"]).deals["families"].to_list()[0] == ["门控五金系统"]
    with writing() as session, session.begin():
        session.query(Customer).filter_by(name="广州旧名门窗有限公司").one().name = "新名"
    assert funnel_data(cast["zhangwei"]).deals["customer"].to_list()[1] == "新名"


def test_patched_frame_equals_a_fresh_one(cast: Cast) -> None:
    deals = [make.opportunity(make.customer()) for _ in range(3)]
    funnel_data(cast["zhangwei"])
    advance_stage(cast["wangqiang"], deals[1], confirm=True)
    edit = {"products": ["P1"], "amount": 7}
    edit_opportunity(cast["wangqiang"], deals[2], edit)
    patched = funnel_data(cast["zhangwei"])
    fresh = live.Views(live.DEALS).data(cast["zhangwei"].person_id)
    assert patched.deals.equals(fresh.deals)
    assert patched.stays.equals(fresh.stays)


def test_deal_that_changes_hands_leaves_one_frame_and_enters_the_other(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    assert (seen(cast["wangqiang"]), seen(cast["chengang"])) == ({deal}, set())
    chen = cast["chengang"]
    with writing() as session, session.begin():
        row = session.get_one(Opportunity, deal)
        row.owner_id = row.registered_by_id = chen.person_id
        row.office_id = chen.office_id
    assert (seen(cast["wangqiang"]), seen(cast["chengang"])) == (set(), {deal})
    assert seen(cast["zhangwei"]) == set()


def test_share_counts_from_its_first_to_its_last_moment(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    assert seen(cast["chengang"]) == set()
    with writing() as session, session.begin():
        share = OpportunityShare(
            opportunity_id=deal,
            person_id=cast["chengang"].person_id,
            shared_by_id=cast["wangqiang"].person_id,
            shared_at=clock.now(),
        )
        session.add(share)
    assert seen(cast["chengang"]) == {deal}
    with writing() as session, session.begin():
        session.delete(session.get_one(OpportunityShare, share.id))
    assert seen(cast["chengang"]) == set()


def test_person_moved_to_another_boss_leaves_the_old_ones_funnel(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    assert seen(cast["zhangwei"]) == {deal}
    with writing() as session, session.begin():
        wang = session.get_one(Person, cast["wangqiang"].person_id)
        wang.reports_to_id, wang.office_id = None, cast["chengang"].office_id
        session.get_one(Opportunity, deal).office_id = cast["chengang"].office_id
    assert seen(cast["zhangwei"]) == set()


def test_old_actor_object_does_not_keep_old_rights(cast: Cast) -> None:
    make.opportunity(make.customer())
    assert seen(cast["sunyue"])
    with writing() as session, session.begin():
        session.get_one(Person, cast["sunyue"].person_id).role = "sales"
    assert seen(cast["sunyue"]) == set()


def test_deactivated_person_gets_nothing(cast: Cast) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, cast["zhangwei"].person_id).active = False
    with pytest.raises(NotAllowed):
        funnel_data(cast["zhangwei"])


def test_failure_while_reading_is_repaired_by_the_next_call(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make.opportunity(make.customer())
    funnel_data(cast["zhangwei"])
    second = make.opportunity(make.customer())
    with monkeypatch.context() as broken:
        broken.setattr(frames, "deal_block", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            funnel_data(cast["zhangwei"])
    assert seen(cast["zhangwei"]) == {first, second}


def test_next_day_counts_days_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make.opportunity(make.customer())
    assert funnel_data(cast["zhangwei"]).deals["days"].to_list() == [3]
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    assert funnel_data(cast["zhangwei"]).deals["days"].to_list() == [4]

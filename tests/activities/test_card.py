"""An activity's page: what it shows to whom, and which steps it offers."""

import pytest

from crmlib.access.actor import Actor
from crmlib.activities.actions import Completion, complete_activity, create_activity, start_activity
from crmlib.activities.card import activity_card
from crmlib.errors import NotAllowed
from crmlib.inbox.related import related_record
from crmlib.store.engine import reading
from tests import make
from tests.activities.test_actions import draft

Cast = dict[str, Actor]


def test_steps_follow_the_state_and_the_reader(cast: Cast) -> None:
    customer, wang = make.customer(), cast["wangqiang"]
    deal = make.opportunity(customer)
    made = create_activity(wang, draft(customer, opportunity_id=deal)).activity_id

    def steps(login: str) -> set[str]:
        return set(activity_card(cast[login], made).steps)

    assert steps("wangqiang") == {"start", "complete", "push", "postpone", "delete"}
    assert steps("zhangwei") == {"start", "complete", "push", "postpone"}
    assert steps("zhouting") == steps("sunyue") == set()
    assert "planned_start" in activity_card(wang, made).editable
    start_activity(wang, made)
    assert steps("wangqiang") == {"complete", "push"}
    complete_activity(wang, made, Completion("好"))
    assert steps("wangqiang") == set()
    assert steps("zhangwei") == steps("zhaolei") == {"reopen"}
    assert activity_card(wang, made).editable == ("result_note",)


def test_phone_is_masked_for_those_who_may_not_call(cast: Cast) -> None:
    customer = make.customer()
    made = create_activity(cast["wangqiang"], draft(customer, phone="13812345678")).activity_id
    shown = {login: activity_card(cast[login], made).phone for login in ("wangqiang", "sunyue")}
    assert shown == {"wangqiang": "13812345678", "sunyue": "138****5678"}


def test_who_may_not_see_it_gets_nothing(cast: Cast) -> None:
    made = create_activity(cast["wangqiang"], draft(make.customer())).activity_id
    for key in (made, made + 1):
        with pytest.raises(NotAllowed):
            activity_card(cast["chengang"], key)
    with reading() as session:
        assert related_record(session, cast["chengang"], "activity", made) is None
        found = related_record(session, cast["zhangwei"], "activity", made)
    assert found is not None
    assert (found.page, found.label) == ("activity", "上门拜访")

"""What 输单 does with the activities of the deal nobody began: one's own go if ticked."""

from datetime import timedelta

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import create_activity, start_activity
from crmlib.activities.model import Activity
from crmlib.activities.planned import planned_of
from crmlib.activities.rules import ActivityDraft
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.opportunities.steps import deal_steps
from tests import make


def plan(actor: Actor, customer: int, deal: int, subject: str) -> int:
    """Plan an activity of a deal for tomorrow."""
    start = clock.now() + timedelta(days=1)
    draft = ActivityDraft(
        subject=subject,
        activity_type="01",
        customer_id=customer,
        opportunity_id=deal,
        planned_start=start,
        planned_end=start,
        owner_id=actor.person_id,
    )
    return create_activity(actor, draft).activity_id


def test_losing_a_deal_cancels_what_was_ticked(cast: dict[str, Actor]) -> None:
    me, head = cast["wangqiang"], cast["zhangwei"]
    customer = make.customer()
    deal = make.opportunity(customer)
    ticked, kept, begun = (plan(me, customer, deal, name) for name in ("送样", "回访", "投标"))
    start_activity(me, begun)
    assert set(planned_of(head, deal).others) == {"送样（王强）", "回访（王强）"}
    planned = planned_of(me, deal)
    assert {option.value for option in planned.own} == {ticked, kept}
    assert planned.others == []
    (lose,) = (s for s in deal_steps(me, opportunity_card(me, deal), planned) if s.label == "输单")
    assert lose.on_submit is not None
    start_activity(me, kept)  # begun while the dialog was open: it stays
    said = lose.on_submit(
        {
            "decided_on": clock.today(),
            "reason": "01",
            "competitor": "",
            "no_competitor": True,
            "note": "",
            "cancelled": (str(ticked), str(kept)),
        },
        "t",
    )
    assert "已取消 1 个活动，1 个未能取消" in str(said)
    assert make.fetch(Opportunity, deal).outcome is Outcome.LOST
    assert make.fetch(Activity, ticked) is None
    assert make.fetch(Activity, kept) is not None

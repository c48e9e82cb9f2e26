"""The card of an opportunity: what it shows to whom, and what it offers."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import NotAllowed
from crmlib.inbox.related import related_record
from crmlib.opportunities.actions import advance_stage, create_opportunity
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.model import OpportunityShare, Outcome
from crmlib.opportunities.rules import OpportunityDraft
from crmlib.store.engine import reading, writing
from tests import make

Cast = dict[str, Actor]


def deal_of(cast: Cast) -> int:
    draft = OpportunityDraft(
        customer_id=make.customer("广州华南幕墙有限公司", mobile="13800001234"),
        project_name="天河大厦",
        products=("P2", "P1-01"),
        sales_task="01",
        amount=1000,
        expected_close=clock.today() + timedelta(days=9),
    )
    return create_opportunity(cast["wangqiang"], draft).opportunity_id


def test_card_tells_stage_history_and_labels(cast: Cast) -> None:
    deal = deal_of(cast)
    advance_stage(cast["wangqiang"], deal, reason="甲方确认", confirm=True)
    card = opportunity_card(cast["wangqiang"], deal)
    assert (card.customer, card.contact, card.sales_task_label) == (
        "广州华南幕墙有限公司",
        "何经理",
        "入围",
    )
    assert [p.name for p in card.products] == ["点支承玻璃幕墙构配件", "执手"]
    assert (card.stage.code, card.probability, card.days) == ("SETUP", 10, 0)
    assert card.next_step is not None
    assert card.next_step.code == "SPEC"
    assert [s.code for s in card.steps][:2] == ["INFO", "SETUP"]
    assert [(h.from_stage, h.to_stage, h.reason) for h in card.history] == [
        ("信息收集", "立项(报备)", "甲方确认"),
        (None, "信息收集", None),
    ]
    assert card.version == 2


@pytest.mark.parametrize(
    ("login", "amount", "mobile", "advances", "edits"),
    [
        ("wangqiang", Decimal(1000), "13800001234", True, True),
        ("zhangwei", Decimal(1000), "13800001234", True, True),
        ("limin", None, "138****1234", False, False),
        ("chengang", Decimal(1000), "13800001234", True, True),
        ("zhouting", Decimal(1000), "13800001234", False, False),
        ("sunyue", Decimal(1000), "138****1234", False, False),
    ],
)
def test_card_shows_each_what_he_may_see(
    cast: Cast, login: str, amount: Decimal | None, mobile: str, advances: bool, edits: bool
) -> None:
    deal = deal_of(cast)
    with writing() as session, session.begin():
        session.add(
            OpportunityShare(
                opportunity_id=deal,
                person_id=cast["chengang"].person_id,
                shared_by_id=cast["wangqiang"].person_id,
                shared_at=clock.now(),
            )
        )
    card = opportunity_card(cast[login], deal)
    assert (card.amount, card.may_see_amount) == (amount, amount is not None)
    assert card.contact_mobile == mobile
    assert (card.may_advance, bool(card.editable)) == (advances, edits)
    assert card.may_open_customer is (login != "chengang")


def test_card_of_another_is_refused_like_one_that_is_not_there(cast: Cast) -> None:
    deal = deal_of(cast)
    for key in (deal, 999):
        with pytest.raises(NotAllowed):
            opportunity_card(cast["chengang"], key)


@pytest.mark.parametrize("state", [{"closed": True}, {"outcome": Outcome.WON}])
def test_ended_deal_offers_nothing(cast: Cast, state: dict[str, object]) -> None:
    since = clock.now() - timedelta(days=99)
    deal = make.opportunity(make.customer(), stage_since=since, **state)
    card = opportunity_card(cast["wangqiang"], deal)
    assert (card.may_advance, card.editable, card.is_stalled) == (False, frozenset(), False)


def test_message_opens_only_a_visible_deal(cast: Cast) -> None:
    deal = deal_of(cast)
    with reading() as session:
        found = related_record(session, cast["wangqiang"], "opportunity", deal)
        assert found is not None
        assert (found.page, found.id) == ("opportunity", deal)
        assert related_record(session, cast["chengang"], "opportunity", deal) is None

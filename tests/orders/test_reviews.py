"""转合同评审: asked by who sells, entered and decided by 信息部."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.queries import InboxQuery, inbox_page, pending
from crmlib.inbox.related import related_record
from crmlib.opportunities.model import OpportunityProduct
from crmlib.orders.model import ContractReview, ReviewStatus
from crmlib.orders.review_queries import ReviewQuery, request_state, review_card, review_page
from crmlib.orders.reviews import advance_review, enter_review, request_review
from crmlib.orders.rules import ReviewEntry
from crmlib.store.engine import reading, writing
from tests import make

Cast = dict[str, Actor]
TODAY = clock.today()


def deal(stage: str = "NEGO", **values: object) -> int:
    key = make.opportunity(make.customer(), stage=stage, **values)
    with writing() as session, session.begin():
        session.add(OpportunityProduct(opportunity_id=key, product="P2"))
    return key


def titles(actor: Actor) -> list[str]:
    return list(inbox_page(actor, InboxQuery()).rows["title"])


def test_the_way_of_a_review(cast: Cast) -> None:
    sales, admin, key = cast["wangqiang"], cast["zhaolei"], deal()
    assert request_state(sales, key) == ""
    asked = request_review(sales, key, "请尽快", token="t")
    assert request_review(sales, key, "请尽快", token="t") == asked
    assert titles(admin)[0].startswith("请录入合同评审")
    assert [p.count for p in pending(admin) if p.page == "contract_reviews"] == [1]
    with pytest.raises(Refused, match="已有进行中"):
        request_review(sales, key)
    card = review_card(admin, asked.review_id)
    assert card.steps == (ReviewStatus.SUBMITTED, ReviewStatus.VOID)
    assert review_card(sales, asked.review_id).steps == ()
    entry = ReviewEntry(number="oa-77", day=TODAY)
    with pytest.raises(NotAllowed):
        advance_review(sales, asked.review_id, ReviewStatus.SUBMITTED, entry)
    with pytest.raises(Invalid) as empty:
        advance_review(admin, asked.review_id, ReviewStatus.SUBMITTED, ReviewEntry())
    assert set(empty.value.faults) == {"number", "day"}
    done = advance_review(admin, asked.review_id, ReviewStatus.SUBMITTED, entry)
    with pytest.raises(Stale):
        advance_review(admin, asked.review_id, ReviewStatus.APPROVED, entry, version=0)
    no = ReviewEntry(day=TODAY, note="付款条件不符")
    advance_review(admin, asked.review_id, ReviewStatus.REFUSED, no, version=done.version)
    assert "付款条件不符" in review_page(sales, ReviewQuery()).rows["note"].to_list()
    advance_review(admin, asked.review_id, ReviewStatus.SUBMITTED, entry)
    advance_review(admin, asked.review_id, ReviewStatus.APPROVED, ReviewEntry(day=TODAY))
    with pytest.raises(Refused, match="不能改为作废"):
        advance_review(admin, asked.review_id, ReviewStatus.VOID, no)
    assert titles(sales)[0].startswith("合同评审通过")
    assert request_state(sales, key) == "该商机的合同评审已经通过"
    row = make.fetch(ContractReview, asked.review_id)
    assert (row.number, row.status, row.amount) == ("OA-77", ReviewStatus.APPROVED, 100_000)


def test_an_oa_number_is_there_once(cast: Cast) -> None:
    admin, entry = cast["zhaolei"], ReviewEntry(number="OA-1", day=TODAY)
    enter_review(admin, deal(), entry)
    with pytest.raises(Invalid) as taken:
        enter_review(admin, deal(), entry)
    assert set(taken.value.faults) == {"number"}
    assert len(make.rows(ContractReview)) == 1, "the second draft went with its transaction"


@pytest.mark.parametrize(
    ("stage", "values", "message"),
    [
        ("QUOTE", {}, "商务谈判"),
        ("NEGO", {"amount": 0}, "预计金额"),
        ("NEGO", {"closed": True}, "已经关闭"),
        ("NEGO", {"outcome": "lost"}, "输赢单操作"),
    ],
)
def test_a_deal_that_may_not_go_to_review(
    cast: Cast, stage: str, values: dict[str, object], message: str
) -> None:
    key = deal(stage, **values)
    with pytest.raises(Refused, match=message):
        request_review(cast["wangqiang"], key)
    assert message in (request_state(cast["wangqiang"], key) or "")


def test_who_asks_and_who_reads(cast: Cast) -> None:
    key = deal()
    for login in ("limin", "chengang", "zhouting", "zhaolei", "sunyue"):
        with pytest.raises(NotAllowed):
            request_review(cast[login], key)
    review = request_review(cast["zhangwei"], key).review_id
    reads = {"wangqiang", "zhangwei", "liuyang", "zhouting", "zhaolei", "sunyue"}
    for login, actor in cast.items():
        assert (review_page(actor, ReviewQuery()).total == 1) == (login in reads), login
        with reading() as session:
            opened = related_record(session, actor, "contract_review", review)
        # Analysts have no page that opens single records.
        assert (opened is not None) == (login in reads - {"sunyue"}), login
        if login not in reads:
            with pytest.raises(NotAllowed):
                review_card(actor, review)
    late = ReviewEntry(number="OA-2", day=TODAY + timedelta(days=1))
    with pytest.raises(Invalid):
        advance_review(cast["zhaolei"], review, ReviewStatus.SUBMITTED, late)

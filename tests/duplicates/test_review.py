"""综合部 decides on pairs: what a decision means, and who may decide."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerStatus,
)
from crmlib.duplicates import review
from crmlib.duplicates.groups import group_of
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import AffiliateLink, DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.queue import QueueQuery, queue_page
from crmlib.duplicates.scan import scan
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from tests import make
from tests.duplicates.build import change, put, save, status

DECISIONS = {
    "distinct": lambda actor, key: review.mark_distinct(actor, key, "两家公司"),
    "affiliated": lambda actor, key: review.mark_affiliated(actor, key, "同一集团"),
    "deferred": lambda actor, key: review.defer(actor, key, clock.today() + timedelta(days=7)),
}


ALLOWED = {"zhouting"}


@pytest.mark.parametrize("decision", DECISIONS)
def test_only_the_general_office_decides(cast: dict[str, Actor], key: int, decision: str) -> None:
    for login in cast.keys() - ALLOWED:
        with pytest.raises(NotAllowed):
            DECISIONS[decision](cast[login], key)
        assert status(key) is PairStatus.OPEN
    assert DECISIONS[decision](cast["zhouting"], key).status == decision
    assert status(key) == decision
    row = make.fetch(DuplicatePair, key)
    assert (row.decided_by_id, row.decided_at is None) == (cast["zhouting"].person_id, False)


def test_a_pair_stands_once_whatever_the_order(cast: dict[str, Actor]) -> None:
    a, b = make.customer(), make.customer()
    first, second = put(b, a, 0.6), put(a, b, 0.8, note="录入时提示")
    assert first == second
    row = make.fetch(DuplicatePair, first)
    assert (row.a_id, row.b_id, row.same, row.note) == (a, b, 0.8, "录入时提示")


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decided_pair_is_refused(cast: dict[str, Actor], key: int, decision: str) -> None:
    review.mark_distinct(cast["zhouting"], key, "两家公司")
    with pytest.raises(Refused, match="该候选已处理"):
        DECISIONS[decision](cast["zhouting"], key)


def test_a_stale_form_is_refused(cast: dict[str, Actor], key: int) -> None:
    change(DuplicatePair, key, note="x")
    with pytest.raises(Stale):
        review.mark_distinct(cast["zhouting"], key, "两家公司", version=1)


def test_faulty_decisions_are_refused(cast: dict[str, Actor], key: int) -> None:
    boss = cast["zhouting"]
    for wrong in (
        lambda: review.mark_distinct(boss, key, "  "),
        lambda: review.mark_distinct(boss, key, "因" * 256),
        lambda: review.mark_affiliated(boss, key, "因" * 256),
        lambda: review.defer(boss, key, clock.today()),
        lambda: review.defer(boss, key, None),
    ):
        with pytest.raises(Invalid):
            wrong()
    assert status(key) is PairStatus.OPEN


def test_not_a_duplicate_holds_until_a_name_or_phone_changes(
    cast: dict[str, Actor], key: int
) -> None:
    review.mark_distinct(cast["zhouting"], key, "两家公司")
    row = make.fetch(DuplicatePair, key)
    put(row.a_id, row.b_id)
    assert status(key) is PairStatus.DISTINCT
    change(Customer, row.a_id, address="别处")
    put(row.a_id, row.b_id)
    assert status(key) is PairStatus.DISTINCT
    change(Customer, row.a_id, phone="021-5555", phone_key="0215555")
    put(row.a_id, row.b_id)
    assert status(key) is PairStatus.OPEN


@pytest.mark.parametrize(
    "change_of",
    [
        lambda a: change(Customer, a, fax="021-55556666"),
        lambda a: change(Customer, a, website="https://www.qingtong.example"),
        lambda a: change(Customer, a, email="info@qingtong.example"),
        lambda a: change(Contact, make.rows(Contact, customer_id=a)[0].id, mobile="13955556666"),
        lambda a: save(Contact(customer_id=a, name="林工", phone="021-55557777")),
        lambda a: save(Contact(customer_id=a, name="林工", email="lin@qingtong.example")),
    ],
    ids=["fax", "website", "email", "mobile", "contact phone", "contact domain"],
)
def test_a_number_or_domain_of_either_or_its_people_reopens_by_scan(
    cast: dict[str, Actor], change_of: Callable[[int], object]
) -> None:
    a = make.customer("云岭测试门窗有限公司")
    b = make.customer("云岭测式门窗有限公司")
    scan(None)
    (pair,) = make.rows(DuplicatePair, a_id=a, b_id=b)
    review.mark_distinct(cast["zhouting"], pair.id, "两家公司")
    change(Customer, a, email="someone@qq.com", remark="电话已核对")  # says nothing of the company
    scan(None)
    assert status(pair.id) is PairStatus.DISTINCT
    change_of(a)
    scan(None)
    assert status(pair.id) is PairStatus.OPEN


def test_a_deferred_pair_returns_on_its_day(
    cast: dict[str, Actor], key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = clock.today() + timedelta(days=7)
    review.defer(cast["zhouting"], key, day)
    assert queue_page(cast["zhouting"], QueueQuery()).total == 0
    assert queue_page(cast["zhouting"], QueueQuery(statuses=(PairStatus.DEFERRED,))).total == 1
    monkeypatch.setattr(clock, "today", lambda: day)
    assert queue_page(cast["zhouting"], QueueQuery()).total == 1
    assert queue_page(cast["zhouting"], QueueQuery(statuses=(PairStatus.DEFERRED,))).total == 0
    review.mark_distinct(cast["zhouting"], key, "两家公司")


def test_affiliates_are_linked_and_shown(cast: dict[str, Actor], key: int) -> None:
    review.mark_affiliated(cast["zhouting"], key, "同一集团")
    row = make.fetch(DuplicatePair, key)
    for side in (row.a_id, row.b_id):
        group = group_of(cast["zhouting"], side)
        assert [member.customer_id for member in group] == [row.a_id, row.b_id]
        assert group[1].note == "同一集团"


def test_a_decision_can_be_taken_back(cast: dict[str, Actor], key: int) -> None:
    boss = cast["zhouting"]
    with pytest.raises(Refused, match="仍待审"):
        review.reopen(boss, key)
    review.mark_affiliated(boss, key)
    review.reopen(boss, key)
    assert (status(key), make.rows(AffiliateLink)) == (PairStatus.OPEN, [])
    row = make.fetch(DuplicatePair, key)
    merge(boss, row.a_id, row.b_id, {}, pair_id=key)
    with pytest.raises(Refused, match="先撤销合并"):
        review.reopen(boss, key)


def test_a_pair_can_be_put_by_hand(cast: dict[str, Actor]) -> None:
    a = make.customer("云岭测试门窗有限公司")
    b = make.customer("云岭测试门窗(广州)有限公司")
    done = review.add_pair(cast["zhouting"], b, a, "电话里听说")
    row = make.fetch(DuplicatePair, done.pair_id)
    assert (row.a_id, row.source, row.note) == (a, PairSource.MANUAL, "电话里听说")
    assert row.same > 0
    with pytest.raises(Invalid):
        review.add_pair(cast["zhouting"], a, a)
    with pytest.raises(NotAllowed):
        review.add_pair(cast["zhouting"], a, 999_999)
    change(Customer, b, status=CustomerStatus.RECYCLED)
    with pytest.raises(Refused, match="回收站"):
        review.add_pair(cast["zhouting"], a, b)

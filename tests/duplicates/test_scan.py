"""A scan fills the queue and respects what was decided."""

import time

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import (
    AliasKind,
    Contact,
    Customer,
    CustomerAlias,
    CustomerStatus,
)
from crmlib.duplicates import review
from crmlib.duplicates.follower import Follower
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.scan import scan, scan_changed
from crmlib.errors import NotAllowed
from crmlib.store import log
from crmlib.store.engine import writing
from crmlib.store.feed import Feed
from crmlib.store.schema import ChangeLog
from tests import make
from tests.duplicates.build import change, status

ALLOWED = {"zhouting"}


def test_a_scan_fills_the_queue_and_respects_decisions(cast: dict[str, Actor]) -> None:
    a = make.customer("广州云岭门窗有限公司", phone="020-87654321")
    b = make.customer("广州市云岭门窗有限公司", phone="020-87654321")
    make.customer("成都百川石材有限公司")
    gone = make.customer("广州云岭门窗公司", phone="020-87654321", status=CustomerStatus.RECYCLED)
    found = scan(cast["zhouting"])
    assert (found.pairs_new, found.pairs_total) == (1, 1)
    (row,) = make.rows(DuplicatePair)
    assert (row.a_id, row.b_id, row.source) == (a, b, PairSource.SCAN)
    assert row.same >= 0.5
    assert gone not in (row.a_id, row.b_id)
    assert row.reasons
    assert len(make.rows(ChangeLog, entity="duplicate_pair", action="scan")) == 1
    review.mark_distinct(cast["zhouting"], row.id, "两家公司")
    assert scan(None).pairs_new == 0
    assert status(row.id) is PairStatus.DISTINCT
    change(Customer, b, phone="020-87654322", phone_key="02087654322")
    scan(None)
    assert status(row.id) is PairStatus.OPEN


def test_only_the_general_office_scans(cast: dict[str, Actor]) -> None:
    for login in cast.keys() - ALLOWED:
        with pytest.raises(NotAllowed):
            scan(cast[login])


def test_the_scan_reads_contacts_and_province(cast: dict[str, Actor]) -> None:
    from crmlib.duplicates.scan import records

    key = make.customer(mobile="13911112222")
    with writing() as session, session.begin():
        session.add(Contact(customer_id=key, name="二号", mobile="13933334444"))
        session.add(Contact(customer_id=key, name="三号", mobile="13955556666"))
    (row,) = records().filter(records()["id"] == key).to_dicts()
    assert (row["province"], row["mobile1"], row["mobile2"]) == (
        "广东",
        "13911112222",
        "13933334444",
    )


def _former(customer_id: int, name: str) -> CustomerAlias:
    return CustomerAlias(
        customer_id=customer_id,
        kind=AliasKind.NAME,
        value=name,
        key=name,
        since=clock.now(),
    )


PAIR = ("广州云岭门窗有限公司", "广州市云岭门窗有限公司")


def test_each_reason_has_its_weight(cast: dict[str, Actor]) -> None:
    for name in PAIR:
        make.customer(name, phone="020-87654321")
    scan(None)
    (row,) = make.rows(DuplicatePair)
    weights = dict(row.reasons)
    assert weights["电话相同"] > 1
    assert any(weight > 2 for text, weight in row.reasons if text != "电话相同")


def test_a_former_name_is_compared_too(cast: dict[str, Actor]) -> None:
    first = make.customer("广州云岭门窗有限公司")
    second = make.customer("广州砚禾置业有限公司")
    with writing() as session, session.begin():
        session.add(_former(second, "广州云岭门窗有限公司"))
    scan(None)
    (row,) = make.rows(DuplicatePair)
    assert (row.a_id, row.b_id) == (first, second)
    assert "曾用名相同" in dict(row.reasons)


def test_an_open_pair_that_is_none_any_more_goes(cast: dict[str, Actor]) -> None:
    first, _ = (make.customer(name) for name in PAIR)
    scan(None)
    change(Customer, first, name="成都百川石材有限公司", name_key="成都百川石材有限公司")
    scan(None)
    assert make.rows(DuplicatePair) == []


def test_a_decision_and_a_pair_put_in_by_hand_stay(cast: dict[str, Actor]) -> None:
    first, second = (make.customer(name) for name in PAIR)
    third = make.customer("成都百川石材有限公司")
    scan(None)
    (found,) = make.rows(DuplicatePair)
    review.mark_affiliated(cast["zhouting"], found.id, "一家")
    by_hand = review.add_pair(cast["zhouting"], first, third)
    change(Customer, second, name="长沙澜庭化工有限公司", name_key="长沙澜庭化工有限公司")
    scan(None)
    assert status(found.id) is PairStatus.AFFILIATED
    assert status(by_hand.pair_id) is PairStatus.OPEN


def test_changed_customers_are_compared_with_all(cast: dict[str, Actor]) -> None:
    first = make.customer(PAIR[0], phone="020-87654321")
    assert scan_changed() is None  # reads the base; what is there already is a full scan's to find
    assert scan_changed() is None
    second = make.customer(PAIR[1], phone="020-87654321")
    found = scan_changed()
    assert found is not None
    assert (found.pairs_new, found.pairs_total) == (1, 1)
    (row,) = make.rows(DuplicatePair)
    assert (row.a_id, row.b_id) == (first, second)
    assert scan_changed() is None
    change(Customer, second, name="成都百川石材有限公司", phone="028-1")
    assert scan_changed() is not None
    assert make.rows(DuplicatePair) == []
    change(Customer, second, name=PAIR[1])
    scan_changed()
    assert len(make.rows(DuplicatePair)) == 1


def test_a_new_contact_and_an_old_name_count_as_a_change(cast: dict[str, Actor]) -> None:
    first = make.customer("广州云岭门窗有限公司", mobile="13911112222")
    second = make.customer("广州砚禾置业有限公司")
    scan(None)
    with writing() as session, session.begin():
        session.add(_former(second, "广州云岭门窗有限公司"))
    scan_changed()
    (row,) = make.rows(DuplicatePair)
    assert (row.a_id, row.b_id) == (first, second)
    with writing() as session, session.begin():
        session.add(Contact(customer_id=second, name="二号", mobile="13911112222"))
    scan_changed()
    (row,) = make.rows(DuplicatePair)
    assert "手机相同" in dict(row.reasons)


def test_many_changes_are_written_down(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmlib.duplicates.scan._REWRITE", 0)
    scan(None)
    first, second = (make.customer(name) for name in PAIR)
    scan_changed()
    assert len(make.rows(DuplicatePair)) == 1
    change(Customer, second, name="成都百川石材有限公司")
    scan_changed()
    assert make.rows(DuplicatePair) == []
    third = make.customer("广州市云岭门窗公司")
    scan_changed()
    (row,) = make.rows(DuplicatePair)
    assert (row.a_id, row.b_id) == (first, third)


def test_a_recycled_customer_has_no_new_pairs_and_keeps_its_old(cast: dict[str, Actor]) -> None:
    first, _ = (make.customer(name) for name in PAIR)
    scan(None)
    change(Customer, first, status=CustomerStatus.RECYCLED)
    scan_changed()
    assert len(make.rows(DuplicatePair)) == 1


def test_customers_written_past_the_log_make_the_scan_begin_anew(cast: dict[str, Actor]) -> None:
    for name in PAIR:
        make.customer(name)
    scan_changed()
    with writing() as session, session.begin():
        event = {"entity": "demo", "entity_id": None, "kind": "event"}
        log.write(session, [event | {"before": None, "after": None}])
    found = scan_changed()
    assert found is not None
    assert found.pairs_new == 1


def test_the_follower_finds_a_pair_by_itself(sqlite_database: str) -> None:
    make.customer(PAIR[0])
    follower, feed = Follower(settle=0.01, after_fault=0.01), Feed()
    scan(None)
    follower.start()
    try:
        make.customer(PAIR[1])
        follower.hear(feed.poll())
        deadline = time.monotonic() + 60
        while not make.rows(DuplicatePair) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(make.rows(DuplicatePair)) == 1
    finally:
        follower.stop()

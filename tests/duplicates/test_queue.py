"""The queue: who sees it, how it is filtered, sorted and walked through."""

from datetime import timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import (
    Customer,
    CustomerStatus,
)
from crmlib.duplicates import review
from crmlib.duplicates.detail import pair_detail
from crmlib.duplicates.model import DuplicatePair, PairSource
from crmlib.duplicates.queue import (
    QueueQuery,
    decided_today,
    next_pair,
    queue_page,
    responsible,
    threshold_counts,
)
from crmlib.duplicates.selection import Kind
from crmlib.errors import NotAllowed
from tests import make
from tests.duplicates.build import change, put

ALLOWED = {"zhouting"}


VIEWERS = {"zhouting": True, "zhaolei": True, "zhangwei": True, "liuyang": True}


def test_who_sees_the_queue(cast: dict[str, Actor], key: int) -> None:
    for login, actor in cast.items():
        if VIEWERS.get(login):
            assert queue_page(actor, QueueQuery()).total == 1
            assert next_pair(actor, QueueQuery()) == key
            assert pair_detail(actor, key).can_decide == (login in ALLOWED)
            continue
        for question in (
            lambda who: queue_page(who, QueueQuery()),
            lambda who: next_pair(who, QueueQuery()),
            lambda who: pair_detail(who, key),
            threshold_counts,
        ):
            with pytest.raises(NotAllowed):
                question(actor)


def test_a_manager_sees_pairs_of_his_people_only(cast: dict[str, Actor]) -> None:
    key = put(make.customer(owner="chengang"), make.customer(owner="chengang"))
    assert queue_page(cast["zhangwei"], QueueQuery()).total == 0
    with pytest.raises(NotAllowed):
        pair_detail(cast["zhangwei"], key)


def test_the_queue_filters_and_sorts(cast: dict[str, Actor]) -> None:
    ids = [make.customer(f"候选{n}测试有限公司") for n in "甲乙丙丁"]
    low = put(ids[0], ids[1], 0.55, source=PairSource.ENTRY)
    high = put(ids[0], ids[2], 0.95)
    link = put(ids[0], ids[3], 0.2, related=0.9)
    boss = cast["zhouting"]

    def shown(**values: Any) -> list[int]:
        page = queue_page(boss, QueueQuery(**values))
        assert page.total == page.rows.height
        return page.rows["id"].to_list()

    assert shown() == [high, low, link]
    assert shown(sort="related") == [link, low, high]
    assert shown(sort="b_name", descending=False) == sorted(
        [low, high, link],
        key=lambda k: make.fetch(Customer, make.fetch(DuplicatePair, k).b_id).name,
    )
    assert shown(min_same=0.5) == [high, low]
    assert shown(sources=(PairSource.ENTRY,)) == [low]
    assert shown(text="候选丙") == [high]
    assert shown(text="%") == []
    assert queue_page(boss, QueueQuery(size=1, page=2)).rows["id"].to_list() == [low]
    assert shown(max_same=0.9) == [low, link]
    assert shown(kind=Kind.RELATED) == [link]
    assert shown(kind=Kind.SAME, min_same=0.6) == [high]
    assert shown(owner_id=boss.person_id) == []
    assert len(shown(owner_id=cast["wangqiang"].person_id)) == 3
    assert len(shown(office_id=cast["wangqiang"].office_id)) == 3
    change(DuplicatePair, low, found_at=clock.now() - timedelta(days=10))
    assert shown(min_age=7) == shown(min_age=7, max_age=11) == [low]
    assert shown(max_age=7) == shown(max_age=10) == [high, link]
    assert shown(sort="age_days") == [low, high, link]
    for sort in ("kind", "a_region", "owners", "source", "cluster", "found_at"):
        assert len(shown(sort=sort)) == 3
    first = queue_page(boss, QueueQuery()).rows.row(0, named=True)
    assert (first["kind"], first["reasons"], first["source"]) == ("重复", "同音", "批量扫描")
    change(Customer, ids[2], status=CustomerStatus.RECYCLED)
    assert shown() == [low, link]


def test_next_follows_the_order_also_after_a_decision(cast: dict[str, Actor]) -> None:
    one = make.customer()
    keys = [put(one, make.customer(), same) for same in (0.9, 0.8, 0.8, 0.7)]
    boss, query = cast["zhouting"], QueueQuery()
    seen, here = [], next_pair(boss, query)
    while here is not None:
        seen.append(here)
        review.mark_distinct(boss, here, "两家公司")
        here = next_pair(boss, query, here)
    assert seen == keys


def test_thresholds_count_pairs_and_wrong_ones(cast: dict[str, Actor]) -> None:
    one = make.customer()
    keys = [put(one, make.customer(), same) for same in (0.96, 0.85, 0.75, 0.55)]
    review.mark_distinct(cast["zhouting"], keys[1], "两家公司")
    rows = {r["threshold"]: r for r in threshold_counts(cast["zhouting"]).to_dicts()}
    assert (rows[0.5]["open"], rows[0.5]["decided"], rows[0.5]["wrong_share"]) == (3, 1, 1.0)
    assert (rows[0.9]["open"], rows[0.9]["decided"], rows[0.9]["wrong_share"]) == (1, 0, None)


def test_who_is_responsible_and_what_was_done_today(cast: dict[str, Actor], key: int) -> None:
    boss = cast["zhouting"]
    assert decided_today(boss) == 0
    assert "王强" in dict(responsible(boss).owners).values()
    review.mark_distinct(boss, key, "两家公司")
    assert (decided_today(boss), decided_today(cast["zhaolei"])) == (1, 0)
    assert responsible(boss).owners == ()
    change(DuplicatePair, key, decided_at=clock.now() - timedelta(days=2))
    assert decided_today(boss) == 0

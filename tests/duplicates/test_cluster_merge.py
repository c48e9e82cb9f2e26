"""Clusters are merged whole, or not at all."""

from collections.abc import Iterator

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates import cluster_merge, review
from crmlib.duplicates.cluster_merge import merge_cluster, undo_cluster
from crmlib.duplicates.model import DuplicatePair, Merge, PairStatus
from crmlib.duplicates.queue import QueueQuery, queue_page
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.duplicates.build import change, put, status, whole_database


@pytest.fixture
def four(cast: dict[str, Actor]) -> Iterator[list[int]]:
    ids = [make.customer(f"云岭测试门窗{n}有限公司", owner="chengang") for n in "甲乙丙丁"]
    for n, a in enumerate(ids):
        for b in ids[n + 1 :]:
            put(a, b, 0.9)
    return ids


def test_chosen_ones_are_merged_and_the_rest_parted(
    cast: dict[str, Actor], four: list[int]
) -> None:
    kept, one, two, other = four
    deals = [make.opportunity(key) for key in four]
    done = merge_cluster(
        cast["zhouting"],
        kept,
        [one, two],
        others=[other],
        reason="同一家",
        others_reason="不同公司",
    )
    assert (len(done.merge_ids), done.parted) == (2, 1)
    assert all(number in done.text for number in done.numbers)
    for key in (one, two):
        row = make.fetch(Customer, key)
        assert (row.status, row.merged_into_id) == (CustomerStatus.MERGED, kept)
    assert [make.fetch(Opportunity, deal).customer_id for deal in deals] == [
        kept,
        kept,
        kept,
        other,
    ]
    assert len(make.rows(Contact, customer_id=kept)) == 3
    (pair,) = make.rows(DuplicatePair, a_id=kept, b_id=other)
    assert (pair.status, pair.note) == (PairStatus.DISTINCT, "不同公司")
    assert queue_page(cast["zhouting"], QueueQuery()).total == 0
    put(kept, other)
    assert status(pair.id) is PairStatus.DISTINCT


def test_undo_leaves_every_table_as_before(cast: dict[str, Actor], four: list[int]) -> None:
    make.opportunity(four[1])
    before = whole_database()
    done = merge_cluster(cast["zhouting"], four[0], four[1:])
    assert whole_database() != before
    undone = undo_cluster(cast["zhouting"], done.merge_ids)
    assert undone.conflicts == []
    assert "3 家已恢复" in undone.text
    assert whole_database() == before


def test_one_refusal_leaves_all_as_it_was(
    cast: dict[str, Actor], four: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole_database()
    real, calls = cluster_merge._merge, []

    def second_fails(*args: object, **kwargs: object) -> object:
        calls.append(args)
        if len(calls) == 2:
            raise Refused("中途失败")
        return real(*args, **kwargs)

    monkeypatch.setattr(cluster_merge, "_merge", second_fails)
    with pytest.raises(Refused, match="中途失败"):
        merge_cluster(cast["zhouting"], four[0], four[1:])
    assert whole_database() == before
    assert make.rows(Merge) == []


def test_faulty_answers_are_refused(cast: dict[str, Actor], four: list[int]) -> None:
    boss, before = cast["zhouting"], whole_database()
    a, b, c, d = four
    for wrong in (
        lambda: merge_cluster(boss, a, []),
        lambda: merge_cluster(boss, a, [a]),
        lambda: merge_cluster(boss, a, [b], others=[b], others_reason="不同公司"),
        lambda: merge_cluster(boss, a, [b], others=[c]),
    ):
        with pytest.raises(Invalid):
            wrong()
    with pytest.raises(Stale):
        merge_cluster(boss, a, [b], versions={b: 99})
    with pytest.raises(NotAllowed):
        merge_cluster(boss, a, [999_999])
    with pytest.raises(NotAllowed):
        merge_cluster(cast["zhaolei"], a, [b])
    assert whole_database() == before
    pair = make.rows(DuplicatePair, a_id=a, b_id=d)[0]
    review.mark_distinct(boss, pair.id, "两家公司")
    with pytest.raises(Refused, match="已判为「不是重复」"):
        merge_cluster(boss, a, [b, d])


def test_different_erp_codes_need_a_yes(cast: dict[str, Actor], four: list[int]) -> None:
    for key, code in zip(four, ("E1", "E2", "E2", None), strict=True):
        change(Customer, key, status=CustomerStatus.TRADING, erp_code=code)
    with pytest.raises(Invalid) as refusal:
        merge_cluster(cast["zhouting"], four[0], four[1:])
    assert "E1、E2" in refusal.value.faults["confirm"]
    merge_cluster(cast["zhouting"], four[1], [four[2]])
    merge_cluster(cast["zhouting"], four[0], [four[1]], confirm_erp=True)


def test_a_repeated_token_merges_once(cast: dict[str, Actor], four: list[int]) -> None:
    first, again = (merge_cluster(cast["zhouting"], four[0], four[1:], token="t") for _ in range(2))
    assert first == again
    assert len(make.rows(Merge)) == 3

"""Which customers hang together by waiting pairs."""

from itertools import pairwise
from typing import Any

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.duplicates import clusters, review
from crmlib.duplicates.cluster_detail import cluster_of
from crmlib.duplicates.queue import QueueQuery, next_pair, queue_page
from crmlib.store.engine import reading
from tests import make
from tests.duplicates.build import change, put


def test_components_are_all_that_is_tied_together() -> None:
    found = clusters.components([(1, 2), (2, 3), (7, 8)])
    assert found[1] == found[3] == {1, 2, 3}
    assert found[7] == {7, 8}
    assert clusters.components([]) == {}


def chain(n: int, same: float = 0.9) -> tuple[list[int], list[int]]:
    ids = [make.customer() for _ in range(n)]
    return ids, [put(a, b, same) for a, b in pairwise(ids)]


def test_weak_and_related_and_decided_pairs_tie_nobody(cast: dict[str, Actor]) -> None:
    ids, keys = chain(3)
    put(ids[0], make.customer(), 0.6)
    put(ids[0], make.customer(), 0.1, related=0.95)
    parted = put(ids[2], make.customer(), 0.95)
    review.mark_distinct(cast["zhouting"], parted, "两家公司")
    gone = make.customer()
    put(ids[1], gone, 0.95)
    change(Customer, gone, status=CustomerStatus.RECYCLED)
    assert {m.id for m in cluster_of(cast["zhouting"], keys[0]).members} == set(ids)


def test_the_queue_knows_filters_and_sorts_by_the_size(cast: dict[str, Actor]) -> None:
    _, large = chain(5, 0.8)
    _, three = chain(3, 0.9)
    _, alone = chain(2, 0.99)
    boss = cast["zhouting"]

    def shown(**values: Any) -> list[tuple[int, int]]:
        page = queue_page(boss, QueueQuery(**values))
        assert page.total == page.rows.height
        return list(zip(page.rows["id"], page.rows["cluster"], strict=True))

    assert shown(sort="cluster") == [
        *((key, 5) for key in large),
        *((key, 3) for key in three),
        (alone[0], 2),
    ]
    assert shown(sort="cluster", descending=False)[0] == (alone[0], 2)
    assert [key for key, _ in shown(min_cluster=3)] == [*three, *large]
    assert [key for key, _ in shown(min_cluster=4)] == large
    with reading() as session:
        assert clusters.sizes(session) == dict.fromkeys(large, 5) | dict.fromkeys(three, 3)


def test_a_walk_by_size_keeps_its_place_after_a_decision(cast: dict[str, Actor]) -> None:
    _, large = chain(4)
    _, three = chain(3)
    boss, query = cast["zhouting"], QueueQuery(sort="cluster")
    review.mark_distinct(boss, large[2], "两家公司")  # the cluster falls apart: 3 + 1
    after = next_pair(boss, query, large[2], cluster=4)
    assert after in {*large[:2], *three}
    assert next_pair(boss, QueueQuery(sort="cluster", min_cluster=4)) is None


def test_a_cluster_is_told_field_by_field(cast: dict[str, Actor]) -> None:
    ids, keys = chain(3)
    change(Customer, ids[1], status=CustomerStatus.TRADING)
    third = put(ids[0], ids[2], 0.75)
    review.mark_distinct(cast["zhouting"], third, "两家公司")
    told = cluster_of(cast["zhouting"], keys[0])
    assert (told.survivor_id, told.survivor_why) == (ids[1], "是交易客户")
    assert [m.id for m in told.members] == [ids[1], ids[0], ids[2]]
    names = dict(told.fields)["客户名称"]
    assert names == tuple(make.fetch(Customer, m.id).name for m in told.members)
    bonds = {(b.a_id, b.b_id): (b.waits, b.text) for b in told.bonds}
    assert bonds[ids[0], ids[1]] == (True, "相似度 90%")
    assert bonds[ids[0], ids[2]] == (False, "已判为不是重复")
    assert told.can_decide
    assert not cluster_of(cast["zhaolei"], keys[0]).can_decide

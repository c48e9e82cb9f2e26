"""The desk walks its queue and carries out what was decided."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.duplicates.desk import Desk
from crmlib.duplicates.model import AffiliateLink, LinkKind, PairStatus
from crmlib.duplicates.selection import QueueQuery
from crmlib.errors import Invalid, Stale
from crmlib.ui.compare import Decision, Turn, Wanted
from tests import make
from tests.duplicates.build import put, status


def decision(turn: Turn, verdict: str, **values: object) -> Decision:
    pair = turn.pair
    assert pair is not None
    given = {
        "pair": pair.key,
        "verdict": verdict,
        "survivor": pair.survivor.id,
        "loser": pair.loser.id,
        "picks": {},
        "clashes": {},
        "reason": "",
        "until": None,
        "confirmed": False,
        "token": f"t{pair.key}{verdict}",
    }
    return Decision(**given | values)  # type: ignore[arg-type]


def test_a_desk_follows_its_query(cast: dict[str, Actor]) -> None:
    weak, strong, middle = (put(make.customer(), make.customer(), s) for s in (0.55, 0.95, 0.75))
    desk = Desk(cast["zhouting"], QueueQuery(min_same=0.7, descending=False))
    assert (desk.first.pair.key, desk.first.left, desk.first.done) == (str(middle), 2, 0)
    turn = desk.decide(decision(desk.first, "distinct", reason="不同公司"))
    assert (turn.pair.key, turn.left, turn.done) == (str(strong), 1, 1)
    turn = desk.decide(decision(turn, "merge"))
    assert (turn.pair, turn.left, turn.done) == (None, 0, 2)
    found = [status(key) for key in (weak, strong, middle)]
    assert found == [PairStatus.OPEN, PairStatus.MERGED, PairStatus.DISTINCT]
    undone = desk.undo("", turn.reply.data)
    assert undone.ok
    assert status(strong) is PairStatus.OPEN


def test_a_branch_is_preset_and_tied_under_its_head(cast: dict[str, Actor]) -> None:
    head = make.customer("云岭测试门窗有限公司")
    branch = make.customer("云岭测试门窗有限公司佛山分公司")
    put(head, branch, 0.3, related=0.9)
    desk = Desk(cast["zhouting"], QueueQuery())
    kind, above = desk.first.pair.tie
    assert kind == LinkKind.BRANCH
    with pytest.raises(Invalid):
        desk.decide(decision(desk.first, "affiliated", kind=kind))
    desk.decide(decision(desk.first, "affiliated", kind=kind, parent=above))
    (link,) = make.rows(AffiliateLink)
    assert (link.kind, link.parent_id) == (LinkKind.BRANCH, head)


def test_a_day_is_needed_to_put_off(cast: dict[str, Actor], key: int) -> None:
    desk = Desk(cast["zhouting"], QueueQuery())
    with pytest.raises(Invalid):
        desk.decide(decision(desk.first, "defer"))
    desk.decide(decision(desk.first, "defer", until=clock.today() + timedelta(days=1)))
    assert status(key) is PairStatus.DEFERRED
    with pytest.raises(Stale):
        desk.decide(decision(desk.first, "distinct", reason="不同公司"))


def test_the_impact_follows_the_owner_chosen(cast: dict[str, Actor]) -> None:
    put(make.customer(owner="wangqiang"), make.customer(owner="chengang"))
    desk = Desk(cast["zhouting"], QueueQuery())
    pair = desk.first.pair
    asked = Wanted(pair=pair.key, survivor=pair.survivor.id, picks={"owner": "loser"})
    owners = {make.fetch(Customer, int(s.id)).owner_id for s in (pair.survivor, pair.loser)}
    assert len(owners) == 2
    assert list(desk.weigh(asked)) != list(pair.impact)


def test_a_cluster_is_offered_with_the_way_back(cast: dict[str, Actor]) -> None:
    ids = [make.customer() for _ in range(3)]
    put(ids[0], ids[1]), put(ids[1], ids[2])
    desk = Desk(cast["zhouting"], QueueQuery(), None, {"q.f.min": "0.7"})
    label, href = desk.first.pair.group
    assert label.startswith("同组 3 家")
    assert "page=cluster" in href
    assert "q.f.min=0.7" in href
    masked = Desk(cast["zhangwei"], QueueQuery())
    assert masked.first.pair.group is None

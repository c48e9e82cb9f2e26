"""Undoing a merge leaves the database as before; what changed since stays and is listed."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerStatus,
)
from crmlib.duplicates.collision import collide
from crmlib.duplicates.impact import preview
from crmlib.duplicates.merges import merge_detail
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import DuplicatePair, Merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import Refused
from crmlib.opportunities.model import Opportunity
from crmlib.store.schema import ChangeLog
from tests import make
from tests.duplicates.build import activity, change, save, whole_database


def test_undo_at_once_leaves_every_table_as_before(
    cast: dict[str, Actor], busy: tuple[int, int]
) -> None:
    before = whole_database()
    done = merge(cast["zhouting"], *busy, {"name": "loser", "owner": "loser", "uscc": "loser"})
    assert whole_database() != before
    undone = undo_merge(cast["zhouting"], done.merge_id)
    assert undone.conflicts == []
    assert whole_database() == before


@pytest.mark.parametrize("choice", ["survivor", "loser"])
def test_undo_restores_every_clash_however_it_was_settled(
    cast: dict[str, Actor], busy: tuple[int, int], choice: str
) -> None:
    before = whole_database()
    impact = preview(cast["zhouting"], *busy)
    assert {clash.label for clash in impact.clashes} == {"共享", "重复候选"}
    choices = {clash.key: choice for clash in impact.clashes}
    done = merge(cast["zhouting"], *busy, {}, clash_choices=choices)
    undo_merge(cast["zhouting"], done.merge_id)
    assert whole_database() == before


def test_many_children_move_and_return(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    survivor, loser = two
    save(*(activity(loser, cast["chengang"], n) for n in range(601)))
    before = whole_database()
    done = merge(cast["zhouting"], survivor, loser, {})
    assert len(make.rows(Activity, customer_id=survivor)) == 601
    logged = make.rows(ChangeLog, entity="activity", action="merge")
    assert len(logged) == 601
    undo_merge(cast["zhouting"], done.merge_id)
    assert whole_database() == before


def test_merge_again_after_undo(cast: dict[str, Actor], busy: tuple[int, int]) -> None:
    (waiting,) = (p for p in make.rows(DuplicatePair) if {p.a_id, p.b_id} == set(busy))
    first = merge(cast["zhouting"], *busy, {}, pair_id=waiting.id)
    undo_merge(cast["zhouting"], first.merge_id)
    second = merge(cast["zhouting"], *busy, {}, pair_id=waiting.id)
    assert second.number != first.number
    assert make.fetch(Customer, busy[1]).status is CustomerStatus.MERGED
    with pytest.raises(Refused, match="该合并单已撤销"):
        undo_merge(cast["zhouting"], first.merge_id)


def test_later_edits_stay_with_the_survivor_and_are_listed(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, loser = two
    first, second = save(*(activity(loser, cast["chengang"], n) for n in (1, 2)))
    done = merge(cast["zhouting"], survivor, loser, {})
    change(Activity, first, subject="改过的拜访")
    change(Customer, survivor, address="新地址")
    (fresh,) = save(activity(survivor, cast["wangqiang"], 9))
    undone = undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(Activity, first).customer_id == survivor
    assert make.fetch(Activity, second).customer_id == loser
    assert make.fetch(Activity, fresh).customer_id == survivor
    assert make.fetch(Customer, survivor).address == "新地址"
    assert any("HDT" in line and "合并后已修改" in line for line in undone.conflicts)
    assert "合并后新增的活动 1 条留在保留方" in undone.conflicts
    assert make.fetch(Customer, loser).status is CustomerStatus.POTENTIAL


def test_a_field_changed_since_is_not_turned_back(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, loser = two
    done = merge(cast["zhouting"], survivor, loser, {"uscc": "loser", "phone": "loser"})
    change(Customer, survivor, uscc="91440101MA5OTHER02")
    undone = undo_merge(cast["zhouting"], done.merge_id)
    row = make.fetch(Customer, survivor)
    assert row.uscc == "91440101MA5OTHER02"
    assert row.phone != make.fetch(Customer, loser).phone
    assert any("统一社会信用代码" in line for line in undone.conflicts)


def test_a_deal_that_stays_keeps_its_contact(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    survivor, loser = two
    (contact,) = save(Contact(customer_id=loser, name="林工", mobile="13900000001"))
    done = merge(cast["zhouting"], survivor, loser, {})
    deal = make.opportunity(survivor, contact_id=contact)
    undone = undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(Opportunity, deal).customer_id == survivor
    assert make.fetch(Contact, contact).customer_id == survivor
    assert any("林工" in line for line in undone.conflicts)


def test_undo_names_the_customer_that_took_the_name(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    name = make.fetch(Customer, two[1]).name
    done = merge(cast["zhouting"], *two, {})
    taker = make.customer(name)
    with pytest.raises(Refused, match=make.fetch(Customer, taker).code):
        undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(Merge, done.merge_id).undone_at is None


def test_undo_ends_after_ninety_days(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    done = merge(cast["zhouting"], *two, {})
    change(Merge, done.merge_id, merged_at=clock.now() - timedelta(days=91))
    with pytest.raises(Refused, match="90 天"):
        undo_merge(cast["zhouting"], done.merge_id)
    detail = merge_detail(cast["zhouting"], done.merge_id)
    assert (detail.can_undo, "90 天" in detail.undo_refusal) == (False, True)
    change(Merge, done.merge_id, merged_at=clock.now() - timedelta(days=89))
    assert undo_merge(cast["zhouting"], done.merge_id).conflicts == []


def test_a_chain_is_undone_from_its_end(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    survivor, loser = two
    last = make.customer()
    before = whole_database()
    first = merge(cast["zhouting"], survivor, loser, {})
    second = merge(cast["zhouting"], last, survivor, {})
    assert make.fetch(Customer, loser).merged_into_id == last
    with pytest.raises(Refused):
        undo_merge(cast["zhouting"], first.merge_id)
    undo_merge(cast["zhouting"], second.merge_id)
    undo_merge(cast["zhouting"], first.merge_id)
    assert whole_database() == before


def test_the_losers_name_is_found_before_and_after_an_undo(
    indexed: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, loser = two
    name = make.fetch(Customer, loser).name

    def found() -> set[int | None]:
        return {hit.id for hit in collide(indexed["zhouting"], name).hits if hit.similarity == 100}

    done = merge(indexed["zhouting"], survivor, loser, {})
    assert survivor in found()
    undo_merge(indexed["zhouting"], done.merge_id)
    assert found() == {loser}

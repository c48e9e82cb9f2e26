"""Groups of companies as trees."""

import pytest

from crmlib.access.actor import Actor
from crmlib.duplicates.groups import Tie, group_of, is_below, tree
from crmlib.duplicates.links import link_companies
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import LinkKind
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import NotAllowed
from tests import make


def tie(key: int, a: int, b: int, parent: int | None = None) -> Tie:
    kind = LinkKind.SUBSIDIARY if parent else LinkKind.GROUP
    return Tie(key, min(a, b), max(a, b), kind, parent, "")


def places(*ties: Tie, start: int = 1) -> list[tuple[int, int]]:
    return [(place.customer_id, place.depth) for place in tree(ties, start)]


def test_children_stand_under_their_parents() -> None:
    ties = (tie(1, 1, 2, 1), tie(2, 2, 3, 2), tie(3, 1, 4, 1), tie(4, 5, 1))
    assert places(*ties) == [(1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]
    assert places(*ties, start=3) == places(*ties)


def test_a_circle_or_two_parents_are_still_shown_once() -> None:
    circle = (tie(1, 1, 2, 1), tie(2, 2, 3, 2), tie(3, 1, 3, 3))
    assert sorted(key for key, _ in places(*circle)) == [1, 2, 3]
    two = (tie(1, 1, 3, 1), tie(2, 2, 3, 2))
    assert sorted(key for key, _ in places(*two)) == [1, 2, 3]


def test_below_is_below_at_any_depth() -> None:
    ties = (tie(1, 1, 2, 1), tie(2, 2, 3, 2))
    assert is_below(ties, 3, 1)
    assert not is_below(ties, 1, 3)
    assert not is_below((tie(1, 1, 2, 1), tie(2, 1, 2, 2)), 1, 9)


def test_the_whole_group_is_told_from_any_member(cast: dict[str, Actor]) -> None:
    head, branch, sister = make.customer(), make.customer(), make.customer(owner="chengang")
    boss = cast["zhouting"]
    link_companies(boss, head, branch, kind=LinkKind.BRANCH, parent_id=head, note="2020 年设立")
    link_companies(boss, branch, sister, kind=LinkKind.BOSS)
    for key in (head, branch, sister):
        told = [(m.customer_id, m.depth, m.relation) for m in group_of(boss, key)]
        assert told == [(head, 0, ""), (branch, 1, "分公司"), (sister, 0, "同一老板")]
    seller = group_of(cast["wangqiang"], head)
    assert [m.visible for m in seller] == [True, True, False]
    assert (seller[2].owner, seller[2].trading, seller[1].note) == ("陈刚", False, "2020 年设立")
    assert group_of(boss, make.customer()) == ()
    with pytest.raises(NotAllowed):
        group_of(cast["wangqiang"], sister)


def test_a_tree_survives_a_merge_and_its_undo(cast: dict[str, Actor]) -> None:
    head, branch, twin = make.customer(), make.customer(), make.customer()
    boss = cast["zhouting"]
    link_companies(boss, head, branch, kind=LinkKind.BRANCH, parent_id=head)
    before = group_of(boss, branch)
    done = merge(boss, twin, head, {})
    assert [(m.customer_id, m.depth) for m in group_of(boss, branch)] == [(twin, 0), (branch, 1)]
    other = make.customer()
    again = merge(boss, other, twin, {})
    assert [(m.customer_id, m.depth) for m in group_of(boss, branch)] == [(other, 0), (branch, 1)]
    undo_merge(boss, again.merge_id)
    undo_merge(boss, done.merge_id)
    assert group_of(boss, branch) == before

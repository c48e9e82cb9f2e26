"""关联公司 are tied and untied, and never in a circle."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.duplicates import review
from crmlib.duplicates.links import link_companies, unlink
from crmlib.duplicates.model import AffiliateLink, LinkKind, PairStatus
from crmlib.errors import Invalid, NotAllowed, Refused
from tests import make
from tests.duplicates.build import change, put, status


def test_only_the_general_office_ties_and_unties(cast: dict[str, Actor]) -> None:
    a, b = make.customer(), make.customer()
    for login in cast.keys() - {"zhouting"}:
        with pytest.raises(NotAllowed):
            link_companies(cast[login], a, b)
    done = link_companies(cast["zhouting"], b, a, note="听说")
    (link,) = make.rows(AffiliateLink)
    assert (link.id, link.a_id, link.b_id, link.kind) == (done.link_id, a, b, LinkKind.GROUP)
    with pytest.raises(NotAllowed):
        unlink(cast["zhangwei"], done.link_id)
    unlink(cast["zhouting"], done.link_id)
    assert make.rows(AffiliateLink) == []


def test_a_second_saying_changes_the_one_link(cast: dict[str, Actor]) -> None:
    a, b = make.customer(), make.customer()
    boss = cast["zhouting"]
    first = link_companies(boss, a, b, note="听说")
    again = link_companies(boss, b, a, kind=LinkKind.SUBSIDIARY, parent_id=b)
    assert first.link_id == again.link_id
    (link,) = make.rows(AffiliateLink)
    assert (link.kind, link.parent_id, link.note) == (LinkKind.SUBSIDIARY, b, "听说")


def test_faulty_links_are_refused(cast: dict[str, Actor]) -> None:
    a, b, c = make.customer(), make.customer(), make.customer()
    boss = cast["zhouting"]
    for wrong in (
        lambda: link_companies(boss, a, a),
        lambda: link_companies(boss, a, b, kind=LinkKind.BRANCH),
        lambda: link_companies(boss, a, b, kind=LinkKind.BRANCH, parent_id=c),
        lambda: link_companies(boss, a, b, note="因" * 256),
    ):
        with pytest.raises(Invalid):
            wrong()
    change(Customer, c, status=CustomerStatus.RECYCLED)
    with pytest.raises(Refused, match="回收站"):
        link_companies(boss, a, c)
    assert make.rows(AffiliateLink) == []


def test_no_circle_and_no_second_parent(cast: dict[str, Actor]) -> None:
    a, b, c, d = (make.customer() for _ in range(4))
    boss = cast["zhouting"]

    def under(parent: int, child: int) -> None:
        link_companies(boss, parent, child, kind=LinkKind.SUBSIDIARY, parent_id=parent)

    under(a, b)
    under(b, c)
    with pytest.raises(Invalid, match="已在"):
        under(c, a)
    with pytest.raises(Invalid, match="已有上级"):
        under(d, c)
    under(b, c)  # saying the same again is no circle
    under(d, a)
    with pytest.raises(Invalid, match="已在"):
        under(c, d)


def test_a_pair_decided_by_a_link_waits_again_without_it(cast: dict[str, Actor], key: int) -> None:
    boss = cast["zhouting"]
    review.mark_affiliated(boss, key, kind=LinkKind.BOSS)
    (link,) = make.rows(AffiliateLink)
    assert link.kind is LinkKind.BOSS
    assert "重新待审" in unlink(boss, link.id).text
    assert status(key) is PairStatus.OPEN


def test_a_refused_link_leaves_the_pair_waiting(cast: dict[str, Actor]) -> None:
    a, b, c = make.customer(), make.customer(), make.customer()
    boss, key = cast["zhouting"], put(b, c)
    link_companies(boss, a, c, kind=LinkKind.BRANCH, parent_id=a)
    with pytest.raises(Invalid):
        review.mark_affiliated(boss, key, kind=LinkKind.BRANCH, parent_id=b)
    assert status(key) is PairStatus.OPEN

"""The timeline of a customer: everything, or one kind."""

import pytest

from crmlib.access.actor import Actor
from crmlib.audit.timeline import KINDS, Letter, timeline_of
from crmlib.audit.timeline_view import timeline_tab
from crmlib.conversion.actions import request_conversion
from crmlib.customers.model import ShareLevel
from crmlib.customers.sharing import share_customer
from crmlib.duplicates.entry import edit_customer
from crmlib.errors import NotAllowed
from tests import make


@pytest.fixture
def busy(cast: dict[str, Actor]) -> int:
    """A customer with something of several kinds."""
    key, me = make.customer("长城测试门窗有限公司"), cast["wangqiang"]
    edit_customer(me, key, {"level": "A"}, None)
    make.opportunity(key)
    share_customer(me, key, cast["chengang"].person_id, ShareLevel.READ)
    request_conversion(me, key, [], ["general_office"], "请转交易", "请转")
    return key


def kinds_of(actor: Actor, key: int, kind: str) -> set[str]:
    found = timeline_of(actor, key, kind=kind).entries
    return {"message" if isinstance(e, Letter) else e.entity for e in found}


def test_each_kind_shows_its_own(cast: dict[str, Actor], busy: int) -> None:
    me = cast["wangqiang"]
    assert kinds_of(me, busy, "data") == {"customer", "contact"}
    assert kinds_of(me, busy, "deals") == {"opportunity", "stage_history"}
    assert kinds_of(me, busy, "shares") == {"customer_share"}
    assert kinds_of(me, busy, "conversion") == {"conversion_request"}
    assert kinds_of(me, busy, "messages") == {"message"}
    assert kinds_of(me, busy, "files") == set()


def test_all_is_the_sum_newest_first(cast: dict[str, Actor], busy: int) -> None:
    me = cast["wangqiang"]
    whole = timeline_of(me, busy, size=500)
    assert whole.total == len(whole.entries)
    assert whole.total == sum(timeline_of(me, busy, kind=kind).total for kind in KINDS)
    moments = [entry.at for entry in whole.entries]
    assert moments == sorted(moments, reverse=True)
    assert len(timeline_of(me, busy, size=3).entries) == 3


def test_letters_are_only_ones_own(cast: dict[str, Actor], busy: int) -> None:
    (letter,) = timeline_of(cast["zhouting"], busy, kind="messages").entries
    assert (letter.title, letter.person) == ("请转交易", "王强")
    assert timeline_of(cast["zhaolei"], busy, kind="messages").entries == ()


def test_strangers_get_no_timeline(cast: dict[str, Actor]) -> None:
    key = make.customer()
    with pytest.raises(NotAllowed):
        timeline_of(cast["chengang"], key)


def test_the_tab_offers_each_kind_and_survives_an_unknown_one(
    cast: dict[str, Actor], busy: int
) -> None:
    shown = timeline_tab(cast["wangqiang"], busy, "nonsense").text
    assert all(label in shown for label, _ in KINDS.values())
    assert "请转交易" in shown

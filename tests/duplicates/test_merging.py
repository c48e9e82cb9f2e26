"""Merging moves everything, forgets nothing, and asks who may."""

from collections import Counter
from datetime import date

import pytest

from crmlib.access.actor import Actor
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import (
    AliasKind,
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    CustomerStatus,
    ShareLevel,
)
from crmlib.duplicates import children, merging
from crmlib.duplicates.impact import preview
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import DuplicatePair, Merge, PairStatus
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.duplicates.build import change, pair, pointing, request, save, whole_database


def test_all_children_move_and_none_is_lost(cast: dict[str, Actor], busy: tuple[int, int]) -> None:
    survivor, loser = busy
    assert all(
        pointing(r, loser) for r in children.references() if r.column not in ("b_id", "a_id")
    )
    before = whole_database()
    merge(cast["zhouting"], survivor, loser, {})
    after = whole_database()
    left = Counter(r.table.name for r in children.references() for _ in range(pointing(r, loser)))
    # The pair of the two says that it was merged; of what clashed one row stays here.
    assert left == {"duplicate_pair": 2, "customer_share": 1}
    lost = {t: len(before[t]) - len(after[t]) for t in before if len(before[t]) > len(after[t])}
    assert lost == {"affiliate_link": 1}  # that joined the two
    (document,) = make.rows(Merge)
    images = document.before["rows"]
    assert all(
        str(key) in images[t] for t, keys in document.moved["removed"].items() for key in keys
    )


def test_fields_follow_the_picks(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    survivor, loser = two
    old, other = make.fetch(Customer, survivor), make.fetch(Customer, loser)
    merge(cast["zhouting"], survivor, loser, {"name": "loser", "uscc": "loser"}, reason="同一家")
    row, gone = make.fetch(Customer, survivor), make.fetch(Customer, loser)
    assert (row.name, row.name_key, row.uscc) == (other.name, other.name_key, other.uscc)
    assert (row.code, row.phone, row.owner_id) == (old.code, old.phone, old.owner_id)
    assert row.registered_at == other.registered_at < old.registered_at
    assert row.last_contact_on == date(2026, 5, 1)
    assert (gone.status, gone.merged_into_id) == (CustomerStatus.MERGED, survivor)
    aliases = {(a.kind, a.value) for a in make.rows(CustomerAlias, customer_id=survivor)}
    assert aliases == {
        (AliasKind.NAME, old.name),
        (AliasKind.CODE, other.code),
        (AliasKind.PHONE, other.phone),
    }


def test_the_losers_owner_becomes_collaborator(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, _ = two
    merge(cast["zhouting"], *two, {})
    (made,) = make.rows(CustomerShare, customer_id=survivor)
    assert (made.person_id, made.level) == (cast["chengang"].person_id, ShareLevel.COLLABORATE)


def test_one_mobile_is_one_contact(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    survivor, loser = two
    (kept,) = make.rows(Contact, customer_id=survivor)
    change(Contact, kept.id, email=None)
    (twin,) = save(
        Contact(customer_id=loser, name="何总", mobile=kept.mobile, email="he@example.com")
    )
    deal = make.opportunity(loser, contact_id=twin)
    before = whole_database()
    done = merge(cast["zhouting"], survivor, loser, {})
    contacts = make.rows(Contact, customer_id=survivor)
    assert [c.mobile for c in contacts].count(kept.mobile) == 1
    assert [c.id for c in contacts if c.is_primary] == [kept.id]
    assert make.fetch(Opportunity, deal).contact_id == kept.id
    assert make.fetch(Contact, kept.id).email == "he@example.com"
    assert make.fetch(Contact, twin).customer_id == loser  # kept where it can be found again
    undo_merge(cast["zhouting"], done.merge_id)
    assert whole_database() == before


def test_a_second_pending_request_is_withdrawn_and_returns(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, loser = two
    mine, theirs = save(request(survivor, cast["wangqiang"]), request(loser, cast["chengang"]))
    done = merge(cast["zhouting"], survivor, loser, {})
    moved = make.fetch(ConversionRequest, theirs)
    assert (moved.customer_id, moved.status) == (survivor, RequestStatus.WITHDRAWN)
    assert "合并" in moved.decision_note
    assert make.fetch(ConversionRequest, mine).status is RequestStatus.PENDING
    undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(ConversionRequest, theirs).status is RequestStatus.PENDING


def test_a_lone_pending_request_follows_the_survivor(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, loser = two
    (theirs,) = save(request(loser, cast["chengang"]))
    merge(cast["zhouting"], survivor, loser, {})
    moved = make.fetch(ConversionRequest, theirs)
    assert (moved.customer_id, moved.status) == (survivor, RequestStatus.PENDING)


def test_a_trading_loser_makes_the_survivor_trading(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    survivor, loser = two
    change(Customer, loser, status=CustomerStatus.TRADING, last_trade_on=date(2026, 3, 1))
    done = merge(cast["zhouting"], survivor, loser, {})
    row = make.fetch(Customer, survivor)
    assert (row.status, row.last_trade_on) == (CustomerStatus.TRADING, date(2026, 3, 1))
    undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(Customer, survivor).status is CustomerStatus.POTENTIAL
    assert make.fetch(Customer, loser).status is CustomerStatus.TRADING


def test_different_erp_codes_need_a_second_confirmation(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    for key, code in zip(two, ("E1", "E2"), strict=True):
        change(Customer, key, status=CustomerStatus.TRADING, erp_code=code)
    with pytest.raises(Refused, match="E1、E2"):
        merge(cast["zhouting"], *two, {})
    assert preview(cast["zhouting"], *two).needs_erp
    assert merge(cast["zhouting"], *two, {}, confirm_erp=True).merge_id


def test_a_pair_decided_elsewhere_is_refused(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    (key,) = save(pair(*two, PairStatus.DISTINCT))
    for pair_id in (key, None):
        with pytest.raises(Refused, match=merging.ALREADY_DECIDED):
            merge(cast["zhouting"], *two, {}, pair_id=pair_id)


def test_the_pair_is_closed_and_opened_again(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    (key,) = save(pair(*two))
    done = merge(cast["zhouting"], *two, {}, pair_id=key)
    assert make.fetch(DuplicatePair, key).status is PairStatus.MERGED
    with pytest.raises(Refused):
        merge(cast["zhouting"], *two, {}, pair_id=key)
    undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(DuplicatePair, key).status is PairStatus.OPEN


@pytest.mark.parametrize(
    "login", ["limin", "wangqiang", "zhangwei", "liuyang", "zhaolei", "sunyue"]
)
def test_only_the_general_office_merges_and_undoes(
    cast: dict[str, Actor], two: tuple[int, int], login: str
) -> None:
    with pytest.raises(NotAllowed):
        merge(cast[login], *two, {})
    done = merge(cast["zhouting"], *two, {})
    with pytest.raises(NotAllowed):
        undo_merge(cast[login], done.merge_id)


@pytest.mark.parametrize("state", [CustomerStatus.RECYCLED, CustomerStatus.MERGED])
@pytest.mark.parametrize("side", [0, 1])
def test_only_live_customers_merge(
    cast: dict[str, Actor], two: tuple[int, int], state: CustomerStatus, side: int
) -> None:
    change(Customer, two[side], status=state)
    with pytest.raises(Refused, match="不能合并"):
        merge(cast["zhouting"], *two, {})


def test_faulty_input_is_refused(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    boss = cast["zhouting"]
    with pytest.raises(Invalid):
        merge(boss, two[0], two[0], {})
    with pytest.raises(Invalid, match="不能选择"):
        merge(boss, *two, {"code": "loser"})
    with pytest.raises(Invalid):
        merge(boss, *two, {"name": "third"})
    with pytest.raises(Invalid):
        merge(boss, *two, {}, clash_choices={"contact:1": "loser"})
    with pytest.raises(Invalid, match="255"):
        merge(boss, *two, {}, reason="因" * 256)
    with pytest.raises(Stale):
        merge(boss, *two, {}, version_survivor=99)
    with pytest.raises(Stale):
        merge(boss, *two, {}, version_loser=99)
    with pytest.raises(NotAllowed):
        merge(boss, two[0], 999_999, {})
    assert make.rows(Merge) == []


def test_a_token_merges_once(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    first = merge(cast["zhouting"], *two, {}, token="m")
    assert merge(cast["zhouting"], *two, {}, token="m") == first
    assert len(make.rows(Merge)) == 1


def test_failure_half_way_leaves_nothing_changed(
    cast: dict[str, Actor], busy: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole_database()

    def broken(*_: object) -> str:
        msg = "half way"
        raise RuntimeError(msg)

    monkeypatch.setattr(merging, "next_number", broken)
    with pytest.raises(RuntimeError):
        merge(cast["zhouting"], *busy, {})
    assert whole_database() == before

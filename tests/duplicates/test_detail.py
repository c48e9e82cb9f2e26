"""One pair side by side."""

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.duplicates.detail import pair_detail
from crmlib.errors import NotAllowed
from tests import make
from tests.duplicates.build import put


def test_a_manager_reads_only_limited_columns_of_others(cast: dict[str, Actor], key: int) -> None:
    detail = pair_detail(cast["zhangwei"], key)
    masked = {side.masked: side for side in (detail.a, detail.b)}
    assert masked[True].owner == "陈刚"
    other = "survivor" if detail.survivor_id == masked[True].id else "loser"
    shown = {row.key: getattr(row, other) for row in detail.fields}
    assert (shown["phone"], shown["address"], shown["name"]) == ("—", "—", masked[True].name)
    assert detail.impact is None


def test_the_detail_shows_both_sides_and_a_sensible_winner(
    cast: dict[str, Actor],
) -> None:
    a = make.customer("云岭测试门窗有限公司", website=None, registered_at=clock.now())
    b = make.customer("云岭测式门窗有限公司", uscc="91440101MA5TEST001")
    make.opportunity(b)
    key = put(a, b)
    detail = pair_detail(cast["zhouting"], key)
    assert (detail.survivor_id, "商机较多" in detail.survivor_why) == (b, True)
    rows = {row.key: row for row in detail.fields}
    assert rows["name"].differs
    assert not rows["address"].differs
    assert (rows["code"].choosable, rows["uscc"].why) == (False, "对方未填写")
    assert detail.impact is not None
    turned = pair_detail(cast["zhouting"], key, survivor_id=a)
    assert (turned.survivor_id, turned.survivor_why) == (a, "由您选择")
    assert {r.key: r.pick for r in turned.fields}["uscc"] == "loser"
    with pytest.raises(NotAllowed):
        pair_detail(cast["zhouting"], key, survivor_id=make.customer())

"""Merge documents are listed for those who may see them, and say what an undo left behind."""

from datetime import timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.duplicates.merges import MergesQuery, merge_detail, mergers, merges_page
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import Merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.duplicates.build import change


def test_the_document_is_listed_and_told(cast: dict[str, Actor], busy: tuple[int, int]) -> None:
    done = merge(cast["zhouting"], *busy, {"name": "loser"}, reason="同一家")
    page = merges_page(cast["zhouting"])
    assert page.rows.row(0, named=True)["number"] == done.number
    assert done.number.startswith(f"HB{clock.today():%y%m}")
    detail = merge_detail(cast["zhouting"], done.merge_id)
    assert ("客户名称", "青桐测试五金有限公司", "青桐试验五金有限公司") in detail.changes
    assert any(line.startswith("商机 1 条") for line in detail.lines)
    assert (detail.leftovers, detail.days_left) == ((), 90)
    with pytest.raises(NotAllowed):
        merges_page(cast["limin"])
    assert merges_page(cast["zhaolei"]).total == 1


def test_documents_are_filtered_and_sorted(cast: dict[str, Actor]) -> None:
    boss, today = cast["zhouting"], clock.today()
    names = ("云岭测试门窗有限公司", "海棠测试门窗有限公司")
    first, second = (merge(boss, make.customer(name), make.customer(), {}) for name in names)
    change(Merge, first.merge_id, merged_at=clock.now() - timedelta(days=10))
    undo_merge(boss, second.merge_id)

    def shown(**values: Any) -> list[int]:
        page = merges_page(boss, MergesQuery(**values))
        assert page.total == page.rows.height
        return page.rows["id"].to_list()

    assert shown() == [second.merge_id, first.merge_id]
    assert shown(descending=False) == [first.merge_id, second.merge_id]
    assert shown(undone=True) == shown(first_day=today) == [second.merge_id]
    assert shown(undone=False) == shown(last_day=today - timedelta(days=1)) == [first.merge_id]
    assert shown(text="海棠") == shown(text=second.number[-4:]) == [second.merge_id]
    assert shown(text="%") == []
    assert shown(person_id=boss.person_id) == [second.merge_id, first.merge_id]
    assert shown(person_id=cast["zhaolei"].person_id) == []
    assert mergers(boss) == [(boss.person_id, "周婷")]


def test_what_stayed_after_an_undo_is_told_for_good(cast: dict[str, Actor]) -> None:
    boss, kept, gone = cast["zhouting"], make.customer(), make.customer()
    deal = make.opportunity(gone)
    done = merge(boss, kept, gone, {})
    change(Opportunity, deal, subject="合并后改过-执手-报价")
    undo_merge(boss, done.merge_id)
    detail = merge_detail(boss, done.merge_id)
    assert len(detail.leftovers) == 1
    assert make.fetch(Opportunity, deal).number in detail.leftovers[0]
    assert not detail.can_undo

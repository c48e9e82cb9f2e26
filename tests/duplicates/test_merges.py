"""Merge documents are listed for those who may see them."""

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.duplicates.merges import merge_detail, merges_page
from crmlib.duplicates.merging import merge
from crmlib.errors import NotAllowed


def test_the_document_is_listed_and_told(cast: dict[str, Actor], busy: tuple[int, int]) -> None:
    done = merge(cast["zhouting"], *busy, {"name": "loser"}, reason="同一家")
    page = merges_page(cast["zhouting"])
    assert page.rows.row(0, named=True)["number"] == done.number
    assert done.number.startswith(f"HB{clock.today():%y%m}")
    detail = merge_detail(cast["zhouting"], done.merge_id)
    assert ("客户名称", "青桐测试五金有限公司", "青桐试验五金有限公司") in detail.changes
    assert any(line.startswith("商机 1 条") for line in detail.lines)
    with pytest.raises(NotAllowed):
        merges_page(cast["limin"])
    assert merges_page(cast["zhaolei"]).total == 1

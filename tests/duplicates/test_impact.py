"""The preview says what the merge does, and does nothing."""

import pytest

from crmlib.access.actor import Actor
from crmlib.duplicates.impact import preview
from crmlib.errors import NotAllowed
from tests.duplicates.build import whole_database


def test_the_preview_says_what_the_merge_does(
    cast: dict[str, Actor], busy: tuple[int, int]
) -> None:
    impact = preview(cast["zhouting"], *busy)
    assert (impact.deals_moved, impact.deals_amount, impact.deals_other_owner) == (1, 100_000, 1)
    assert "陈刚 成为协作人" in impact.owner_change
    moving = {count.table: count.loser for count in impact.children}
    assert (moving["activity"], moving["opportunity"], moving["contact"]) == (1, 1, 2)
    before = whole_database()
    preview(cast["zhouting"], *busy)
    assert whole_database() == before
    for login in ("limin", "wangqiang", "zhangwei"):
        with pytest.raises(NotAllowed):
            preview(cast[login], *busy)

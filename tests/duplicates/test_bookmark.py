"""A reader of the change log goes on where another stopped, or is told that it cannot."""

from dataclasses import replace

import pytest
from sqlalchemy import delete

from crmlib.access.actor import Actor
from crmlib.duplicates import bookmark
from crmlib.duplicates.bookmark import follow, here
from crmlib.store.engine import writing
from crmlib.store.feed import Feed
from crmlib.store.schema import ChangeLog
from tests import make


def test_reader_goes_on_where_another_stopped(cast: dict[str, Actor]) -> None:
    make.customer()
    mark = here(Feed())
    key = make.customer()
    feed = follow(mark)
    assert feed is not None
    seen = {c.entity_id for c in feed.poll() if c.entity == "customer"}
    assert seen == {key}
    assert feed.poll() == []
    later = make.customer()
    assert {c.entity_id for c in feed.poll() if c.entity == "customer"} == {later}


def test_another_log_is_not_followed(cast: dict[str, Actor]) -> None:
    make.customer()
    mark = here(Feed())
    assert follow(replace(mark, looks="2001-01-01|customer|1|insert")) is None
    assert follow(replace(mark, row=mark.row + 1000)) is None
    with writing() as session, session.begin():
        session.execute(delete(ChangeLog))
    assert follow(mark) is None


def test_log_that_ran_far_ahead_is_not_followed(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = here(Feed())
    make.customer()
    monkeypatch.setattr(bookmark, "_FARTHEST", 0)
    assert follow(mark) is None

"""The log of 撞单 questions is kept so long, and no longer."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.duplicates.asked import forget_old
from crmlib.duplicates.model import Channel, CollisionQuery
from crmlib.store.engine import writing
from tests import make


def test_old_questions_are_forgotten(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing() as session, session.begin():
        for days in (1, 399, 401):
            session.add(
                CollisionQuery(
                    person_id=cast["limin"].person_id,
                    at=clock.now() - timedelta(days=days),
                    name=f"公司{days}",
                    with_phone=False,
                    verdict="none",
                    hits=0,
                    channel=Channel.SCREEN,
                )
            )
    assert forget_old() == 1
    assert [row.name for row in make.rows(CollisionQuery)] == ["公司1", "公司399"]
    monkeypatch.setenv("CRM_COLLISION_LOG_DAYS", "30")
    assert forget_old() == 1

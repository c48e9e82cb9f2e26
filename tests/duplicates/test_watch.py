"""撞单查询记录 is for 综合部 and 信息部; who asks too much stands out."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.duplicates.model import Channel
from crmlib.duplicates.watch import LogQuery, askers, busiest, collision_log
from crmlib.errors import NotAllowed
from tests import make
from tests.duplicates.test_asking import past

TODAY = clock.today


@pytest.fixture
def log(cast: dict[str, Actor]) -> None:
    past(cast["limin"], 3)
    past(cast["wangqiang"], 1, name="北大西飞", channel=Channel.LIST, limited=True)
    past(cast["limin"], 2, at=clock.now() - timedelta(days=3), name="旧名称%")


def test_who_may_read_it(cast: dict[str, Actor], log: None) -> None:
    for login in ("limin", "wangqiang", "zhangwei", "liuyang", "sunyue"):
        for question in (collision_log, busiest, askers):
            with pytest.raises(NotAllowed):
                question(cast[login])
    for login in ("zhouting", "zhaolei"):
        assert collision_log(cast[login]).total == 6
        assert [name for _, name in askers(cast[login])] == ["李敏", "王强"]


@pytest.mark.parametrize(("query", "count"), [
    ({"since": clock.today() - timedelta(days=1)}, 4),
    ({"until": clock.today() - timedelta(days=2)}, 2),
    ({"channel": Channel.LIST}, 1),
    ({"limited": True}, 1),
    ({"text": "%"}, 2),
    ({"text": "测试名称1"}, 1),
])  # fmt: skip
def test_filters(cast: dict[str, Actor], log: None, query: dict, count: int) -> None:
    assert collision_log(cast["zhouting"], LogQuery(**query)).total == count


def test_one_person_newest_first(cast: dict[str, Actor], log: None) -> None:
    page = collision_log(
        cast["zhouting"], LogQuery(person_id=cast["limin"].person_id, size=4, page=1)
    )
    rows = page.rows.to_dicts()
    assert (page.total, len(rows)) == (5, 4)
    assert [r["at"] for r in rows] == sorted((r["at"] for r in rows), reverse=True)
    assert {(r["person"], r["office"], r["channel"], r["verdict"]) for r in rows} == {
        ("李敏", "广州", "逐个查找", "无")
    }


def test_busiest_of_a_day(
    cast: dict[str, Actor], log: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = busiest(cast["zhouting"]).to_dicts()
    assert [(r["person"], r["names"], r["refused"], r["over"]) for r in rows] == [
        ("李敏", 3, 0, False),
        ("王强", 1, 1, True),
    ]
    monkeypatch.setenv("CRM_COLLISIONS_PER_DAY", "3")
    assert busiest(cast["zhouting"]).to_dicts()[0]["over"]
    assert make.rows is not None
    assert busiest(cast["zhouting"], clock.today() - timedelta(days=9)).is_empty()

"""Versions and topics of the feed as pages ask for them."""

import asyncio

from crmlib.store.feed import Change
from crmlib.web.startup import load_rooms
from crmlib.web.watcher import REMEMBERED, Watcher
from tests.web.conftest import run


def change(number: int, entity: str = "customer") -> Change:
    return Change(number, entity, 1, "update", None)


def published(*batches: list[Change]) -> Watcher:
    async def steps() -> Watcher:
        watcher = Watcher()
        for batch in batches:
            await watcher.publish(batch)
        return watcher

    return run(steps())


def test_page_hears_each_topic_since_its_own_version() -> None:
    watcher = published([change(7)], [change(8, "message"), change(9, "message")], [change(10)])
    assert watcher.version == 10
    assert watcher.topics(0) == ["customer", "message"]
    assert watcher.topics(7) == ["customer", "message"]
    assert watcher.topics(9) == ["customer"]
    assert watcher.topics(10) == []


def test_late_commit_with_a_lower_number_still_counts() -> None:
    watcher = published([change(7)], [change(5, "message")])
    assert watcher.version == 8
    assert watcher.topics(7) == ["message"]


def test_page_from_before_a_restart_or_long_ago_hears_everything() -> None:
    load_rooms()
    watcher = published(*([change(n)] for n in range(1, REMEMBERED + 10)))
    for since in (0, 5, watcher.version + 1):
        assert {"customer", "opportunity", "message", "person"} <= set(watcher.topics(since))
    assert watcher.topics(watcher.version - 3) == ["customer"]


def test_sign_ins_and_refusals_are_no_news() -> None:
    assert published([change(7, "login_session"), change(8, "permission")]).version == 0


def test_waiting_ends_with_a_change_with_time_and_with_the_server() -> None:
    async def steps() -> list[bool]:
        watcher = Watcher()
        waits = [asyncio.create_task(watcher.wait(0, 60)) for _ in range(3)]
        await watcher.wait(0, 0.01)
        before = [w.done() for w in waits]
        await watcher.publish([change(1)])
        await asyncio.gather(*waits)
        late = asyncio.create_task(watcher.wait(1, 60))
        await asyncio.sleep(0)
        await watcher.stop()
        await late
        return before

    assert run(steps()) == [False, False, False]


def test_one_bad_listener_does_not_keep_news_from_the_others() -> None:
    watcher, heard = Watcher(), []

    def broken(_changes: list[Change]) -> None:
        raise RuntimeError

    watcher.subscribe(broken)
    watcher.subscribe(heard.extend)
    watcher._tell_listeners([change(1)])
    assert heard == [change(1)]

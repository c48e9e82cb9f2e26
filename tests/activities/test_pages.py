"""The list of activities: filters, finding, sorting and pages."""

from datetime import date, timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities import pages
from crmlib.activities.model import ActivityStatus, Importance, Priority
from crmlib.activities.pages import SORTS, ActivityQuery, activity_page
from tests import make
from tests.activities.test_queries import add, hours

Cast = dict[str, Actor]


@pytest.fixture
def made(cast: Cast) -> dict[str, int]:
    wang, boss = cast["wangqiang"], cast["zhangwei"]
    first, second = make.customer("广州明珠幕墙有限公司"), make.customer("佛山江南门窗有限公司")
    deal = make.opportunity(first)
    return {
        "late": add(wang, first, 1, planned_start=hours(-30), planned_end=hours(-29)),
        "soon": add(
            wang, first, 2, planned_start=hours(30), planned_end=hours(31),
            opportunity_id=deal, importance=Importance.HIGH, subject="封样",
        ),
        "done": add(
            boss, second, 3, status=ActivityStatus.DONE, ended_at=hours(-80), result="已签字",
            activity_type="03", priority=Priority.LOW, importance=Importance.LOW,
        ),
        "customer": first,
        "deal": deal,
    }  # fmt: skip


def shown(actor: Actor, made: dict[str, int], **asked: Any) -> list[str]:
    page = activity_page(actor, ActivityQuery(**asked))
    names = {key: name for name, key in made.items() if name in {"late", "soon", "done"}}
    assert page.total == page.rows.height
    return [names[key] for key in page.rows["id"].to_list()]


def test_filters(cast: Cast, made: dict[str, int]) -> None:
    boss, today = cast["zhangwei"], clock.today()
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["soon", "late", "done"]),
        ({"descending": False}, ["done", "late", "soon"]),
        ({"mine": True}, ["done"]),
        ({"owner": cast["wangqiang"].person_id}, ["soon", "late"]),
        ({"customer_id": made["customer"]}, ["soon", "late"]),
        ({"opportunity_id": made["deal"]}, ["soon"]),
        ({"activity_type": "03"}, ["done"]),
        ({"status": ActivityStatus.DONE}, ["done"]),
        ({"importance": Importance.HIGH}, ["soon"]),
        ({"priority": Priority.LOW}, ["done"]),
        ({"overdue": True}, ["late"]),
        ({"day_from": today}, ["soon"]),
        ({"day_to": today - timedelta(days=3)}, ["done"]),
        ({"day_to": date.max, "day_from": date.min}, ["soon", "late", "done"]),
        ({"day_from": date.max}, []),
        ({"find_text": "明珠"}, ["soon", "late"]),
        ({"find_text": "签字"}, ["done"]),
        ({"find_field": "subject", "find_text": "签字"}, []),
        ({"find_field": "number", "find_text": "hdt2"}, ["soon"]),
        ({"find_field": "customer", "find_text": "江南"}, ["done"]),
        ({"find_text": "%"}, []),
        ({"sort": "importance", "descending": False}, ["soon", "late", "done"]),
        ({"sort": "priority", "descending": True}, ["done", "soon", "late"]),
        ({"sort": "ended_at"}, ["done", "soon", "late"]),
        ({"sort": "nonsense"}, ["soon", "late", "done"]),
    ]
    for asked, expected in cases:
        assert shown(boss, made, **asked) == expected, asked
    for sort in SORTS:
        assert len(shown(boss, made, sort=sort)) == 3
    assert shown(cast["wangqiang"], made) == ["soon", "late"]
    assert shown(cast["chengang"], made) == []


def test_pages(cast: Cast, made: dict[str, int]) -> None:
    page = activity_page(cast["zhangwei"], ActivityQuery(page=2, size=2))
    assert (page.total, page.rows["id"].to_list()) == (3, [made["done"]])


def test_counting_ends_where_nobody_reads_on(
    cast: Cast, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "COUNTED", 2)
    many = activity_page(cast["zhangwei"], ActivityQuery())
    assert (many.total, many.has_more, many.rows.height) == (2, True, 3)
    sorted_by = activity_page(cast["zhangwei"], ActivityQuery(sort="importance", descending=False))
    assert sorted_by.rows["id"].to_list() == [made["soon"], made["late"]]  # of the newest two
    every = activity_page(cast["zhangwei"], ActivityQuery(), exact=True)
    assert (every.total, every.has_more) == (3, False)
    few = activity_page(cast["wangqiang"], ActivityQuery())
    assert (few.total, few.has_more) == (2, False)

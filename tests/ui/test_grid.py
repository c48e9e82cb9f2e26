from datetime import date
from decimal import Decimal

import pytest

from crmlib.ui.grid import Column, Filter, Grid, Page, Query, RowAction
from crmlib.ui.reply import saved

COLUMNS = [
    Column(name="code", label="代码", kind="code"),
    Column(name="amount", label="金额", kind="money"),
    Column(name="on", label="日期", kind="date", sortable=False),
    Column(name="status", label="状态", kind="tag", tones={"好": "good"}),
]
ROW = {"id": 5, "code": "KH1", "amount": Decimal(1200), "on": date(2026, 1, 2), "status": "好"}


class Asked:
    """A widget whose messages go into a list instead of a browser."""

    def __init__(self, **more):
        self.queries: list[Query] = []
        self.sent: list[dict] = []
        self.grid = Grid(COLUMNS, self.fetch, key="c", **more)
        self.grid.send = self.sent.append

    def fetch(self, query):
        self.queries.append(query)
        if query.find_text == "boom":
            raise RuntimeError("secret")
        return Page([ROW], 1)

    def ask(self, name, what):
        self.grid._asked(None, {"ticket": "x", "ask": name, "with": what}, [])
        return self.sent[-1]


def test_the_first_page_comes_formatted_with_the_widget():
    first = Asked(row_href="customer").grid.spec["first"]
    assert first["total"] == 1
    assert first["rows"] == [
        {
            "id": "5",
            "href": "?page=customer&id=5",
            "cells": ["KH1", "¥1,200", "2026-01-02", ["好", "good"]],
        }
    ]


def test_what_the_browser_asks_is_held_to_what_is_offered():
    asked = Asked(
        find_fields=[("name", "名称")],
        filters=[Filter(name="status", label="状态", options=["好"])],
    )
    asked.ask(
        "rows",
        {
            "page": -3,
            "size": 100000,
            "sort": "on; DROP TABLE",
            "find": "password",
            "text": "甲" * 500,
            "filters": {"status": "好", "secret": "1"},
        },
    )
    query = asked.queries[-1]
    assert (query.page, query.size, query.sort, query.find_field) == (1, 20, "", "name")
    assert len(query.find_text) == 100
    assert query.filters == {"status": "好"}


def test_a_sort_page_and_size_are_passed_on():
    asked = Asked()
    asked.ask("rows", {"page": 3, "size": 50, "sort": "amount", "down": True})
    assert asked.queries[-1] == Query(page=3, size=50, sort="amount", descending=True)
    assert asked.queries[-1].offset == 100


def test_the_address_leads_to_the_same_rows():
    asked = Asked(
        filters=[Filter(name="status", label="状态", options=["好"], default="好")],
        find_fields=[("name", "名称")],
        state={"c.page": "2", "c.sort": "code", "c.down": "1", "c.text": "甲", "other.page": "9"},
    )
    assert asked.queries[0] == Query(
        page=2,
        sort="code",
        descending=True,
        find_field="name",
        find_text="甲",
        filters={"status": "好"},
    )


def test_a_filter_the_page_starts_with_can_be_taken_away():
    filters = [Filter(name="status", label="状态", options=["好"], default="好")]
    assert Asked(filters=filters).queries[0].filters == {"status": "好"}
    assert Asked(filters=filters, state={"c.f.status": "-"}).queries[0].filters == {}


def test_a_fault_is_told_by_number_and_the_first_page_is_asked_again():
    asked = Asked(find_fields=[("name", "名称")], state={"c.text": "boom"})
    assert asked.grid.spec["first"] is None
    told = asked.ask("rows", {"text": "boom"})["fault"]["message"]
    assert told.startswith("系统出错了（编号")
    assert "secret" not in told


def test_an_action_gets_the_chosen_rows_and_no_other_can_be_called():
    chosen = []
    asked = Asked(
        actions=[
            RowAction(
                name="share", label="共享", call=lambda ids: chosen.append(ids) or saved("好")
            )
        ]
    )
    assert asked.ask("act", {"name": "share", "rows": [5, "6"]})["reply"]["message"] == "好"
    assert chosen == [["5", "6"]]
    assert "fault" in asked.ask("act", {"name": "delete", "rows": ["5"]})


@pytest.mark.parametrize("name", ["fetch", "__init__", "query"])
def test_only_named_handlers_answer(name):
    asked = Asked()
    asked.grid._asked(None, {"ticket": "x", "ask": name, "with": {}}, [])
    assert asked.sent == []


def test_export_gives_the_file_of_the_same_query():
    asked = Asked(export=lambda query: (f"第{query.page}页.csv", b"a,b"))
    reply = asked.ask("export", {"page": 2})["reply"]
    assert reply == {"name": "第2页.csv", "content": "YSxi"}
    assert "fault" in Asked().ask("export", {})

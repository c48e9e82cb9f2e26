"""客户分析: groups, active and complete customers, and the rows behind them."""

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from crmlib.insight import customer_mix as mix
from crmlib.insight.customer_charts import customer_chart, picked_groups
from crmlib.insight.customer_mix import By
from crmlib.insight.cut import EVERYTHING, cut_of
from crmlib.insight.frames import CUSTOMERS
from crmlib.insight.live import Visible

TODAY = date(2026, 11, 23)
ROW: dict[str, Any] = {
    "status": "potential",
    "level": "B",
    "industry": "门窗厂",
    "region": "华南",
    "province": "广东",
    "owner_id": 1,
    "owner": "王强",
    "office_id": 6,
    "office": "广州",
    "registered_on": date(2026, 1, 1),
    "last_contact_on": date(2026, 8, 25),  # 90 days ago
    "last_trade_on": None,
    "incomplete": False,
}
ROWS = [
    ROW,
    ROW | {"last_contact_on": date(2026, 8, 24), "incomplete": True},
    ROW | {"last_contact_on": None, "status": "trading", "last_trade_on": date(2025, 11, 23)},
    ROW | {"last_contact_on": None, "status": "trading", "last_trade_on": date(2025, 11, 22)},
    ROW | {"industry": None, "owner_id": None, "owner": None, "registered_on": date(2026, 11, 2)},
    ROW | {"industry": "幕墙公司", "level": "A", "region": "华东", "province": "上海"},
]


@pytest.fixture(scope="module")
def data() -> Visible:
    rows = [row | {"customer_id": at} for at, row in enumerate(ROWS)]
    frame = pl.DataFrame(rows, schema=CUSTOMERS)
    names: Any = None  # not asked
    return Visible(frame, names, TODAY, datetime(2026, 11, 23, 4, tzinfo=UTC))


def test_figures(data: Visible) -> None:
    found = mix.customers(data, EVERYTHING)
    now = mix.figures(found, data)
    assert (now.count, now.before, now.active, now.trading, now.complete) == (6, 5, 4, 2, 5)
    assert now.share(now.active) == pytest.approx(4 / 6)
    none = mix.customers(data, cut_of({"owner": "99"}))
    assert mix.figures(none, data).share(0) is None
    assert mix.grouped(none, By.LEVEL).is_empty()


@pytest.mark.parametrize(
    ("chosen", "more", "count"),
    [
        ({"region": "华东"}, {}, 1),
        ({"region": "广东"}, {}, 5),
        ({"industry": "门窗厂", "owner": "1"}, {}, 4),
        ({}, {"level": "A"}, 1),
        ({"office": "6"}, {"status": "trading"}, 2),
    ],
)
def test_filters(data: Visible, chosen: dict[str, str], more: Any, count: int) -> None:
    assert mix.customers(data, cut_of(chosen), **more).height == count


def test_groups_and_the_customers_behind_them(data: Visible) -> None:
    found = mix.customers(data, EVERYTHING)
    groups = mix.grouped(found, By.INDUSTRY)
    assert groups.schema == mix.GROUPS
    assert groups.select("label", "count", "active", "trading", "complete").rows() == [
        ("门窗厂", 4, 2, 2, 3),
        ("幕墙公司", 1, 1, 0, 1),
        ("未填", 1, 1, 0, 1),
    ]

    def rows_behind(*asked: Any) -> int:
        return mix.behind(found, *asked).collect().height

    for by in By:
        for row in mix.grouped(found, by).iter_rows(named=True):
            assert rows_behind(by, [row["key"]]) == row["count"]
            for state in ("active", "trading", "complete"):
                assert rows_behind(by, [row["key"]], state) == row[state]
                rest = rows_behind(by, [row["key"]], f"no_{state}")
                assert rest == row["count"] - row[state]
    assert rows_behind(By.LEVEL, [], "nonsense") == 6


def test_chart_says_the_shares(data: Visible) -> None:
    groups = mix.grouped(mix.customers(data, EVERYTHING), By.INDUSTRY)
    (rows,) = json.loads(customer_chart(groups).to_json())["datasets"].values()
    text, more = rows[0]["text"], rows[0]["more"]
    assert text + more == "门窗厂　4 个 · 活跃 50.0% · 交易 50.0% · 资料完整 75.0%"
    assert len(rows) == 3
    assert picked_groups({"picked": {"key": [""]}}) == ("",)
    assert picked_groups(None) == ()

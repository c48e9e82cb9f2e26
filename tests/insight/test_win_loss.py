"""输赢分析: figures of hand-made deals, charts that carry aggregates only, rivals that follow."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from crmlib.access.actor import Actor
from crmlib.insight import win_loss
from crmlib.insight.cut import EVERYTHING, cut_of
from crmlib.insight.frames import DEALS, STAYS, STEPS, FunnelData
from crmlib.insight.funnel_bar import common_choices
from crmlib.insight.live import funnel_data
from crmlib.insight.spans import Span
from crmlib.insight.win_loss import By
from crmlib.insight.win_loss_charts import (
    month_chart,
    pareto_chart,
    rate_chart,
)
from crmlib.opportunities.note_rules import CompetitorDraft
from crmlib.opportunities.notes import add_competitor, remove_competitor
from tests import make

TODAY = date(2026, 11, 23)
YEAR = Span(date(2026, 1, 1), TODAY)
DEAL: dict[str, Any] = {
    "owner_id": 1,
    "owner": "王强",
    "office_id": 6,
    "office": "广州",
    "region": "华南",
    "province": "广东",
    "industry": "门窗厂",
    "families": ["门窗五金系统"],
    "rivals": [],
    "stage_code": "QUOTE",
    "stage": "报价",
    "position": 50,
    "amount": 100,
    "registered_on": date(2026, 1, 1),
    "decided_on": date(2026, 10, 8),
    "outcome": "lost",
    "reason": "价格高",
    "competitor": "合和",
    "closed": False,
    "is_open": False,
}
EARLY = {"stage_code": "INFO", "stage": "信息收集", "position": 10}
WON = {"outcome": "won", "competitor": None, "reason": "品质"}
DATA = [
    DEAL,
    DEAL | {"amount": 300, "decided_on": date(2026, 11, 1), "rivals": ["合和", "好博"]},
    DEAL | {"reason": "未入围", "competitor": None, "amount": 500} | EARLY,
    DEAL | {"reason": None, "amount": 100, "owner_id": 2, "owner": "陈刚", "office": "上海"},
    DEAL | WON | {"amount": 900, "won_amount": 600, "decided_on": date(2026, 1, 11)},
    DEAL | WON | {"won_amount": 200, "decided_on": date(2026, 3, 2), "rivals": ["合和"]},
    DEAL | WON | {"won_amount": 900, "decided_on": date(2025, 12, 31), "families": None},
    DEAL | {"outcome": "open", "decided_on": None, "closed": True},  # 废弃: no outcome
    DEAL | {"outcome": "open", "decided_on": None, "is_open": True},
]


@pytest.fixture(scope="module")
def data() -> FunnelData:
    rows = [deal | {"opportunity_id": at} for at, deal in enumerate(DATA)]
    deals = pl.DataFrame(rows, schema=DEALS)
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    return FunnelData(deals, STAYS.to_frame(), STEPS.to_frame(), TODAY, now)


def test_figures_of_a_period(data: FunnelData) -> None:
    found = win_loss.figures(win_loss.decided(data, EVERYTHING, YEAR))
    assert (found.won, found.lost) == (2, 4)
    assert (found.won_amount, found.lost_amount) == (800, 1000)
    assert found.rate == pytest.approx(1 / 3)
    assert found.amount_rate == pytest.approx(800 / 1800)
    assert found.median_days == (10 + 60) / 2


def test_nothing_decided_has_no_rates(data: FunnelData) -> None:
    none = win_loss.decided(data, EVERYTHING, Span(date(2020, 1, 1), date(2020, 1, 31)))
    found = win_loss.figures(none)
    assert (found.won, found.won_amount, found.rate, found.amount_rate) == (0, 0, None, None)
    assert found.median_days is None
    assert win_loss.pareto(none).is_empty()
    for by in By:
        assert win_loss.grouped(none, by).is_empty()


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({}, 6),
        ({"owner": "2"}, 1),
        ({"office": "6", "region": "华南", "industry": "门窗厂"}, 6),
        ({"region": "广东"}, 6),
        ({"region": "华东"}, 0),
        ({"family": "门窗五金系统", "period": "year"}, 6),
        ({"family": "没有"}, 0),
        ({"source": "all", "owner": ""}, 6),
    ],
)
def test_filters(data: FunnelData, chosen: dict[str, str], count: int) -> None:
    assert win_loss.decided(data, cut_of(chosen), YEAR).height == count


def test_reasons_add_up_to_all(data: FunnelData) -> None:
    deals = win_loss.decided(data, EVERYTHING, YEAR)
    by_count = win_loss.pareto(deals)
    assert by_count.select("reason", "count", "amount", "share", "running").rows() == [
        ("价格高", 2, Decimal("400.00"), 0.5, 0.5),
        ("未入围", 1, Decimal("500.00"), 0.25, 0.75),
        ("未填", 1, Decimal("100.00"), 0.25, 1.0),
    ]
    by_amount = win_loss.pareto(deals, by_count=False)
    assert by_amount["reason"].to_list() == ["未入围", "价格高", "未填"]
    assert by_amount["running"].to_list() == [0.5, 0.9, 1.0]
    assert win_loss.with_reasons(deals, ("未填", "未入围")).height == 2
    assert win_loss.with_reasons(deals, ()).height == 6


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        (By.COMPETITOR, [("合和", 0, 3), ("未填", 0, 1)]),
        (By.RIVAL, [("合和", 1, 1), ("好博", 0, 1)]),
        (By.WIN_REASON, [("品质", 2, 0)]),
        (By.STAGE, [("信息收集", 0, 1), ("报价", 0, 3)]),
        (By.PERSON, [("王强", 2, 3), ("陈刚", 0, 1)]),
        (By.MONTH, [("2026-01", 1, 0), ("2026-03", 1, 0), ("2026-10", 0, 3), ("2026-11", 0, 1)]),
        (By.SOURCE, [("未填", 2, 4)]),
    ],
)
def test_groups_and_the_deals_behind_them(data: FunnelData, by: By, rows: list[Any]) -> None:
    deals = win_loss.decided(data, EVERYTHING, YEAR)
    found = win_loss.grouped(deals, by)
    assert found.select("label", "won", "lost").rows() == rows
    assert found.schema == win_loss.GROUPS
    for row in found.iter_rows(named=True):
        for state in ("won", "lost"):
            assert win_loss.behind(deals, by, row["key"], state).height == row[state]


def test_address_that_names_nothing_leaves_all_in(data: FunnelData) -> None:
    deals = win_loss.decided(data, EVERYTHING, YEAR)
    for view in (("", "", ""), ("nonsense", "x", "all"), ("", "x", "1")):
        assert win_loss.behind(deals, *view).height == 6
    assert win_loss.behind(deals, "", "", "won").height == 2


def test_twelve_months_also_those_without_a_deal(data: FunnelData) -> None:
    months = win_loss.by_month(data, EVERYTHING)
    assert (months["label"][0], months["label"][-1], months.height) == ("2025-12", "2026-11", 12)
    assert months["won"].to_list() == [1, 1, 0, 1, *[0] * 8]
    assert months["rate"][2] is None
    offered = {choice.name: choice.options for choice in common_choices(data.deals)}
    assert offered["industry"] == ["门窗厂"]


def rows_of(chart: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    spec = chart.to_dict()
    return spec, spec["data"]["values"]


def test_charts_carry_aggregates_in_words(data: FunnelData) -> None:
    deals = win_loss.decided(data, EVERYTHING, YEAR)
    spec, rows = rows_of(pareto_chart(win_loss.pareto(deals)))
    assert rows[0]["label"] == "价格高　2 个 · ¥400 · 50.0% · 累计 50.0%"
    assert spec["layer"][1]["encoding"]["x"]["scale"]["zero"] is True
    assert "resolve" not in spec  # no second axis
    months = win_loss.by_month(data, EVERYTHING)
    assert len(rows_of(month_chart(months, by_count=False))[1]) == 24
    assert rows_of(rate_chart(months))[1][2]["label"] == "—"


def test_rivals_follow_what_is_noted(cast: dict[str, Actor]) -> None:
    deal = make.opportunity(make.customer())
    wang = cast["wangqiang"]
    assert funnel_data(wang).deals["rivals"].to_list() == [None]
    noted = add_competitor(wang, deal, CompetitorDraft(competitor="01"))
    (met,) = funnel_data(wang).deals["rivals"].to_list()
    assert len(met) == 1
    assert met != ["01"]  # its name
    remove_competitor(wang, noted.note_id)
    assert funnel_data(wang).deals["rivals"].to_list() == [None]

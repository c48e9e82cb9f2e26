"""销售预测 on a history written by hand."""

from decimal import Decimal

import polars as pl
import pytest

from crmlib.insight import forecast
from crmlib.insight.cut import Filters
from tests.insight import by_hand
from tests.insight.by_hand import deal

# Of five decided deals four stood in 报价 and three were won; the days in the stages are 10, 20,
# 30 throughout, so that their medians are.
WON = [
    deal(
        key,
        {"INFO": "01-01", "QUOTE": "01-11", "SIGN": "01-31"},
        end="2026-03-02",
        amount=100,
        won_amount=Decimal(80),
    )
    for key in (1, 2, 3)
]
LOST = [
    deal(4, {"INFO": "01-01", "QUOTE": "01-11"}, end="2026-01-31", outcome="lost"),
    deal(5, {"INFO": "01-01"}, end="2026-01-11", outcome="lost"),
]
OPEN = [
    deal(6, {"INFO": "06-25"}, amount=1000, close="07-15"),
    deal(7, {"INFO": "06-01", "QUOTE": "06-11"}, amount=2000, close="2027-08-01", owner=2),
    deal(8, {"INFO": "03-01", "SIGN": "06-20"}, amount=300, close="06-29"),
]
LAST_YEAR = [
    deal(9, {"INFO": "2025-01-01"}, end="2025-07-09", amount=70, set="零星采购"),
    deal(10, {"INFO": "2025-01-01"}, end="2026-06-09", amount=60, set="零星采购"),
]
DATA = by_hand.funnel(*WON, *LOST, *OPEN, *LAST_YEAR)
EVERYTHING = Filters()


def test_pace_of_each_stage_comes_from_the_history() -> None:
    told = {
        code: row
        for kind, code, *row in forecast.paces(DATA).rows()
        if kind == by_hand.deal(0, {}).get("set", "项目销售")
    }
    # Deal 8 passed over 报价 and stayed in 信息收集 for 111 days: the median stands.
    assert told["INFO"] == [10, 50, 5, pytest.approx(0.6)]
    assert told["QUOTE"] == [20, 30, 4, pytest.approx(0.75)]
    assert told["SIGN"] == [30, 0, 3, 1]


def test_each_open_deal_has_a_plan_and_a_projection() -> None:
    rows = {
        row["opportunity_id"]: row for row in forecast.outlook_deals(DATA, EVERYTHING).to_dicts()
    }
    # Five days in, five left here and fifty more; five decided deals are a history.
    assert (str(rows[6]["ends_on"]), rows[6]["ends_month"]) == ("2026-08-24", "2026-08")
    assert rows[6]["chance"] == pytest.approx(0.6)
    # Four are none: its own probability of 40 percent.
    assert (str(rows[7]["ends_on"]), rows[7]["chance"]) == ("2026-07-31", 0.4)
    assert rows[7]["month"] == forecast.LATER
    assert (str(rows[8]["ends_on"]), rows[8]["is_overdue"]) == ("2026-07-20", True)


def test_months_hold_plan_projection_and_last_year() -> None:
    deals = forecast.outlook_deals(DATA, EVERYTHING)
    table = forecast.by_month(DATA, deals, EVERYTHING)
    assert table.schema == forecast.BY_MONTH
    assert table["month"].to_list() == [*forecast.months(DATA.day), forecast.LATER]
    rows = {row["month"]: row for row in table.to_dicts()}
    june, july, august, later = (rows[m] for m in ("2026-06", "2026-07", "2026-08", "later"))
    assert (june["count"], june["won"]) == (0, 60)  # the overdue deal is no forecast
    assert (july["count"], july["amount"], july["weighted"]) == (1, 1000, 100)
    assert (july["projected_count"], july["projected"]) == (2, 2000 * Decimal("0.4") + 240)
    assert (july["last_year"], august["projected"]) == (70, 600)
    assert rows["2027-03"]["last_year"] == 240
    assert (later["count"], later["last_year"]) == (1, None)
    figures = forecast.outlook(deals, table)
    assert (figures.count, figures.amount, figures.weighted) == (3, 3300, 100)
    assert (figures.projected, figures.last_year) == (1640, 310)
    assert (figures.overdue_count, figures.overdue_amount) == (1, 300)


def test_groups_rows_and_filters() -> None:
    deals = forecast.outlook_deals(DATA, EVERYTHING)
    by_owner = {row["label"]: row for row in forecast.by_group(deals, "owner").to_dicts()}
    assert (by_owner["王强"]["count"], by_owner["王强"]["overdue"]) == (2, 1)
    assert by_owner["陈刚"]["weighted"] == 800
    keys = lambda *months: forecast.picked(deals, months)["opportunity_id"].to_list()  # noqa: E731
    assert keys() == [7, 6, 8]
    assert keys("2026-07") == [6]
    assert keys("2026-07", forecast.OVERDUE) == [6, 8]
    assert keys(forecast.LATER) == [7]
    other = Filters(owners=(2,))
    assert forecast.outlook_deals(DATA, other)["opportunity_id"].to_list() == [7]
    # Whose deals are wanted narrows what was won too, the period does not.
    won = forecast.by_month(DATA, deals, Filters(owners=(2,), start=DATA.day, end=DATA.day))
    assert won["last_year"].sum() == 0
    nothing = forecast.outlook_deals(DATA, Filters(regions=("西北",)))
    assert nothing.is_empty()
    assert forecast.by_month(DATA, nothing, Filters(regions=("西北",)))["count"].sum() == 0
    assert forecast.outlook(nothing, forecast.by_month(DATA, nothing, EVERYTHING)).amount == 0


def test_no_history_at_all_is_no_fault() -> None:
    data = by_hand.funnel(deal(1, {"INFO": "06-25"}, amount=1000, close="07-15"))
    deals = forecast.outlook_deals(data, EVERYTHING)
    assert deals["chance"].to_list() == [0.1]
    assert forecast.by_month(data, deals, EVERYTHING)["projected"].sum() == 100
    assert forecast.paces(data).filter(pl.col("decided") > 0).is_empty()
    assert forecast.outlook_deals(by_hand.funnel(), EVERYTHING).is_empty()

"""Charts and tables of funnel and forecast: the same aggregates, in Chinese, nothing more."""

from crmlib.insight import forecast, funnel
from crmlib.insight.cut import Filters
from crmlib.insight.forecast_charts import BARS, forecast_chart
from crmlib.insight.funnel_sheets import LATER_LABEL, forecast_sheet, funnel_sheet
from crmlib.ui.chart import PICKED
from tests.insight import by_hand
from tests.insight.by_hand import deal

DATA = by_hand.funnel(
    deal(1, {"INFO": "06-01"}, amount=1000, close="07-15"),
    deal(2, {"INFO": "06-01", "SIGN": "06-20"}, amount=3_000_000, close="2028-01-01"),
    deal(3, {"INFO": "2025-06-01"}, end="2025-07-20", amount=70),
)
DEALS = forecast.outlook_deals(DATA, Filters())
TABLE = forecast.by_month(DATA, DEALS, Filters())


def test_funnel_as_a_table() -> None:
    sheet = funnel_sheet(funnel.stages(DATA, Filters()))
    assert sheet.keys == ["INFO", "QUOTE", "SIGN"]
    rows = {row[0]: row[1:4] for row in sheet.rows}
    assert rows["信息收集"] == (1, 1000, 100)
    assert rows["报价"] == (0, 0, 0)
    kinds = [column.kind for column in sheet.columns()]
    assert kinds == ["text", "number", "money", "money", "number", "money", "percent", "number"]


def test_forecast_as_a_table() -> None:
    sheet = forecast_sheet(TABLE)
    assert sheet.keys == [*forecast.months(DATA.day), forecast.LATER]
    rows = {row[0]: row for row in sheet.rows}
    assert rows["2026-07"][1:4] == (1, 1000, 100)
    assert rows["2026-07"][-1] == 70
    assert rows[LATER_LABEL][1] == 1
    assert rows[LATER_LABEL][-1] is None
    assert len(sheet.columns()) == len(rows["2026-07"])


def test_forecast_chart_carries_sums_only() -> None:
    spec = forecast_chart(TABLE).to_dict()
    rows = spec["data"]["values"]
    assert len(rows) == TABLE.height * len(BARS)
    assert {"month", "label", "what", "yuan", "shown"} == set(rows[0])
    july = {row["what"]: row["shown"] for row in rows if row["month"] == "2026-07"}
    assert july["计划加权"] == "¥100"
    assert july["上年同月赢单"] == "¥70"
    assert [param["name"] for param in spec["params"]] == [PICKED]
    assert spec["usermeta"]["embedOptions"] == {"actions": False}
    assert forecast_chart(TABLE.head(1)).to_dict()["data"] != spec["data"]

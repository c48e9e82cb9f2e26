"""The figures behind the charts of funnel and forecast, as 表格 and 下载 Excel show them."""

import polars as pl

from crmlib.insight.forecast import LATER
from crmlib.ui.chart_tools import Sheet
from crmlib.ui.grid import Column

LATER_LABEL = "以后"


def funnel_sheet(stages: pl.DataFrame) -> Sheet:
    """Return ``funnel.stages`` as a table; a row's key is the code of its stage."""
    heads = (
        Column(name="stage", label="销售阶段"),
        Column(name="count", label="商机数", kind="number"),
        Column(name="amount", label="预计金额", kind="money"),
        Column(name="weighted", label="加权金额", kind="money"),
        Column(name="stalled", label="停滞商机", kind="number"),
        Column(name="stalled_amount", label="停滞金额", kind="money"),
        Column(name="conversion", label="转化到下一阶段", kind="percent"),
        Column(name="median_days", label="停留中位天数", kind="number"),
    )
    rows = stages.select(head.name for head in heads).rows()
    return Sheet("销售漏斗", heads, rows, stages["stage_code"].cast(pl.String).to_list())


def forecast_sheet(table: pl.DataFrame) -> Sheet:
    """Return ``forecast.by_month`` as a table; a row's key is its month."""
    heads = (
        Column(name="month", label="月份"),
        Column(name="count", label="商机数（按计划）", kind="number"),
        Column(name="amount", label="预计金额", kind="money"),
        Column(name="weighted", label="加权金额", kind="money"),
        Column(name="projected_count", label="商机数（按进度）", kind="number"),
        Column(name="projected", label="进度推算", kind="money"),
        Column(name="won", label="本月已赢单", kind="money"),
        Column(name="last_year", label="上年同月赢单", kind="money"),
    )
    months = table["month"].to_list()
    told = table.with_columns(month=pl.Series([month_label(month) for month in months]))
    return Sheet("销售预测", heads, told.select(head.name for head in heads).rows(), months)


def month_label(month: str) -> str:
    """Return what a month of the forecast is called."""
    return LATER_LABEL if month == LATER else month

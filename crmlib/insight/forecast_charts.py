"""The chart of 销售预测: three bars per month; it carries sums, never single deals."""

from functools import cache

import altair as alt
import polars as pl

from crmlib.insight.funnel_sheets import month_label
from crmlib.ui.chart import BRAND, LOST, PICKED, STALLED, amount_axis, styled
from crmlib.ui.format import short_money
from crmlib.ui.live_chart import Drawing, Spec, template

HEIGHT_PX = 260
FAINT = 0.35
MONTH = "month"  # what a click picks
# Column of forecast.by_month → what its bar is called.
BARS = {"weighted": "计划加权", "projected": "进度推算", "last_year": "上年同月赢单"}


def forecast_chart(table: pl.DataFrame) -> Drawing:
    """Return the months of ``forecast.by_month``; clicks choose months (selection ``picked``)."""
    rows = [
        {
            "month": row["month"],
            "label": month_label(row["month"]),
            "what": what,
            "yuan": float(row[name] or 0),
            "shown": short_money(row[name]),
        }
        for row in table.iter_rows(named=True)
        for name, what in BARS.items()
    ]
    return Drawing(_template(), pl.DataFrame(rows, schema=_ROW))


_ROW = {
    "month": pl.String,
    "label": pl.String,
    "what": pl.String,
    "yuan": pl.Float64,
    "shown": pl.String,
}


@cache
def _template() -> Spec:
    order = list(BARS.values())
    picked = alt.selection_point(name=PICKED, fields=[MONTH], toggle="true")
    dimmed = alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT))
    scale = alt.Scale(domain=order, range=[BRAND, STALLED, LOST])
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap=True, ticks=False)
    base = alt.Chart().encode(
        x=alt.X("label:N", sort=None, axis=axis, scale=alt.Scale(paddingInner=0.2))
    )
    bars = base.mark_bar(cursor="pointer").encode(
        xOffset=alt.XOffset("what:N", sort=order),
        y=alt.Y("yuan:Q", axis=amount_axis("元", tickCount=5), scale=alt.Scale(zero=True)),
        color=alt.Color(
            "what:N", sort=order, scale=scale, legend=alt.Legend(title=None, columns=3)
        ),
        opacity=dimmed,
        tooltip=[
            alt.Tooltip("label:N", title="月份"),
            alt.Tooltip("what:N", title="类别"),
            alt.Tooltip("shown:N", title="金额"),
        ],
    )
    # The ground takes clicks beside and above the bars too.
    ground = (
        base.mark_rect(opacity=0, cursor="pointer")
        .encode(y=alt.value(0), y2=alt.value("height"))
        .add_params(picked)
    )
    chart = alt.layer(ground, bars).properties(
        width="container",
        height=HEIGHT_PX,
        description="每月的加权金额、按阶段进度推算的金额与上年同月的赢单金额",
    )
    return template(styled(chart))

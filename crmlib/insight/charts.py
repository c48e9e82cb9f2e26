"""Charts of dashboards as Altair specifications; they carry aggregates, never single deals."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from crmlib.ui.chart import PICKED, amount_axis, stage_colours, styled, with_room
from crmlib.ui.format import percent, short_money
from crmlib.ui.live_chart import Drawing, Spec, template

ROW_PX = 44  # a line of text and, below it, the bar
BAR_PX = 14
TEXT_ABOVE = -15  # from the middle of the bar
FAINT = 0.35
STAGE = "stage_code"  # what a click picks
TOOLTIP = {
    "stage": "销售阶段",
    "count": "商机数",
    "shown_amount": "预计金额",
    "shown_weighted": "加权金额",
    "shown_stalled": "停滞商机",
    "shown_conversion": "转化到下一阶段",
    "shown_median": "停留中位天数",
}


def funnel_chart(stages: pl.DataFrame, *, by_count: bool = False) -> Drawing:
    """Return the funnel of ``funnel.stages``: one bar per stage, the stalled part light and dashed.

    Bars are as long as the amount, or the number of deals. Clicks choose stages (selection
    ``picked``): a second click on the same one lets it go.
    """
    rows = _labelled(stages, by_count=by_count)
    return Drawing(_template(rows.height, by_count=by_count), rows)


@cache
def _template(steps: int, *, by_count: bool) -> Spec:
    base = alt.Chart().encode(
        y=alt.Y("stage:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in TOOLTIP.items()],
    )
    chart = alt.layer(*_layers(base, steps, "商机数" if by_count else "预计金额（元）")).properties(
        width="container",
        height=ROW_PX * max(steps, 1),
        description="销售漏斗：每个阶段的商机数、预计金额、转化率与停留中位天数",
    )
    return template(styled(chart))


def _layers(base: Any, steps: int, title: str) -> tuple[Any, ...]:
    """Return the ground that takes the clicks, the moving part, the stalled part, the words."""
    picked = alt.selection_point(name=PICKED, fields=[STAGE], toggle="true")
    axis = amount_axis(title, grid=True, tickCount=4)
    x = alt.X("moving:Q", axis=axis, stack=None, scale=alt.Scale(zero=True, nice=False))
    scale = alt.Scale(range=stage_colours(steps))
    colour = alt.Color("stage:N", sort=None, legend=None, scale=scale)
    dimmed = alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT))
    bar = {"height": BAR_PX, "yOffset": 8}
    return (
        base.mark_bar(height=ROW_PX, opacity=0, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(picked),
        base.mark_bar(**bar, cursor="pointer").encode(x=x, color=colour, opacity=dimmed),
        base.mark_bar(**bar, fillOpacity=FAINT, strokeDash=[3, 2], strokeWidth=1).encode(
            x="moving:Q", x2="total:Q", color=colour, stroke=colour, opacity=dimmed
        ),
        base.mark_text(
            align="left", dy=TEXT_ABOVE + 8, fontSize=13, limit=900, text=with_room("label", "more")
        ).encode(x=alt.value(0)),
    )


def _labelled(stages: pl.DataFrame, *, by_count: bool) -> pl.DataFrame:
    total, held = ("count", "stalled") if by_count else ("amount", "stalled_amount")
    return pl.DataFrame(
        [_row(row, float(row[total]), float(row[held])) for row in stages.iter_rows(named=True)],
        schema=_ROW,
    )


_ROW = {
    "stage_code": pl.String,
    "stage": pl.String,
    "count": pl.Int64,
    "moving": pl.Float64,
    "total": pl.Float64,
    "label": pl.String,
    "more": pl.String,  # where there is room
    "shown_amount": pl.String,
    "shown_weighted": pl.String,
    "shown_stalled": pl.String,
    "shown_conversion": pl.String,
    "shown_median": pl.String,
}


def _row(row: Mapping[str, Any], total: float, held: float) -> dict[str, object]:
    median = "—" if row["median_days"] is None else f"{row['median_days']:g} 天"
    amount, conversion = short_money(row["amount"]), percent(row["conversion"])
    return {
        "stage_code": row["stage_code"],
        "stage": row["stage"],
        "count": row["count"],
        "moving": total - held,
        "total": total,
        "label": f"{row['stage']}　{row['count']} 个 · {amount} · 转化 {conversion}",
        "more": f" · 中位 {median}",
        "shown_amount": amount,
        "shown_weighted": short_money(row["weighted"]),
        "shown_stalled": f"{row['stalled']} 个（{percent(row['stalled_share'])}）",
        "shown_conversion": conversion,
        "shown_median": median,
    }

"""Charts of 输赢分析: reasons as a Pareto, months, and the rate by month; aggregates only."""

from functools import cache

import altair as alt
import polars as pl

from crmlib.ui.chart import BRAND, LOST, PICKED, WON, amount_axis, styled
from crmlib.ui.format import percent, short_money
from crmlib.ui.live_chart import Drawing, Spec, template

REASON = "reason"  # what a click picks
ROW_PX, BAR_PX = 40, 14
TEXT_ABOVE, FAINT = -12, 0.35
MONTHS_PX, RATE_PX = 200, 120
_NAMES = ["赢单", "输单"]


def pareto_chart(reasons: pl.DataFrame, *, by_count: bool = True) -> Drawing:
    """Return a bar per reason of ``win_loss.pareto``; the running share stands as text.

    Clicks choose reasons (selection ``picked``): a second click on the same one lets it go.
    """
    return Drawing(_pareto(reasons.height, by_count=by_count), _told(reasons, by_count=by_count))


def _told(reasons: pl.DataFrame, *, by_count: bool) -> pl.DataFrame:
    rows = [
        {
            "reason": row["reason"],
            "value": float(row["count"] if by_count else row["amount"]),
            "label": (
                f"{row['reason']}　{row['count']} 个 · {short_money(row['amount'])}"
                f" · {percent(row['share'])} · 累计 {percent(row['running'])}"
            ),
            "count": row["count"],
            "amount": short_money(row["amount"]),
            "share": percent(row["share"]),
            "running": percent(row["running"]),
        }
        for row in reasons.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=_REASON_ROW)


_REASON_ROW = {
    "reason": pl.String,
    "value": pl.Float64,
    "label": pl.String,
    "count": pl.Int64,
    "amount": pl.String,
    "share": pl.String,
    "running": pl.String,
}
_REASON_TIPS = {
    "reason": "输单原因",
    "count": "输单",
    "amount": "预计金额",
    "share": "占比",
    "running": "累计占比",
}


@cache
def _pareto(rows: int, *, by_count: bool) -> Spec:
    base = alt.Chart().encode(
        y=alt.Y("reason:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in _REASON_TIPS.items()],
    )
    picked = alt.selection_point(name=PICKED, fields=[REASON], toggle="true")
    title = "输单（个）" if by_count else "输单预计金额（元）"
    axis = amount_axis(title, grid=True, tickCount=4, tickMinStep=1)
    dimmed = alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT))
    chart = alt.layer(
        base.mark_bar(height=ROW_PX, opacity=0, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(picked),
        base.mark_bar(height=BAR_PX, yOffset=8, color=BRAND, cursor="pointer").encode(
            x=alt.X("value:Q", axis=axis, scale=alt.Scale(zero=True, nice=False)), opacity=dimmed
        ),
        base.mark_text(align="left", dy=TEXT_ABOVE + 4, fontSize=12, limit=900).encode(
            x=alt.value(0), text="label:N"
        ),
    ).properties(
        width="container",
        height=ROW_PX * max(rows, 1),
        description="输单原因：从多到少，文字为个数、金额、占比与累计占比",
    )
    return template(styled(chart))


def month_chart(months: pl.DataFrame, *, by_count: bool = True) -> Drawing:
    """Return won and lost side by side for each month of ``win_loss.grouped(…, By.MONTH)``."""
    won, lost = ("won", "lost") if by_count else ("won_amount", "lost_amount")
    rows = [
        {"month": row["label"], "what": name, "value": float(row[column]), "at": at}
        for row in months.iter_rows(named=True)
        for at, (name, column) in enumerate(zip(_NAMES, (won, lost), strict=True))
    ]
    return Drawing(_months(by_count=by_count), pl.DataFrame(rows, schema=_MONTH_ROW))


_MONTH_ROW = {"month": pl.String, "what": pl.String, "value": pl.Float64, "at": pl.Int64}


@cache
def _months(*, by_count: bool) -> Spec:
    title = "个" if by_count else "金额（元）"
    colours = alt.Scale(domain=_NAMES, range=[WON, LOST])
    chart = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X("month:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True)),
            xOffset=alt.XOffset("what:N", sort=_NAMES),
            y=alt.Y("value:Q", axis=amount_axis(title, tickCount=4, tickMinStep=1)),
            color=alt.Color("what:N", sort=_NAMES, scale=colours, legend=alt.Legend(title=None)),
            tooltip=[
                alt.Tooltip("month:O", title="月份"),
                alt.Tooltip("what:N", title="结果"),
                alt.Tooltip("value:Q", title=title, format=",.0f"),
            ],
        )
        .properties(width="container", height=MONTHS_PX, description="每月赢单与输单")
    )
    return template(styled(chart))


def rate_chart(months: pl.DataFrame, *, by_count: bool = True) -> Drawing:
    """Return the win rate of each month: a small chart of its own, not a second axis."""
    column = "rate" if by_count else "amount_rate"
    rows = [
        {"month": row["label"], "rate": row[column], "label": percent(row[column])}
        for row in months.iter_rows(named=True)
    ]
    return Drawing(_rates(), pl.DataFrame(rows, schema=_RATE_ROW))


_RATE_ROW = {"month": pl.String, "rate": pl.Float64, "label": pl.String}


@cache
def _rates() -> Spec:
    scale = alt.Scale(domain=[0, 1.15], nice=False)
    axis = alt.Axis(title="赢单率", format=".0%", values=[0, 0.5, 1])
    base = alt.Chart().encode(
        x=alt.X("month:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True)),
        y=alt.Y("rate:Q", scale=scale, axis=axis),
        tooltip=[alt.Tooltip("month:O", title="月份"), alt.Tooltip("label:N", title="赢单率")],
    )
    chart = alt.layer(
        base.mark_line(color=BRAND, strokeWidth=2, point=alt.OverlayMarkDef(color=BRAND, size=40)),
        base.mark_text(dy=-11, fontSize=11).encode(text="label:N"),
    ).properties(width="container", height=RATE_PX, description="每月赢单率")
    return template(styled(chart))

"""Charts of 目标达成: bars against a mark each, and the months of a year; aggregates only."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from crmlib.ui.chart import BRAND, PICKED, amount_axis, styled, with_room
from crmlib.ui.format import percent, short_money

SUBJECT = PICKED
ROW_PX, BAR_PX, MARK_PX = 42, 14, 22
TEXT_ABOVE, FAINT = -10, 0.35
MARK = "#1d2529"
MONTHS_PX = 220
_NAMES = ["目标", "实际"]
_TIPS = {
    "label": "对象",
    "told_target": "目标",
    "told_actual": "实际（成交金额）",
    "told_forecast": "在手加权",
    "told_rate": "达成率",
}
_ROW = {
    "key": pl.String,
    "label": pl.String,
    "text": pl.String,
    "more": pl.String,  # where there is room
    "actual": pl.Float64,
    "rest": pl.Float64,
    "expected": pl.Float64,
    "target": pl.Float64,
    "told_target": pl.String,
    "told_actual": pl.String,
    "told_forecast": pl.String,
    "told_rate": pl.String,
}


def attainment_chart(rows: pl.DataFrame) -> Any:
    """Return a bar per row of ``attainment.rows``: won, then what is expected, and a mark: target.

    Clicks choose rows (selection ``subject``): a second click on the same one lets it go.
    """
    made = _bars(rows.height).copy(deep=False)
    made.data = pl.DataFrame([_told(row) for row in rows.iter_rows(named=True)], schema=_ROW)
    return made


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    actual, forecast = float(row["actual"]), float(row["forecast"])
    aim = "未设目标" if row["target"] is None else f"目标 {short_money(row['target'])}"
    rate = percent(row["rate"])
    return {
        "key": str(row["key"]),
        "label": row["label"],
        "text": f"{row['label']}　{short_money(row['actual'])} / {aim} · 达成 {rate}",
        "more": f" · 在手加权 {short_money(row['forecast'])}",
        "actual": actual,
        # Nothing to come draws nothing, not a line of no width.
        "rest": actual if forecast else None,
        "expected": actual + forecast if forecast else None,
        "target": None if row["target"] is None else float(row["target"]),
        "told_target": short_money(row["target"]),
        "told_actual": short_money(row["actual"]),
        "told_forecast": short_money(row["forecast"]),
        "told_rate": rate,
    }


@cache
def _bars(rows: int) -> Any:
    base = alt.Chart().encode(
        y=alt.Y("key:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in _TIPS.items()],
    )
    picked = alt.selection_point(name=SUBJECT, fields=["key"], toggle="true")
    scale = alt.Scale(zero=True, nice=False)
    axis = amount_axis("金额（元）：深色 实际，浅色 在手加权，竖线 目标", grid=True, tickCount=4)
    dimmed = alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT))
    bar: dict[str, Any] = {"height": BAR_PX, "yOffset": 9, "color": BRAND}
    chart = alt.layer(
        base.mark_bar(height=ROW_PX, opacity=0, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(picked),
        base.mark_bar(**bar, cursor="pointer").encode(
            x=alt.X("actual:Q", axis=axis, scale=scale, stack=None), opacity=dimmed
        ),
        base.mark_bar(
            **bar, fillOpacity=FAINT, stroke=BRAND, strokeDash=[3, 2], strokeWidth=1
        ).encode(x="rest:Q", x2="expected:Q", opacity=dimmed),
        base.mark_tick(orient="vertical", size=MARK_PX, thickness=3, yOffset=9, color=MARK).encode(
            x="target:Q"
        ),
        base.mark_text(
            align="left", dy=TEXT_ABOVE, fontSize=12, limit=900, text=with_room("text", "more")
        ).encode(x=alt.value(0)),
    ).properties(
        width="container",
        height=ROW_PX * max(rows, 1),
        description="目标达成：每行的实际成交金额、在手加权金额与目标",
    )
    return styled(chart)


def picked_subjects(selections: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the keys chosen in ``mo.ui.altair_chart(…).selections``."""
    chosen = (selections or {}).get(SUBJECT, {}).get("key", [])
    return tuple(str(key) for key in chosen)


def calendar_chart(calendar: pl.DataFrame) -> Any:
    """Return target and actual side by side for the months of ``attainment.calendar``."""
    months = calendar.filter(pl.col("kind") == "month")
    rows = [
        {"month": row["label"], "what": name, "value": float(row[column] or 0)}
        for row in months.iter_rows(named=True)
        for name, column in zip(_NAMES, ("target", "actual"), strict=True)
    ]
    made = _months().copy(deep=False)
    made.data = pl.DataFrame(
        rows, schema={"month": pl.String, "what": pl.String, "value": pl.Float64}
    )
    return made


@cache
def _months() -> Any:
    colours = alt.Scale(domain=_NAMES, range=["#8a949a", BRAND])
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap=True)
    chart = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X("month:O", sort=None, axis=axis),
            xOffset=alt.XOffset("what:N", sort=_NAMES),
            y=alt.Y("value:Q", axis=amount_axis("金额（元）", tickCount=4)),
            color=alt.Color("what:N", sort=_NAMES, scale=colours, legend=alt.Legend(title=None)),
            tooltip=[
                alt.Tooltip("month:O", title="月份"),
                alt.Tooltip("what:N", title="类别"),
                alt.Tooltip("value:Q", title="金额", format=",.0f"),
            ],
        )
        .properties(width="container", height=MONTHS_PX, description="每月目标与实际")
    )
    return styled(chart)

"""The chart of 客户分析: a bar per group, its active part solid; counts only."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from crmlib.ui.chart import BRAND, PICKED, amount_axis, styled, with_room
from crmlib.ui.format import number, percent

ROW_PX, BAR_PX = 40, 14
FAINT = 0.35
_TIPS = {
    "label": "分类",
    "count": "客户",
    "active": "活跃",
    "told_active": "活跃率",
    "told_complete": "资料完整率",
}
_ROW = {
    "key": pl.String,
    "label": pl.String,
    "text": pl.String,
    "more": pl.String,  # behind it, where there is room
    "count": pl.Int64,
    "active": pl.Int64,
    "told_active": pl.String,
    "told_complete": pl.String,
}


def customer_chart(groups: pl.DataFrame) -> Any:
    """Return a bar per row of ``customer_mix.grouped``.

    Clicks choose groups (selection ``picked``): a second click on the same one lets it go.
    """
    rows = [
        {
            "key": row["key"],
            "label": row["label"],
            "text": f"{row['label']}　{number(row['count'])} 个 · 活跃 {percent(row['active_share'])}"
            f" · 交易 {percent(row['trading_share'])}",
            "more": f" · 资料完整 {percent(row['complete_share'])}",
            "count": row["count"],
            "active": row["active"],
            "told_active": percent(row["active_share"]),
            "told_complete": percent(row["complete_share"]),
        }
        for row in groups.iter_rows(named=True)
    ]
    made = _bars(len(rows)).copy(deep=False)
    made.data = pl.DataFrame(rows, schema=_ROW)
    return made


@cache
def _bars(rows: int) -> Any:
    base = alt.Chart().encode(
        y=alt.Y("key:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in _TIPS.items()],
    )
    picked = alt.selection_point(name=PICKED, fields=["key"], toggle="true")
    axis = amount_axis("客户（个）：深色 活跃，浅色 不活跃", grid=True, tickCount=4, tickMinStep=1)
    dimmed = alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT))
    bar: dict[str, Any] = {"height": BAR_PX, "yOffset": 8, "color": BRAND, "cursor": "pointer"}
    chart = alt.layer(
        base.mark_bar(height=ROW_PX, opacity=0, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(picked),
        base.mark_bar(**bar, fillOpacity=FAINT, stroke=BRAND, strokeWidth=1).encode(
            x=alt.X("count:Q", axis=axis, stack=None, scale=alt.Scale(zero=True, nice=False)),
            opacity=dimmed,
        ),
        base.mark_bar(**bar).encode(x=alt.X("active:Q", stack=None), opacity=dimmed),
        base.mark_text(
            align="left", dy=-9, fontSize=12, limit=900, text=with_room("text", "more")
        ).encode(x=alt.value(0)),
    ).properties(
        width="container",
        height=ROW_PX * max(rows, 1),
        description="客户分类：个数、活跃率、交易客户占比与资料完整率",
    )
    return styled(chart)


def picked_groups(selections: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the keys chosen in ``mo.ui.altair_chart(…).selections``."""
    chosen = (selections or {}).get(PICKED, {}).get("key", [])
    return tuple(str(key) for key in chosen)

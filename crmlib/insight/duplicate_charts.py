"""Charts of 重复候选看板: bars by band, and weeks; they carry counts, never single customers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from crmlib.ui.chart import BRAND, CATEGORIES, amount_axis, styled

BAR_PX = 26  # a row
WEEKS_PX = 220
_WAITING = "待审（对）"


def bar_chart(rows: Sequence[tuple[str, int]], what: str, measure: str = _WAITING) -> Any:
    """Return a bar per label in the given order, with its number behind it."""
    frame = pl.DataFrame(rows, schema={"label": pl.String, "count": pl.Int64}, orient="row")
    top = max((count for _, count in rows), default=0)
    made = _bars(len(rows), what, measure).copy(deep=False)
    # Room for the number behind the longest bar; an empty chart keeps an axis.
    made.data = frame.with_columns(room=pl.lit(max(top * 1.12, 1.0)))
    return made


@cache
def _bars(rows: int, what: str, measure: str) -> Any:
    # Altair takes 30 ms to check a specification: once is enough, the data come in later.
    axis = amount_axis(measure, tickMinStep=1, tickCount=4, grid=True)
    scale = alt.Scale(domainMin=0, nice=False)
    base = alt.Chart().encode(
        y=alt.Y("label:N", sort=None, axis=alt.Axis(title=None, ticks=False, labelLimit=140)),
        x=alt.X("count:Q", scale=scale, axis=axis),
        tooltip=[alt.Tooltip("label:N", title=what), alt.Tooltip("count:Q", title=measure)],
    )
    chart = alt.layer(
        base.mark_bar(height=14, color=BRAND),
        base.mark_text(align="left", dx=4).encode(text="count:Q"),
        alt.Chart().mark_point(opacity=0).encode(x=alt.X("room:Q", scale=scale, axis=axis)),
    ).properties(width="container", height=BAR_PX * max(rows, 1), description=f"{measure}按{what}")
    return styled(chart)


def week_chart(weeks: pl.DataFrame) -> Any:
    """Return the lines of ``duplicates.by_week``: found, merged, refused and deferred."""
    order = weeks["what"].unique(maintain_order=True).to_list()
    shapes = ["circle", "square", "triangle-up", "diamond"][: len(order)]
    domain = alt.Scale(domain=order, range=list(CATEGORIES[: len(order)]))
    # Days as words: a time axis would put its marks on Sundays.
    rows = weeks.with_columns(day=pl.col("week").dt.strftime("%m-%d"))
    chart = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=45, filled=True))
        .encode(
            x=alt.X(
                "day:O", sort=None, axis=alt.Axis(title="周一", labelAngle=0, labelOverlap=True)
            ),
            y=alt.Y("count:Q", axis=amount_axis("对", tickMinStep=1), scale=alt.Scale(zero=True)),
            color=alt.Color("what:N", sort=order, scale=domain, legend=alt.Legend(title=None)),
            # Never colour alone.
            shape=alt.Shape(
                "what:N", sort=order, scale=alt.Scale(domain=order, range=shapes), legend=None
            ),
            tooltip=[
                alt.Tooltip("day:O", title="周一"),
                alt.Tooltip("what:N", title="类别"),
                alt.Tooltip("count:Q", title="对"),
            ],
        )
        .properties(width="container", height=WEEKS_PX, description="每周发现与处理的重复候选")
    )
    return styled(chart)

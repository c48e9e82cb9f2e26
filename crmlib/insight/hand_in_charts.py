"""The chart of 报告提交情况: a bar per week, in parts of what was due; aggregates only."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from crmlib.insight.hand_ins import Tally
from crmlib.ui.chart import BRAND, PICKED, STALLED, styled
from crmlib.ui.format import percent

IN_TIME, LATE, MISSING = "及时", "迟交", "未交"
PARTS = (IN_TIME, LATE, MISSING)
# Dark, light, dark: they tell without hue.
_COLOURS = (BRAND, "#a3cdc9", STALLED)
WEEKS_PX, FAINT = 220, 0.35
_ROW = {
    "key": pl.String,
    "week": pl.String,
    "part": pl.String,
    "rank": pl.Int64,
    "count": pl.Int64,
    "share": pl.Float64,
    "told": pl.String,
}


def week_shares(weeks: Sequence[tuple[date, Tally]]) -> Any:
    """Return a bar per week that a click chooses (``chosen_weeks``); a second click lets it go."""
    rows = [
        {
            "key": monday.isoformat(),
            "week": f"{monday:%m-%d}",
            "part": part,
            "rank": rank,
            "count": count,
            "share": count / found.due if found.due else 0.0,
            "told": percent(count / found.due if found.due else None),
        }
        for monday, found in weeks
        for rank, (part, count) in enumerate(
            zip(PARTS, (found.punctual, found.late, found.missing), strict=True)
        )
    ]
    made = _bars().copy(deep=False)
    made.data = pl.DataFrame(rows, schema=_ROW)
    return made


@cache
def _bars() -> Any:
    picked = alt.selection_point(name=PICKED, fields=["key"], toggle="true")
    days = alt.Axis(title="周一", labelAngle=0, labelOverlap=True, ticks=False)
    shares = alt.Axis(title="占应交的比例", format=".0%", tickCount=5, grid=True)
    colours = alt.Scale(domain=list(PARTS), range=list(_COLOURS))
    base = alt.Chart().encode(
        x=alt.X("week:O", sort=None, axis=days, scale=alt.Scale(paddingInner=0.3)),
        tooltip=[
            alt.Tooltip("week:O", title="周一"),
            alt.Tooltip("part:N", title="提交情况"),
            alt.Tooltip("count:Q", title="份数", format=","),
            alt.Tooltip("told:N", title="占应交"),
        ],
    )
    chart = alt.layer(
        # The whole height of a week can be clicked, also where its bar is low.
        base.mark_bar(opacity=0, cursor="pointer")
        .encode(y=alt.value(0), y2=alt.value("height"))
        .add_params(picked),
        base.mark_bar(cursor="pointer").encode(
            y=alt.Y(
                "share:Q", stack="zero", axis=shares, scale=alt.Scale(domain=[0, 1], nice=False)
            ),
            color=alt.Color(
                "part:N", sort=list(PARTS), scale=colours, legend=alt.Legend(title=None)
            ),
            order=alt.Order("rank:Q"),
            opacity=alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT)),
        ),
    ).properties(
        width="container",
        height=WEEKS_PX,
        description="每周应交报告中及时、迟交与未交的比例；点击一周可筛选",
    )
    return styled(chart)


def chosen_weeks(selections: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the Mondays chosen in ``mo.ui.altair_chart(…).selections``, as texts."""
    chosen = (selections or {}).get(PICKED, {}).get("key", [])
    return tuple(str(key) for key in chosen)

"""Bars that can be chosen and lines over weeks, for boards about people; aggregates only."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from crmlib.ui.chart import BRAND, CATEGORIES, GRID, PICKED, STALLED, amount_axis, styled
from crmlib.ui.live_chart import Drawing, Spec, template

KEY = "key"  # what a click picks
ROW_PX, BAR_PX, WEEKS_PX = 28, 16, 220
FAINT = 0.35
MOST_BARS = 15
# From done to missed: light and dark alternate, so that they tell without hue.
FATE_COLOURS = (BRAND, "#8fc1bd", "#4f7cac", GRID, STALLED)
_SHAPES = ("circle", "square", "triangle-up", "diamond")


def bars(
    rows: pl.DataFrame, *, unit: str, parts: Sequence[str] = (), colours: Sequence[str] = ()
) -> Drawing:
    """Return a bar per label, in the order of the rows, that a click chooses (``picked``).

    Columns: key and label (texts), count, and with ``parts`` also part: which piece of the bar.
    """
    order = tuple(rows["label"].unique(maintain_order=True))
    return Drawing(_ordered(_bars(len(order), unit, tuple(parts), tuple(colours)), order), rows)


def _ordered(spec: Spec, order: tuple[str, ...]) -> Spec:
    """Return a specification with the order of the labels, which differs from filter to filter."""
    layers = []
    for layer in spec["layer"]:
        encoding = layer["encoding"]
        sorted_y = encoding["y"] | {"sort": list(order)}
        layers.append(layer | {"encoding": encoding | {"y": sorted_y}})
    return {**spec, "layer": layers}


@cache
def _bars(count: int, unit: str, parts: tuple[str, ...], colours: Any) -> Spec:
    picked = alt.selection_point(name=PICKED, fields=[KEY], toggle="true")
    axis = alt.Axis(title=None, ticks=False, labelLimit=150)
    whole = amount_axis(unit, grid=True, tickCount=4, tickMinStep=1)
    base = alt.Chart().encode(y=alt.Y("label:N", axis=axis))
    told = [alt.Tooltip("label:N", title=" "), alt.Tooltip("count:Q", title=unit, format=",")]
    colour: Any = alt.value(BRAND)
    if parts:
        told.insert(1, alt.Tooltip("part:N", title="其中"))
        scale = alt.Scale(domain=list(parts), range=list(colours))
        colour = alt.Color(
            "part:N", sort=None, scale=scale, legend=alt.Legend(title=None, columns=3)
        )
    place = {"order": alt.Order("rank:Q")} if parts else {}
    chart = alt.layer(
        base.mark_bar(height=ROW_PX, opacity=0, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(picked),
        base.mark_bar(height=BAR_PX, cursor="pointer").encode(
            x=alt.X("count:Q", stack="zero", axis=whole, scale=alt.Scale(zero=True)),
            color=colour,
            opacity=alt.when(picked).then(alt.value(1)).otherwise(alt.value(FAINT)),
            tooltip=told,
            **place,
        ),
    ).properties(
        width="container",
        height=ROW_PX * max(count, 1),
        description=f"每行一条，长度为{unit}；点击一条可筛选",
    )
    return template(styled(chart))


def week_lines(rows: pl.DataFrame, *, unit: str) -> Drawing:
    """Return lines over weeks; columns: week (its Monday), what, count."""
    order = tuple(rows["what"].unique(maintain_order=True).sort())
    # Days as words: a time axis would put its marks on Sundays.
    days = pl.col("week").dt.strftime("%m-%d")
    return Drawing(_lines(order, unit), rows.select("what", "count", day=days))


@cache
def _lines(order: tuple[str, ...], unit: str) -> Spec:
    scale = alt.Scale(domain=list(order), range=list(CATEGORIES[: len(order)]))
    shapes = alt.Scale(domain=list(order), range=list(_SHAPES[: len(order)]))
    x = alt.X("day:O", sort=None, axis=alt.Axis(title="周一", labelAngle=0, labelOverlap=True))
    chart = (
        alt.Chart()
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=45, filled=True))
        .encode(
            x=x,
            y=alt.Y("count:Q", axis=amount_axis(unit, tickMinStep=1), scale=alt.Scale(zero=True)),
            color=alt.Color("what:N", sort=None, scale=scale, legend=alt.Legend(title=None)),
            shape=alt.Shape("what:N", sort=None, scale=shapes, legend=None),
            tooltip=[
                alt.Tooltip("day:O", title="周一"),
                alt.Tooltip("what:N", title="类别"),
                alt.Tooltip("count:Q", title=unit, format=","),
            ],
        )
        .properties(width="container", height=WEEKS_PX, description="每周的变化")
    )
    return template(styled(chart))


def stacked(counts: pl.DataFrame, labels: Mapping[int, str], parts: Sequence[str]) -> pl.DataFrame:
    """Return the rows of ``bars``: the people with the most, each with his parts in order.

    ``counts`` has owner_id, fate and count.
    """
    ranks = {part: at for at, part in enumerate(parts)}
    whole = counts.group_by("owner_id").agg(whole=pl.col("count").sum())
    top = whole.sort("whole", "owner_id", descending=[True, False]).head(MOST_BARS)
    return (
        counts.join(top, on="owner_id")
        .with_columns(rank=pl.col("fate").replace_strict(ranks, return_dtype=pl.Int64))
        .sort("whole", "owner_id", "rank", descending=[True, False, False])
        .select(
            key=pl.col("owner_id").cast(pl.String),
            label=pl.col("owner_id").replace_strict(labels, default="—", return_dtype=pl.String),
            part="fate",
            count="count",
            rank="rank",
        )
    )

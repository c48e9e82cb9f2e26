"""Charts on a page: rows without Altair, and picks that outlive the chart they were made in."""

import altair as alt
import marimo as mo
import polars as pl
import pytest

from crmlib.ui.chart import PICKED
from crmlib.ui.chart_tools import ChartTools, Sheet
from crmlib.ui.live_chart import Drawing, LiveChart, Picks, template

BASE = alt.Chart().encode(y="key:N")
SPEC = template(
    alt.layer(
        BASE.mark_bar()
        .encode(x="count:Q")
        .add_params(alt.selection_point(name=PICKED, fields=["key"], toggle="true")),
        BASE.mark_text().encode(text="key:N"),
    )
)


def drawing(*keys: str) -> Drawing:
    return Drawing(SPEC, pl.DataFrame({"key": keys, "count": range(len(keys))}))


def tools() -> ChartTools:
    return ChartTools("图", [], lambda: Sheet("图", ["甲"], []))


def picked_in(chart: LiveChart) -> list[dict[str, str]]:
    """Return what the browser shows as picked from the start."""
    (param,) = chart._component_args["spec"]["params"]
    return param.get("value", [])


def test_rows_come_in_without_touching_the_specification() -> None:
    made = drawing("a", "b").to_dict("key", ["b"])
    assert made["data"]["values"] == [{"key": "a", "count": 0}, {"key": "b", "count": 1}]
    assert made["params"][0]["value"] == [{"key": "b"}]
    assert "value" not in SPEC["params"][0]
    assert "values" not in SPEC["data"]
    assert not any("data" in layer for layer in made["layer"])  # each draws the same rows


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ({}, ()),
        ({PICKED: {}}, ()),
        ({PICKED: {"key": ["a", "b"], "vlPoint": {}}}, ("a", "b")),
        ({PICKED: {"key": [7]}}, ("7",)),
        ({"other": {"key": ["a"]}}, ()),
    ],
)
def test_what_is_picked_is_the_value(sent: dict, value: tuple[str, ...]) -> None:
    chart = LiveChart(drawing("a", "b"), "key")
    chart._update(sent)
    assert chart.value == value


def test_picks_outlive_the_chart_as_far_as_their_bars_do() -> None:
    picks = Picks("key")
    chart, over = picks.chart(drawing("a", "b", "c")), picks.tools(tools())
    assert (chart.value, over.value["picked"], picked_in(chart)) == ((), [], [])
    chart._update({PICKED: {"key": ["a", "b"]}})
    over.widget.picked = ["c"]
    assert picks.now(chart, over) == ("a", "b", "c")

    chart, over = picks.chart(drawing("b", "c")), picks.tools(tools())  # somebody's change
    assert (chart.value, over.value["picked"]) == (("b",), ["c"])
    assert picked_in(chart) == [{"key": "b"}]
    assert picks.now(chart, over) == ("b", "c")

    chart._update({})  # let go by a second click
    assert picks.now(chart, over) == ("c",)
    assert picks.chart(drawing("b", "c")).value == ()


def test_a_chart_of_nothing_and_one_without_a_choice() -> None:
    assert Picks("key").chart(Drawing(SPEC, drawing("a").rows.clear())).value == ()
    shown = mo.vstack([LiveChart(drawing("a"))]).text
    assert "marimo-vega" in shown

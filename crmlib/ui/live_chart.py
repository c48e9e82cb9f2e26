"""Charts on a page: a specification made once, the rows of the moment, and what is picked.

Altair takes 40 ms to check a chart and marimo 15 ms to copy one, so both work on the template
only; a filter sends rows. What somebody picked outlives the chart, which others' changes make anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import marimo as mo
import polars as pl
from marimo._plugins.ui._core.ui_element import UIElement

from crmlib.ui.chart import PICKED
from crmlib.ui.chart_tools import ChartTools, either

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A specification without data and the rows it draws: aggregates, never single records."""

    spec: Spec
    rows: pl.DataFrame

    def to_dict(self, field: str = "", picked: Sequence[str] = ()) -> dict[str, Any]:
        """Return the whole specification; ``picked`` are values of ``field`` chosen from the start."""
        whole = {**self.spec, "data": {"values": self.rows.to_dicts()}}
        if picked:
            chosen = [{field: key} for key in picked]
            whole["params"] = [
                param | {"value": chosen} if param["name"] == PICKED else param
                for param in self.spec["params"]
            ]
        return whole


def template(chart: Any) -> Spec:
    """Return the specification of a chart of Altair; to be kept (``functools.cache``)."""
    bare = chart.copy(deep=False)
    bare.data = alt.NamedData(name="rows")  # without any each layer would get its own, of nothing
    made: Spec = bare.to_dict()
    return made


class LiveChart(UIElement[dict[str, Any], tuple[str, ...]]):
    """A drawing on a page; ``value`` are the picked values of ``field``."""

    def __init__(self, drawing: Drawing, field: str = "", picked: Sequence[str] = ()) -> None:
        self._field = field
        super().__init__(
            component_name="marimo-vega",
            initial_value={PICKED: {field: list(picked)}} if picked else {},
            label="",
            args={
                "spec": drawing.to_dict(field, picked),
                "chart-selection": False,
                "field-selection": False,
                "embed-options": {},
            },
            on_change=None,
        )

    def _convert_value(self, value: dict[str, Any]) -> tuple[str, ...]:
        chosen = (value or {}).get(PICKED, {}).get(self._field, [])
        return tuple(str(key) for key in chosen)


class Picks:
    """What is picked in one chart and in its table, for as long as somebody is on the page."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._in_chart: tuple[str, ...] = ()
        self._in_table: tuple[str, ...] = ()
        self._bars: frozenset[str] = frozenset()

    def chart(self, drawing: Drawing) -> LiveChart:
        """Return the chart with what is picked, as far as there still is a bar for it."""
        self._bars = frozenset(drawing.rows[self._field])
        return LiveChart(drawing, self._field, self._kept(self._in_chart))

    def tools(self, tools: ChartTools) -> Any:
        """Return the tools over the chart, to be made after it."""
        tools.picked = list(self._kept(self._in_table))
        return mo.ui.anywidget(tools)

    def now(self, chart: LiveChart, tools: Any) -> tuple[str, ...]:
        """Return what is picked, and keep it for the chart to come."""
        self._in_chart, self._in_table = chart.value, tuple(tools.value["picked"])
        return either(self._in_chart, self._in_table)

    def _kept(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if key in self._bars)

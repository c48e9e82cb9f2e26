"""The funnel's chart: Chinese, axes from zero, aggregates only, stages to click."""

import polars as pl

from crmlib.insight import charts, funnel
from crmlib.ui.chart import PICKED

ROW = {
    "stage_code": "INFO",
    "stage": "信息收集",
    "position": 10,
    "count": 12,
    "amount": 3_456_000,
    "weighted": 172_800,
    "stalled": 3,
    "stalled_share": 0.25,
    "stalled_amount": 1_000_000,
    "conversion": 0.455,
    "median_days": 12.5,
}
STAGES = pl.DataFrame(
    [ROW, ROW | {"stage_code": "NEW", "stage": "新", "conversion": None, "median_days": None}],
    schema=funnel.STAGES,
)


def spec(**options: bool) -> dict:
    return charts.funnel_chart(STAGES, **options).to_dict()


def values(**options: bool) -> list[dict]:
    return spec(**options)["data"]["values"]


def test_label_names_count_amount_conversion_and_median() -> None:
    first, new = (row["label"] + row["more"] for row in values())
    assert first == "信息收集　12 个 · ¥345.6万 · 转化 45.5% · 中位 12.5 天"
    assert new.endswith("转化 — · 中位 —")


def test_bar_is_split_into_moving_and_stalled() -> None:
    assert [(r["moving"], r["total"]) for r in values()] == [(2_456_000, 3_456_000)] * 2
    assert [(r["moving"], r["total"]) for r in values(by_count=True)] == [(9, 12)] * 2


def test_axis_starts_at_zero_and_the_stage_is_chosen_by_click() -> None:
    made = spec()
    axes = [layer["encoding"]["x"].get("scale") for layer in made["layer"]]
    assert {"zero": True, "nice": False} in axes
    (param,) = made["params"]
    assert param["name"] == PICKED
    assert param["select"]["fields"] == ["stage_code"]


def test_chart_of_nothing_is_a_chart() -> None:
    assert charts.funnel_chart(funnel.STAGES.to_frame()).to_dict()


def test_charts_do_not_share_their_data() -> None:
    one, other = charts.funnel_chart(STAGES), charts.funnel_chart(STAGES.reverse())
    assert [chart.rows["stage"].to_list()[0] for chart in (one, other)] == ["信息收集", "新"]
    assert one.spec is other.spec  # Altair is slow: it works once

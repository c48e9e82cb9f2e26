"""One look for every chart: fonts, Chinese numbers and days, colours that all eyes tell apart."""

from typing import Any

import altair as alt

FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
BRAND, MUTED, GRID = "#0f6466", "#5b666d", "#e1e6e9"
WON, LOST, STALLED = "#1a6b3c", "#8a949a", "#c77700"
# Apart in light and dark too, so that they tell without hue (Okabe and Ito, darkened for white).
CATEGORIES = ("#0f6466", "#c77700", "#4f7cac", "#8a3b6f", "#5b666d", "#9c8a00")
# Ten stages from early to late: one hue, from light to dark.
STAGES = (
    "#b9d9d6", "#a3cdc9", "#8cc0bc", "#75b3af", "#5fa5a2",
    "#499695", "#358786", "#237777", "#156769", "#0b4d4f",
)  # fmt: skip
# Vega expressions for axes: 12000 → 1.2万, 250000000 → 2.5亿.
SHORT_NUMBER = (
    "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',.3~r') + '亿' : "
    "abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',.3~r') + '万' : "
    "format(datum.value, ',')"
)
# The one name of selections: between two dashboards marimo listens once to the chart of the page
# that is left under the name of the page that comes, and complains of a name it does not have.
PICKED = "picked"
_NARROW = 480  # pixels: a phone
_DAYS = "日一二三四五六"
_MONTHS = [f"{month}月" for month in range(1, 13)]
LOCALE = alt.Locale(
    number=alt.NumberLocale(decimal=".", thousands=",", grouping=[3], currency=["¥", ""]),
    time=alt.TimeLocale(
        dateTime="%Y-%m-%d %H:%M",
        date="%Y-%m-%d",
        time="%H:%M",
        periods=["上午", "下午"],
        days=[f"星期{day}" for day in _DAYS],
        shortDays=[f"周{day}" for day in _DAYS],
        months=_MONTHS,
        shortMonths=_MONTHS,
    ),
)


def stage_colours(count: int) -> list[str]:
    """Return colours for so many stages in order, spread over the whole palette."""
    if count <= 1:
        return [STAGES[-1]] * count
    last = len(STAGES) - 1
    return [STAGES[round(at * last / (count - 1))] for at in range(count)]


def styled(chart: Any) -> Any:
    """Return a top-level Altair chart in the look of the house."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 12, "titleFontSize": 12}
    return (
        # The menu of vega speaks English; pictures are made by ui/chart_tools.py.
        chart.properties(usermeta={"embedOptions": {"actions": False}})
        .configure(font=FONT, background="transparent", locale=LOCALE)
        .configure_view(stroke=None)
        .configure_axis(
            **text,
            labelColor=MUTED,
            titleColor=MUTED,
            titleFontWeight="normal",
            gridColor=GRID,
            domainColor=GRID,
            tickColor=GRID,
        )
        # Chinese cannot be read on its side: the title stands over the axis.
        .configure_axisLeft(titleAngle=0, titleAlign="right", titleX=-6, titleY=-12)
        .configure_legend(**text, labelColor="#1d2529", titleColor=MUTED, orient="top")
        .configure_range(category=list(CATEGORIES), ordinal=list(STAGES))
        .configure_text(font=FONT, fontSize=12, color="#1d2529")
    )


def amount_axis(title: str = "", **more: Any) -> alt.Axis:
    """Return an axis of amounts or counts in 万 and 亿; scales start at zero by default."""
    return alt.Axis(title=title or None, labelExpr=SHORT_NUMBER, **more)


def with_room(text: str, more: str) -> Any:
    """Return what a mark says: a field's text, and where there is room another's behind it."""
    return alt.expr(f"width < {_NARROW} ? datum.{text} : datum.{text} + datum.{more}")

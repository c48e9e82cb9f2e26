"""Building blocks of pages that show: titles, figures, lists of facts, small tables.

Everything is built by ``h``, which escapes what it is given; nothing else makes HTML.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import marimo as mo

from crmlib.ui.format import percent
from crmlib.words import EMPTY

Tone = Literal["good", "warn", "bad", "info", "mute"]


class Markup(str):
    """HTML made by ``h``; any other text is escaped when it is put into HTML."""

    __slots__ = ()


def h(tag: str, *children: object, **attributes: object) -> Markup:
    """Return an element; children that are no Markup are text, ``class_`` is class."""
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value not in {None, False, ""}
    )
    inner = "".join(_child(child) for child in children)
    return Markup(f"<{tag}{told}>{inner}</{tag}>")


def _child(child: object) -> str:
    if child is None or child == "":
        return ""
    return child if isinstance(child, Markup) else escape(str(child))


def show(*parts: Markup | None) -> mo.Html:
    """Return the parts as an output of a cell."""
    # Plain text: marimo sends a kind of str as an object, where it is a cell's whole output.
    return mo.Html(str(h("div", *parts, class_="sm-page-html")))


def anchor(label: str, href: str, *, button: bool = False, primary: bool = False) -> Markup:
    """Return a link to a page of ours (``route.link``)."""
    look = f"sm-btn{' primary' if primary else ''}" if button or primary else None
    return h("a", label, href=href, class_=look)


def tag(text: str, tone: Tone = "mute") -> Markup:
    """Return a small coloured word."""
    return h("span", text, class_=f"sm-tag {tone}")


def page_title(
    title: str,
    *,
    record: str = "",
    steps: Sequence[str] = (),
    tags: Sequence[Markup] = (),
    links: Sequence[Markup] = (),
    note: str = "",
) -> mo.Html:
    """Return the head of a page; it also names the browser's tab and, with steps, the path."""
    shown = f"{title} — {record}" if record else title
    return show(
        h(
            "div",
            h("h1", record or title, *tags),
            h("span", note, class_="sm-note") if note else None,
            h("span", class_="sm-gap"),
            *links,
            class_="sm-page-title",
            data_title=shown,
            data_steps="\n".join(steps),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """A figure; ``change`` is the share of the period before it grew by, ``good`` its liking."""

    label: str
    value: str
    change: float | None = None
    against: str = "较上期"
    good: Literal["up", "down", "neither"] = "up"
    note: str = ""
    href: str = ""


_MANY = 10  # times


def stats(figures: Sequence[Stat]) -> mo.Html:
    """Return a row of figures."""
    return show(h("div", *(_figure(figure) for figure in figures), class_="sm-stats"))


def _figure(figure: Stat) -> Markup:
    change = None
    if figure.change is not None:
        up = figure.change > 0
        liked = figure.good == "neither" or figure.change == 0 or up == (figure.good == "up")
        arrow = "↑" if up else "↓" if figure.change < 0 else "→"
        tone = "mute" if figure.good == "neither" or not figure.change else "bad"
        tone = "good" if tone == "bad" and liked else tone
        # A share of next to nothing says nothing.
        size = percent(abs(figure.change)) if abs(figure.change) < _MANY else f"{_MANY} 倍以上"
        change = h("div", f"{figure.against} {arrow} {size}", class_=f"sm-change {tone}")
    note = h("div", figure.note, class_="sm-note") if figure.note else None
    parts = (
        h("div", figure.label, class_="sm-label"),
        h("div", figure.value, class_="sm-value"),
        change,
        note,
    )
    if figure.href:
        return h("a", *parts, class_="sm-stat", href=figure.href)
    return h("div", *parts, class_="sm-stat")


def section(title: str, *, note: str = "", links: Sequence[Markup] = ()) -> mo.Html:
    """Return a heading with a thin rule."""
    return show(
        h(
            "div",
            h("h2", title),
            h("span", note, class_="sm-note") if note else None,
            h("span", class_="sm-gap"),
            *links,
            class_="sm-section-head",
        )
    )


def details(facts: Iterable[tuple[str, object]], *, columns: int = 3) -> mo.Html:
    """Return label and value pairs in columns; an empty value is —."""
    items = [
        h("div", h("dt", label), h("dd", EMPTY if value is None or value == "" else value))
        for label, value in facts
    ]
    return show(h("dl", *items, class_=f"sm-details cols{columns}"))


def small_table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()
) -> mo.Html:
    """Return a table for a few rows without paging; ``right`` names columns of figures."""

    def cells(name: str, row: Sequence[object]) -> list[Markup]:
        return [
            h(
                name,
                EMPTY if cell is None or cell == "" else cell,
                class_="num" if at in right else None,
            )
            for at, cell in enumerate(row)
        ]

    body = [h("tr", *cells("td", row)) for row in rows]
    if not body:
        return empty()
    head = h("thead", h("tr", *cells("th", heads)))
    return show(
        h("div", h("table", head, h("tbody", *body), class_="sm-small-table"), class_="sm-wide")
    )


def timeline(entries: Iterable[tuple[str, str, object]]) -> mo.Html:
    """Return what happened, newest first as given: when, who, what."""
    lines = [
        h(
            "li",
            h("time", when),
            h("span", who, class_="sm-by"),
            h("div", what, class_="sm-what"),
        )
        for when, who, what in entries
    ]
    return show(h("ol", *lines, class_="sm-timeline")) if lines else empty("暂无记录")


def empty(text: str = "暂无数据", way_on: Markup | None = None) -> mo.Html:
    """Return the place of data that is not there, with the way on."""
    return show(h("div", h("p", text), way_on, class_="sm-empty"))


def notice(text: str, tone: Tone = "info", way_on: Markup | None = None) -> mo.Html:
    """Return a sentence in a coloured box: refused, not found, took part only."""
    return show(h("div", h("span", text), way_on, class_=f"sm-box {tone}", role="status"))

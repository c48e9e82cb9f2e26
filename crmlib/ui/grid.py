"""The one table: the server pages, sorts and filters; the browser shows one page."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

import traitlets

from crmlib.ui import format as shown
from crmlib.ui.options import OptionLike, for_browser, options_of
from crmlib.ui.route import link
from crmlib.ui.row_action import ActionSide, RowAction, told
from crmlib.ui.scheme_side import SchemeSide, opens_with, scheme_form
from crmlib.ui.schemes import SYSTEM, SchemeKeeper
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget
from crmlib.words import EMPTY

ColumnKind = Literal[
    "text", "code", "date", "datetime", "money", "percent", "number", "phone", "tag", "bool", "step"
]
PAGE_SIZES = (20, 50, 100)
_FIGURE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
NOTHING = "-"  # in the address: a filter the page starts with was taken away
RIGHT = frozenset({"money", "percent", "number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; width in pixels, 0 takes what is left; ``tones`` colours a tag by its text.

    A ``step`` is a button with the cell's text; it takes the row action of the column's name.
    """

    name: str
    label: str
    kind: ColumnKind = "text"
    width: int = 0
    sortable: bool = True
    tones: Mapping[str, str] = field(default_factory=dict)  # good, warn, bad, info, mute


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A choice above the table; ``between`` is a pair of days, "from..to" in the query.

    ``number`` is a figure of at most 12 digits, told as text (see ``figure``).

    A ``hidden`` one is set by the address or by another widget (``sunmao:filter``).
    """

    name: str
    label: str
    options: Sequence[OptionLike] = ()
    kind: Literal["choice", "between", "number", "hidden"] = "choice"
    default: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What the browser asks for; page counts from 1."""

    page: int = 1
    size: int = PAGE_SIZES[0]
    sort: str = ""
    descending: bool = False
    find_field: str = ""
    find_text: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # shown, in order; empty: all of them
    scheme: int = SYSTEM

    @property
    def offset(self) -> int:
        """Return how many rows come before the page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows as mappings of column names; ``note`` is shown beside the total."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    note: str = ""


Fetch = Callable[[Query], Page]
Export = Callable[[Query], tuple[str, bytes]]


class Grid(SchemeSide, ActionSide, Widget):
    """A table of rows a callback fetches; wrap it with ``mo.ui.anywidget``.

    ``row_href`` is a page's name (the record is the row's ``id``), or a callable row → address,
    or None. ``topics`` refetches when the change feed names one of them; setting ``stamp``
    refetches too. ``state`` are the page's parameters, so that a link leads to the same rows.
    """

    _esm = module("grid")
    stamp = traitlets.Any().tag(sync=True)
    selected = traitlets.List().tag(sync=True)
    handlers: ClassVar[Mapping[str, str]] = {
        "rows": "_rows",
        "act": "_act",
        "submit": "_submit",
        "preview": "_preview",
        "save_scheme": "_save_scheme",
        "scheme": "_scheme",
        "export": "_export",
    }

    def __init__(  # noqa: PLR0913 a table has many habits, all by name
        self,
        columns: Sequence[Column],
        fetch: Fetch,
        *,
        key: str,
        row_href: str | Callable[[Mapping[str, Any]], str] | None = None,
        row_id: str = "id",
        actions: Sequence[RowAction] = (),
        selectable: bool = False,
        find_fields: Sequence[tuple[str, str]] = (),
        filters: Sequence[Filter] = (),
        page_size: int = PAGE_SIZES[0],
        sort: str = "",
        descending: bool = False,
        empty: str = "暂无数据",
        new: tuple[str, str] | None = None,
        export: Export | None = None,
        export_label: str = "导出全部结果",
        topics: Sequence[str] = (),
        schemes: SchemeKeeper | None = None,
        state: Mapping[str, object] | None = None,
    ) -> None:
        self.columns, self.fetch, self.export = tuple(columns), fetch, export
        self.row_href, self.row_id = row_href, row_id
        self.actions = {action.name: action for action in actions}
        self.filters, self.find_fields = tuple(filters), tuple(find_fields)
        self.schemes = schemes
        self.default = _default(page_size, sort, descending, self.find_fields, self.filters)
        more = {
            "selectable": selectable or any(not action.in_row for action in actions),
            "empty": empty,
            "new": list(new) if new else None,
            "export": export_label if export else "",
            "topics": list(topics),
        }
        super().__init__(self._spec(key, state or {}) | more)

    def _spec(self, key: str, state: Mapping[str, object]) -> dict[str, object]:
        """Return the table and its first page as the browser reads them."""
        shelf = self._shelf()
        is_named = any(name.startswith(f"{key}.") for name in state)
        opening = None if is_named or shelf is None else opens_with(shelf)
        first = self.query(opening or self._from_state(key, state))
        return {
            "key": key,
            "columns": [_column(column) for column in self.columns],
            "finds": [list(pair) for pair in self.find_fields],
            "filters": [_filter(each) for each in self.filters],
            "sizes": sorted({*PAGE_SIZES, self.default.size}),
            "default": _query(self.default),
            "query": _query(first),
            "schemes": shelf.told() if shelf else None,
            "schemeForm": scheme_form(),
            "actions": [told(action) for action in self.actions.values()],
            "opens": self.row_href is not None,
            "first": self._first(first),
        }

    def query(self, asked: Mapping[str, object]) -> Query:
        """Return what the browser asks for, held to what this table offers."""
        names = {column.name for column in self.columns if column.sortable}
        sort = str(asked.get("sort") or "")
        find = str(asked.get("find") or "")
        given = asked.get("filters")
        filters = given if isinstance(given, Mapping) else {}
        size = _whole(asked.get("size"), self.default.size)
        return Query(
            page=max(1, _whole(asked.get("page"), 1)),
            size=size if size in {*PAGE_SIZES, self.default.size} else self.default.size,
            sort=sort if sort in names else self.default.sort,
            descending=bool(asked.get("down")) if sort in names else self.default.descending,
            find_field=find if find in dict(self.find_fields) else self.default.find_field,
            find_text=str(asked.get("text") or "").strip()[:100],
            filters={
                each.name: str(filters[each.name])[:100]
                for each in self.filters
                if filters.get(each.name)
            },
            columns=self._chosen_columns(asked.get("cols")),
            scheme=_whole(asked.get("scheme"), SYSTEM),
        )

    def _chosen_columns(self, asked: object) -> tuple[str, ...]:
        """Return the columns asked for that are there; all of them in their order say nothing."""
        there = [column.name for column in self.columns]
        names = asked.split(",") if isinstance(asked, str) else asked
        found = [str(name) for name in names] if isinstance(names, list | tuple) else []
        chosen = tuple(name for name in dict.fromkeys(found) if name in there)
        return () if chosen == tuple(there) else chosen

    def every(self, asked: Mapping[str, object], most: int) -> list[str]:
        """Return the rows of all pages of a query.

        Raises:
            Fault: more than may be worked on at once.
        """
        query, found = replace(self.query(asked), page=1, size=PAGE_SIZES[-1]), list[str]()
        while True:
            page = self.fetch(query)
            if page.total > most:
                raise Fault(f"一次最多处理 {most} 行，请先缩小范围（现有 {page.total:,} 行）")
            found += [str(row.get(self.row_id, "")) for row in page.rows]
            if not page.rows or len(found) >= page.total:
                return found
            query = replace(query, page=query.page + 1)

    def kept(self, asked: Mapping[str, object]) -> dict[str, object]:
        """Return what a 方案 keeps of a query, held to what this table offers."""
        return _query(self.query(asked))

    def _from_state(self, key: str, state: Mapping[str, object]) -> dict[str, object]:
        """Read the query out of the page's parameters (see grid.js ``toAddress``)."""
        start = f"{key}."
        mine = {
            name.removeprefix(start): value
            for name, value in state.items()
            if name.startswith(start)
        }
        asked: dict[str, object] = _query(self.default) | {
            name: mine[name]
            for name in ("page", "size", "sort", "find", "text", "cols", "scheme")
            if name in mine
        }
        asked["down"] = mine["down"] == "1" if "down" in mine else self.default.descending
        chosen = {name[2:]: value for name, value in mine.items() if name.startswith("f.")}
        filters = dict(self.default.filters) | chosen
        asked["filters"] = {name: value for name, value in filters.items() if value != NOTHING}
        return asked

    def _first(self, query: Query) -> dict[str, object] | None:
        """Return the first page, so that rows are there with the page; faults are asked again."""
        try:
            return self._page(query)
        except Exception:  # the browser asks again and is told properly
            return None

    def _page(self, query: Query) -> dict[str, object]:
        page = self.fetch(query)
        return {
            "rows": [self._row(row) for row in page.rows],
            "total": page.total,
            "note": page.note,
            "query": _query(query),
        }

    def _row(self, row: Mapping[str, Any]) -> dict[str, object]:
        key = str(row.get(self.row_id, ""))
        href = ""
        if isinstance(self.row_href, str):
            href = link(self.row_href, key)
        elif self.row_href is not None:
            href = self.row_href(row)
        return {
            "id": key,
            "href": href,
            "cells": [cell_text(column, row.get(column.name)) for column in self.columns],
        }

    def _rows(self, asked: object) -> dict[str, object]:
        return self._page(self.query(asked if isinstance(asked, dict) else {}))

    def _export(self, asked: object) -> dict[str, object]:
        if self.export is None:
            raise Fault("此处不能导出")
        name, content = self.export(self.query(asked if isinstance(asked, dict) else {}))
        return {"name": name, "content": base64.b64encode(content).decode("ascii")}


def shown_columns(columns: Sequence[Column], query: Query) -> list[Column]:
    """Return the columns a query shows, in its order."""
    by_name = {column.name: column for column in columns}
    chosen = [by_name[name] for name in query.columns if name in by_name]
    return chosen or list(columns)


def figure(query: Query, name: str) -> Decimal | None:
    """Return the figure typed into a ``number`` filter; None for none, or what is none."""
    text = query.filters.get(name, "")
    return Decimal(text) if _FIGURE.fullmatch(text) else None


def address(key: str, query: Query) -> dict[str, str]:
    """Return a query as parameters of an address, so that another page can follow the list.

    The page number is left out: who follows a list walks it row by row.
    """
    told = {f"{key}.f.{name}": value for name, value in query.filters.items()}
    told |= {f"{key}.sort": query.sort, f"{key}.down": "1" if query.descending else "0"}
    if query.find_text:
        told |= {f"{key}.find": query.find_field, f"{key}.text": query.find_text}
    return {name: value for name, value in told.items() if value}


def _default(
    size: int,
    sort: str,
    descending: bool,
    finds: Sequence[tuple[str, str]],
    filters: Sequence[Filter],
) -> Query:
    """Return the query a table starts with."""
    return Query(
        size=size,
        sort=sort,
        descending=descending,
        find_field=finds[0][0] if finds else "",
        filters={each.name: each.default for each in filters if each.default},
    )


def cell_text(column: Column, value: Any) -> str | list[str]:
    """Return the text of a cell, or text and tone of a tag."""
    if column.kind == "step":
        return str(value or "")
    if value is None or value == "":
        return EMPTY
    match column.kind:
        case "money":
            return shown.money(value)
        case "percent":
            return shown.percent(value)
        case "phone":
            return shown.phone(str(value))
        case "date":
            return shown.day(value) if isinstance(value, date | datetime) else str(value)
        case "datetime":
            return shown.moment(value) if isinstance(value, datetime) else str(value)
        case "tag":
            return [str(value), column.tones.get(str(value), "mute")]
        case "code":
            return str(value)
        case _:
            return shown.plain(value)


def _whole(value: object, otherwise: int) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 9 else otherwise


def _query(query: Query) -> dict[str, object]:
    return {
        "page": query.page,
        "size": query.size,
        "sort": query.sort,
        "down": query.descending,
        "find": query.find_field,
        "text": query.find_text,
        "filters": dict(query.filters),
        "cols": ",".join(query.columns),
        "scheme": query.scheme,
    }


def _column(column: Column) -> dict[str, object]:
    return {
        "name": column.name,
        "label": column.label,
        "kind": column.kind,
        "width": column.width,
        "sortable": column.sortable,
        "right": column.kind in RIGHT,
    }


def _filter(each: Filter) -> dict[str, object]:
    return {
        "name": each.name,
        "label": each.label,
        "kind": each.kind,
        "options": for_browser(options_of(each.options)),
    }

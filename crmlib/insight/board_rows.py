"""The rows behind a figure as tables: customers, deals, activities; each row opens its card."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import select

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Role
from crmlib.activities.model import Activity
from crmlib.activities.panel import STATUS_TONES, shown_row
from crmlib.activities.queries import SCHEMA, frame
from crmlib.insight.naming import Names
from crmlib.reference.kinds import DictKind
from crmlib.ui.grid import Column, Grid, Page, Query
from crmlib.ui.route import link
from crmlib.words import ACTIVITY, CUSTOMER, OPPORTUNITY

Opens = Callable[[Mapping[str, Any]], str]
_ADMINS = (Role.GENERAL_OFFICE, Role.ADMIN)
_SORTED = {"planned_end": "planned_end", "ended_at": "ended_at", "activity_type": "activity_type"}


def opens(actor: Actor, page: str, key: str) -> Opens | None:
    """Return where a row leads; None for analysts, who have no pages of single records."""
    if actor.role is Role.ANALYST:
        return None
    workspace = "admin" if actor.role in _ADMINS else "entry"
    return lambda row: link(page, row[key], workspace=workspace)


def paged(
    rows: pl.DataFrame | pl.LazyFrame, columns: Sequence[str] = ()
) -> Callable[[Query], Page]:
    """Return what a grid fetches from rows; of lazy ones only the page is put in order."""
    lazy = rows.lazy()
    total = lazy.select(pl.len()).collect().item()

    def fetch(asked: Query) -> Page:
        found = lazy
        if asked.sort:
            found = found.sort(asked.sort, descending=asked.descending, nulls_last=True)
        part = found.slice(asked.offset, asked.size)
        return Page((part.select(columns) if columns else part).collect().to_dicts(), total)

    return fetch


def customer_grid(actor: Actor, rows: pl.DataFrame, *, key: str, empty: str = "暂无数据") -> Grid:
    """Return a table of customers (columns: frames.CUSTOMERS; with ``idle``, days untouched)."""
    columns = [
        Column(name="code", label=CUSTOMER["code"], kind="code", width=120),
        Column(name="customer", label=CUSTOMER["name"]),
        Column(name="status", label=CUSTOMER["status"], width=90),
        Column(name="owner", label=CUSTOMER["owner"], width=76),
        Column(name="office", label=CUSTOMER["office"], width=84),
        Column(name="registered_on", label=CUSTOMER["registered_at"], kind="date", width=98),
        Column(name="last_contact_on", label=CUSTOMER["last_contact_on"], kind="date", width=110),
    ]
    if "idle" in rows.columns:
        columns.append(Column(name="idle", label="未接触（天）", kind="number", width=100))
    told = rows.with_columns(status=pl.col("status").cast(pl.String).replace(words.CUSTOMER_STATUS))
    return Grid(
        columns,
        paged(told, ["customer_id", *(c.name for c in columns)]),
        key=key,
        row_id="customer_id",
        row_href=opens(actor, "customer", "customer_id"),
        empty=empty,
    )


def deal_grid(actor: Actor, rows: pl.DataFrame, *, key: str, empty: str = "暂无数据") -> Grid:
    """Return a table of deals (columns: frames.DEALS)."""
    columns = [
        Column(name="number", label=OPPORTUNITY["number"], kind="code", width=120),
        Column(name="subject", label=OPPORTUNITY["subject"]),
        Column(name="customer", label=OPPORTUNITY["customer"], width=180),
        Column(name="owner", label=OPPORTUNITY["owner"], width=76),
        Column(name="stage", label=OPPORTUNITY["stage"], width=120),
        Column(
            name="outcome",
            label=OPPORTUNITY["outcome"],
            kind="tag",
            width=76,
            tones={"进行中": "info", "赢单": "good", "输单": "mute"},
        ),
        Column(name="amount", label=OPPORTUNITY["amount"], kind="money", width=120),
        Column(name="expected_close", label="预计成交", kind="date", width=98),
        Column(name="decided_on", label="输赢日期", kind="date", width=98),
    ]
    told = rows.with_columns(outcome=pl.col("outcome").cast(pl.String).replace(words.OUTCOMES))
    shown = told.select("opportunity_id", *(c.name for c in columns))
    return deals_with(actor, shown, columns, key=key, empty=empty)


def deals_with(
    actor: Actor,
    rows: pl.DataFrame | pl.LazyFrame,
    columns: Sequence[Column],
    *,
    key: str,
    empty: str = "暂无数据",
) -> Grid:
    """Return a table of deals (``opportunity_id`` and what the columns name)."""
    return Grid(
        columns,
        paged(rows),
        key=key,
        row_id="opportunity_id",
        row_href=opens(actor, "opportunity", "opportunity_id"),
        empty=empty,
    )


def activity_grid(
    actor: Actor, rows: pl.DataFrame, names: Names, *, key: str, empty: str = "暂无数据"
) -> Grid:
    """Return a table of activities (columns: tables.ACTIVITIES), in the order of the rows.

    The frame says which and in what order; what a page shows of them is read by id.
    """
    columns = [
        Column(name="subject", label=ACTIVITY["subject"], sortable=False),
        Column(name="customer", label=ACTIVITY["customer"], width=180, sortable=False),
        Column(name="activity_type", label=ACTIVITY["activity_type"], width=120),
        Column(
            name="status",
            label=ACTIVITY["status"],
            kind="tag",
            width=76,
            tones=STATUS_TONES,
            sortable=False,
        ),
        Column(name="planned_end", label=ACTIVITY["planned_end"], kind="datetime", width=148),
        Column(name="ended_at", label=ACTIVITY["ended_at"], kind="datetime", width=148),
        Column(name="owner", label=ACTIVITY["owner"], width=76, sortable=False),
    ]
    named = rows.select(
        "activity_id",
        "planned_end",
        "ended_at",
        activity_type=names.item(DictKind.ACTIVITY_TYPE, "activity_type").cast(pl.String),
    )

    def fetch(asked: Query) -> Page:
        found = named
        if sort := _SORTED.get(asked.sort):
            found = found.sort(sort, "activity_id", descending=asked.descending, nulls_last=True)
        keys = found["activity_id"].slice(asked.offset, asked.size).to_list()
        return Page(_told(actor, keys), rows.height)

    return Grid(columns, fetch, key=key, row_href=opens(actor, "activity", "id"), empty=empty)


def _told(actor: Actor, keys: list[int]) -> list[dict[str, Any]]:
    """Return what is shown of some activities, in this order; what is not visible lacks."""
    if not keys:
        return []
    found = frame(actor, select(Activity.id).where(Activity.id.in_(keys)))
    by_id = {row["id"]: row for row in found.select(SCHEMA.names()).to_dicts()}
    return [shown_row(by_id[key]) for key in keys if key in by_id]

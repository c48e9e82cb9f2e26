"""The records behind a figure of 绩效指标 as a table whose rows open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role, Scope
from crmlib.insight import kpi, kpi_blocks
from crmlib.insight.board_rows import activity_grid, customer_grid, deal_grid, opens, paged
from crmlib.insight.kpi_source import Source
from crmlib.insight.naming import Names
from crmlib.insight.spans import Span
from crmlib.insight.units import Part, named
from crmlib.ui.grid import Column, Grid
from crmlib.ui.route import link

STAGE, LOST = "stage", "lost"  # what an address may ask for besides the keys of ``KPIS``
_KEY = "b"


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the firm is looked at, when, and which figure is opened.

    ``of`` is the code of a stage, or a reason.
    """

    part: Part
    span: Span
    show: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """A table, what it is called, and what its rows have in common."""

    label: str
    note: str
    grid: Grid


def may_open(actor: Actor, show: str) -> bool:
    """Say whether there are records behind a figure for this reader."""
    is_nameless = Scope.MASKED in actor.scopes(Permission.REPORT_BOARD)
    return not (kpi.KPIS[show].opens == "report" and is_nameless)


def records(actor: Actor, source: Source, names: Names, asked: Asked) -> Records | None:
    """Return the records behind a figure; None for what nobody asked for, or may not see."""
    part, span = asked.part, asked.span
    if asked.show == LOST:
        lost = kpi_blocks.lost_with(source, part, span, asked.of)
        return Records(
            f"输单原因：{asked.of}", "期间内输单的商机", deal_grid(actor, lost, key=_KEY)
        )
    if asked.show == STAGE:
        left = kpi_blocks.stage_deals(source, part, span, asked.of)
        called = dict(source.steps.cast(pl.String).select("stage_code", "stage").rows())
        deals = deal_grid(actor, _of(source.deals, "opportunity_id", left), key=_KEY)
        note = "期间内离开这一阶段的商机，停留最久的在前"
        return Records(f"销售阶段：{called.get(asked.of, '—')}", note, deals)
    if asked.show not in source.keys or not may_open(actor, asked.show):
        return None
    figure = kpi.KPIS[asked.show]
    grid = _grid(actor, source, names, asked)
    return Records(figure.label, figure.what, grid)


def _grid(actor: Actor, source: Source, names: Names, asked: Asked) -> Grid:
    rows = kpi.behind(source, asked.part, asked.span, asked.show)
    match kpi.KPIS[asked.show].opens:
        case "customer":
            return customer_grid(actor, _of(source.customers, "customer_id", rows), key=_KEY)
        case "opportunity":
            return deal_grid(actor, _of(source.deals, "opportunity_id", rows), key=_KEY)
        case "activity":
            found = _of(source.activities, "activity_id", rows)
            return activity_grid(actor, found, names, key=_KEY)
        case "pair":
            return _pairs(_of(source.pairs, "pair_id", rows))
        case "report":
            return _reports(actor, source, names, asked)
        case _:
            return _tickets(actor, _of(source.tickets, "ticket_id", rows))


def _of(frame: pl.DataFrame, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the records of some rows (kpi_source.ROWS), each once, in their order."""
    ids = rows.select(pl.col("id").cast(frame.schema[name]).alias(name)).unique(maintain_order=True)
    return ids.join(frame, on=name, how="inner", maintain_order="left")


def _tickets(actor: Actor, rows: pl.DataFrame) -> Grid:
    columns = [
        Column(name="number", label="工单编号", kind="code", width=130),
        Column(name="customer", label="客户名称"),
        Column(name="handler", label="受理人", width=90),
        Column(name="reply_due", label="应回复", kind="datetime", width=148),
        Column(name="solve_due", label="应解决", kind="datetime", width=148),
        Column(name="score", label="满意度", kind="number", width=80),
    ]
    to = opens(actor, "ticket", "ticket_id")
    return Grid(columns, paged(rows), key=_KEY, row_id="ticket_id", row_href=to)


def _pairs(rows: pl.DataFrame) -> Grid:
    columns = [
        Column(name="a_name", label="客户甲"),
        Column(name="b_name", label="客户乙"),
        Column(name="same", label="相似度", kind="percent", width=84),
        Column(name="found_on", label="发现日期", kind="date", width=110),
    ]
    return Grid(
        columns,
        paged(rows.sort("same", "pair_id", descending=[True, False])),
        key=_KEY,
        row_id="pair_id",
        row_href=lambda row: link("pair", row["pair_id"]),
    )


def _reports(actor: Actor, source: Source, names: Names, asked: Asked) -> Grid:
    """Show people and what they handed in; a row opens the reports of one."""
    span = asked.span.until(source.today)
    counted = (
        source.reports(span)
        .filter(pl.col("person_id").is_not_null())
        .rename({"person_id": "owner_id"})
    )
    rows = named(counted.filter(asked.part.condition()).drop("office_id"), names)
    columns = [
        Column(name="owner", label="报告人", width=120),
        Column(name="office", label="部门"),
        Column(name="due", label="应交", kind="number", width=90),
        Column(name="handed_in", label="已交", kind="number", width=90),
        Column(name="late", label="迟交", kind="number", width=90),
        Column(name="missing", label="未交", kind="number", width=90),
    ]
    workspace = "admin" if actor.role is Role.GENERAL_OFFICE else "funnel"

    def to(row: Mapping[str, Any]) -> str:
        found = {"tab": "team", "t.f.period": f"{span.start}..{span.end}", "t.text": row["owner"]}
        return link("work_reports", workspace=workspace, **found)

    shown = rows.sort("missing", "late", "owner", descending=[True, True, False])
    return Grid(
        columns,
        paged(shown, ["owner_id", *(column.name for column in columns)]),
        key=_KEY,
        row_id="owner_id",
        row_href=to,
    )

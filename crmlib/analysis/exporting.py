"""Take a report's table along as a workbook; who took what is in the change log."""

from typing import Any

import marimo as mo
import polars as pl

from crmlib import clock, words
from crmlib.access.grants import Permission
from crmlib.analysis.frames import Frames, titled
from crmlib.exchange.export import MOST_ROWS, note_export, workbook
from crmlib.ui.cards import notice
from crmlib.ui.grid import Column, ColumnKind

_KINDS: tuple[tuple[type[pl.DataType], ColumnKind], ...] = (
    (pl.Decimal, "money"),
    (pl.Date, "date"),
    (pl.Datetime, "datetime"),
)


def download(data: Frames, frame: pl.DataFrame, title: str) -> Any:
    """Return a button that hands the frame out as .xlsx; in the editor only a word on it."""
    actor = data.actor
    if actor is None:
        return notice("发布到产品后可导出 Excel，导出会记入操作日志")
    if not actor.may(Permission.LIST_EXPORT):
        return notice("您没有导出权限")
    shown = titled(frame).head(MOST_ROWS)
    columns = [Column(name=n, label=n, kind=_kind(t)) for n, t in shown.schema.items()]
    now = clock.local(clock.now())

    def content() -> bytes:
        note_export(actor, "analysis", title, {}, shown.columns, shown.height)
        facts = [
            ("报表", title),
            ("行数", f"{shown.height:,}"),
            ("导出人", f"{actor.name}（{actor.office}，{actor.login}）"),
            ("导出时间", f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}"),
            ("权限", f"{words.ROLES[actor.role]}：只含本人有权查看的记录"),
        ]
        return workbook(title, columns, shown.rows(named=True), facts)

    return mo.download(data=content, filename=f"{title}-{now:%Y%m%d}.xlsx", label="导出 Excel")


def _kind(kind: pl.DataType) -> ColumnKind:
    for found, name in _KINDS:
        if isinstance(kind, found):
            return name
    return "number" if kind.is_numeric() else "text"

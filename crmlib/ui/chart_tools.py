"""What goes with every chart: its figures as a table, a picture, a workbook."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

import traitlets

from crmlib import clock
from crmlib.ui.grid import RIGHT, Column, ColumnKind, cell_text
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget


@dataclass(frozen=True, slots=True)
class Sheet:
    """The aggregates behind a chart, never its single rows.

    A head is a text, then the kind of its figures follows from the first of them, or a ``Column``
    (for percent). ``keys``, one per row, make rows a choice like the bars of the chart.
    """

    name: str
    heads: Sequence[str | Column]
    rows: Sequence[Sequence[object]]
    keys: Sequence[str] = ()

    def columns(self) -> list[Column]:
        """Return the heads as columns named c0, c1, c2."""
        return [
            Column(
                name=f"c{at}",
                label=head if isinstance(head, str) else head.label,
                kind=self._kind(at) if isinstance(head, str) else head.kind,
            )
            for at, head in enumerate(self.heads)
        ]

    def mappings(self) -> list[dict[str, object]]:
        """Return the rows by the names of their columns."""
        return [{f"c{at}": value for at, value in enumerate(row)} for row in self.rows]

    def _kind(self, at: int) -> ColumnKind:
        first = next((row[at] for row in self.rows if row[at] is not None), "")
        match first:
            case Decimal():
                return "money"
            case datetime():
                return "datetime"
            case date():
                return "date"
            case int() | float() if not isinstance(first, bool):
                return "number"
            case _:
                return "text"


Export = Callable[[Sheet], tuple[str, bytes]]


class ChartTools(Widget):
    """表格, 下载图片 and 下载 Excel over a chart; wrap it with ``mo.ui.anywidget``.

    The picture takes the next chart after it on the page, with the title above and the ``stated``
    lines below (filters, time of the data, rights). ``value["picked"]`` are the keys of the rows
    chosen in the table. Pages make it with ``exchange.figures.chart_tools``, which knows who may
    take figures along.
    """

    _esm = module("chart_tools")
    picked = traitlets.List(traitlets.Unicode()).tag(sync=True)
    handlers: ClassVar[dict[str, str]] = {"sheet": "_sheet", "export": "_export"}

    def __init__(
        self,
        title: str,
        stated: Sequence[str],
        sheet: Callable[[], Sheet],
        *,
        export: Export | None = None,
    ) -> None:
        self.sheet, self.export = sheet, export
        super().__init__(
            {
                "title": title,
                "stated": list(stated),
                "file": f"{title}-{clock.local(clock.now()):%Y%m%d-%H%M}",
                "mayExport": export is not None,
            }
        )

    def _sheet(self, _sent: object) -> dict[str, object]:
        sheet = self.sheet()
        columns = sheet.columns()
        return {
            "name": sheet.name,
            "heads": [[column.label, column.kind in RIGHT] for column in columns],
            "rows": [
                [cell_text(column, value) for column, value in zip(columns, row, strict=True)]
                for row in sheet.rows
            ],
            "keys": [str(key) for key in sheet.keys],
        }

    def _export(self, _sent: object) -> dict[str, object]:
        if self.export is None:
            raise Fault("您没有导出的权限")
        name, content = self.export(self.sheet())
        return {"name": name, "content": base64.b64encode(content).decode("ascii")}


def either(chosen: Sequence[str], also: Sequence[str]) -> tuple[str, ...]:
    """Return what is chosen in the chart or in its table; chosen in both is let go again."""
    one, other = set(chosen), set(also)
    return tuple(key for key in dict.fromkeys((*chosen, *also)) if (key in one) != (key in other))

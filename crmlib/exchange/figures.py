"""The tools over a chart, with a workbook of its figures for those who may take lists along."""

import io
from collections.abc import Callable, Sequence

import xlsxwriter

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.exchange.export import AS_TEXT, note_export, write_cell
from crmlib.ui.chart_tools import ChartTools, Sheet
from crmlib.ui.grid import Column

ENTITY = "figures"  # of no single table
_FORMS = {"money": "#,##0.00", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
_WIDTH, _TITLE_SIZE = 16, 14


def chart_tools(
    actor: Actor, title: str, stated: Sequence[str], sheet: Callable[[], Sheet]
) -> ChartTools:
    """Return 表格, 下载图片 and, for those who may export, 下载 Excel of a chart."""

    def export(figures: Sheet) -> tuple[str, bytes]:
        return export_figures(actor, title, stated, figures)

    return ChartTools(
        title, stated, sheet, export=export if actor.may(Permission.LIST_EXPORT) else None
    )


def export_figures(
    actor: Actor, title: str, stated: Sequence[str], sheet: Sheet
) -> tuple[str, bytes]:
    """Return file name and content of the figures behind a chart; it is in the change log.

    Raises:
        NotAllowed: the actor may not export.
    """
    columns = sheet.columns()
    heads = [column.label for column in columns]
    # Logged before it is handed out, with the right asked afresh.
    note_export(actor, ENTITY, title, {"说明": "；".join(stated)}, heads, len(sheet.rows))
    name = f"{title}-{clock.local(clock.now()):%Y%m%d-%H%M}.xlsx"
    return name, _workbook(title, stated, columns, sheet)


def _workbook(title: str, stated: Sequence[str], columns: Sequence[Column], sheet: Sheet) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, AS_TEXT) as book:
        page = book.add_worksheet(sheet.name[:31])
        page.set_column(0, len(columns), _WIDTH)
        page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": _TITLE_SIZE}))
        for line, text in enumerate(stated, start=1):
            page.write_string(line, 0, text)
        top = len(stated) + 2
        bold = book.add_format({"bold": True, "bottom": 1})
        plain = book.add_format()
        share = book.add_format({"num_format": "0.0%"})
        forms = {kind: book.add_format({"num_format": form}) for kind, form in _FORMS.items()}
        for place, column in enumerate(columns):
            page.write_string(top, place, column.label, bold)
            for line, row in enumerate(sheet.rows, start=top + 1):
                value = row[place]
                if column.kind == "percent" and value is not None:
                    page.write_number(line, place, float(value), share)  # type: ignore[arg-type]
                else:
                    write_cell(page, line, place, column, value, forms.get(column.kind, plain))
    return content.getvalue()

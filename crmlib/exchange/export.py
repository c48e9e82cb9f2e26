"""Take a list along as a workbook: its filters, columns, order and rights, and a word on them.

Texts stay texts (phones keep their zeros, nothing becomes a formula); amounts and days are numbers
a sheet can count with. Every export is in the change log.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import ColumnElement, select

from crmlib import clock, words
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import Contact, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import Refused
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.orders.model import SalesOrder
from crmlib.orders.rows import visible_orders
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import quotes_for
from crmlib.store.engine import reading
from crmlib.store.schema import Record
from crmlib.ui.format import plain
from crmlib.ui.grid import Column, Export, Fetch, Filter, Query, shown_columns
from crmlib.ui.options import options_of

MOST_ROWS = 20_000
# A salesman takes along what he works with, not the base.
MOST_ROWS_OF = {Role.SALES: 500}
_PIECE = 500  # rows asked for at once
_LONGEST_CELL = 32_000  # Excel's limit is a little higher
AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_PIXELS_PER_SIGN, _USUAL_WIDTH = 7, 40


def _customers(actor: Actor) -> ColumnElement[bool]:
    return visible_customers(actor, Permission.LIST_EXPORT)


def _contacts(actor: Actor) -> ColumnElement[bool]:
    return Contact.customer_id.in_(select(Customer.id).where(_customers(actor)))


def _opportunities(actor: Actor) -> ColumnElement[bool]:
    return visible_opportunities(actor, Permission.LIST_EXPORT)


def _orders(actor: Actor) -> ColumnElement[bool]:
    return visible_orders(actor) & visible_orders(actor, Permission.LIST_EXPORT)


def _quotations(actor: Actor) -> ColumnElement[bool]:
    return quotes_for(actor) & quotes_for(actor, Permission.LIST_EXPORT)


def _activities(actor: Actor) -> ColumnElement[bool]:
    return visible_activities(actor, Permission.LIST_EXPORT)


# Which rows of a table a person may take along; seeing them is not enough.
_EXPORTABLE = {
    Activity.__tablename__: _activities,
    Contact.__tablename__: _contacts,
    Customer.__tablename__: _customers,
    Opportunity.__tablename__: _opportunities,
    Quotation.__tablename__: _quotations,
    SalesOrder.__tablename__: _orders,
}
_MODELS: Mapping[str, type[Record]] = {
    Activity.__tablename__: Activity,
    Contact.__tablename__: Contact,
    Customer.__tablename__: Customer,
    Opportunity.__tablename__: Opportunity,
    Quotation.__tablename__: Quotation,
    SalesOrder.__tablename__: SalesOrder,
}


@dataclass(frozen=True, slots=True)
class Exported:
    """An export as it is logged."""

    rows: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be taken along: its table, its title, and how a page shows it."""

    entity: str
    title: str
    columns: Sequence[Column]
    fetch: Fetch
    filters: Sequence[Filter] = ()
    finds: Sequence[tuple[str, str]] = ()


def exporter(actor: Actor, listing: Listing) -> Export | None:
    """Return what a ``Grid`` calls to export its list; None for those who may not."""
    if not actor.may(Permission.LIST_EXPORT):
        return None

    def export(query: Query) -> tuple[str, bytes]:
        return export_list(actor, listing, query)

    return export


def export_list(actor: Actor, listing: Listing, query: Query) -> tuple[str, bytes]:
    """Return file name and content of a list as the query narrows and sorts it.

    Raises:
        NotAllowed: the actor may not export.
        Refused: more rows than he may take along at once.
    """
    most = MOST_ROWS_OF.get(actor.role, MOST_ROWS)
    columns = shown_columns(listing.columns, query)
    rows, total = _rows(actor, listing, query, most)
    told = _told(listing, query)
    # Logged before it is handed out, with the right asked afresh.
    note_export(
        actor,
        listing.entity,
        listing.title,
        told,
        [column.label for column in columns],
        len(rows),
    )
    facts = [
        ("列表", listing.title),
        ("条件", "；".join(f"{name}：{value}" for name, value in told.items()) or "无"),
        ("排序", _sorting(listing, query)),
        ("行数", f"{len(rows):,}"),
        ("导出人", f"{actor.name}（{actor.office}，{actor.login}）"),
        ("导出时间", f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}"),
        ("权限", f"{words.ROLES[actor.role]}：只含本人有权导出的记录，无权查看的内容已隐去"),
    ]
    if total > len(rows):
        facts.append(("未导出", f"{total - len(rows):,} 行只可查看，不可导出（如他人共享的记录）"))
    name = f"{listing.title}-{clock.local(clock.now()):%Y%m%d-%H%M}.xlsx"
    return name, workbook(listing.title, columns, rows, facts)


@action(Permission.LIST_EXPORT)
def note_export(
    work: Work,
    entity: str,
    title: str,
    filters: Mapping[str, str],
    columns: Sequence[str],
    rows: int,
) -> Exported:
    """Log who takes which list along, how it was narrowed, and how much of it."""
    after = {
        "list": title,
        "entity": entity,
        "filters": dict(filters),
        "columns": list(columns),
        "rows": rows,
    }
    work.note("export", None, after)
    return Exported(rows)


def _rows(
    actor: Actor, listing: Listing, query: Query, most: int
) -> tuple[list[Mapping[str, Any]], int]:
    """Return the rows that may go, and how many the list shows."""
    found: dict[object, Mapping[str, Any]] = {}
    page, total = 1, 0
    while True:
        part = listing.fetch(replace(query, page=page, size=_PIECE))
        total = part.total
        if total > most:
            message = f"共 {total:,} 行，超过一次可导出的 {most:,} 行，请先筛选"
            raise Refused(message)
        allowed = _allowed(actor, listing.entity, [row["id"] for row in part.rows])
        # A row that moved between two questions comes twice.
        found |= {row["id"]: row for row in part.rows if row["id"] in allowed}
        if page * _PIECE >= total or not part.rows:
            return list(found.values()), total
        page += 1


def _allowed(actor: Actor, entity: str, keys: list[int]) -> set[int]:
    model = _MODELS[entity]
    with reading() as session:
        where = (model.id.in_(keys), _EXPORTABLE[entity](actor))
        return set(session.scalars(select(model.id).where(*where)))


def _told(listing: Listing, query: Query) -> dict[str, str]:
    """Return the conditions of a query in the words of the page."""
    told = {}
    for each in listing.filters:
        value = query.filters.get(each.name)
        if value:
            names = {str(option.value): option.label for option in options_of(each.options)}
            told[each.label] = names.get(value, value.replace("..", " 至 "))
    if query.find_text:
        told[dict(listing.finds).get(query.find_field, "查找")] = f"含“{query.find_text}”"
    return told


def _sorting(listing: Listing, query: Query) -> str:
    label = {column.name: column.label for column in listing.columns}.get(query.sort)
    if label is None and query.sort == "registered_at":
        label = words.CUSTOMER["registered_at"]
    return f"{label}（{'降序' if query.descending else '升序'}）" if label else "默认"


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    facts: Sequence[tuple[str, str]],
) -> bytes:
    """Return a workbook of a list and, on a second sheet 说明, of facts about it."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, AS_TEXT) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        text = book.add_format({"num_format": "@"})
        kinds = {
            "money": book.add_format({"num_format": "#,##0.00"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for place, column in enumerate(columns):
            width = column.width / _PIXELS_PER_SIGN if column.width else _USUAL_WIDTH
            sheet.set_column(place, place, max(width, 10), kinds.get(column.kind, text))
            sheet.write_string(0, place, column.label, bold)
            form = kinds.get(column.kind, text)
            for line, row in enumerate(rows, start=1):
                write_cell(sheet, line, place, column, row.get(column.name), form)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        note = book.add_worksheet("说明")
        note.set_column(0, 0, 12)
        note.set_column(1, 1, 100)
        for line, (name, value) in enumerate(facts):
            note.write_string(line, 0, name, bold)
            note.write_string(line, 1, value[:_LONGEST_CELL])
    return content.getvalue()


def write_cell(sheet: Any, line: int, place: int, column: Column, value: Any, form: Any) -> None:
    """Write a value as what it is: texts as text, amounts and days as numbers a sheet counts."""
    if value is None or value == "":
        return
    if column.kind in {"date", "datetime"} and isinstance(value, date):
        moment = value
        if isinstance(value, datetime):
            moment = clock.local(value).replace(tzinfo=None)
            moment = moment.date() if column.kind == "date" else moment
        sheet.write_datetime(line, place, moment, form)
    elif column.kind == "money" and isinstance(value, Decimal | int | float):
        sheet.write_number(line, place, float(value), form)
    elif column.kind in {"number", "percent"} and isinstance(value, int | float | Decimal):
        sheet.write_number(line, place, float(value))
    else:
        shown = value if isinstance(value, str) else plain(value)
        sheet.write_string(line, place, shown[:_LONGEST_CELL], form)

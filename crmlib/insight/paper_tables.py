"""What ``papers`` reads of the database, and how its rows are told."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Select

from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer
from crmlib.insight.naming import Names
from crmlib.insight.raw import Column, Kind, Table
from crmlib.service.model import ServiceTicket, TicketKind
from crmlib.targets.kinds import TargetStatus
from crmlib.targets.model import Target
from crmlib.targets.queries import TARGETS

_INT, _TEXT, _MOMENT = pl.Int64(), pl.String(), pl.Datetime("ms")
_OWNED = {"owner_id": _INT, "office_id": _INT}
CONVERSIONS = pl.Schema({"customer_id": _INT, **_OWNED, "decided_on": pl.Date(), "workdays": _INT})
TICKETS = pl.Schema(
    {
        "ticket_id": _INT,
        **_OWNED,  # of who handles it, and the office he works in
        "number": _TEXT,
        "customer": _TEXT,
        "handler": _TEXT,
        "is_complaint": pl.Boolean(),
        "reply_due": _MOMENT,  # Shanghai wall time, as the others
        "replied_at": _MOMENT,
        "solve_due": _MOMENT,
        "solved_at": _MOMENT,
        "revisited_on": pl.Date(),
        "score": _INT,
    }
)
_SPAN = 16_384


def _number(source: Any) -> Column:
    return Column(source, Kind.NUMBER, _INT)


def _text(source: Any) -> Column:
    return Column(source, Kind.TEXT, _TEXT)


def _day(source: Any) -> Column:
    return Column(source, Kind.DAY, pl.Date())


def _date(source: Any) -> Column:
    return Column(source, Kind.DATE, pl.Date())


def _moment(source: Any) -> Column:
    return Column(source, Kind.MOMENT, _MOMENT)


def _flag(source: Any) -> Column:
    return Column(source, Kind.FLAG, pl.Boolean())


def _table(columns: Mapping[str, Column], rows: Callable[[Select[Any]], Select[Any]]) -> Table:
    key = next(iter(columns))
    return Table(columns[key].source, columns, (key,), _SPAN, rows)


REQUESTS = _table(
    {
        "request_id": _number(ConversionRequest.id),
        "customer_id": _number(ConversionRequest.customer_id),
        "requested_on": _day(ConversionRequest.requested_at),
        "decided_on": _day(ConversionRequest.decided_at),
    },
    lambda statement: statement.where(
        ConversionRequest.status == RequestStatus.APPROVED, ConversionRequest.undone_at.is_(None)
    ),
)
TICKET_TABLE = _table(
    {
        "ticket_id": _number(ServiceTicket.id),
        "number": _text(ServiceTicket.number),
        "customer_id": _number(ServiceTicket.customer_id),
        "customer": _text(Customer.name),
        "customer_owner_id": _number(Customer.owner_id),
        "customer_registrant_id": _number(Customer.registered_by_id),
        "customer_office_id": _number(Customer.office_id),
        "owner_id": _number(ServiceTicket.handler_id),
        "registrant_id": _number(ServiceTicket.registered_by_id),
        "is_complaint": _flag(ServiceTicket.kind == TicketKind.COMPLAINT),
        "reply_due": _moment(ServiceTicket.reply_due),
        "replied_at": _moment(ServiceTicket.replied_at),
        "solve_due": _moment(ServiceTicket.solve_due),
        "solved_at": _moment(ServiceTicket.solved_at),
        "revisited_on": _date(ServiceTicket.revisited_on),
        "score": _number(ServiceTicket.score),
    },
    lambda statement: statement.join_from(
        ServiceTicket, Customer, Customer.id == ServiceTicket.customer_id
    ),
)
ISSUED = _table(
    {
        "target_id": _number(Target.id),
        "person_id": _number(Target.person_id),
        "office_id": _number(Target.office_id),
        "kind": _text(Target.kind),
        "starts_on": _date(Target.starts_on),
        "fen": _number(Target.sales),
        "customers": _number(Target.customers),
        "thousandths": _number(Target.satisfaction),
    },
    lambda statement: statement.where(Target.status != TargetStatus.DRAFT),
)


def ticket_rows(parts: Any, names: Names, _today: date) -> pl.DataFrame:
    """Name who handles each ticket, and the office he works in."""
    people = names.people.select(
        "owner_id", handler=pl.col("owner").cast(_TEXT), office_id="home_id"
    )
    rows: pl.DataFrame = parts[0]
    return rows.join(people, on="owner_id", how="left", maintain_order="left")


def target_rows(parts: Any, names: Names, _today: date) -> pl.DataFrame:
    """Say of each target where the person works, or who heads the office; amounts in yuan."""
    rows: pl.DataFrame = parts[0]
    people = names.people.select(person_id="owner_id", home_id="home_id")
    offices = names.offices.select("office_id", "head_id")
    named = rows.join(people, on="person_id", how="left").join(offices, on="office_id", how="left")
    return named.with_columns(
        sales=(pl.col("fen").cast(pl.Decimal(20, 4)) / 100).cast(TARGETS["sales"]),
        satisfaction=pl.col("thousandths") / 1000,
    )

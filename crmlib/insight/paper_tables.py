"""What ``papers`` reads of the database, and how its rows are told."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Select

from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer
from crmlib.insight import reads
from crmlib.insight.naming import Names
from crmlib.insight.raw import Column, Table
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


def _table(columns: Mapping[str, Column], rows: Callable[[Select[Any]], Select[Any]]) -> Table:
    key = next(iter(columns))
    return Table(columns[key].source, columns, (key,), _SPAN, rows)


REQUESTS = _table(
    {
        "request_id": reads.number(ConversionRequest.id),
        "customer_id": reads.number(ConversionRequest.customer_id),
        "requested_on": reads.day(ConversionRequest.requested_at),
        "decided_on": reads.day(ConversionRequest.decided_at),
    },
    lambda statement: statement.where(
        ConversionRequest.status == RequestStatus.APPROVED, ConversionRequest.undone_at.is_(None)
    ),
)
TICKET_TABLE = _table(
    {
        "ticket_id": reads.number(ServiceTicket.id),
        "number": reads.text(ServiceTicket.number),
        "customer_id": reads.number(ServiceTicket.customer_id),
        "customer": reads.text(Customer.name),
        "customer_owner_id": reads.number(Customer.owner_id),
        "customer_registrant_id": reads.number(Customer.registered_by_id),
        "customer_office_id": reads.number(Customer.office_id),
        "owner_id": reads.number(ServiceTicket.handler_id),
        "registrant_id": reads.number(ServiceTicket.registered_by_id),
        "is_complaint": reads.flag(ServiceTicket.kind == TicketKind.COMPLAINT),
        "reply_due": reads.moment(ServiceTicket.reply_due),
        "replied_at": reads.moment(ServiceTicket.replied_at),
        "solve_due": reads.moment(ServiceTicket.solve_due),
        "solved_at": reads.moment(ServiceTicket.solved_at),
        "revisited_on": reads.date(ServiceTicket.revisited_on),
        "score": reads.number(ServiceTicket.score),
    },
    lambda statement: statement.join_from(
        ServiceTicket, Customer, Customer.id == ServiceTicket.customer_id
    ),
)
ISSUED = _table(
    {
        "target_id": reads.number(Target.id),
        "person_id": reads.number(Target.person_id),
        "office_id": reads.number(Target.office_id),
        "kind": reads.text(Target.kind),
        "starts_on": reads.date(Target.starts_on),
        "fen": reads.number(Target.sales),
        "customers": reads.number(Target.customers),
        "thousandths": reads.number(Target.satisfaction),
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

"""What 绩效指标 reads besides the snapshot: conversions and tickets, with the reader's rights."""

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer
from crmlib.customers.rows import visible_customers
from crmlib.insight.kpi import Source
from crmlib.insight.live import activity_data, customer_data, funnel_data
from crmlib.people.model import Person
from crmlib.people.workdays import workdays_between
from crmlib.service.model import ServiceTicket, TicketKind
from crmlib.service.rows import visible_tickets
from crmlib.store.engine import reading

_INT, _MOMENT = pl.Int64(), pl.Datetime("us")
_OWNED = {"owner_id": _INT, "office_id": _INT}
CONVERSIONS = pl.Schema({"customer_id": _INT, **_OWNED, "decided_on": pl.Date(), "workdays": _INT})
TICKETS = pl.Schema(
    {
        "ticket_id": _INT,
        **_OWNED,  # of who handles it, and the office he works in
        "number": pl.String(),
        "customer": pl.String(),
        "handler": pl.String(),
        "is_complaint": pl.Boolean(),
        "reply_due": _MOMENT,  # Shanghai wall time, as the others
        "replied_at": _MOMENT,
        "solve_due": _MOMENT,
        "solved_at": _MOMENT,
        "revisited_on": pl.Date(),
        "score": _INT,
    }
)


def source_of(actor: Actor) -> Source:
    """Return what the actor may see, as of now."""
    deals = funnel_data(actor)
    return Source(
        customer_data(actor).rows,
        deals.deals,
        deals.stays,
        activity_data(actor).rows,
        conversions(actor),
        tickets(actor),
        deals.day,
    )


def conversions(actor: Actor) -> pl.DataFrame:
    """Return the approved conversions of visible customers that still hold (CONVERSIONS)."""
    request = ConversionRequest
    statement = (
        select(
            *(request.customer_id, Customer.owner_id, Customer.office_id),
            *(request.requested_at, request.decided_at),
        )
        .join(Customer, Customer.id == request.customer_id)
        .where(
            visible_customers(actor),
            request.status == RequestStatus.APPROVED,
            request.undone_at.is_(None),
        )
    )
    with reading() as session:
        found: Any = session.execute(statement).all()
    rows = [
        (*row[:3], until, workdays_between(since, until))
        for row in found
        for since, until in [[clock.local(moment).date() for moment in row[3:]]]
    ]
    return pl.DataFrame(rows, schema=CONVERSIONS, orient="row")


def tickets(actor: Actor) -> pl.DataFrame:
    """Return the visible tickets; none for those who see no tickets (columns: TICKETS)."""
    if not actor.may(Permission.TICKET_VIEW):
        return TICKETS.to_frame()
    ticket, handler = ServiceTicket, aliased(Person)
    moments = (ticket.reply_due, ticket.replied_at, ticket.solve_due, ticket.solved_at)
    statement = (
        select(
            *(ticket.id, ticket.handler_id, handler.office_id, ticket.number, Customer.name),
            *(handler.name, ticket.kind == TicketKind.COMPLAINT, *moments),
            *(ticket.revisited_on, ticket.score),
        )
        .join(Customer, Customer.id == ticket.customer_id)
        .outerjoin(handler, handler.id == ticket.handler_id)
        .where(visible_tickets(actor))
    )
    with reading() as session:
        rows = [
            (*row[:6], bool(row[6]), *(_wall(moment) for moment in row[7:11]), *row[11:])
            for row in session.execute(statement)
        ]
    return pl.DataFrame(rows, schema=TICKETS, orient="row")


def _wall(moment: Any) -> datetime | None:
    return clock.local(moment).replace(tzinfo=None) if moment else None

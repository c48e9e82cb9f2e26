"""What the snapshot reads of the database: one table per subject and its children."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from sqlalchemy import Select

from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import LIVE, Customer
from crmlib.insight.raw import Column, Kind, Table
from crmlib.opportunities.model import (
    CompetitorEntry,
    Opportunity,
    OpportunityProduct,
    StageEvent,
    StageHistory,
)

_INT, _SMALL, _NAME = pl.Int64(), pl.Int32(), pl.Categorical()
DEAL_SPAN = 8_192  # a change copies and names one block anew
CUSTOMER_SPAN = 32_768
ACTIVITY_SPAN = 65_536
STATUSES = pl.Enum([status.value for status in ActivityStatus])


def _number(source: Any, dtype: Any = _INT) -> Column:
    return Column(source, Kind.NUMBER, dtype)


def _text(source: Any, dtype: Any = None) -> Column:
    return Column(source, Kind.TEXT, pl.String() if dtype is None else dtype)


def _day(source: Any) -> Column:
    return Column(source, Kind.DAY, pl.Date())


def _date(source: Any) -> Column:
    return Column(source, Kind.DATE, pl.Date())


def _moment(source: Any) -> Column:
    return Column(source, Kind.MOMENT, pl.Datetime("ms"))


def _flag(source: Any) -> Column:
    return Column(source, Kind.FLAG, pl.Boolean())


def _table(
    columns: Mapping[str, Column],
    order: tuple[str, ...],
    span: int,
    rows: Callable[[Select[Any]], Select[Any]] = lambda statement: statement,
) -> Table:
    return Table(columns[order[0]].source, columns, order, span, rows)


DEALS = _table(
    {
        "opportunity_id": _number(Opportunity.id),
        "number": _text(Opportunity.number),
        "subject": _text(Opportunity.subject),
        "customer_id": _number(Opportunity.customer_id),
        "customer": _text(Customer.name),
        "industry": _text(Customer.industry),
        "region_id": _number(Customer.region_id),
        "source": _text(Opportunity.source),
        "owner_id": _number(Opportunity.owner_id),
        "registrant_id": _number(Opportunity.registered_by_id),
        "office_id": _number(Opportunity.office_id),
        "stage_id": _number(Opportunity.stage_id),
        "probability": _number(Opportunity.probability),
        "fen": _number(Opportunity.amount),
        "won_fen": _number(Opportunity.won_amount),
        "stage_since": _day(Opportunity.stage_since),
        "expected_close": _date(Opportunity.expected_close),
        "registered_on": _day(Opportunity.registered_at),
        "decided_on": _date(Opportunity.decided_on),
        "outcome": _text(Opportunity.outcome),
        "reason": _text(Opportunity.outcome_reason),
        "competitor": _text(Opportunity.competitor),
        "closed": _flag(Opportunity.closed),
        "closed_on": _date(Opportunity.closed_on),
    },
    ("opportunity_id",),
    DEAL_SPAN,
    lambda statement: statement.join_from(
        Opportunity, Customer, Customer.id == Opportunity.customer_id
    ),
)
MOVES = _table(
    {
        "opportunity_id": _number(StageHistory.opportunity_id),
        "move_id": _number(StageHistory.id),
        "stage_id": _number(StageHistory.to_stage_id),
        "entered_on": _day(StageHistory.moved_at),
    },
    ("opportunity_id", "move_id"),
    DEAL_SPAN,
    lambda statement: statement.where(StageHistory.event == StageEvent.MOVE),
)
PRODUCTS = _table(
    {
        "opportunity_id": _number(OpportunityProduct.opportunity_id),
        "product_id": _number(OpportunityProduct.id),
        "product": _text(OpportunityProduct.product),
    },
    ("opportunity_id", "product_id"),
    DEAL_SPAN,
)
RIVALS = _table(
    {
        "opportunity_id": _number(CompetitorEntry.opportunity_id),
        "entry_id": _number(CompetitorEntry.id),
        "rival": _text(CompetitorEntry.competitor),
    },
    ("opportunity_id", "entry_id"),
    DEAL_SPAN,
)
CUSTOMERS = _table(
    {
        "customer_id": _number(Customer.id),
        "code": _text(Customer.code),
        "customer": _text(Customer.name),
        "status": _text(Customer.status, _NAME),
        "level": _text(Customer.level),
        "industry": _text(Customer.industry),
        "source": _text(Customer.source),
        "region_id": _number(Customer.region_id),
        "owner_id": _number(Customer.owner_id),
        "registrant_id": _number(Customer.registered_by_id),
        "office_id": _number(Customer.office_id),
        "registered_on": _day(Customer.registered_at),
        "last_contact_on": _date(Customer.last_contact_on),
        "last_trade_on": _date(Customer.last_trade_on),
        "value_score": _number(Customer.value_score, _SMALL),
        "incomplete": _flag(Customer.incomplete),
    },
    ("customer_id",),
    CUSTOMER_SPAN,
    lambda statement: statement.where(Customer.status.in_(LIVE)),
)
# Millions of rows: small types, and names only where a page shows them.
ACTIVITIES = _table(
    {
        "activity_id": _number(Activity.id, _SMALL),
        "activity_type": _text(Activity.activity_type, _NAME),
        "status": _text(Activity.status, STATUSES),
        "customer_id": _number(Activity.customer_id, _SMALL),
        "opportunity_id": _number(Activity.opportunity_id, _SMALL),
        "stage_id": _number(Activity.stage_id, _SMALL),
        "owner_id": _number(Activity.owner_id, _SMALL),
        "office_id": _number(Activity.office_id, _SMALL),
        "planned_end": _moment(Activity.planned_end),
        "ended_at": _moment(Activity.ended_at),
        "created_on": _day(Activity.created_at),
    },
    ("activity_id",),
    ACTIVITY_SPAN,
)

"""What the snapshot reads of the database: one table per subject and its children."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from sqlalchemy import Select

from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import LIVE, Customer
from crmlib.insight import reads
from crmlib.insight.raw import Column, Table
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


def _table(
    columns: Mapping[str, Column],
    order: tuple[str, ...],
    span: int,
    rows: Callable[[Select[Any]], Select[Any]] = lambda statement: statement,
) -> Table:
    return Table(columns[order[0]].source, columns, order, span, rows)


DEALS = _table(
    {
        "opportunity_id": reads.number(Opportunity.id),
        "number": reads.text(Opportunity.number),
        "subject": reads.text(Opportunity.subject),
        "customer_id": reads.number(Opportunity.customer_id),
        "customer": reads.text(Customer.name),
        "industry": reads.text(Customer.industry),
        "region_id": reads.number(Customer.region_id),
        "source": reads.text(Opportunity.source),
        "owner_id": reads.number(Opportunity.owner_id),
        "registrant_id": reads.number(Opportunity.registered_by_id),
        "office_id": reads.number(Opportunity.office_id),
        "stage_id": reads.number(Opportunity.stage_id),
        "probability": reads.number(Opportunity.probability),
        "fen": reads.number(Opportunity.amount),
        "won_fen": reads.number(Opportunity.won_amount),
        "stage_since": reads.day(Opportunity.stage_since),
        "expected_close": reads.date(Opportunity.expected_close),
        "registered_on": reads.day(Opportunity.registered_at),
        "decided_on": reads.date(Opportunity.decided_on),
        "outcome": reads.text(Opportunity.outcome),
        "reason": reads.text(Opportunity.outcome_reason),
        "competitor": reads.text(Opportunity.competitor),
        "closed": reads.flag(Opportunity.closed),
        "closed_on": reads.date(Opportunity.closed_on),
    },
    ("opportunity_id",),
    DEAL_SPAN,
    lambda statement: statement.join_from(
        Opportunity, Customer, Customer.id == Opportunity.customer_id
    ),
)
MOVES = _table(
    {
        "opportunity_id": reads.number(StageHistory.opportunity_id),
        "move_id": reads.number(StageHistory.id),
        "stage_id": reads.number(StageHistory.to_stage_id),
        "entered_on": reads.day(StageHistory.moved_at),
    },
    ("opportunity_id", "move_id"),
    DEAL_SPAN,
    lambda statement: statement.where(StageHistory.event == StageEvent.MOVE),
)
PRODUCTS = _table(
    {
        "opportunity_id": reads.number(OpportunityProduct.opportunity_id),
        "product_id": reads.number(OpportunityProduct.id),
        "product": reads.text(OpportunityProduct.product),
    },
    ("opportunity_id", "product_id"),
    DEAL_SPAN,
)
RIVALS = _table(
    {
        "opportunity_id": reads.number(CompetitorEntry.opportunity_id),
        "entry_id": reads.number(CompetitorEntry.id),
        "rival": reads.text(CompetitorEntry.competitor),
    },
    ("opportunity_id", "entry_id"),
    DEAL_SPAN,
)
CUSTOMERS = _table(
    {
        "customer_id": reads.number(Customer.id),
        "code": reads.text(Customer.code),
        "customer": reads.text(Customer.name),
        "status": reads.text(Customer.status, _NAME),
        "level": reads.text(Customer.level),
        "industry": reads.text(Customer.industry),
        "source": reads.text(Customer.source),
        "region_id": reads.number(Customer.region_id),
        "owner_id": reads.number(Customer.owner_id),
        "registrant_id": reads.number(Customer.registered_by_id),
        "office_id": reads.number(Customer.office_id),
        "registered_on": reads.day(Customer.registered_at),
        "last_contact_on": reads.date(Customer.last_contact_on),
        "last_trade_on": reads.date(Customer.last_trade_on),
        "value_score": reads.number(Customer.value_score, _SMALL),
        "incomplete": reads.flag(Customer.incomplete),
    },
    ("customer_id",),
    CUSTOMER_SPAN,
    lambda statement: statement.where(Customer.status.in_(LIVE)),
)
# Millions of rows: small types, and names only where a page shows them.
ACTIVITIES = _table(
    {
        "activity_id": reads.number(Activity.id, _SMALL),
        "activity_type": reads.text(Activity.activity_type, _NAME),
        "status": reads.text(Activity.status, STATUSES),
        "customer_id": reads.number(Activity.customer_id, _SMALL),
        "opportunity_id": reads.number(Activity.opportunity_id, _SMALL),
        "stage_id": reads.number(Activity.stage_id, _SMALL),
        "owner_id": reads.number(Activity.owner_id, _SMALL),
        "office_id": reads.number(Activity.office_id, _SMALL),
        "planned_end": reads.moment(Activity.planned_end),
        "ended_at": reads.moment(Activity.ended_at),
        "created_on": reads.day(Activity.created_at),
    },
    ("activity_id",),
    ACTIVITY_SPAN,
)

"""业务员销售跟进: one row per person of what he holds, did and won; pure Polars, but for papers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import func, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.model import ActivityStatus
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.insight import activity_board
from crmlib.insight.activity_board import Asked
from crmlib.insight.live import activity_data, customer_data, funnel_data
from crmlib.insight.naming import Names
from crmlib.insight.spans import Span, midnight
from crmlib.insight.units import SELLING, Part, named
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.orders.model import OrderStatus, SalesOrder
from crmlib.orders.rows import visible_orders
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import quotes_for
from crmlib.store.engine import reading

_INT, _MONEY = pl.Int64(), pl.Decimal(38, 2)
_OWNED = {"owner_id": _INT, "office_id": _INT}
QUOTES = pl.Schema({**_OWNED, "quotes": _INT})
ORDERS = pl.Schema({**_OWNED, "orders": _INT, "order_amount": _MONEY})
FIGURES = pl.Schema(
    {
        "potential": _INT,  # 潜在客户 he owns now
        "trading": _INT,  # 交易客户
        "new_customers": _INT,  # registered in the period
        "untouched": _INT,
        "contacts": _INT,  # activities done in the period
        "visits": _INT,  # of them
        "open_deals": _INT,
        "open_amount": _MONEY,  # yuan
        "open_weighted": _MONEY,
        "won_deals": _INT,  # in the period
        "won_amount": _MONEY,
        "quotes": _INT,  # made in the period, versions of one counted once
        "orders": _INT,  # of the period, of his customers, without cancelled ones
        "order_amount": _MONEY,
    }
)
TEXT = pl.String()
PEOPLE = pl.Schema(
    {"owner_id": _INT, "owner": TEXT, "office": TEXT, **FIGURES, "last_on": pl.Date()}
)


@dataclass(frozen=True, slots=True)
class Frames:
    """What the page is computed from, of one person's rights."""

    deals: pl.DataFrame  # frames.DEALS
    customers: pl.DataFrame  # frames.CUSTOMERS
    activities: pl.DataFrame  # tables.ACTIVITIES
    quotes: pl.DataFrame  # QUOTES
    orders: pl.DataFrame  # ORDERS
    names: Names
    read_at: datetime


def frames_of(actor: Actor, span: Span) -> Frames:
    """Return what the actor may see, as of now; quotes and orders of the period."""
    activities = activity_data(actor)
    return Frames(
        funnel_data(actor).deals,
        customer_data(actor).rows,
        activities.rows,
        quotes_made(actor, span),
        orders_placed(actor, span),
        activities.names,
        activities.read_at,
    )


def quotes_made(actor: Actor, span: Span) -> pl.DataFrame:
    """Count the visible quotes made in a period by who owns the deal (columns: QUOTES)."""
    if not actor.may(Permission.QUOTE_VIEW):
        return QUOTES.to_frame()
    owned = (Opportunity.owner_id, Opportunity.office_id)
    first, after = (
        midnight(day).replace(tzinfo=clock.SHANGHAI)
        for day in (span.start, span.end + timedelta(days=1))
    )
    statement = (
        select(*owned, func.count(Quotation.number.distinct()))
        .join(Opportunity, Opportunity.id == Quotation.opportunity_id)
        .where(quotes_for(actor), Quotation.created_at >= first, Quotation.created_at < after)
        .group_by(*owned)
    )
    with reading() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return pl.DataFrame(rows, schema=QUOTES, orient="row")


def orders_placed(actor: Actor, span: Span) -> pl.DataFrame:
    """Count and sum the visible orders of a period by who owns the customer (columns: ORDERS)."""
    owned = (Customer.owner_id, Customer.office_id)
    statement = (
        select(*owned, func.count(SalesOrder.id), func.sum(SalesOrder.amount))
        .join(Customer, Customer.id == SalesOrder.customer_id)
        .where(
            visible_orders(actor),
            SalesOrder.status != OrderStatus.CANCELLED,
            SalesOrder.ordered_on.between(span.start, span.end),
        )
        .group_by(*owned)
    )
    with reading() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return pl.DataFrame(rows, schema=ORDERS, orient="row")


def overview(frames: Frames, asked: Asked, days: int) -> pl.DataFrame:
    """Return one row per person who sells, or has anything to show (columns: PEOPLE)."""
    sellers = pl.col("role").cast(pl.String).is_in(list(SELLING)) & pl.col("active")
    found = asked.part.people(frames.names).filter(sellers).select("owner_id")
    for figures in _figures(frames, asked, days):
        found = found.join(figures, on="owner_id", how="full", coalesce=True)
    told = named(found.filter(pl.col("owner_id").is_not_null()), frames.names)
    zeros = [pl.col(name).fill_null(0).cast(kind) for name, kind in FIGURES.items()]
    return told.with_columns(zeros).select(PEOPLE.names()).sort("office", "owner", nulls_last=True)


def _figures(frames: Frames, asked: Asked, days: int) -> list[pl.DataFrame]:
    span, part = asked.span, asked.part.condition()
    is_potential = pl.col("status").cast(pl.String) == CustomerStatus.POTENTIAL.value
    customers = (
        frames.customers.lazy()
        .filter(part)
        .group_by("owner_id")
        .agg(
            potential=is_potential.sum(),
            trading=(~is_potential).sum(),
            new_customers=span.has_day("registered_on").sum(),
        )
    )
    activities = (
        activity_board.chosen(frames.activities, asked)
        .filter(activity_board.done(span))
        .group_by(pl.col("owner_id").cast(_INT))
        .agg(contacts=pl.len(), visits=activity_board.IS_VISIT.sum())
    )
    is_won = won(span)
    deals = (
        frames.deals.lazy()
        .filter(part, pl.col("is_open") | is_won)
        .group_by("owner_id")
        .agg(
            open_deals=pl.col("is_open").sum(),
            open_amount=pl.col("amount").filter("is_open").sum(),
            open_weighted=pl.col("weighted").filter("is_open").sum(),
            won_deals=is_won.sum(),
            won_amount=pl.col("won_amount").filter(is_won).sum(),
        )
    )
    papers = [
        frame.lazy().filter(part).drop("office_id").group_by("owner_id").sum()
        for frame in (frames.quotes, frames.orders)
    ]
    idle = activity_board.untouched(frames.customers, asked, days)
    left = idle.lazy().group_by("owner_id").agg(untouched=pl.len())
    latest = last_contacts(frames.activities, asked.part)
    return pl.collect_all([customers, left, activities, deals, *papers, latest])


def last_contacts(activities: pl.DataFrame, part: Part) -> pl.LazyFrame:
    """Return the day each person last completed an activity: owner_id, last_on."""
    return (
        activities.lazy()
        .filter(part.condition(), pl.col("status") == ActivityStatus.DONE.value)
        .group_by(pl.col("owner_id").cast(_INT))
        .agg(last_on=pl.col("ended_at").max().dt.date())
    )


def won(span: Span) -> pl.Expr:
    """Return the condition that a deal was won in a period."""
    return (pl.col("outcome").cast(pl.String) == Outcome.WON.value) & span.has_day("decided_on")


def totals(people: pl.DataFrame) -> dict[str, int | float]:
    """Return the sums of all people's figures."""
    sums = people.select(pl.col(FIGURES.names()).sum())
    return sums.row(0, named=True)


def customers_behind(frames: Frames, asked: Asked, days: int, show: str) -> pl.DataFrame:
    """Return the customers behind a figure: ``new_customers``, ``untouched``, else all."""
    if show == "untouched":
        return activity_board.untouched(frames.customers, asked, days)
    found = frames.customers.filter(pl.col("owner_id").is_not_null(), asked.part.condition())
    if show == "new_customers":
        found = found.filter(asked.span.has_day("registered_on"))
    return found.sort("registered_on", "customer_id", descending=True)


def deals_behind(frames: Frames, asked: Asked, show: str) -> pl.DataFrame:
    """Return the deals behind a figure: ``won``, else the open ones, the largest first."""
    wanted = won(asked.span) if show == "won" else pl.col("is_open")
    found = frames.deals.filter(asked.part.condition(), wanted)
    return found.sort("amount", "opportunity_id", descending=True)


def next_activities(frames: Frames, asked: Asked) -> pl.DataFrame:
    """Return what is still to be done, the earliest planned first, the unplanned last."""
    is_left = pl.col("status") != ActivityStatus.DONE.value
    found = frames.activities.filter(asked.part.condition(), is_left)
    return found.sort("planned_end", "activity_id", nulls_last=True)

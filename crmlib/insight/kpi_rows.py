"""The rows of each 绩效指标; a person's rows are those he owns, a ticket's its handler's."""

from datetime import date, timedelta

import polars as pl

from crmlib.activities.model import ActivityStatus
from crmlib.customers.model import CustomerStatus
from crmlib.duplicates.model import PairStatus
from crmlib.insight import activity_board
from crmlib.insight.kpi_source import Source, rows_of
from crmlib.insight.per_frame import PerFrame
from crmlib.insight.spans import Span
from crmlib.opportunities.model import Outcome

CONTACT_DAYS, TRADE_DAYS = 90, 365


def new_potential(source: Source, span: Span) -> pl.LazyFrame:
    """Return the customers registered in the period."""
    return rows_of(source.customers.lazy().filter(span.has_day("registered_on")), "customer_id")


def conversions(source: Source, span: Span) -> pl.LazyFrame:
    """Return the customers converted in the period."""
    return rows_of(source.conversions.lazy().filter(span.has_day("decided_on")), "customer_id")


def conversion_rate(source: Source, span: Span) -> pl.LazyFrame:
    """Return the converted, over them and those still 潜在 at the end of the period."""
    done = source.conversions.lazy().filter(span.has_day("decided_on"))
    later = source.conversions.filter(pl.col("decided_on") > span.end)["customer_id"]
    is_potential = pl.col("status") == CustomerStatus.POTENTIAL.value
    left = source.customers.lazy().filter(
        pl.col("registered_on") <= span.end,
        is_potential | pl.col("customer_id").is_in(later.implode()),
    )
    return pl.concat([rows_of(done, "customer_id"), rows_of(left, "customer_id", 0.0)])


def conversion_days(source: Source, span: Span) -> pl.LazyFrame:
    """Return the working days from request to approval."""
    found = source.conversions.lazy().filter(span.has_day("decided_on"))
    return rows_of(found, "customer_id", pl.col("workdays"))


def visits(source: Source, span: Span) -> pl.LazyFrame:
    """Return the visits done in the period."""
    frame = source.activities
    found = _all_visits.get(frame, lambda: _visits(frame)).lazy()
    return rows_of(found.filter(span.has_moment("ended_at")), "activity_id")


def _visits(activities: pl.DataFrame) -> pl.DataFrame:
    """Return the visits done at any time: a quarter of millions of rows, chosen once."""
    done = activities.filter(pl.col("status") == ActivityStatus.DONE.value)
    return done.filter(activity_board.IS_VISIT).select(
        "activity_id", "owner_id", "office_id", "ended_at"
    )


_all_visits = PerFrame[pl.DataFrame]()


def on_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the activities due in the period; those done on their day or before count."""
    frame, key = source.activities, (span, source.today)
    found = _all_judged.get(frame, lambda: _judged(frame, *key), key)
    return rows_of(found.lazy(), "activity_id", pl.col("in_time"))


def _judged(activities: pl.DataFrame, span: Span, today: date) -> pl.DataFrame:
    """Return what was due in a period: chosen once, whatever part of the firm is looked at."""
    return activities.filter(activity_board.judged(span, today)).select(
        *("activity_id", "owner_id", "office_id"),
        in_time=activity_board.on_time().fill_null(value=False),
    )


_all_judged = PerFrame[pl.DataFrame](most=14)  # a year of months, and what they stand against


def _open(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals in hand at the end of the period, in the stage they then stood in.

    Amounts and owners are today's.
    """
    deals, stays, day = source.deals, source.stays, span.end
    if day >= source.today:
        return deals.lazy().filter("is_open")
    return _all_open.get(stays, lambda: _stood(deals, stays, day), day).lazy()


def _stood(deals: pl.DataFrame, stays: pl.DataFrame, day: date) -> pl.DataFrame:
    stayed = (pl.col("entered_on") <= day) & (
        pl.col("left_on").is_null() | (pl.col("left_on") > day)
    )
    then = stays.lazy().filter(stayed).select("opportunity_id", then="probability")
    shelved = pl.col("closed") & (pl.col("closed_on") <= day)
    weighted = pl.col("amount").cast(pl.Float64) * pl.col("then") / 100
    return (
        deals.lazy()
        .filter(~shelved.fill_null(value=False))
        .select("opportunity_id", "owner_id", "office_id", "amount")
        .join(then, on="opportunity_id")
        .with_columns(weighted=weighted)
        .collect()
    )


_all_open = PerFrame[pl.DataFrame](most=14)


def open_count(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals in hand."""
    return rows_of(_open(source, span), "opportunity_id")


def open_amount(source: Source, span: Span) -> pl.LazyFrame:
    """Return the amounts of the deals in hand."""
    return rows_of(_open(source, span), "opportunity_id", pl.col("amount"))


def open_weighted(source: Source, span: Span) -> pl.LazyFrame:
    """Return the weighted amounts of the deals in hand."""
    return rows_of(_open(source, span), "opportunity_id", pl.col("weighted"))


def _decided(source: Source, span: Span) -> pl.LazyFrame:
    decided = _IS_WON | (pl.col("outcome") == Outcome.LOST.value)
    return source.deals.lazy().filter(span.has_day("decided_on"), decided)


_IS_WON = pl.col("outcome") == Outcome.WON.value


def win_rate(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals decided in the period; the won ones count."""
    return rows_of(_decided(source, span), "opportunity_id", _IS_WON)


def win_rate_amount(source: Source, span: Span) -> pl.LazyFrame:
    """Return the amounts decided in the period: won ones as won, lost ones as expected."""
    amount = pl.when(_IS_WON).then(pl.coalesce("won_amount", "amount")).otherwise(pl.col("amount"))
    num = pl.when(_IS_WON).then(amount).otherwise(0)
    return rows_of(_decided(source, span), "opportunity_id", num, amount)


def active_customers(source: Source, span: Span) -> pl.LazyFrame:
    """Return all customers; those contacted or traded with lately count."""
    contact = pl.col("last_contact_on") >= span.end - timedelta(days=CONTACT_DAYS)
    trade = pl.col("last_trade_on") >= span.end - timedelta(days=TRADE_DAYS)
    is_active = contact.fill_null(value=False) | trade.fill_null(value=False)
    return rows_of(source.customers.lazy(), "customer_id", is_active)


def reply_in_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the complaints whose reply was due in the period; those answered in time count."""
    return _in_time(source, span, "reply_due", "replied_at")


def solved_in_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the complaints whose solution was due in the period; those in time count."""
    return _in_time(source, span, "solve_due", "solved_at")


def _in_time(source: Source, span: Span, due: str, done: str) -> pl.LazyFrame:
    found = source.tickets.lazy().filter(pl.col("is_complaint"), span.has_moment(due))
    in_time = (pl.col(done) <= pl.col(due)).fill_null(value=False)
    return rows_of(found, "ticket_id", in_time)


def satisfaction(source: Source, span: Span) -> pl.LazyFrame:
    """Return the scores given in the period."""
    scored = pl.col("score").is_not_null() & span.has_day("revisited_on")
    return rows_of(source.tickets.lazy().filter(scored), "ticket_id", pl.col("score"))


def duplicates(source: Source, span: Span) -> pl.LazyFrame:
    """Return the pairs that waited at the end of the period, over the customers there were."""
    decided_later = pl.col("decided_on") > span.end
    waited = source.pairs.lazy().filter(
        pl.col("found_on") <= span.end,
        (pl.col("state") == PairStatus.OPEN.value) | decided_later.fill_null(value=False),
    )
    there = source.customers.lazy().filter(pl.col("registered_on") <= span.end)
    return pl.concat([rows_of(waited, "pair_id", 1.0, 0.0), rows_of(there, None, 0.0)])


def handed_in(source: Source, span: Span) -> pl.LazyFrame:
    """Return the people who had reports due in the period; those handed in count."""
    return _of_reports(source, span, pl.col("handed_in"))


def handed_in_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the people who had reports due in the period; those handed in in time count."""
    return _of_reports(source, span, pl.col("handed_in") - pl.col("late"))


def _of_reports(source: Source, span: Span, num: pl.Expr) -> pl.LazyFrame:
    told = source.reports(span.until(source.today)).lazy()
    return rows_of(told.with_columns(owner_id="person_id"), "person_id", num, pl.col("due"))


def left_stages(source: Source, span: Span) -> pl.LazyFrame:
    """Return the stays that ended in the period, with whose deal it is (today)."""
    found = _all_left.get(source.stays, lambda: _left(source.stays, source.deals)).lazy()
    return found.filter(span.has_day("left_on"))


def _left(stays: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    ended = stays.filter(pl.col("left_on").is_not_null())
    whose = [deals[name].gather(ended["row"]) for name in ("owner_id", "office_id")]
    return ended.select(
        *("opportunity_id", "stage_code", "left_on", "days", "advanced", "first"), *whose
    )


_all_left = PerFrame[pl.DataFrame]()


def stage_days(source: Source, span: Span) -> pl.LazyFrame:
    """Return the days of the stays that ended in the period."""
    return rows_of(left_stages(source, span), "opportunity_id", pl.col("days"))


def stage_passage(source: Source, span: Span) -> pl.LazyFrame:
    """Return the stages left in the period, each deal once per stage; those passed on count."""
    first = left_stages(source, span).filter("first")
    return rows_of(first, "opportunity_id", pl.col("advanced"))


def won_amount(source: Source, span: Span) -> pl.LazyFrame:
    """Return the amounts won in the period; targets are put under them by ``kpi``."""
    won = source.deals.lazy().filter(_IS_WON, span.has_day("decided_on"))
    return rows_of(won, "opportunity_id", pl.coalesce("won_amount", "amount"), 0.0)


def lost_deals(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals lost in the period (columns: frames.DEALS)."""
    return _decided(source, span).filter(~_IS_WON)

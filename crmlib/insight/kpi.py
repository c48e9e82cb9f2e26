"""绩效指标: each figure as rows with a numerator and a denominator, so that any group adds up.

Pure Polars; a person's rows are those he owns, a ticket's those its handler works on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from crmlib.customers.model import CustomerStatus
from crmlib.insight import activity_board
from crmlib.insight.spans import Span
from crmlib.insight.units import Part
from crmlib.opportunities.model import Outcome

CONTACT_DAYS, TRADE_DAYS = 90, 365
Unit = Literal["number", "money", "percent", "days"]
# Rows of a figure: id of the record, whose it is, and what it adds above and below the line.
ROWS = pl.Schema(
    {
        "id": pl.Int64(),
        "owner_id": pl.Int64(),
        "office_id": pl.Int64(),
        "num": pl.Float64(),
        "den": pl.Float64(),
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """The frames of one moment and one person's rights."""

    customers: pl.DataFrame  # frames.CUSTOMERS
    deals: pl.DataFrame  # frames.DEALS
    stays: pl.DataFrame  # frames.STAYS
    activities: pl.DataFrame  # tables.ACTIVITIES
    conversions: pl.DataFrame  # kpi_papers.CONVERSIONS
    tickets: pl.DataFrame  # kpi_papers.TICKETS
    today: date


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure: Σ num ÷ Σ den where ``is_share``, the median of num for days, else Σ num.

    ``opens`` says what its rows are; ``has_past`` whether it can be told for earlier periods.
    """

    label: str
    unit: Unit
    what: str  # numerator and denominator in words
    rows: Callable[[Source, Span], pl.LazyFrame]
    opens: Literal["customer", "opportunity", "activity", "ticket"]
    good: Literal["up", "down", "neither"] = "up"
    has_past: bool = True


def _rows(frame: pl.LazyFrame, key: str, num: Any = 1.0, den: Any = 1.0) -> pl.LazyFrame:
    told = {"id": pl.col(key), "owner_id": pl.col("owner_id"), "office_id": pl.col("office_id")}
    told |= {"num": pl.lit(num) if isinstance(num, float) else num}
    told |= {"den": pl.lit(den) if isinstance(den, float) else den}
    return frame.select(**{name: told[name].cast(kind) for name, kind in ROWS.items()})


def new_potential(source: Source, span: Span) -> pl.LazyFrame:
    """Return the customers registered in the period."""
    return _rows(source.customers.lazy().filter(span.has_day("registered_on")), "customer_id")


def conversions(source: Source, span: Span) -> pl.LazyFrame:
    """Return the customers converted in the period."""
    return _rows(source.conversions.lazy().filter(span.has_day("decided_on")), "customer_id")


def conversion_rate(source: Source, span: Span) -> pl.LazyFrame:
    """Return the converted, over them and those still 潜在 at the end of the period."""
    done = source.conversions.lazy().filter(span.has_day("decided_on"))
    later = source.conversions.filter(pl.col("decided_on") > span.end)["customer_id"]
    is_potential = pl.col("status").cast(pl.String) == CustomerStatus.POTENTIAL.value
    left = source.customers.lazy().filter(
        pl.col("registered_on") <= span.end,
        is_potential | pl.col("customer_id").is_in(later.implode()),
    )
    return pl.concat([_rows(done, "customer_id"), _rows(left, "customer_id", 0.0)])


def conversion_days(source: Source, span: Span) -> pl.LazyFrame:
    """Return the working days from request to approval."""
    found = source.conversions.lazy().filter(span.has_day("decided_on"))
    return _rows(found, "customer_id", pl.col("workdays"))


def visits(source: Source, span: Span) -> pl.LazyFrame:
    """Return the visits done in the period."""
    found = source.activities.lazy().filter(activity_board.done(span), activity_board.IS_VISIT)
    return _rows(found, "activity_id")


def on_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the activities due in the period; those done on their day or before count."""
    found = source.activities.lazy().filter(activity_board.judged(span, source.today))
    return _rows(found, "activity_id", activity_board.on_time().fill_null(value=False))


def _open(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals in hand at the end of the period, in the stage they then stood in.

    Amounts and owners are today's.
    """
    if span.end >= source.today:
        return source.deals.lazy().filter("is_open")
    stayed = (pl.col("entered_on") <= span.end) & (
        pl.col("left_on").is_null() | (pl.col("left_on") > span.end)
    )
    then = source.stays.lazy().filter(stayed).select("opportunity_id", then="probability")
    shelved = pl.col("closed") & (pl.col("closed_on") <= span.end)
    weighted = pl.col("amount").cast(pl.Float64) * pl.col("then") / 100
    return (
        source.deals.lazy()
        .filter(~shelved.fill_null(value=False))
        .join(then, on="opportunity_id")
        .with_columns(weighted=weighted)
    )


def open_count(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals in hand."""
    return _rows(_open(source, span), "opportunity_id")


def open_amount(source: Source, span: Span) -> pl.LazyFrame:
    """Return the amounts of the deals in hand."""
    return _rows(_open(source, span), "opportunity_id", pl.col("amount"))


def open_weighted(source: Source, span: Span) -> pl.LazyFrame:
    """Return the weighted amounts of the deals in hand."""
    return _rows(_open(source, span), "opportunity_id", pl.col("weighted"))


def _decided(source: Source, span: Span) -> pl.LazyFrame:
    ends = [Outcome.WON.value, Outcome.LOST.value]
    decided = pl.col("outcome").cast(pl.String).is_in(ends)
    return source.deals.lazy().filter(decided, span.has_day("decided_on"))


_IS_WON = pl.col("outcome").cast(pl.String) == Outcome.WON.value


def win_rate(source: Source, span: Span) -> pl.LazyFrame:
    """Return the deals decided in the period; the won ones count."""
    return _rows(_decided(source, span), "opportunity_id", _IS_WON)


def win_rate_amount(source: Source, span: Span) -> pl.LazyFrame:
    """Return the amounts decided in the period: won ones as won, lost ones as expected."""
    amount = pl.when(_IS_WON).then(pl.coalesce("won_amount", "amount")).otherwise(pl.col("amount"))
    num = pl.when(_IS_WON).then(amount).otherwise(0)
    return _rows(_decided(source, span), "opportunity_id", num, amount)


def active_customers(source: Source, span: Span) -> pl.LazyFrame:
    """Return all customers; those contacted or traded with lately count."""
    contact = pl.col("last_contact_on") >= span.end - timedelta(days=CONTACT_DAYS)
    trade = pl.col("last_trade_on") >= span.end - timedelta(days=TRADE_DAYS)
    is_active = contact.fill_null(value=False) | trade.fill_null(value=False)
    return _rows(source.customers.lazy(), "customer_id", is_active)


def reply_in_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the complaints whose reply was due in the period; those answered in time count."""
    return _in_time(source, span, "reply_due", "replied_at")


def solved_in_time(source: Source, span: Span) -> pl.LazyFrame:
    """Return the complaints whose solution was due in the period; those in time count."""
    return _in_time(source, span, "solve_due", "solved_at")


def _in_time(source: Source, span: Span, due: str, done: str) -> pl.LazyFrame:
    found = source.tickets.lazy().filter(pl.col("is_complaint"), span.has_moment(due))
    in_time = (pl.col(done) <= pl.col(due)).fill_null(value=False)
    return _rows(found, "ticket_id", in_time)


def satisfaction(source: Source, span: Span) -> pl.LazyFrame:
    """Return the scores given in the period."""
    scored = pl.col("score").is_not_null() & span.has_day("revisited_on")
    return _rows(source.tickets.lazy().filter(scored), "ticket_id", pl.col("score"))


_TICKETS = "投诉工单，归受理人"
KPIS: dict[str, Kpi] = {
    "new": Kpi("新增潜在数", "number", "期间内登记的客户数", new_potential, "customer"),
    "converted": Kpi("转交易数", "number", "期间内通过转交易的客户数", conversions, "customer"),
    "conversion": Kpi(
        "转交易率",
        "percent",
        "期间内转交易的客户 ÷（转交易的客户 + 期末潜在客户）",
        conversion_rate,
        "customer",
    ),
    "conversion_days": Kpi(
        "转交易审批时长",
        "days",
        "从申请到通过的工作日，取中位数",
        conversion_days,
        "customer",
        "down",
    ),
    "visits": Kpi("有效拜访数", "number", "期间内已完成的上门拜访与约见", visits, "activity"),
    "on_time": Kpi(
        "活动按时完成率",
        "percent",
        "计划当天或之前完成的活动 ÷ 计划在期间内到期的活动",
        on_time,
        "activity",
    ),
    "open": Kpi("在手商机数", "number", "期末未输赢、未关闭的商机", open_count, "opportunity"),
    "amount": Kpi("在手金额", "money", "期末在手商机的预计金额之和", open_amount, "opportunity"),
    "weighted": Kpi(
        "加权金额", "money", "期末在手商机的预计金额 × 赢率之和", open_weighted, "opportunity"
    ),
    "win": Kpi(
        "赢单率（数）", "percent", "期间内赢单数 ÷（赢单数 + 输单数）", win_rate, "opportunity"
    ),
    "win_amount": Kpi(
        "赢单率（额）",
        "percent",
        "期间内成交金额 ÷（成交金额 + 输单的预计金额）",
        win_rate_amount,
        "opportunity",
    ),
    "active": Kpi(
        "活跃客户占比",
        "percent",
        f"{CONTACT_DAYS} 天内有接触或 {TRADE_DAYS} 天内有交易的客户 ÷ 客户数（截至今天）",
        active_customers,
        "customer",
        has_past=False,
    ),
    "reply": Kpi(
        "投诉首响及时率",
        "percent",
        f"按时首次回复 ÷ 期间内应回复（{_TICKETS}）",
        reply_in_time,
        "ticket",
    ),
    "solve": Kpi(
        "投诉解决及时率",
        "percent",
        f"按时解决 ÷ 期间内应解决（{_TICKETS}）",
        solved_in_time,
        "ticket",
    ),
    "score": Kpi(
        "满意度均分", "number", "期间内回访的评分之和 ÷ 评分数（1–5 分）", satisfaction, "ticket"
    ),
}
_AVERAGED = ("score",)


def _value(key: str) -> pl.Expr:
    kpi = KPIS[key]
    if kpi.unit == "days":
        return pl.col("num").median()
    if kpi.unit == "percent" or key in _AVERAGED:
        whole = pl.col("den").sum()
        return pl.when(whole > 0).then(pl.col("num").sum() / whole)
    return pl.col("num").sum()


def behind(source: Source, part: Part, span: Span, key: str) -> pl.DataFrame:
    """Return the rows of a figure (columns: ROWS), those that count first."""
    found = KPIS[key].rows(source, span).filter(part.condition())
    return found.sort("num", "id", descending=True).collect()


def figures(source: Source, part: Part, span: Span) -> dict[str, float | None]:
    """Return every figure of a part of the firm; None where there is nothing to divide by."""
    wanted = [
        kpi.rows(source, span).filter(part.condition()).select(_value(key))
        for key, kpi in KPIS.items()
    ]
    return {key: frame.item() for key, frame in zip(KPIS, pl.collect_all(wanted), strict=True)}


def figures_before(source: Source, part: Part, earlier: Span) -> dict[str, float | None]:
    """Return the figures of an earlier period; None for what is known of today alone."""
    found = figures(source, part, earlier)
    return {key: value if KPIS[key].has_past else None for key, value in found.items()}


def grouped(
    source: Source, part: Part, span: Span, by: str, places: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the figures per owner_id, office_id or area_id (``places``: units.AREAS).

    Columns: ``by`` and one per figure; what belongs to nobody is left out.
    """
    wanted = []
    for key, kpi in KPIS.items():
        rows = kpi.rows(source, span).filter(part.condition())
        if places is not None:
            rows = rows.join(places.lazy(), on="office_id", how="left")
        named = rows.filter(pl.col(by).is_not_null())
        wanted.append(named.group_by(by).agg(_value(key).alias(key)))
    found: pl.DataFrame | None = None
    for frame in pl.collect_all(wanted):
        joins = {"on": by, "how": "full", "coalesce": True}
        found = frame if found is None else found.join(frame, **joins)  # type: ignore[arg-type]
    assert found is not None  # noqa: S101 there is at least one figure
    counts = [k for k, kpi in KPIS.items() if kpi.unit in {"number", "money"} and k != "score"]
    return found.with_columns(pl.col(counts).fill_null(0)).sort(by)


def by_month(source: Source, part: Part, spans: Sequence[tuple[str, Span]]) -> pl.DataFrame:
    """Return the figures of each month: month (2026-11) and one column per figure."""
    rows = [
        {"month": name, **(figures if at == 0 else figures_before)(source, part, span)}
        for at, (name, span) in enumerate(spans)
    ]
    kinds = {"month": pl.String(), **dict.fromkeys(KPIS, pl.Float64())}
    return pl.DataFrame(rows, schema=kinds)

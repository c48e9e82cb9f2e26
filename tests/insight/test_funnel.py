"""The funnel's figures, against sums made by the database and by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import func, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.insight import funnel
from crmlib.insight.cut import Basis, Filters
from crmlib.insight.frames import DEALS, STAYS
from crmlib.insight.funnel_bar import bar_choices
from crmlib.insight.live import funnel_data
from crmlib.opportunities.actions import advance_stage
from crmlib.opportunities.model import Opportunity, OpportunityProduct, Outcome, StageHistory
from crmlib.store.engine import reading, writing
from tests import make

Cast = dict[str, Actor]
EVERYTHING = Filters()


def some_deals() -> None:
    """Write deals of two salesmen in several stages, some ended."""
    mine, other = make.customer(), make.customer(owner="chengang")
    stages = ("INFO", "SETUP", "QUOTE", "QUOTE", "CONTRACT")
    for place, stage in enumerate(stages, start=1):
        make.opportunity(mine, stage=stage, amount=Decimal(place) * 1000 + Decimal("0.01"))
        make.opportunity(other, stage=stage, amount=place * 7777, owner="chengang")
    for state in ({"outcome": Outcome.WON}, {"outcome": Outcome.LOST}, {"closed": True}):
        make.opportunity(mine, amount=99_999, **state)


def test_sum_over_stages_is_the_total_of_the_database(cast: Cast) -> None:
    some_deals()
    with reading() as session:
        is_open = (Opportunity.outcome == Outcome.OPEN) & Opportunity.closed.is_(False)
        total, fen, weighted = session.execute(
            select(
                func.count(),
                func.sum(Opportunity.amount),
                func.sum(Opportunity.amount * Opportunity.probability),
            ).where(is_open)
        ).one()
    data = funnel_data(cast["sunyue"])
    stages = funnel.stages(data, EVERYTHING)
    assert stages["count"].sum() == total == 10
    assert stages["amount"].sum() == fen
    assert stages["weighted"].sum() * 100 * 100 == weighted  # fen × percent
    figures = funnel.summary(data, EVERYTHING)
    assert (figures.count.value, figures.amount.value) == (total, fen)
    assert stages["stage_code"].to_list()[:2] == ["INFO", "SETUP"]
    assert stages.schema == funnel.STAGES


def test_deals_of_another_office_are_never_in_the_totals(cast: Cast) -> None:
    some_deals()
    for login in ("zhangwei", "wangqiang", "liuyang"):
        data = funnel_data(cast[login])
        assert set(data.deals["owner"]) == {"王强"}
        assert funnel.summary(data, EVERYTHING).amount.value == Decimal("15000.05")
        assert funnel.stages(data, EVERYTHING)["count"].sum() == 5
    assert set(funnel_data(cast["chengang"]).deals["owner"]) == {"陈刚"}


def test_nothing_found_is_an_empty_frame(cast: Cast) -> None:
    some_deals()
    data = funnel_data(cast["zhangwei"])
    for filters in (
        Filters(offices=(9999,)),
        Filters(regions=("西北",)),
        Filters(start=date(2001, 1, 1), end=date(2001, 1, 31)),
        Filters(family="没有"),
        Filters(stages=("NONE",)),
        Filters(min_amount=Decimal(10**9)),
    ):
        assert funnel.stages(data, filters).is_empty()
        assert funnel.stages(data, filters).schema == funnel.STAGES
        assert funnel.rows(data, filters).collect().is_empty()
        assert funnel.stalled(data, filters).collect().is_empty()
        assert funnel.summary(data, filters).count.value == 0


def test_person_without_deals_gets_an_empty_funnel(cast: Cast) -> None:
    data = funnel_data(cast["wangqiang"])
    assert data.deals.schema == DEALS
    assert data.stays.schema == STAYS
    assert funnel.stages(data, EVERYTHING).is_empty()
    assert funnel.summary(data, EVERYTHING).amount.value == 0
    assert {choice.name: choice.options for choice in bar_choices(data)}["owner"] == []


def test_clerk_has_no_funnel(cast: Cast) -> None:
    some_deals()
    assert funnel_data(cast["limin"]).deals.is_empty()


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"regions": ("华南",)}, 2),
        ({"regions": ("广东",)}, 2),
        ({"min_amount": Decimal(500)}, 1),
        ({"max_amount": Decimal(500)}, 1),
        ({"stages": ("BID",)}, 1),
        ({"family": "点支承玻璃幕墙构配件"}, 1),
        ({"start": timedelta(0), "end": timedelta(days=60)}, 1),
        ({"start": timedelta(days=-3), "basis": Basis.REGISTERED}, 2),
        ({"end": timedelta(days=-4), "basis": Basis.REGISTERED}, 0),
    ],
)
def test_each_filter_narrows_all_answers_alike(
    cast: Cast, change: dict[str, object], count: int
) -> None:
    make.opportunity(make.customer(), amount=100)
    big = make.opportunity(
        make.customer(),
        stage="BID",
        amount=900,
        expected_close=clock.today() + timedelta(days=61),
    )
    with writing() as session, session.begin():
        session.add(OpportunityProduct(opportunity_id=big, product="P2-01"))
    # Days from today, reckoned now: a run may begin the day before.
    asked = {k: clock.today() + v if isinstance(v, timedelta) else v for k, v in change.items()}
    data, filters = funnel_data(cast["zhangwei"]), Filters(**asked)
    assert funnel.rows(data, filters).collect().height == count
    assert funnel.stages(data, filters)["count"].sum() == count
    assert funnel.summary(data, filters).count.value == count


def test_rows_of_one_stage_are_the_largest_first(cast: Cast) -> None:
    some_deals()
    data = funnel_data(cast["zhangwei"])
    assert funnel.rows(data, EVERYTHING, "QUOTE").collect()["amount"].to_list() == [
        Decimal("4000.01"),
        Decimal("3000.01"),
    ]


def test_stalled_deals_are_counted_and_listed(cast: Cast) -> None:
    now, customer = clock.now(), make.customer()
    spent = {days: now - timedelta(days=days) for days in (15, 16, 90)}
    made = {d: make.opportunity(customer, stage_since=since) for d, since in spent.items()}
    data = funnel_data(cast["zhangwei"])
    late = funnel.stalled(data, EVERYTHING).collect()
    assert late["opportunity_id"].to_list() == [made[90], made[16]]
    (row,) = funnel.stages(data, EVERYTHING).filter(pl.col("count") > 0).iter_rows(named=True)
    assert (row["stalled"], row["stalled_amount"]) == (2, 200_000)
    assert row["stalled_share"] == pytest.approx(2 / 3)


def test_conversion_and_median_come_from_the_history(cast: Cast) -> None:
    customer = make.customer()
    since = clock.now() - timedelta(days=10)
    deals = [make.opportunity(customer) for _ in range(4)]
    with writing() as session, session.begin():
        for deal in deals:
            for row in session.query(StageHistory).filter_by(opportunity_id=deal):
                row.moved_at = since
    advance_stage(cast["wangqiang"], deals[0], confirm=True)
    # There and back again: it did get beyond the first stage, and counts once.
    advance_stage(cast["wangqiang"], deals[1], confirm=True)
    first = make.fetch(Opportunity, deals[2]).stage_id
    advance_stage(cast["wangqiang"], deals[1], first, reason="图纸变更", confirm=True)
    stages = funnel.stages(funnel_data(cast["zhangwei"]), EVERYTHING)
    info, setup = stages.head(2).iter_rows(named=True)
    assert (info["count"], setup["count"]) == (3, 1)
    assert info["conversion"] == pytest.approx(0.5)
    assert info["median_days"] == 10
    assert (setup["conversion"], setup["median_days"]) == (0.0, 0.0)
    assert stages["conversion"][-1] is None


def test_before_is_the_funnel_as_it_stood(cast: Cast) -> None:
    now, customer = clock.now(), make.customer()
    old = {"registered_at": now - timedelta(days=90)}
    stood = make.opportunity(customer, amount=1000, stage="INFO", **old)
    won = make.opportunity(
        customer, amount=500, outcome=Outcome.WON, decided_on=clock.today(), **old
    )
    make.opportunity(customer, amount=70)  # three days old
    with writing() as session, session.begin():
        for row in session.query(StageHistory):
            if row.opportunity_id in {stood, won}:
                row.moved_at = now - timedelta(days=90)
    advance_stage(cast["wangqiang"], stood, confirm=True)
    figures = funnel.summary(funnel_data(cast["zhangwei"]), EVERYTHING)
    assert figures.before == clock.today() - timedelta(days=30)
    assert (figures.count.value, figures.count.before) == (2, 2)
    assert (figures.amount.value, figures.amount.before) == (1070, 1500)
    # 5 % of all in the first stage then; 10 % and 5 % now.
    assert (figures.weighted.value, figures.weighted.before) == (Decimal("103.5"), 75)
    assert figures.stalled.before == 2
    assert figures.amount.change == pytest.approx(1070 / 1500 - 1)


@pytest.mark.parametrize(
    ("start", "end", "before", "day"),
    [
        ("2026-10-01", "2026-12-31", ("2026-07-01", "2026-09-30"), "2026-08-23"),
        ("2026-11-01", "2026-11-30", ("2026-10-01", "2026-10-31"), "2026-10-23"),
        ("2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31"), "2025-11-23"),
        ("2026-11-09", "2026-11-15", ("2026-11-02", "2026-11-08"), "2026-11-16"),
    ],
)
def test_period_before(start: str, end: str, before: tuple[str, str], day: str) -> None:
    filters = Filters(start=date.fromisoformat(start), end=date.fromisoformat(end))
    earlier, when = funnel._period_before(filters, date(2026, 11, 23))
    assert (str(earlier.start), str(earlier.end), str(when)) == (*before, day)
    assert replace(earlier, start=None, end=None) == EVERYTHING


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("month", "2026-11-01", "2026-11-30"),
        ("quarter", "2026-10-01", "2026-12-31"),
        ("next_quarter", "2027-01-01", "2027-03-31"),
        ("year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_period(name: str, first: str, last: str) -> None:
    assert funnel.period(name, date(2026, 11, 23)) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )

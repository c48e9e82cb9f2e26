"""绩效指标 on hand-made rows: each figure, its rows, its groups and the period before."""

from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest

from crmlib.access.reach import Reach
from crmlib.insight import frames, kpi, kpi_papers, tables
from crmlib.insight.kpi import KPIS, Source
from crmlib.insight.spans import Span
from crmlib.insight.units import Part

NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))
ALL = Part(Reach(everything=True))


def frame(schema: pl.Schema, *rows: dict[str, object]) -> pl.DataFrame:
    """Return rows of a schema; what is not given is null."""
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def day(number: int, month: int = 11) -> date:
    return date(2026, month, number)


def at(number: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, number, hour)  # noqa: DTZ001 wall time


@pytest.fixture(scope="module")
def source() -> Source:
    one, two = {"owner_id": 1, "office_id": 10}, {"owner_id": 2, "office_id": 20}
    customers = frame(
        frames.CUSTOMERS,
        {**one, "customer_id": 1, "status": "potential", "registered_on": day(5)},
        {**one, "customer_id": 2, "status": "trading", "registered_on": day(5, 1),
         "last_trade_on": day(1, 3)},
        {**two, "customer_id": 3, "status": "potential", "registered_on": day(9, 10),
         "last_contact_on": day(1)},
        {**two, "customer_id": 4, "status": "potential", "registered_on": day(9, 1),
         "last_contact_on": day(1, 2)},
    )  # fmt: skip
    deal = {"amount": 100, "weighted": 50, "probability": 50, "closed": False}
    deals = frame(
        frames.DEALS,
        {**one, **deal, "opportunity_id": 1, "outcome": "open", "is_open": True},
        {**one, **deal, "opportunity_id": 2, "outcome": "won", "is_open": False,
         "decided_on": day(3), "won_amount": 300},
        {**two, **deal, "opportunity_id": 3, "outcome": "lost", "is_open": False,
         "decided_on": day(4)},
        {**two, **deal, "opportunity_id": 4, "outcome": "lost", "is_open": False,
         "decided_on": day(4, 10)},
    )  # fmt: skip
    stays = frame(
        frames.STAYS,
        {"opportunity_id": 1, "entered_on": day(1, 9), "left_on": day(2), "probability": 10},
        {"opportunity_id": 1, "entered_on": day(2), "probability": 50},
        {"opportunity_id": 2, "entered_on": day(1, 9), "left_on": day(3), "probability": 20},
        {"opportunity_id": 3, "entered_on": day(4), "left_on": day(4), "probability": 20},
        {"opportunity_id": 4, "entered_on": day(1, 9), "left_on": day(4, 10), "probability": 20},
    )
    activity = {"status": "done", "activity_type": "01"}
    activities = frame(
        tables.ACTIVITIES.schema,
        {**one, **activity, "activity_id": 1, "planned_end": at(3), "ended_at": at(3, 20)},
        {**one, **activity, "activity_id": 2, "planned_end": at(3), "ended_at": at(4)},
        {**two, "activity_id": 3, "activity_type": "03", "status": "done", "ended_at": at(4)},
        {**two, "activity_id": 4, "status": "not_started", "planned_end": at(20)},
        {**two, **activity, "activity_id": 5, "planned_end": at(3, month=10),
         "ended_at": at(3, month=10)},
    )  # fmt: skip
    conversions = frame(
        kpi_papers.CONVERSIONS,
        {**one, "customer_id": 2, "decided_on": day(6), "workdays": 3},
    )
    ticket = {**one, "is_complaint": True, "reply_due": at(5), "solve_due": at(9)}
    tickets = frame(
        kpi_papers.TICKETS,
        {**ticket, "ticket_id": 1, "replied_at": at(4), "solved_at": at(10), "score": 5,
         "revisited_on": day(12)},
        {**ticket, "ticket_id": 2, "score": 2, "revisited_on": day(13)},
        {**ticket, "ticket_id": 3, "is_complaint": False},
    )  # fmt: skip
    return Source(customers, deals, stays, activities, conversions, tickets, day(23))


@pytest.mark.parametrize(
    ("key", "value", "earlier"),
    [
        ("new", 1, 1),
        ("converted", 1, 0),
        ("conversion", 1 / 4, 0),
        ("conversion_days", 3, None),
        ("visits", 2, 1),
        ("on_time", 1 / 3, 1),
        ("open", 1, 2),
        ("amount", 100, 200),
        ("weighted", 50, 30),
        ("win", 1 / 2, 0),
        ("win_amount", 300 / 400, 0),
        ("active", 2 / 4, None),
        ("reply", 1 / 2, None),
        ("solve", 0, None),
        ("score", 3.5, None),
    ],
)
def test_each_figure_and_the_period_before(
    source: Source, key: str, value: float, earlier: float | None
) -> None:
    assert kpi.figures(source, ALL, NOVEMBER)[key] == pytest.approx(value)
    found = kpi.figures_before(source, ALL, OCTOBER)[key]
    assert found == (None if earlier is None else pytest.approx(earlier))


def test_every_figure_is_named_and_tested() -> None:
    marks = test_each_figure_and_the_period_before.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == set(KPIS)
    assert all(each.label and each.what for each in KPIS.values())


@pytest.mark.parametrize("key", ["new", "visits", "open", "amount", "weighted", "converted"])
def test_people_offices_and_areas_add_up_to_the_firm(source: Source, key: str) -> None:
    places = pl.DataFrame({"office_id": [10, 20], "area_id": [5, 5], "area": ["华南区", "华南区"]})
    whole = kpi.figures(source, ALL, NOVEMBER)[key]
    for by, table in (("owner_id", None), ("office_id", None), ("area_id", places)):
        assert kpi.grouped(source, ALL, NOVEMBER, by, table)[key].sum() == whole, by
    assert kpi.behind(source, ALL, NOVEMBER, key)["num"].sum() == whole


def test_a_part_has_its_own_figures(source: Source) -> None:
    one = replace(ALL, owners=(1,))
    found = kpi.figures(source, one, NOVEMBER)
    assert (found["win"], found["on_time"], found["visits"]) == (1, 0.5, 2)
    mine = Part(Reach(owners=frozenset({2})))
    assert kpi.figures(source, mine, NOVEMBER)["win"] == 0
    assert kpi.figures(source, Part(Reach()), NOVEMBER)["win"] is None


def test_months_stand_beside_each_other(source: Source) -> None:
    found = kpi.by_month(source, ALL, [("2026-11", NOVEMBER), ("2026-10", OCTOBER)])
    assert found["month"].to_list() == ["2026-11", "2026-10"]
    assert found["new"].to_list() == [1, 1]
    assert found["active"].to_list() == [0.5, None]

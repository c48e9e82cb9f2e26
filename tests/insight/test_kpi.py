"""绩效指标 on hand-made rows: each figure, its rows, its groups and the period before."""

from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest

from crmlib.access.reach import Reach
from crmlib.insight import (
    duplicates,
    frames,
    hand_ins,
    kpi,
    kpi_blocks,
    naming,
    paper_tables,
    tables,
)
from crmlib.insight.attainment import Board
from crmlib.insight.frames import FunnelData
from crmlib.insight.kpi import KPIS
from crmlib.insight.kpi_source import Source
from crmlib.insight.live import Visible
from crmlib.insight.naming import Names
from crmlib.insight.spans import Span
from crmlib.insight.units import Part
from crmlib.targets.queries import TARGETS

NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30), "month")
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31), "month")
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
        {"row": 0, "opportunity_id": 1, "stage_code": "INFO", "entered_on": day(1, 9),
         "left_on": day(2), "days": 62, "probability": 10, "advanced": True, "first": True},
        {"row": 0, "opportunity_id": 1, "stage_code": "BID", "entered_on": day(2),
         "probability": 50, "advanced": False, "first": True},
        {"row": 1, "opportunity_id": 2, "stage_code": "BID", "entered_on": day(1, 9),
         "left_on": day(3), "days": 63, "probability": 20, "advanced": True, "first": True},
        {"row": 2, "opportunity_id": 3, "stage_code": "BID", "entered_on": day(4),
         "left_on": day(4), "days": 0, "probability": 20, "advanced": False, "first": True},
        {"row": 3, "opportunity_id": 4, "stage_code": "INFO", "entered_on": day(1, 9),
         "left_on": day(4, 10), "days": 33, "probability": 20, "advanced": False, "first": True},
    )  # fmt: skip
    steps = frame(
        frames.STEPS,
        {"stage_code": "INFO", "stage": "信息收集", "position": 1},
        {"stage_code": "BID", "stage": "投标", "position": 2},
        {"stage_code": "SIGN", "stage": "签约", "position": 3},
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
        paper_tables.CONVERSIONS,
        {**one, "customer_id": 2, "decided_on": day(6), "workdays": 3},
    )
    ticket = {**one, "is_complaint": True, "reply_due": at(5), "solve_due": at(9)}
    tickets = frame(
        paper_tables.TICKETS,
        {**ticket, "ticket_id": 1, "replied_at": at(4), "solved_at": at(10), "score": 5,
         "revisited_on": day(12)},
        {**ticket, "ticket_id": 2, "score": 2, "revisited_on": day(13)},
        {**ticket, "ticket_id": 3, "is_complaint": False},
    )  # fmt: skip
    pairs = frame(
        duplicates.PAIRS,
        {**two, "pair_id": 1, "found_on": day(9, 10), "state": "open"},
        {**two, "pair_id": 2, "found_on": day(1, 2), "decided_on": day(2), "state": "merged"},
        {**one, "pair_id": 3, "found_on": day(1, 2), "decided_on": day(2, 10), "state": "distinct"},
    )
    names = named()
    targets = frame(
        TARGETS,
        {"person_id": 1, "kind": "month", "starts_on": day(1), "sales": 600, "customers": 4,
         "satisfaction": 4.0},
        {"person_id": 2, "kind": "month", "starts_on": day(1), "sales": 150},
        {"office_id": 20, "kind": "month", "starts_on": day(1), "sales": 200, "satisfaction": 4.5},
        {"person_id": 2, "kind": "month", "starts_on": day(1, 10), "sales": 50},
    )  # fmt: skip
    funnel = FunnelData(deals, stays, steps, day(23), at(23))
    visible = Visible(customers, names, day(23), at(23))
    return Source(
        customers=customers,
        deals=deals,
        stays=stays,
        steps=steps,
        activities=activities,
        conversions=conversions,
        tickets=tickets,
        pairs=pairs,
        reports=reports,
        board=Board(funnel, visible, targets, ALL, tickets),
        keys=tuple(KPIS),
        today=day(23),
    )


def named() -> Names:
    """Name two people of two offices of one area."""
    people = frame(
        naming.PEOPLE,
        {"owner_id": 1, "owner": "王强", "home_id": 10, "role": "sales", "active": True},
        {"owner_id": 2, "owner": "陈刚", "home_id": 20, "role": "sales", "active": True},
    )
    offices = frame(
        naming.OFFICES,
        {"office_id": 5, "office": "华南区"},
        {"office_id": 10, "office": "广州", "office_parent_id": 5},
        {"office_id": 20, "office": "上海", "office_parent_id": 5},
    )
    return Names(people, offices, pl.DataFrame(), pl.DataFrame(), {}, {})


def reports(span: Span) -> pl.DataFrame:
    """Count invented reports: of eight due in November, of two in October."""
    assert span.end <= day(23)
    due = {
        11: [{"person_id": 1, "office_id": 10, "due": 6, "handed_in": 5, "late": 2},
             {"person_id": 2, "office_id": 20, "due": 2, "handed_in": 0, "late": 0}],
        10: [{"person_id": 1, "office_id": 10, "due": 2, "handed_in": 1, "late": 0}],
    }  # fmt: skip
    return frame(hand_ins.TALLY, *due[span.start.month])


@pytest.mark.parametrize(
    ("key", "value", "earlier"),
    [
        ("new", 1, 1),
        ("converted", 1, 0),
        ("conversion", 1 / 4, 0),
        ("conversion_days", 3, None),
        ("duplicates", 1 / 4, 2 / 3),
        ("visits", 2, 1),
        ("on_time", 1 / 3, 1),
        ("reports", 5 / 8, 1 / 2),
        ("reports_in_time", 3 / 8, 1 / 2),
        ("open", 1, 2),
        ("amount", 100, 200),
        ("weighted", 50, 30),
        ("stay", 62, 33),
        ("passage", 2 / 3, 0),
        ("win", 1 / 2, 0),
        ("win_amount", 300 / 400, 0),
        ("attained", 300 / 800, 0),
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


def test_targets_stand_under_what_was_reached(source: Source) -> None:
    told = kpi.aimed(source, ALL, NOVEMBER)
    # 上海 has a target of its own, 广州 that of its people.
    assert told == {"attained": 800, "new": 4, "score": pytest.approx(4.25)}
    by_office = kpi.grouped(source, ALL, NOVEMBER, "office_id")
    assert dict(by_office.select("office_id", "attained").rows()) == {10: 0.5, 20: 0}
    by_person = kpi.grouped(source, ALL, NOVEMBER, "owner_id")
    assert dict(by_person.select("owner_id", "attained").rows()) == {1: 0.5, 2: 0}
    assert kpi.figures(source, replace(ALL, owners=(1,)), NOVEMBER)["attained"] == 0.5
    assert kpi.behind(source, ALL, NOVEMBER, "attained")["id"].to_list() == [2]
    # Days that are no calendar period have no target; who may not see targets has no figure.
    assert kpi.figures(source, ALL, Span(day(1), day(9)))["attained"] is None
    blind = replace(source, board=None, keys=tuple(k for k in KPIS if k != "attained"))
    assert "attained" not in kpi.figures(blind, ALL, NOVEMBER)
    assert "attained" not in kpi.grouped(blind, ALL, NOVEMBER, "owner_id").columns
    assert kpi.aimed(blind, ALL, NOVEMBER) == {}


def test_records_behind_shares(source: Source) -> None:
    # Customers are under the line only: there is nothing of them to be opened.
    assert kpi.behind(source, ALL, NOVEMBER, "duplicates")["id"].to_list() == [1]
    assert kpi.behind(source, ALL, NOVEMBER, "reports")["id"].to_list() == [1, 2]
    assert kpi.behind(source, ALL, NOVEMBER, "stay")["id"].to_list() == [2, 1, 3]
    nameless = replace(
        source, reports=lambda span: reports(span).with_columns(person_id=pl.lit(None, pl.Int64()))
    )
    assert kpi.figures(nameless, ALL, NOVEMBER)["reports"] == 5 / 8
    assert kpi.figures(nameless, replace(ALL, owners=(1,)), NOVEMBER)["reports"] is None
    assert kpi.grouped(nameless, ALL, NOVEMBER, "owner_id")["reports"].to_list() == [None, None]
    assert kpi.behind(nameless, ALL, NOVEMBER, "reports").is_empty()


def test_stages_and_reasons(source: Source) -> None:
    found = kpi_blocks.by_stage(source, ALL, NOVEMBER)
    assert found.select("stage_code", "stage", "left", "days", "passage").rows() == [
        ("INFO", "信息收集", 1, 62, 1),
        ("BID", "投标", 2, 31.5, 0.5),
        ("SIGN", "签约", 0, None, None),
    ]
    assert kpi_blocks.stage_deals(source, ALL, NOVEMBER, "BID")["id"].to_list() == [2, 3]
    reasons = kpi_blocks.reasons(source, ALL, NOVEMBER)
    assert reasons.select("reason", "count", "share").rows() == [("未填", 1, 1)]
    lost = kpi_blocks.lost_with(source, ALL, NOVEMBER, "未填")
    assert lost["opportunity_id"].to_list() == [3]
    assert kpi_blocks.lost_with(source, ALL, NOVEMBER, "价格").is_empty()
    assert kpi_blocks.by_stage(source, Part(Reach()), NOVEMBER)["left"].sum() == 0

"""目标达成: targets rolled up, what was won and what is expected, the months, the deals behind."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.insight import attainment, units
from crmlib.insight.aims import By, Period, period_of
from crmlib.insight.attainment import Board
from crmlib.insight.attainment_charts import (
    attainment_chart,
    calendar_chart,
    picked_subjects,
)
from crmlib.insight.live import customer_data, funnel_data
from crmlib.insight.paper_tables import TICKETS
from crmlib.opportunities.model import Outcome
from crmlib.people.model import Office
from crmlib.targets.kinds import TargetKind
from crmlib.targets.queries import target_frame
from tests import make
from tests.targets.build import target

Cast = dict[str, Actor]
TODAY = date(2026, 11, 23)
D, K = Decimal, TargetKind
YEAR, QUARTER, NOVEMBER = (
    Period(K.YEAR, 2026, 1),
    Period(K.QUARTER, 2026, 4),
    Period(K.MONTH, 2026, 11),
)


@pytest.fixture
def firm(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Targets and deals of 王强 (广州) and 陈刚 (上海)."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    own = make.customer(registered_at=clock.now())
    other = make.customer(owner="chengang", registered_at=clock.now())
    won: dict[str, Any] = {"outcome": Outcome.WON}
    make.opportunity(own, won_amount=300_000, decided_on=date(2026, 11, 3), **won)
    make.opportunity(own, won_amount=100_000, decided_on=date(2026, 2, 3), **won)
    make.opportunity(own, won_amount=900_000, decided_on=date(2025, 11, 3), **won)
    make.opportunity(own, amount=200_000, expected_close=date(2026, 12, 24), probability=50)
    make.opportunity(own, amount=400_000, expected_close=date(2027, 1, 24), probability=50)
    make.opportunity(
        other, owner="chengang", won_amount=50_000, decided_on=date(2026, 11, 9), **won
    )
    wang, chen = cast["wangqiang"].person_id, cast["chengang"].person_id
    for month in (10, 11, 12):
        target(wang, K.MONTH, date(2026, month, 1), 20)
    target(wang, K.QUARTER, date(2026, 1, 1), 30)
    target(chen, K.YEAR, date(2026, 1, 1), 100, customers=4)
    target(cast["limin"].person_id, K.YEAR, date(2026, 1, 1), 77, draft=True)
    (canton,) = make.rows(Office, name="广州")
    target(None, K.YEAR, date(2026, 1, 1), 500, office_id=canton.id)
    return cast


def board(actor: Actor, **part: Any) -> Board:
    reach = units.reach_of(actor, Permission.TARGET_VIEW)
    return Board(
        funnel_data(actor),
        customer_data(actor),
        target_frame(actor, 2026),
        units.Part(reach, **part),
    )


def told(found: pl.DataFrame) -> dict[str, tuple[Any, ...]]:
    rows = found.select("label", "target", "actual", "won", "forecast", "open").rows()
    return {row[0]: row[1:] for row in rows if row[1:] != (None, 0, 0, 0, 0)}


def test_people_offices_and_areas(firm: Cast) -> None:
    whole = board(firm["zhouting"])
    by_person = attainment.rows(whole, By.PERSON, YEAR)
    assert by_person.schema == attainment.ROWS
    assert told(by_person) == {
        "王强": (D(900_000), D(400_000), 2, D(100_000), 1),
        "陈刚": (D(1_000_000), D(50_000), 1, D(0), 0),
    }
    (chen,) = by_person.filter(pl.col("label") == "陈刚").rows(named=True)
    assert (chen["customers_target"], chen["customers"], chen["rate"]) == (4, 1, 0.05)
    assert told(attainment.rows(whole, By.PERSON, QUARTER))["王强"][:2] == (600_000, 300_000)
    assert told(attainment.rows(whole, By.PERSON, NOVEMBER)) == {
        "王强": (D(200_000), D(300_000), 1, D(0), 0),
        "陈刚": (None, D(50_000), 1, D(0), 0),
    }
    # An office's own target stands for its people's; without one, theirs add up.
    by_office = told(attainment.rows(whole, By.OFFICE, YEAR))
    assert (by_office["广州"][0], by_office["上海"][0]) == (5_000_000, 1_000_000)
    assert told(attainment.rows(whole, By.OFFICE, QUARTER))["广州"][0] == 600_000
    by_area = told(attainment.rows(whole, By.AREA, YEAR))
    assert by_area["华南区"] == (D(5_000_000), D(400_000), 2, D(100_000), 1)
    sums = attainment.totals(by_person)
    assert (sums.target, sums.actual, sums.forecast) == (1_900_000, 450_000, 100_000)
    assert sums.gap == 1_450_000
    assert sums.rate == pytest.approx(45 / 190)
    assert sums.expected_rate == pytest.approx(55 / 190)


def test_nobody_sees_more_than_his_part(firm: Cast) -> None:
    for login, labels in (
        ("wangqiang", {"王强"}),
        ("zhangwei", {"王强"}),
        ("liuyang", {"王强"}),
        ("chengang", {"陈刚"}),
        ("sunyue", {"王强", "陈刚"}),
    ):
        assert set(told(attainment.rows(board(firm[login]), By.PERSON, YEAR))) == labels
    # Figures of one person of an office stand against his target, not the office's.
    one = board(firm["zhouting"], owners=(firm["wangqiang"].person_id,))
    assert told(attainment.rows(one, By.OFFICE, YEAR))["广州"][0] == 900_000
    none = attainment.rows(board(firm["zhouting"], owners=(10**6,)), By.PERSON, YEAR)
    assert none.is_empty()
    empty = attainment.totals(none)
    assert (empty.target, empty.rate, empty.gap, empty.actual) == (None, None, None, 0)


def test_months_quarters_and_the_year(firm: Cast) -> None:
    year = attainment.calendar(board(firm["zhangwei"]), By.PERSON, 2026)
    assert year.height == 17
    lines = {row[2]: row[3:] for row in year.rows()}
    assert lines["11月"] == (D(200_000), D(300_000), 1.5)
    assert lines["2月"] == (None, D(100_000), None)
    assert lines["一季度"] == (D(300_000), D(100_000), pytest.approx(1 / 3))
    assert lines["全年"][:2] == (D(900_000), D(400_000))
    assert year["month"][0] == "2026-01"
    spec = json.loads(calendar_chart(year).to_json())
    (rows,) = spec["datasets"].values()
    assert len(rows) == 24


def test_deals_behind_the_figures(firm: Cast) -> None:
    whole = board(firm["zhouting"])
    rows = attainment.rows(whole, By.PERSON, YEAR)
    keys = dict(rows.select("label", "key").rows())
    for label, row in told(rows).items():
        for state, count in (("won", row[2]), ("open", row[4])):
            found = attainment.behind(whole, By.PERSON, YEAR, [keys[label]], state)
            assert found.height == count
    every = attainment.behind(whole, By.AREA, YEAR, [], "")
    assert every["state"].to_list() == ["won"] * 3 + ["open"]
    (south,) = make.rows(Office, name="华南区")
    assert attainment.behind(whole, By.AREA, YEAR, [south.id], "").height == 3
    last = Period(K.MONTH, 2026, 10)  # over: what was expected then is no forecast
    assert attainment.rows(whole, By.PERSON, last)["open"].sum() == 0


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("year", YEAR),
        ("quarter", QUARTER),
        ("month", NOVEMBER),
        ("2026-03", Period(K.MONTH, 2026, 3)),
        ("nonsense", YEAR),
    ],
)
def test_periods_of_an_address(name: str, period: Period) -> None:
    assert period_of(name, TODAY) == period
    assert 0 < period.passed(TODAY) <= 1


def test_chart_says_target_and_attainment_in_words() -> None:
    row = dict.fromkeys(attainment.ROWS, 0) | {"key": 7, "label": "王强", "rate": None}
    found = pl.DataFrame(
        [
            row | {"target": 500_000, "actual": 400_000, "forecast": 50_000, "rate": 0.8},
            row | {"key": 8, "target": None},
        ],
        schema=attainment.ROWS,
    )
    spec = json.loads(attainment_chart(found).to_json())
    ((first, second),) = spec["datasets"].values()
    assert (
        first["text"] + first["more"]
        == "王强　¥40.0万 / 目标 ¥50.0万 · 达成 80.0% · 在手加权 ¥5.0万"
    )
    assert (first["rest"], first["expected"]) == (400_000, 450_000)
    assert (second["target"], second["rest"]) == (None, None)
    assert "未设目标" in second["text"]
    assert picked_subjects({"picked": {"key": ["7"]}}) == ("7",)
    assert picked_subjects(None) == ()


def test_satisfaction_stands_beside_its_target(firm: Cast) -> None:
    wang, canton = firm["wangqiang"].person_id, firm["wangqiang"].office_id
    target(wang, K.YEAR, date(2026, 1, 1), 90, satisfaction=D("4.5"))
    scored = [(wang, canton, 4, 2026), (wang, canton, 3, 2026), (wang, canton, 1, 2025)]
    tickets = pl.DataFrame(
        [
            {
                "owner_id": owner,
                "office_id": office,
                "score": score,
                "revisited_on": date(year, 3, 1),
            }
            for owner, office, score, year in scored
        ],
        schema=TICKETS,
    )
    whole = replace(board(firm["zhouting"]), tickets=tickets)
    for by, label in ((By.PERSON, "王强"), (By.OFFICE, "广州"), (By.AREA, "华南区")):
        (row,) = attainment.rows(whole, by, YEAR).filter(pl.col("label") == label).rows(named=True)
        assert (row["satisfaction_target"], row["satisfaction"]) == (4.5, 3.5), by
    assert attainment.rows(whole, By.PERSON, QUARTER)["satisfaction"].null_count() > 0

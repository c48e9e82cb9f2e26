"""活动看板 on hand-made frames: each figure, and that rows and totals agree with it."""

from datetime import date, datetime

import polars as pl
import pytest

from crmlib.access.reach import Reach
from crmlib.insight import activity_board as board
from crmlib.insight import spans, tables
from crmlib.insight.activity_board import Asked
from crmlib.insight.frames import CUSTOMERS
from crmlib.insight.units import Part

NOW = datetime(2026, 11, 23, 15, 0)  # noqa: DTZ001 wall time; a Monday
EVERYTHING = Part(Reach(everything=True))


def day(number: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, number, hour)  # noqa: DTZ001 wall time


# id, type, status, customer, owner, planned end, ended
ROWS = [
    (1, "01", "done", 1, 1, day(3), day(3, 18)),  # on time: later, but on the day
    (2, "01", "done", 1, 1, day(4), day(5)),  # late
    (3, "03", "done", 2, 1, None, day(6)),  # nobody planned it
    (4, "03", "not_started", 2, 1, day(23, 14), None),  # overdue for an hour
    (5, "02", "not_started", 3, 2, day(23, 16), None),  # due today
    (6, "02", "started", 3, 2, day(20), None),  # begun, not done: late but not 逾期
    (7, "05", "not_started", 3, 2, day(20, month=9), None),  # overdue for long
    (8, "01", "done", 3, 2, day(8, month=10), day(8, month=10)),  # in the period before
    (9, "01", "done", 4, 3, day(28, month=10), day(2)),  # planned before, done now
]


@pytest.fixture
def rows() -> pl.DataFrame:
    made = [
        (n, kind, status, customer, None, None, owner, owner, planned, ended, date(2026, 9, 1))
        for n, kind, status, customer, owner, planned, ended in ROWS
    ]
    return pl.DataFrame(made, schema=tables.ACTIVITIES.schema, orient="row")


@pytest.fixture
def customers() -> pl.DataFrame:
    given = [
        (1, 1, date(2026, 11, 20), date(2026, 1, 1)),
        (2, 1, date(2026, 10, 24), date(2026, 1, 1)),  # 30 days: not longer than 30
        (3, 2, date(2026, 10, 23), date(2026, 1, 1)),  # 31 days
        (4, 2, None, date(2026, 8, 1)),  # never: since it was registered
        (5, None, None, date(2026, 1, 1)),  # nobody's
    ]
    made = {
        "customer_id": [g[0] for g in given],
        "owner_id": [g[1] for g in given],
        "office_id": [g[1] for g in given],
        "last_contact_on": [g[2] for g in given],
        "registered_on": [g[3] for g in given],
    }
    return pl.DataFrame(
        {name: made.get(name, [None] * len(given)) for name in CUSTOMERS}, schema=CUSTOMERS
    )


def asked(part: Part = EVERYTHING, **more: object) -> Asked:
    return Asked(part, spans.span_of("month", NOW.date()), NOW, **more)  # type: ignore[arg-type]


def test_figures_of_the_month(rows: pl.DataFrame) -> None:
    found = board.totals(rows, asked())
    assert found == board.Totals(planned=5, done=4, judged=3, on_time=1, overdue=2)
    assert found.share == pytest.approx(1 / 3)
    # Four deals are done although one was planned for October; 6 is begun, so not 逾期.
    assert board.totals(rows.clear(), asked()).share is None


def test_the_period_before_reaches_as_far_as_this_one_has_come(rows: pl.DataFrame) -> None:
    earlier = spans.before("month", NOW.date())
    assert earlier == spans.Span(date(2026, 10, 1), date(2026, 10, 23))
    found = board.totals_before(rows, asked(), earlier)
    assert (found.done, found.judged, found.on_time) == (1, 1, 1)
    assert found.overdue == 1  # 7 was due and not done; 9 was due later


def test_people_sum_up_to_the_totals_and_to_the_rows(
    rows: pl.DataFrame, customers: pl.DataFrame
) -> None:
    found = board.by_person(rows, board.untouched(customers, asked(), 30), asked())
    told = {r["owner_id"]: tuple(r.values())[1:] for r in found.to_dicts()}
    assert told == {
        1: (3, 3, 2, 2, 1, 1, 0),
        2: (2, 0, 0, 1, 0, 1, 2),
        3: (0, 1, 1, 0, 0, 0, 0),
    }
    totals = board.totals(rows, asked())
    for name in ("planned", "done", "judged", "on_time", "overdue"):
        assert found[name].sum() == getattr(totals, name)
    for show, name in (("planned", "planned"), ("done", "done"), ("on_time", "judged")):
        assert board.listed(rows, asked(), show).height == getattr(totals, name)
    assert board.listed(rows, asked(), "overdue")["activity_id"].to_list() == [7, 4]
    assert board.listed(rows, asked(), "on_time")["activity_id"].to_list() == [2, 6, 1]


def test_what_became_of_them(rows: pl.DataFrame) -> None:
    found = board.fates(rows, asked())
    assert {(r["owner_id"], r["fate"]): r["count"] for r in found.to_dicts()} == {
        (1, board.ON_TIME): 1,
        (1, board.DONE_LATE): 1,
        (1, board.UNPLANNED): 1,
        (1, board.OVERDUE): 1,
        (2, board.WAITING): 1,
        (2, board.OVERDUE): 1,
        (3, board.DONE_LATE): 1,
    }


def test_types_and_weeks(rows: pl.DataFrame) -> None:
    assert board.by_type(rows, asked()).rows() == [("01", 3), ("03", 1)]
    weeks = board.by_week(rows, asked(), weeks=4)
    assert weeks["week"].unique().to_list()[-1] == date(2026, 11, 23)
    by_week = {(r["week"], r["what"]): r["count"] for r in weeks.to_dicts()}
    assert by_week[date(2026, 11, 2), "完成"] == 4
    assert by_week[date(2026, 11, 23), "计划"] == 2
    assert len(by_week) == 8


@pytest.mark.parametrize(
    ("days", "left"), [(30, [4, 3]), (31, [4]), (29, [4, 3, 2]), (114, []), (113, [4])]
)
def test_untouched_customers(customers: pl.DataFrame, days: int, left: list[int]) -> None:
    found = board.untouched(customers, asked(), days)
    assert found["customer_id"].to_list() == left


@pytest.mark.parametrize(
    ("part", "overdue", "untouched"),
    [
        (Part(Reach(owners=frozenset({1}))), 1, 0),
        (Part(Reach(offices=frozenset({2}))), 1, 2),
        (Part(Reach()), 0, 0),
        (Part(Reach(everything=True), offices=(1,)), 1, 0),
        (Part(Reach(everything=True), owners=(1, 2)), 2, 2),
        (Part(Reach(owners=frozenset({1})), owners=(2,)), 0, 0),
    ],
)
def test_only_the_part_asked_for_within_reach(
    rows: pl.DataFrame, customers: pl.DataFrame, part: Part, overdue: int, untouched: int
) -> None:
    assert board.totals(rows, asked(part)).overdue == overdue
    assert board.untouched(customers, asked(part), 30).height == untouched


def test_types_and_customers_narrow(rows: pl.DataFrame, customers: pl.DataFrame) -> None:
    assert board.totals(rows, asked(types=("01",))).done == 3
    some = asked(customers=pl.Series([3], dtype=pl.Int64))
    assert board.totals(rows, some).overdue == 1
    assert board.untouched(customers, some, 30)["customer_id"].to_list() == [3]


@pytest.mark.parametrize("period", ["month", "2026-10", "2026-09", "quarter", "year"])
@pytest.mark.parametrize(
    "part",
    [
        EVERYTHING,
        Part(Reach(owners=frozenset({1}), offices=frozenset({3}))),
        Part(Reach(everything=True), offices=(2,)),
        Part(Reach(everything=True), owners=(1, 3)),
    ],
)
def test_nothing_that_counts_is_left_out_beforehand(
    rows: pl.DataFrame, period: str, part: Part
) -> None:
    long_ago = date(2025, 1, 1)
    old = pl.DataFrame(
        [(90, "01", "done", 1, None, None, 1, 1, day(3, month=1), day(3, month=1), long_ago)],
        schema=rows.schema,
        orient="row",
    )
    rows = pl.concat([rows, old])
    span, earlier = spans.span_of(period, NOW.date()), spans.before(period, NOW.date())
    wanted = Asked(part, span, NOW)
    counted = board.counted(rows, wanted, earlier)
    assert board.totals(counted, wanted) == board.totals(rows, wanted)
    before = board.totals_before(rows, wanted, earlier)
    assert board.totals_before(counted, wanted, earlier) == before
    for figure in (board.fates, board.by_type, board.by_week):
        assert figure(counted, wanted).equals(figure(rows, wanted))
    for show in ("planned", "done", "on_time", "overdue"):
        assert board.listed(counted, wanted, show).equals(board.listed(rows, wanted, show))
    is_old = 90 in counted["activity_id"]
    assert is_old is (period == "year" and part != Part(Reach(everything=True), offices=(2,)))
    if part == EVERYTHING:
        again = board.counted(rows, wanted, earlier)
        assert again is counted  # looked out once

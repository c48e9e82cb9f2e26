"""报告提交: counted per person and period; a bar per week in parts that add up."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from crmlib import clock
from crmlib.insight import hand_in_charts, hand_ins
from crmlib.insight.hand_ins import PEOPLE, REPORTS, Tally

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 20, 9, tzinfo=clock.SHANGHAI)
START = date.min


def weekday(day: date) -> bool:
    return day.weekday() < 5


def report(person: int, day: int, state: str, kind: str = "summary") -> dict[str, object]:
    return {
        "report_id": None,
        "person_id": person,
        "kind": kind,
        "starts_on": MONDAY + timedelta(days=day),
        "is_out": state in {"in time", "late", "read"},
        "is_read": state == "read",
        "late": state == "late",
        "returned": state == "returned",
    }


PLAN_READ = report(1, 0, "read", "plan")


@pytest.mark.parametrize(
    ("reports", "since", "counts"),
    [
        # On Friday morning the plan and the summaries up to Wednesday are due.
        ([], START, (4, 0, 0, 0, 4)),
        ([PLAN_READ, report(1, 0, "late")], START, (4, 2, 1, 1, 2)),
        # A draft is missing, one given back too, also before its time.
        ([report(1, 1, "draft"), report(1, 4, "returned")], START, (5, 0, 0, 0, 5)),
        # What nobody expects counts where it was handed in.
        ([report(1, 5, "in time")], START, (5, 1, 0, 0, 4)),
        # Who came on Wednesday owes one summary; who need not write owes none.
        ([], MONDAY + timedelta(days=2), (1, 0, 0, 0, 1)),
        ([], None, None),
        ([report(1, 1, "in time")], None, (1, 1, 0, 0, 0)),
        # Somebody nobody asked about.
        ([report(2, 1, "in time")], None, None),
    ],
)
def test_what_was_due_is_handed_in_or_missing(
    reports: list[dict[str, object]], since: date | None, counts: tuple[int, ...] | None
) -> None:
    days = (MONDAY, MONDAY + timedelta(days=6))
    people = pl.DataFrame([(7, 1, since, "王强", "广州")], schema=PEOPLE, orient="row")
    due = hand_ins.due_by_now(*days, NOW, weekday)
    found = hand_ins.counted(pl.DataFrame(reports, schema=REPORTS), people, due, days, "1w")
    assert found.schema == hand_ins.TALLY
    assert found.rows() == ([] if counts is None else [(1, 7, MONDAY, *counts)])


def test_months_part_a_week_and_holidays_ask_for_nothing() -> None:
    days = (date(2026, 9, 28), date(2026, 10, 11))
    people = pl.DataFrame([(7, 1, START, "王强", "广州")], schema=PEOPLE, orient="row")
    due = hand_ins.due_by_now(*days, NOW, weekday)
    months = hand_ins.counted(REPORTS.to_frame(), people, due, days, "1mo")
    assert months.select("period", "due").rows() == [
        (date(2026, 9, 1), 4),
        (date(2026, 10, 1), 8),
    ]
    assert hand_ins.due_by_now(*days, NOW, lambda _day: False).is_empty()
    # A plan of a week that begins before the span is not the span's.
    assert hand_ins.due_by_now(days[0] + timedelta(days=1), days[1], NOW, weekday).height == 10


def test_a_bar_is_whole() -> None:
    weeks = [(MONDAY, Tally(10, 9, 1, 4, 1)), (MONDAY + timedelta(days=7), Tally())]
    chart = hand_in_charts.week_shares(weeks).to_dict()
    (rows,) = chart["datasets"].values()
    assert [row["part"] for row in rows[:3]] == ["及时", "迟交", "未交"]
    assert [row["count"] for row in rows[:3]] == [8, 1, 1]
    assert sum(row["share"] for row in rows[:3]) == pytest.approx(1)
    assert {row["told"] for row in rows[3:]} == {"—"}
    assert hand_in_charts.chosen_weeks({"picked": {"key": ["2026-11-16"]}}) == ("2026-11-16",)
    assert hand_in_charts.chosen_weeks(None) == ()

"""The funnel of a past day, on histories written by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from crmlib.insight import funnel
from crmlib.insight.asof import CHANGES, NO_PAST, Past, as_of
from crmlib.insight.cut import Filters
from crmlib.insight.frames import DEALS, STAYS, FunnelData
from tests.insight import by_hand
from tests.insight.by_hand import day, deal

DATA = by_hand.funnel(
    deal(1, {"INFO": "01-01", "QUOTE": "03-01", "SIGN": "06-01"}, amount=500),
    deal(2, {"INFO": "01-01", "QUOTE": "02-01"}, end="05-20"),
    deal(3, {"INFO": "01-01"}, end="05-20", outcome="lost"),
    deal(4, {"INFO": "01-01"}, closed_on="05-20"),
    deal(5, {"INFO": "05-31"}, owner=2),
)


def past(*changes: dict[str, Any]) -> Past:
    """Return a change log of some changes, the oldest first."""
    rows = [dict.fromkeys(CHANGES) | {"log_id": at, **each} for at, each in enumerate(changes)]
    return Past(
        pl.DataFrame(rows, schema=CHANGES),
        pl.DataFrame([(1, "王强"), (9, "旧人")], schema=NO_PAST.owners.schema, orient="row"),
        NO_PAST.offices,
    )


def one(data: FunnelData, key: int) -> dict[str, Any]:
    """Return a deal of a funnel."""
    return data.deals.row(by_predicate=pl.col("opportunity_id") == key, named=True)


@pytest.mark.parametrize(
    ("when", "still_open"),
    [
        ("2025-12-31", []),
        ("01-01", [1, 2, 3, 4]),
        ("05-19", [1, 2, 3, 4]),
        ("05-20", [1]),  # decided on a day is decided at its end
        ("05-31", [1, 5]),
        ("06-30", [1, 5]),
        ("12-31", [1, 5]),
    ],
)
def test_which_deals_were_open(when: str, still_open: list[int]) -> None:
    stood = as_of(DATA, NO_PAST, day(when))
    assert stood.deals.filter("is_open")["opportunity_id"].to_list() == still_open
    assert (stood.deals.schema, stood.stays.schema) == (DEALS, STAYS)
    assert funnel.summary(stood, Filters()).count.value == len(still_open)
    assert stood.stays["row"].max() in {None, stood.deals.height - 1}


def test_stage_days_and_weight_are_of_then() -> None:
    stood = as_of(DATA, NO_PAST, day("05-01"))
    assert stood.day == date(2026, 5, 1)
    row = one(stood, 1)
    assert (row["stage_code"], row["stage"], row["position"]) == ("QUOTE", "报价", 2)
    assert (row["days"], row["stalled"]) == (61, True)
    assert (row["probability"], row["weighted"]) == (40, Decimal(200))
    assert one(stood, 2)["decided_on"] is None
    steps = funnel.stages(stood, Filters())
    assert dict(steps.select("stage_code", "count").rows()) == {"INFO": 2, "QUOTE": 2, "SIGN": 0}
    # One of four had gone on from the first stage by February, though more did later.
    info = funnel.stages(as_of(DATA, NO_PAST, day("02-15")), Filters()).row(0, named=True)
    assert (info["conversion"], info["median_days"]) == (0.25, 31)


def test_change_log_tells_amounts_owners_and_outcomes_of_then() -> None:
    told = past(
        {"opportunity_id": 1, "changed_on": day("04-01"), "amount": Decimal(100)},
        {"opportunity_id": 1, "changed_on": day("05-10"), "amount": Decimal(300), "owner_id": 9},
        {"opportunity_id": 1, "changed_on": day("06-10"), "amount": Decimal(400)},
        {"opportunity_id": 1, "changed_on": day("06-10"), "expected_close": day("06-01")},
        {"opportunity_id": 5, "changed_on": day("06-20"), "outcome": "won"},
        {"opportunity_id": 4, "changed_on": day("06-20"), "closed": False},
    )
    early, late = as_of(DATA, told, day("05-01")), as_of(DATA, told, day("06-05"))
    row = one(early, 1)
    assert (row["amount"], row["owner_id"], row["owner"]) == (300, 9, "旧人")
    assert (row["weighted"], row["expected_close"]) == (120, day("06-01"))
    row = one(late, 1)
    assert (row["amount"], row["owner"]) == (400, "王强")
    assert one(as_of(DATA, told, day("06-10")), 1)["amount"] == 500
    # Its end was taken back on the 20th; the other one was closed later than its date says.
    assert not one(late, 5)["is_open"]
    assert one(late, 4)["is_open"]
    assert funnel.rows(early, Filters(owners=(9,))).collect()["opportunity_id"].to_list() == [1]


def test_today_is_today() -> None:
    assert as_of(DATA, NO_PAST, by_hand.TODAY) is DATA

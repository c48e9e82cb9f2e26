"""What moved between two days, on histories written by hand."""

from datetime import date
from decimal import Decimal

import polars as pl

from crmlib.insight.asof import CHANGES, NO_PAST, Past, as_of
from crmlib.insight.cut import Filters
from crmlib.insight.moved import LABELS, MOVED, Move, figures, moved
from tests.insight import by_hand
from tests.insight.by_hand import day, deal

DATA = by_hand.funnel(
    deal(1, {"INFO": "01-01", "QUOTE": "06-25"}, amount=500),
    deal(2, {"QUOTE": "01-01", "INFO": "06-25"}, amount=90, owner=2),
    deal(3, {"INFO": "01-01"}, end="06-26", amount=1000, won_amount=Decimal(950)),
    deal(4, {"INFO": "01-01"}, end="06-26", outcome="lost"),
    deal(5, {"INFO": "01-01"}, closed_on="06-26"),
    deal(6, {"INFO": "06-26"}, amount=70),
    deal(7, {"INFO": "06-26"}, end="06-28", amount=60),
    deal(8, {"INFO": "01-01"}, amount=80),  # nothing happened
    deal(9, {"INFO": "01-01"}, amount=30),
    deal(10, {"INFO": "01-01"}, end="03-01"),  # decided long ago
)
_LOG = [
    {"log_id": 1, "opportunity_id": 1, "changed_on": day("06-27"), "amount": Decimal(400)},
    {"log_id": 2, "opportunity_id": 9, "changed_on": day("06-27"), "outcome": "lost"},
]
TOLD = Past(
    pl.DataFrame([dict.fromkeys(CHANGES) | row for row in _LOG], schema=CHANGES),
    NO_PAST.owners,
    NO_PAST.offices,
)
SINCE = date(2026, 6, 23)


def test_each_deal_is_told_with_all_that_became_of_it() -> None:
    rows = moved(as_of(DATA, TOLD, SINCE), DATA, Filters())
    assert rows.schema == MOVED
    told = {move: rows.filter(pl.col("move") == move)["opportunity_id"].to_list() for move in Move}
    assert told == {
        Move.NEW: [6, 7],
        Move.ADVANCED: [1],
        Move.BACK: [2],
        Move.WON: [3, 7],
        Move.LOST: [4],
        Move.CLOSED: [5],
        Move.REOPENED: [9],
        Move.UP: [1],
        Move.DOWN: [],
    }
    up = rows.row(by_predicate=pl.col("move") == Move.UP, named=True)
    assert (up["amount_before"], up["amount"], up["worth"]) == (400, 500, 100)
    assert (up["stage_before"], up["stage"]) == ("信息收集", "报价")


def test_figures_add_up_and_keep_their_order() -> None:
    found = figures(moved(as_of(DATA, TOLD, SINCE), DATA, Filters()))
    assert [figure.move for figure in found] == list(Move) == list(LABELS)
    sums = {figure.move: (figure.count, figure.worth) for figure in found}
    assert sums[Move.NEW] == (2, 130)
    assert sums[Move.WON] == (2, 1010)  # what was won, where that is known
    assert sums[Move.DOWN] == (0, 0)


def test_filters_ask_of_the_deal_as_it_is_now() -> None:
    then = as_of(DATA, TOLD, SINCE)
    assert set(moved(then, DATA, Filters(owners=(2,)))["opportunity_id"]) == {2}
    assert set(moved(then, DATA, Filters(owners=(2,), stages=("SIGN",)))["opportunity_id"]) == {2}
    assert moved(then, DATA, Filters(regions=("西北",))).is_empty()
    assert moved(DATA, DATA, Filters()).is_empty()

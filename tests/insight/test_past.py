"""The funnel of a past day from the database: the change log says what deals were like."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl
from polars.testing import assert_frame_equal
from sqlalchemy import func, select, update

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.insight import funnel
from crmlib.insight.asof import as_of
from crmlib.insight.cut import Filters
from crmlib.insight.frames import DealBlock
from crmlib.insight.live import funnel_data
from crmlib.insight.past import funnel_as_of, past_since
from crmlib.opportunities.model import Opportunity, StageHistory
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.insight import by_hand
from tests.insight.by_hand import day, deal

Cast = dict[str, Actor]


def changed(deal: int, at: datetime, **values: object) -> None:
    """Change a deal as of a moment of the past."""
    with reading() as session:
        last = session.scalar(select(func.max(ChangeLog.id))) or 0
    make.change(Opportunity, deal, **values)
    with writing() as session, session.begin():
        session.execute(update(ChangeLog).where(ChangeLog.id > last).values(at=at))


def test_amount_and_owner_of_then(cast: Cast) -> None:
    now, people = clock.now(), make.people_ids()
    old = now - timedelta(days=60)
    deal = make.opportunity(
        make.customer(), amount=1000, registered_at=old, stage_since=old, owner="wangqiang"
    )
    other = make.opportunity(make.customer(), amount=70, registered_at=old, stage_since=old)
    with writing() as session, session.begin():
        session.execute(update(StageHistory).values(moved_at=old))
    changed(deal, now - timedelta(days=40), amount=Decimal(2000))
    changed(deal, now - timedelta(days=20), amount=Decimal(3000), subject="改了名称")
    changed(deal, now - timedelta(days=10), owner_id=people["zhangwei"])
    changed(other, now - timedelta(days=5), subject="只改名称")
    data = funnel_data(cast["sunyue"])
    today = data.day

    def stood(days: int) -> list[tuple[object, ...]]:
        then = funnel_as_of(data, today - timedelta(days=days))
        return then.deals.select("amount", pl.col("owner").cast(pl.String)).rows()

    assert stood(50) == [(1000, "王强"), (70, "王强")]
    assert stood(30) == [(2000, "王强"), (70, "王强")]
    assert stood(15) == [(3000, "王强"), (70, "王强")]
    assert stood(5) == [(3000, "张伟"), (70, "王强")]
    assert stood(70) == []
    assert funnel_as_of(data, today) is data
    assert funnel_as_of(data, today - timedelta(days=30)) is funnel_as_of(
        data, today - timedelta(days=30)
    )
    figures = funnel.summary(data, Filters(), lambda day: funnel_as_of(data, day))
    assert (figures.amount.value, figures.amount.before) == (3070, 2070)
    # A change after the log was read is found too.
    changed(other, now, amount=Decimal(90))
    then = funnel_as_of(funnel_data(cast["sunyue"]), today - timedelta(days=1))
    assert then.deals["amount"].to_list() == [3000, 70]
    told = past_since(today - timedelta(days=90)).changes
    assert told.height == 4
    assert told["log_id"].is_sorted()


def test_whole_firm_block_by_block_is_the_same_as_at_once(cast: Cast) -> None:
    for amount in (10, 20, 30):
        make.opportunity(make.customer(), amount=amount)
    data = funnel_data(cast["sunyue"])
    assert data.blocks
    day = data.day - timedelta(days=2)
    by_block, at_once = funnel_as_of(data, day), as_of(data, past_since(day), day)
    assert by_block.deals.equals(at_once.deals)
    assert by_block.stays.equals(at_once.stays)
    assert by_block.steps.equals(at_once.steps)
    assert not funnel_data(cast["wangqiang"]).blocks


def test_others_deals_stay_out_of_the_past(cast: Cast) -> None:
    make.opportunity(make.customer(), amount=1000)
    make.opportunity(make.customer(owner="chengang"), owner="chengang", amount=5)
    data = funnel_data(cast["zhangwei"])
    stood = funnel_as_of(data, data.day - timedelta(days=1))
    assert stood.deals["amount"].to_list() == [1000]
    assert stood.stays["opportunity_id"].n_unique() == 1


def test_whole_firm_is_put_together_from_its_blocks(cast: Cast) -> None:
    deals = [
        deal(1, {"INFO": "01-01", "QUOTE": "03-01"}),
        deal(2, {"INFO": "06-01"}),
        deal(3, {"INFO": "01-01", "SIGN": "02-01"}, end="06-01"),
        deal(4, {"INFO": "02-01"}, owner=2),
    ]
    whole = by_hand.funnel(*deals)
    parts = [by_hand.funnel(*deals[:2]), by_hand.funnel(*deals[2:])]
    blocks = tuple(DealBlock(part.deals, part.stays) for part in parts)
    by_blocks = funnel_as_of(replace(whole, deals=whole.deals.clone(), blocks=blocks), day("04-01"))
    at_once = funnel_as_of(whole, day("04-01"))
    assert by_blocks.deals["opportunity_id"].to_list() == [1, 3, 4]
    for name in ("deals", "stays", "steps"):
        assert_frame_equal(getattr(by_blocks, name), getattr(at_once, name))
    # After a change one block is another one, and the first is not asked again.
    fresh = replace(whole, deals=whole.deals.clone(), blocks=(blocks[0], _again(blocks[1])))
    assert_frame_equal(funnel_as_of(fresh, day("04-01")).deals, at_once.deals)


def _again(block: DealBlock) -> DealBlock:
    return DealBlock(block.deals.clone(), block.stays)

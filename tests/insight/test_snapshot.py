"""A snapshot reads the firm once and then follows: nothing committed is missed, little is copied."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import create_activity, start_activity
from crmlib.activities.rules import ActivityDraft
from crmlib.insight import live, raw, snapshot, tables
from crmlib.insight.live import activity_data, customer_data, funnel_data
from crmlib.opportunities.actions import advance_stage
from crmlib.opportunities.model import Opportunity
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem
from crmlib.store.engine import engine, writing
from tests import make

Cast = dict[str, Actor]


def amounts(actor: Actor) -> dict[int, int]:
    deals = funnel_data(actor).deals
    return {key: int(yuan) for key, yuan in deals.select("opportunity_id", "amount").rows()}


def put_amount(key: int, amount: int) -> None:
    with writing() as session, session.begin():
        session.get_one(Opportunity, key, with_for_update=True).amount = amount


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_writer_that_commits_late_under_a_low_number_is_not_missed(cast: Cast) -> None:
    early, late = (make.opportunity(make.customer()) for _ in range(2))
    before = amounts(cast["zhangwei"])[early]
    with Session(engine()) as slow, slow.begin():
        slow.get_one(Opportunity, early).amount = 11
        slow.flush()  # its row of the log has its number now
        put_amount(late, 22)
        assert amounts(cast["zhangwei"]) == {early: before, late: 22}
    assert amounts(cast["zhangwei"]) == {early: 11, late: 22}


def visit(actor: Actor, customer: int) -> int:
    start = clock.now() + timedelta(days=1)
    draft = ActivityDraft(
        customer_id=customer,
        subject="上门拜访",
        activity_type="01",
        planned_start=start,
        planned_end=start + timedelta(hours=1),
    )
    return create_activity(actor, draft).activity_id


def test_readers_beside_many_writers_end_with_what_was_committed(cast: Cast) -> None:
    deals = [make.opportunity(make.customer()) for _ in range(6)]
    done = threading.Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(8):
            put_amount(chance.choice(deals), chance.randrange(1, 10_000))

    def follow() -> None:
        while not done.is_set():
            funnel_data(cast["zhangwei"])

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(follow)
        for writer in [pool.submit(write, seed) for seed in range(4)]:
            writer.result(60)
        done.set()
        reader.result(60)
    with writing() as session:
        committed = {key: int(session.get_one(Opportunity, key).amount) for key in deals}
    assert amounts(cast["zhangwei"]) == committed


def test_change_builds_its_block_only_and_reads_nothing_as_a_whole(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    deals = [make.opportunity(make.customer()) for _ in range(4)]
    # Tables are cut where they are declared; here into blocks of two deals.
    small = [raw.Table(t.key, t.columns, t.order, 2, t.rows) for t in live.DEALS.subject.tables]
    whole = live.DEALS.subject
    deal_snapshot = snapshot.Snapshot(snapshot.Subject(small, whole.build, whole.touched))
    before = deal_snapshot.current()
    assert deal_snapshot.current() is before
    asked: list[object] = []

    def spying(session, table, ids=None):
        asked.append(ids)
        return raw.read(session, table, ids)

    monkeypatch.setattr(snapshot, "read", spying)
    advance_stage(cast["wangqiang"], deals[-1], confirm=True)
    after = deal_snapshot.current()
    assert asked == [{deals[-1]}] * len(small)
    moved = [n for n in after.blocks if after.blocks[n] is not before.blocks.get(n)]
    assert moved == [deals[-1] // 2]


def test_new_name_of_a_person_or_a_code_reaches_every_block(cast: Cast) -> None:
    make.opportunity(make.customer())
    funnel_data(cast["zhangwei"])
    customer_data(cast["zhangwei"])
    with writing() as session, session.begin():
        session.get_one(Person, cast["wangqiang"].person_id).name = "王小强"
        level = session.query(DictItem).filter_by(kind=DictKind.CUSTOMER_LEVEL, code="A").one()
        level.name = "战略"
    assert funnel_data(cast["zhangwei"]).deals["owner"].to_list() == ["王小强"]
    customers = customer_data(cast["zhangwei"]).rows
    assert customers["owner"].to_list() == ["王小强"]
    assert "A" not in customers["level"].to_list()


def test_activities_and_customers_follow_each_change(cast: Cast) -> None:
    customer = make.customer()
    me = cast["wangqiang"]
    assert activity_data(me).rows.is_empty()
    first, second = visit(me, customer), visit(me, customer)
    assert activity_data(me).rows["activity_id"].to_list() == [first, second]
    start_activity(me, second)
    assert activity_data(me).rows["status"].to_list() == ["not_started", "started"]
    assert activity_data(cast["chengang"]).rows.is_empty()
    assert customer_data(me).rows["customer_id"].to_list() == [customer]
    assert customer_data(me).rows.schema == live.frames.CUSTOMERS
    assert activity_data(me).rows.schema == tables.ACTIVITIES.schema

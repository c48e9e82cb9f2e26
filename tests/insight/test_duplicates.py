"""重复候选看板: its figures agree with the queue, and each sees his own."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.rules import CustomerDraft
from crmlib.duplicates.entry import enter_customer
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.queue import queue_page, visible_pairs
from crmlib.duplicates.selection import asked
from crmlib.errors import NotAllowed
from crmlib.insight import duplicates as board
from crmlib.insight.duplicate_charts import bar_chart, week_chart
from crmlib.insight.live import Views
from crmlib.insight.pairs import KIND, pair_data
from crmlib.people.model import Person
from crmlib.reference.model import Region
from crmlib.store.engine import reading
from tests import make
from tests.duplicates.build import change, pair, save


def region(name: str) -> int:
    (found,) = make.rows(Region, name=name)
    return int(found.id)


@pytest.fixture
def mixed(cast: dict[str, Actor]) -> dict[str, int]:
    """Pairs of all states, scores and ages; the last one of 上海 only."""
    south, east = region("广东"), region("上海")
    made: dict[str, int] = {}
    plan: list[tuple[str, PairStatus, float, int, dict[str, Any]]] = [
        ("sure", PairStatus.OPEN, 0.97, 0, {}),
        ("old", PairStatus.OPEN, 0.85, 100, {}),
        ("related", PairStatus.OPEN, 0.2, 10, {}),
        ("merged", PairStatus.MERGED, 0.96, 20, {"decided_at": 15}),
        ("distinct", PairStatus.DISTINCT, 0.85, 20, {"decided_at": 10}),
        ("affiliated", PairStatus.AFFILIATED, 0.3, 20, {"decided_at": 19}),
        ("later", PairStatus.DEFERRED, 0.6, 5, {"decided_at": 4, "snooze": 5}),
        ("due", PairStatus.DEFERRED, 0.6, 5, {"decided_at": 4, "snooze": -1}),
        ("gone", PairStatus.OPEN, 0.9, 5, {}),
        ("foreign", PairStatus.OPEN, 0.9, 5, {}),
    ]
    for name, state, same, age, more in plan:
        foreign = name == "foreign"
        owner = "chengang" if foreign else "wangqiang"
        a = make.customer(owner=owner, region_id=east if foreign else south)
        b = make.customer(owner="chengang", region_id=east, source="01", registered_at=clock.now())
        row = pair(a, b, state, same)
        row.found_at = clock.now() - timedelta(days=age)
        if "decided_at" in more:
            row.decided_at = clock.now() - timedelta(days=more["decided_at"])
        if "snooze" in more:
            row.snooze_until = clock.today() + timedelta(days=more["snooze"])
        (made[name],) = save(row)
        if name == "gone":
            change(Customer, b, status=CustomerStatus.RECYCLED)
    return made


def test_every_number_is_the_number_of_the_queue(
    cast: dict[str, Actor], mixed: dict[str, int]
) -> None:
    boss = cast["zhouting"]
    pairs = pair_data(boss).rows

    def rows(**filters: object) -> int:
        return queue_page(boss, asked({k: str(v) for k, v in filters.items()})).total

    for band in board.bands(pairs):
        limits = {"min": band.low} | ({} if band.high is None else {"max": band.high})
        for state in ("open", "merged", "distinct", "affiliated"):
            assert getattr(band, state) == rows(status=state, **limits), (band.label, state)
    for age in board.ages(pairs):
        days = f"{age.low or ''}..{'' if age.high is None else age.high}"
        assert age.open == rows(status="open", age=days), age.label
    for row in board.by_region(pairs).iter_rows(named=True):
        assert row["open"] == rows(status="open", region=row["key"]), row["label"]
        assert row["merged"] == rows(status="merged", region=row["key"])
    totals = board.totals(pairs)
    assert (totals.open, totals.merged, totals.refused, totals.deferred) == (5, 1, 2, 1)
    assert totals.median_days == 5.0
    assert totals.precision == pytest.approx(1 / 3)


def test_each_sees_the_pairs_of_his_own(cast: dict[str, Actor], mixed: dict[str, int]) -> None:
    whole = set(pair_data(cast["zhaolei"]).rows["pair_id"])
    assert whole == set(mixed.values()) - {mixed["gone"]}
    assert set(pair_data(cast["zhangwei"]).rows["pair_id"]) == whole - {mixed["foreign"]}
    for login in ("limin", "wangqiang", "sunyue"):
        with pytest.raises(NotAllowed):
            pair_data(cast[login])


def test_filters_narrow(cast: dict[str, Actor], mixed: dict[str, int]) -> None:
    pairs = pair_data(cast["zhouting"]).rows
    south = make.fetch(Region, region("广东")).parent_id
    in_south = set(board.kept(pairs, region_id=south)["pair_id"])
    assert mixed["foreign"] not in in_south
    assert mixed["sure"] in in_south
    assert set(board.kept(pairs, kind="related")["pair_id"]) == {
        mixed["related"],
        mixed["affiliated"],
    }
    assert board.kept(pairs, source="entry").is_empty()
    assert board.kept(pairs, source="scan", kind="same").height == pairs.height - 2


def test_weeks_count_what_was_found_and_decided(
    cast: dict[str, Actor], mixed: dict[str, int]
) -> None:
    weeks = board.by_week(pair_data(cast["zhouting"]).rows, clock.today())
    assert weeks["week"].n_unique() == board.WEEKS
    counted = dict(weeks.group_by("what").agg(pl.col("count").sum()).rows())
    assert counted == {"发现": 8, "合并": 1, "判为不同": 2, "暂缓": 1}
    pairs = pair_data(cast["zhouting"]).rows
    for week, what, count in weeks.rows():
        assert board.picked(pairs, "week", f"{week} {what}").height == count
    assert board.picked(pairs, "judged", "").height == 3
    assert board.picked(pairs, "week", "nonsense").is_empty()


def test_where_a_pair_came_from(cast: dict[str, Actor]) -> None:
    a = make.customer("云岭测试门窗有限公司")

    def later(name: str, source: PairSource, actor: str | None = None) -> int:
        key = make.customer(name, owner="chengang", registered_at=clock.now(), source="01")
        row = pair(a, key)
        row.source = source
        return save(row)[0] if actor is None else 0

    by_scan = later("云岭测试门窗厂", PairSource.SCAN)
    by_entry = later("云岭测试门窗店", PairSource.ENTRY)
    by_import = later("云岭测试门窗部", PairSource.IMPORT)
    by_hand = later("云岭测试门窗行", PairSource.MANUAL)
    pairs = pair_data(cast["zhouting"]).rows
    origin = dict(pairs.select("pair_id", "origin").rows())
    # ``make`` writes its customers through the log, as a person's own entry does.
    assert origin[by_entry] == board.PASSED
    assert origin[by_import] == board.IMPORTED
    assert origin[by_hand] == board.BY_HAND
    assert origin[by_scan] in {board.UNSEEN, board.BEFORE}
    (person,) = board.by_person(pairs).iter_rows(named=True)
    assert (person["label"], person["total"]) == ("陈刚", 4)
    (channel,) = board.by_channel(pairs).iter_rows(named=True)
    assert channel["label"] != board.UNKNOWN
    assert board.picked(pairs, "person", person["key"]).height == 4
    assert board.picked(pairs, "origin", board.PASSED)["pair_id"].to_list() == [by_entry]
    assert board.picked(pairs, "source", "scan", "open")["pair_id"].to_list() == [by_scan]
    assert board.picked(pairs, "source", "scan", "refused").is_empty()
    assert board.picked(pairs, "nonsense", "x").is_empty()


def test_a_save_with_a_reason_is_a_pass(cast: dict[str, Actor]) -> None:
    make.customer("北京北大西飞发展有限公司")
    draft = CustomerDraft(
        name="北京北大西飞装饰有限公司",
        level="B",
        industry="01",
        region=region("广东"),
        country="01",
        phone="010-88001234",
        no_fax=True,
        no_email=True,
        no_website=True,
        address="天河路1号",
        contact_name="何经理",
        contact_role="01",
        contact_mobile="13812345678",
    )
    assert enter_customer(cast["limin"], draft, reason="另一家").similar
    (row,) = pair_data(cast["zhouting"]).rows.iter_rows(named=True)
    assert (row["origin"], row["person"], row["source"]) == (board.PASSED, "李敏", "entry")


def test_charts_speak_chinese_and_start_at_zero(
    cast: dict[str, Actor], mixed: dict[str, int]
) -> None:
    pairs = pair_data(cast["zhouting"]).rows
    bars = bar_chart([(b.label, b.open) for b in board.bands(pairs)], "相似度").to_dict()
    assert bars["layer"][0]["encoding"]["x"]["scale"]["domainMin"] == 0
    lines = week_chart(board.by_week(pairs, clock.today())).to_dict()
    assert lines["encoding"]["y"]["scale"]["zero"] is True
    assert bar_chart([], "区域").to_dict()


def test_nothing_at_all_is_a_board(cast: dict[str, Actor]) -> None:
    pairs = pair_data(cast["zhouting"]).rows
    assert board.totals(pairs).median_days is None
    assert [b.open for b in board.bands(pairs)] == [0] * len(board.BANDS)
    assert board.by_region(pairs).is_empty()
    assert set(board.by_week(pairs, clock.today())["count"]) == {0}
    assert make.rows(DuplicatePair) == []


def test_who_entered_a_customer_is_found_by_its_key(sqlite_database: str) -> None:
    with reading() as session:
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT action FROM change_log"
            " WHERE entity = 'customer' AND entity_id IN (1, 2) AND kind = 'insert'"
        )
        assert any("ix_change_log_entity_entity_id" in str(row) for row in plan)


def test_pairs_follow_changes_and_are_those_the_base_shows(
    cast: dict[str, Actor], mixed: dict[str, int]
) -> None:
    def seen(login: str) -> pl.DataFrame:
        return pair_data(cast[login]).rows

    def in_base(login: str) -> set[int]:
        statement = select(DuplicatePair.id).where(visible_pairs(cast[login]))
        with reading() as session:
            return set(session.scalars(statement)) - {mixed["gone"]}

    logins = ("zhangwei", "liuyang", "zhouting", "zhaolei")
    before = {login: seen(login) for login in logins}
    assert all(pair_data(cast[login]).rows is before[login] for login in logins)
    foreign = make.fetch(DuplicatePair, mixed["foreign"])
    change(DuplicatePair, mixed["sure"], status=PairStatus.DISTINCT, decided_at=clock.now())
    change(Customer, foreign.a_id, owner_id=cast["wangqiang"].person_id, name="云岭改名有限公司")
    change(Person, cast["chengang"].person_id, name="陈钢")
    old = make.fetch(DuplicatePair, mixed["old"])
    change(Customer, old.b_id, status=CustomerStatus.RECYCLED)
    for login in logins:
        rows = seen(login)
        assert set(rows["pair_id"]) == in_base(login) - {mixed["old"]}
        told = dict(rows.select("pair_id", "state").rows())
        assert told[mixed["sure"]] == "distinct"
    assert mixed["foreign"] in set(seen("zhangwei")["pair_id"])
    named = seen("zhouting").filter(pl.col("pair_id") == mixed["foreign"]).to_dicts()[0]
    assert (named["a_name"], named["person"]) == ("云岭改名有限公司", "陈钢")
    fresh = Views(KIND).data(cast["zhangwei"].person_id)
    assert fresh.rows.equals(seen("zhangwei"))

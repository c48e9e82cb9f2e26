"""Frames hold what the pages show: the same rows, words and masks, from each of the three sources."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import select, text

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.analysis import copying, masked, views
from crmlib.analysis.fields import SUBJECTS
from crmlib.analysis.frames import Frames, columns_zh, reader, titled
from crmlib.customers.formats import mask_phone
from crmlib.customers.model import LIVE
from crmlib.errors import NotAllowed
from crmlib.insight.live import funnel_data
from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.setup import PROJECT
from crmlib.orders.model import OrderSource, OrderStatus, SalesOrder
from crmlib.people.model import Person
from crmlib.quotes.model import Quotation
from crmlib.quotes.states import QuoteStatus
from crmlib.store.engine import reading, writing
from crmlib.targets.kinds import TargetKind
from tests import make
from tests.duplicates.build import save
from tests.rights.world import World, build
from tests.targets.build import target

P = Permission


@pytest.fixture
def world(cast: dict[str, Actor]) -> World:
    return build(0)


def editor(monkeypatch: pytest.MonkeyPatch) -> Frames:
    """Return the frames as the editor reads them: the copy, or the views through the role."""
    if copying.is_sqlite():
        address = f"sqlite:///{copying.write_copy()}"
    else:
        views.prepare()
        address = views.address()
    monkeypatch.setenv(masked.ADDRESS, address)
    return reader()


def all_frames(frames: Frames) -> dict[str, pl.DataFrame]:
    return {name: getattr(frames, name)() for name in SUBJECTS}


def test_rows_are_those_the_pages_show_and_numbers_are_masked_alike(world: World) -> None:
    alive = {c.id for c in world.customers if c.status in LIVE}
    for actor in world.actors():
        who = f"{actor.name} {actor.role}"
        if not actor.may(P.ANALYSIS_RUN):
            with pytest.raises(NotAllowed):
                reader(actor)
            continue
        frames = reader(actor)
        found = all_frames(frames)
        for name, frame in found.items():
            assert frame.schema == SUBJECTS[name].schema, (who, name)
        assert set(found["customers"]["customer_id"]) == world.customers_of(actor) & alive, who
        assert set(found["contacts"]["customer_id"]) <= world.customers_of(actor) & alive, who
        deals = found["opportunities"]
        assert set(deals["opportunity_id"]) == world.deals_of(actor), who
        assert set(found["stage_stays"]["opportunity_id"]) <= world.deals_of(actor), who
        priced = set(deals.filter(pl.col("amount").is_not_null())["opportunity_id"])
        assert priced == world.deals_of(actor, P.OPPORTUNITY_AMOUNT) & world.deals_of(actor), who
        with reading() as session:
            seen = set(session.scalars(select(Activity.id).where(visible_activities(actor))))
        assert set(found["activities"]["activity_id"]) == seen, who
        clear = world.customers_of(actor, P.CONTACT_PHONE)
        for key, phone in found["customers"].select("customer_id", "phone").rows():
            full = world.numbers[key][0]
            assert phone == (full if key in clear else mask_phone(full)), who
        for key, mobile in found["contacts"].select("customer_id", "mobile").rows():
            full = world.numbers[key][1]
            assert mobile == (full if key in clear else mask_phone(full)), who


def test_the_editor_reads_the_whole_firm_masked_like_the_analyst_in_the_product(
    world: World, cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = all_frames(reader(cast["sunyue"]))
    found = all_frames(editor(monkeypatch))
    for name, frame in found.items():
        key = frame.columns[0]
        by = [key, "entered_on", "position"] if name == "stage_stays" else [key, frame.columns[1]]
        assert_frame_equal(frame.sort(by), analyst[name].sort(by), categorical_as_str=True)
    told = "".join(repr(frame.to_dicts()) for frame in found.values())
    for phone, mobile in world.numbers.values():
        assert phone not in told
        assert mobile not in told
    assert found["contacts"]["mobile"].str.contains(r"^\d{3}\*{4}\d{4}$").all()


def test_words_days_and_money_are_those_of_the_ui(cast: dict[str, Actor]) -> None:
    customer = make.customer("南宁朝阳幕墙有限公司", phone="(0771) 12-34-567", source="01")
    deal = make.opportunity(customer, amount=120_000, stage="NEGO")
    frames = reader(cast["zhangwei"])
    row = frames.customers().row(by_predicate=pl.col("customer_id") == customer, named=True)
    assert (row["status"], row["trading"], row["owner"], row["office"]) == (
        "潜在客户", False, "王强", "广州",
    )  # fmt: skip
    assert (row["region"], row["province"]) == ("华南", "广东")
    assert row["registered_on"] == clock.local(clock.now() - timedelta(days=30)).date()
    row = frames.opportunities().row(by_predicate=pl.col("opportunity_id") == deal, named=True)
    assert (row["stage"], row["outcome"], row["is_open"], row["days"]) == (
        "商务谈判", "进行中", True, 3,
    )  # fmt: skip
    assert row["weighted"] == row["amount"] * row["probability"] / 100
    stay = frames.stage_stays().row(0, named=True)
    assert (stay["stage"], stay["left_on"], stay["days"]) == ("商务谈判", None, None)
    shown = titled(frames.customers(), "customers")
    assert {"客户名称", "行业", "负责人", "登记日期"} <= set(shown.columns)
    assert columns_zh("opportunities")["amount"] == "预计金额"
    # What stands between the digits does not let more of them through.
    hidden = reader(cast["sunyue"]).customers()
    assert hidden.row(0, named=True)["phone"] == mask_phone("(0771) 12-34-567")


def test_only_the_roles_of_the_matrix_read_and_only_as_long_as_they_are(
    cast: dict[str, Actor],
) -> None:
    may = {login for login, actor in cast.items() if actor.may(P.ANALYSIS_RUN)}
    assert may == {"liuyang", "zhangwei", "zhouting", "zhaolei", "sunyue"}
    assert [login for login, a in cast.items() if a.may(P.ANALYSIS_EDIT)] == ["sunyue"]
    frames = reader(cast["zhangwei"])
    with writing() as session, session.begin():
        session.get_one(Person, cast["zhangwei"].person_id).role = Role.CLERK
        session.get_one(Person, cast["limin"].person_id).reports_to_id = None
        session.get_one(Person, cast["wangqiang"].person_id).active = False
    with writing() as session, session.begin():
        session.execute(text("UPDATE office SET head_id = NULL"))
    with pytest.raises(NotAllowed):
        frames.customers()
    with pytest.raises(NotAllowed):
        reader()  # nobody is signed in


def test_trade_and_targets_follow_the_rights_of_their_pages(cast: dict[str, Actor]) -> None:
    order = make_order("ERP-1", make.customer())
    make_order("ERP-2", make.customer(owner="chengang"))
    deal = make.opportunity(make.customer())
    quote = make_quote(deal)
    wang, start = cast["wangqiang"].person_id, date(2026, 1, 1)
    target(wang, TargetKind.YEAR, start, 100, satisfaction=Decimal("4.5"))
    target(wang, TargetKind.QUARTER, start, 10, draft=True)
    frames = reader(cast["zhangwei"])
    (row,) = frames.orders().rows(named=True)
    assert (row["order_id"], row["number"], row["status"]) == (order, "ERP-1", "部分发货")
    assert (row["amount"], row["owner"], row["source"]) == (Decimal("1234.50"), "王强", "接口")
    (row,) = frames.quotes().rows(named=True)
    assert (row["quote_id"], row["status"], row["amount"]) == (quote, "已发", 88)
    assert row["created_on"] == clock.today()
    (row,) = frames.targets().rows(named=True)  # no drafts
    assert (row["kind"], row["person"], row["sales"]) == ("年度", "王强", 1_000_000)
    assert (row["satisfaction"], row["starts_on"], row["office"]) == (4.5, start, None)
    assert reader(cast["sunyue"]).orders().height == 2
    assert reader(cast["zhaolei"]).quotes().is_empty()  # 信息部 sees no quotations


def test_stages_are_called_as_the_version_in_force_calls_them(cast: dict[str, Actor]) -> None:
    deal = make.opportunity(make.customer(), stage="NEGO")
    with writing() as session, session.begin():
        old = session.scalars(select(StageSet).where(StageSet.code == PROJECT)).one()
        new = StageSet(
            code=PROJECT,
            name=old.name,
            number=old.number + 1,
            status=StageSetStatus.ACTIVE,
        )
        old.status = StageSetStatus.RETIRED
        session.flush()
        session.add(new)
        session.flush()
        session.add(
            Stage(
                stage_set_id=new.id,
                code="NEGO",
                name="议价",
                position=77,
                probability=60,
                standard_days=5,
            )
        )
    # The deal ended with the old version; its stage is one with the new one of the same code.
    row = reader(cast["zhangwei"]).opportunities().row(0, named=True)
    assert (row["opportunity_id"], row["stage"], row["position"]) == (deal, "议价", 77)
    assert row["stage"] == funnel_data(cast["zhangwei"]).deals["stage"][0]
    assert reader(cast["zhangwei"]).stage_stays()["stage"].to_list() == ["议价"]


def make_order(number: str, customer_id: int) -> int:
    """Insert an order of ¥1,234.50."""
    row = SalesOrder(
        number=number,
        customer_id=customer_id,
        ordered_on=clock.today(),
        amount=Decimal("1234.50"),
        stated=OrderStatus.PART_SHIPPED,
        status=OrderStatus.PART_SHIPPED,
        source=OrderSource.API,
        registered_by_id=make.people_ids()["zhaolei"],
        registered_at=clock.now(),
    )
    return save(row)[0]


def make_quote(opportunity_id: int) -> int:
    """Insert a quotation that was sent."""
    row = Quotation(
        number="BJ1",
        revision=1,
        opportunity_id=opportunity_id,
        status=QuoteStatus.SENT,
        delivery="30 天",
        payment_term="01",
        total=Decimal(88),
        created_by_id=make.people_ids()["wangqiang"],
        created_at=clock.now(),
    )
    return save(row)[0]


def test_activities_of_late_days_only(world: World, cast: dict[str, Actor]) -> None:
    frames = reader(cast["zhouting"])
    whole = frames.activities()
    assert frames.activities(since=clock.today() + timedelta(days=1)).is_empty()
    assert frames.activities(since=whole["created_on"].min()).height == whole.height

"""移入回收站, 恢复, 彻底删除."""

from datetime import timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Role
from crmlib.activities.queries import pending_count
from crmlib.conversion.actions import request_conversion
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.card import customer_card
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    CustomerStatus,
    RecycledCustomer,
    ShareLevel,
)
from crmlib.customers.queries import CustomerQuery, customer_page
from crmlib.customers.recycle import recycle_customer
from crmlib.customers.sharing import share_customer
from crmlib.duplicates.collision import collide
from crmlib.duplicates.model import DuplicatePair
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.model import Message
from crmlib.people.model import Person
from crmlib.recycling.actions import purge_customer, restore_customer
from crmlib.recycling.queries import BinQuery, bin_page, recycling_of
from crmlib.recycling.rules import KEPT_DAYS
from crmlib.requests.actions import grant_access, request_access
from crmlib.requests.model import AccessKind, AccessRequest, AccessStatus
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

WHY = "01"


def change(model: type[Any], key: int, **values: Any) -> None:
    with writing() as session, session.begin():
        row = session.get_one(model, key)
        for name, value in values.items():
            setattr(row, name, value)


def recycled(cast: dict[str, Actor], name: str | None = None, *, days: int = 0) -> int:
    key = make.customer(name)
    recycle_customer(cast["wangqiang"], key, WHY)
    if days:
        change(Customer, key, recycled_at=clock.now() - timedelta(days=days))
    return key


def in_bin(actor: Actor, **query: Any) -> list[int]:
    return bin_page(actor, BinQuery(**query)).rows["id"].to_list()


def listed(actor: Actor) -> list[int]:
    return customer_page(actor, CustomerQuery(size=100)).rows["id"].to_list()


def test_recycled_customer_leaves_the_lists_and_comes_back_intact(cast: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司")
    share_customer(cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.READ)
    before = make.fetch(Customer, key)
    recycle_customer(cast["wangqiang"], key, WHY, before.version, note="打不通", token="r1")
    recycle_customer(cast["wangqiang"], key, WHY, before.version, note="打不通", token="r1")
    assert key not in listed(cast["wangqiang"])
    assert in_bin(cast["wangqiang"]) == in_bin(cast["zhangwei"]) == [key]
    found = recycling_of(cast["wangqiang"], key)
    assert found is not None
    assert (found.reason, found.note, found.recycled_by) == ("号码无效", "打不通", "王强")
    card = customer_card(cast["wangqiang"], key)
    assert (card.editable, card.may_assign, card.may_share) == (frozenset(), False, False)

    assert restore_customer(cast["wangqiang"], key).text == "客户已恢复"
    after = make.fetch(Customer, key)
    same = ("name", "owner_id", "office_id", "phone", "level", "registered_at", "status")
    assert [getattr(after, n) for n in same] == [getattr(before, n) for n in same]
    assert (after.recycled_at, make.rows(RecycledCustomer)) == (None, [])
    assert key in listed(cast["wangqiang"])
    assert key in listed(cast["chengang"])
    steps = {row.action for row in make.rows(ChangeLog, entity="customer", entity_id=key)}
    assert {"recycle_customer", "restore_customer"} <= steps


def test_recycled_customer_is_still_found_by_collision(cast: dict[str, Actor]) -> None:
    recycled(cast, "上海沪申玻璃有限公司")
    (hit,) = collide(cast["limin"], "上海沪申玻璃有限公司").hits
    assert hit.tags == ("回收站",)


@pytest.mark.parametrize("reason", ["", "99"])
def test_a_reason_of_the_list_is_asked(cast: dict[str, Actor], reason: str) -> None:
    key = make.customer()
    with pytest.raises(Invalid) as fault:
        recycle_customer(cast["wangqiang"], key, reason, note="长" * 256)
    assert set(fault.value.faults) == {"reason", "note"}
    assert make.fetch(Customer, key).status is CustomerStatus.POTENTIAL


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (CustomerStatus.TRADING, "交易客户不能移入回收站"),
        (CustomerStatus.MERGED, "客户已合并，不能移入回收站"),
        (CustomerStatus.RECYCLED, "客户已在回收站"),
    ],
)
def test_only_potential_customers_are_recycled(
    cast: dict[str, Actor], status: CustomerStatus, told: str
) -> None:
    key = make.customer(status=status)
    with pytest.raises(Refused) as fault:
        recycle_customer(cast["zhouting"], key, WHY)
    assert fault.value.message == told


def test_open_work_is_named(cast: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司")
    deal = make.opportunity(key, number="SJ1", subject="恒晟-执手-报价")
    make.opportunity(key, number="SJ2", outcome="lost")
    make.opportunity(key, number="SJ3", closed=True)
    group = [Role.GENERAL_OFFICE.value]
    request_conversion(cast["wangqiang"], key, [], group, "请转", "请转")
    code = make.fetch(Customer, key).code
    request_access(cast["chengang"], AccessKind.SHARE, code, "恒晟幕墙有限公司", "展会")
    with pytest.raises(Refused) as fault:
        recycle_customer(cast["wangqiang"], key, WHY)
    assert fault.value.message == (
        "不能移入回收站，请先处理：进行中的商机 SJ1 恒晟-执手-报价（负责人 王强）；"
        "待处理的转交易申请（申请人 王强）；待处理的客户申请（申请人 陈刚）"
    )
    assert make.fetch(Customer, key).status is CustomerStatus.POTENTIAL
    assert deal


# who may recycle: 王强's customer, one nobody owns that 李敏 registered, 陈刚's
MAY = {
    "limin": (False, True, False),
    "wangqiang": (True, False, False),
    "chengang": (False, False, True),
    "zhangwei": (True, True, False),
    "liuyang": (True, True, False),
    "zhouting": (True, True, True),
    "zhaolei": (True, True, True),
    "sunyue": (False, False, False),
}


@pytest.mark.parametrize("login", MAY)
def test_who_may(cast: dict[str, Actor], login: str) -> None:
    keys = (
        make.customer(registered_by_id=cast["limin"].person_id),
        make.customer(owner=None),
        make.customer(owner="chengang"),
    )
    for key, may in zip(keys, MAY[login], strict=True):
        if may:
            recycle_customer(cast[login], key, WHY)
            assert key in in_bin(cast[login])
            restore_customer(cast[login], key)
        else:
            with pytest.raises(NotAllowed):
                recycle_customer(cast[login], key, WHY)
            recycle_customer(cast["zhaolei"], key, WHY)
            assert key not in in_bin(cast[login])
            with pytest.raises(NotAllowed):
                restore_customer(cast[login], key)
        if login != "zhaolei":
            with pytest.raises(NotAllowed):
                purge_customer(cast[login], key)


def test_restoring_asks_for_duplicates_again(cast: dict[str, Actor]) -> None:
    key = recycled(cast, "北京北大西飞发展有限公司")
    other = make.customer("北京北大西飞装饰有限公司")
    with pytest.raises(Invalid) as fault:
        restore_customer(cast["wangqiang"], key)
    assert set(fault.value.faults) == {"reason"}
    restore_customer(cast["wangqiang"], key, reason="不同的公司")
    (pair,) = make.rows(DuplicatePair)
    assert {pair.a_id, pair.b_id} == {key, other}


def test_an_equal_customer_entered_meanwhile_bars_the_way_back(cast: dict[str, Actor]) -> None:
    key = recycled(cast, "上海沪申玻璃有限公司")
    make.customer("上海沪申玻璃有限公司", code="KH77")
    with pytest.raises(Invalid) as fault:
        restore_customer(cast["wangqiang"], key, reason="随便")
    assert "KH77" in fault.value.faults["name"]
    assert make.fetch(Customer, key).status is CustomerStatus.RECYCLED


def test_a_customer_whose_owner_left_waits_for_a_new_one(cast: dict[str, Actor]) -> None:
    key = recycled(cast)
    change(Person, cast["wangqiang"].person_id, active=False)
    done = restore_customer(cast["zhouting"], key)
    assert done.text == "客户已恢复，原负责人 王强 已停用，客户待分配"
    assert make.fetch(Customer, key).owner_id is None
    assert any(m.title.startswith("待分配客户") for m in make.rows(Message, related_id=key))


def test_what_is_not_in_the_bin_is_neither_restored_nor_deleted(cast: dict[str, Actor]) -> None:
    key = make.customer()
    for step in (restore_customer, purge_customer):
        with pytest.raises(Refused, match="客户不在回收站"):
            step(cast["zhaolei"], key)


def test_deleting_waits_ninety_days(cast: dict[str, Actor]) -> None:
    key = recycled(cast, days=KEPT_DAYS - 1)
    with pytest.raises(Refused, match="满 90 天"):
        purge_customer(cast["zhaolei"], key)
    assert make.fetch(Customer, key) is not None


def test_deleted_customer_leaves_a_tombstone_and_its_whole_image(cast: dict[str, Actor]) -> None:
    key = recycled(cast, "恒晟幕墙有限公司", days=KEPT_DAYS)
    other = make.customer()
    with writing() as session, session.begin():
        low, high = sorted((key, other))
        session.add(DuplicatePair(a_id=low, b_id=high, same=1, related=0, reasons=[],
                                  source="scan", found_at=clock.now()))  # fmt: skip
        session.add(CustomerAlias(customer_id=key, kind="name", value="旧名", key="旧名",
                                  since=clock.now()))  # fmt: skip
    code = make.fetch(Customer, key).code
    gone = purge_customer(cast["zhaolei"], key, token="p1")
    assert (gone.code, gone.name) == (code, "恒晟幕墙有限公司")
    assert make.fetch(Customer, key) is None
    for model in (Contact, CustomerAlias, CustomerShare, RecycledCustomer):
        assert make.rows(model, customer_id=key) == []
    assert make.rows(DuplicatePair) == []
    log = {row.entity: row for row in make.rows(ChangeLog, action="purge_customer")}
    assert log["customer"].before["phone"]
    assert (log["contact"].before["name"], log["customer_alias"].before["value"]) == (
        "何经理",
        "旧名",
    )
    assert log["purged_customer"].after["code"] == code
    assert len(log["purged_customer"].after["name_hash"]) == 64
    assert make.fetch(Customer, other) is not None


def test_what_still_needs_a_customer_is_named(cast: dict[str, Actor]) -> None:
    key = make.customer()
    make.opportunity(key, outcome="lost")
    make.customer(status=CustomerStatus.MERGED, merged_into_id=key)
    recycle_customer(cast["wangqiang"], key, WHY)
    change(Customer, key, recycled_at=clock.now() - timedelta(days=KEPT_DAYS))
    with pytest.raises(Refused) as fault:
        purge_customer(cast["zhaolei"], key)
    assert fault.value.message == "不能彻底删除，仍有：已并入的客户 1 个、商机 1 个"


def test_answered_requests_go_with_the_customer_and_waiting_ones_keep_it(
    cast: dict[str, Actor],
) -> None:
    key = make.customer("恒晟幕墙有限公司", code="KH77")
    wang, chen = cast["wangqiang"], cast["chengang"]
    asked = request_access(chen, AccessKind.SHARE, "KH77", "恒晟幕墙有限公司", "展会").request_id
    grant_access(wang, asked)
    with writing() as session, session.begin():
        session.add(ConversionRequest(customer_id=key, applicant_id=wang.person_id, title="申请",
                    body="", requested_at=clock.now(), status=RequestStatus.REFUSED))  # fmt: skip
    recycle_customer(wang, key, WHY)
    change(Customer, key, recycled_at=clock.now() - timedelta(days=KEPT_DAYS))
    admin = cast["zhaolei"]
    change(AccessRequest, asked, status=AccessStatus.OPEN)
    with pytest.raises(Refused) as fault:
        purge_customer(admin, key)
    assert fault.value.message == "不能彻底删除，仍有：待处理的客户申请 1 个"
    change(AccessRequest, asked, status=AccessStatus.GRANTED)
    (conversion,) = make.rows(ConversionRequest)
    change(ConversionRequest, conversion.id, status=RequestStatus.APPROVED)
    with pytest.raises(Refused, match="转交易申请 1 个"):
        purge_customer(admin, key)
    change(ConversionRequest, conversion.id, status=RequestStatus.WITHDRAWN)
    purge_customer(admin, key)
    assert make.rows(AccessRequest) == make.rows(ConversionRequest) == []
    gone = {row.entity for row in make.rows(ChangeLog, action="purge_customer", kind="delete")}
    assert gone >= {"access_request", "conversion_request", "customer_share", "customer"}


def test_the_bin_is_searched_and_filtered(cast: dict[str, Actor]) -> None:
    first, second = recycled(cast, "恒晟幕墙有限公司"), make.customer("沪申玻璃有限公司")
    recycle_customer(cast["wangqiang"], second, "02")
    assert in_bin(cast["wangqiang"], text="沪申") == [second]
    assert in_bin(cast["wangqiang"], reason=WHY) == [first]
    assert in_bin(cast["wangqiang"], sort="recycled_at", descending=False) == [first, second]
    assert in_bin(cast["sunyue"]) == []


def test_nothing_of_a_recycled_customer_reminds(cast: dict[str, Actor]) -> None:
    key = make.customer()
    with writing() as session, session.begin():
        from crmlib.activities.model import Activity, ActivityStatus

        session.add(
            Activity(number="HD1", subject="拜访", activity_type="01", customer_id=key,
                     status=ActivityStatus.NOT_STARTED, owner_id=cast["wangqiang"].person_id,
                     office_id=cast["wangqiang"].office_id, created_at=clock.now(), remind=True)
        )  # fmt: skip
    assert pending_count(cast["wangqiang"]) == 1
    recycle_customer(cast["wangqiang"], key, WHY)
    assert pending_count(cast["wangqiang"]) == 0

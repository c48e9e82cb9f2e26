"""Orders recorded by 信息部, what follows from them, and what they forbid."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.conversion.actions import convert, request_conversion, undo_conversion
from crmlib.conversion.board import due_customers
from crmlib.conversion.evidence import evidence_of
from crmlib.conversion.queries import check_list, request_template
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.recycle import recycle_customer
from crmlib.customers.sharing import Parts, share_customer
from crmlib.duplicates.merging import merge
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.exchange.export import Listing, exporter
from crmlib.inbox.model import Message
from crmlib.inbox.queries import InboxQuery, inbox_page
from crmlib.orders import rules
from crmlib.orders.actions import add_event, record_order, remove_event
from crmlib.orders.model import (
    EventKind,
    OrderEvent,
    OrderLine,
    OrderStatus,
    SalesOrder,
)
from crmlib.orders.queries import OrderQuery, of_customer, of_opportunity, order_card, order_page
from crmlib.orders.rules import EventDraft, LineDraft, OrderDraft
from crmlib.store.schema import ChangeLog
from crmlib.ui.grid import Column, Page, Query
from tests import make

Cast = dict[str, Actor]
DAY = clock.today() - timedelta(days=10)
LINES = (
    LineDraft(product="执手", specification="银色", quantity="10", price="120.50"),
    LineDraft(product="铰链", quantity="4.5", price="30"),
)


def draft(customer_id: int, number: str = "SO1", **values: object) -> OrderDraft:
    good = {"ordered_on": DAY, "lines": LINES}
    return OrderDraft(number=number, customer_id=customer_id, **(good | values))  # type: ignore[arg-type]


def event(kind: str, quantity: object = None, days: int = 0) -> EventDraft:
    return EventDraft(kind=kind, happened_on=DAY + timedelta(days=days), quantity=quantity)  # type: ignore[arg-type]


def titles(actor: Actor) -> list[str]:
    return list(inbox_page(actor, InboxQuery()).rows["title"])


def test_the_same_order_twice_changes_nothing(cast: Cast) -> None:
    admin, customer = cast["zhaolei"], make.customer("南山幕墙有限公司")
    first = record_order(admin, draft(customer))
    assert (first.created, first.changed, first.status) == (True, True, "entered")
    before = len(make.rows(ChangeLog, action="record_order"))
    again = record_order(admin, draft(customer))
    assert (again.created, again.changed, again.order_id) == (False, False, first.order_id)
    assert len(make.rows(ChangeLog, action="record_order")) == before
    order = make.fetch(SalesOrder, first.order_id)
    assert order.amount == Decimal("1340.00")
    assert [(r.product, r.quantity) for r in make.rows(OrderLine)] == [
        ("执手", Decimal(10)),
        ("铰链", Decimal("4.5")),
    ]
    fewer = record_order(admin, draft(customer, lines=LINES[1:], stated="shipped"))
    assert (fewer.changed, fewer.status) == (True, "shipped")
    assert [r.product for r in make.rows(OrderLine)] == ["铰链"]
    untouched = record_order(admin, draft(customer, lines=None, amount="135"))
    assert not untouched.changed
    with pytest.raises(Invalid) as known:
        record_order(admin, draft(customer), new=True)
    assert set(known.value.faults) == {"number"}
    with pytest.raises(Stale):
        record_order(admin, draft(customer), version=0)


def test_faults_come_all_at_once_and_nothing_is_saved(cast: Cast) -> None:
    admin, customer = cast["zhaolei"], make.customer()
    other = make.opportunity(make.customer())
    bad = (LineDraft(product="执手", quantity="0", price="1"),)
    with pytest.raises(Invalid) as wrong:
        record_order(admin, draft(customer, "", opportunity_id=other, lines=bad))
    assert set(wrong.value.faults) == {"number", "opportunity_id", "lines.0.quantity"}
    with pytest.raises(Invalid) as unknown:
        record_order(admin, draft(10**6))
    assert set(unknown.value.faults) == {"customer_id"}
    assert make.rows(SalesOrder) == []


def test_events_move_the_status_and_can_be_taken_away(cast: Cast) -> None:
    admin = cast["zhaolei"]
    order = record_order(admin, draft(make.customer())).order_id
    assert add_event(admin, order, event("scheduled")).status == "preparing"
    part = add_event(admin, order, event("shipped", "10", 1))
    assert part.status == "part_shipped"
    same = add_event(admin, order, event("shipped", "10", 1))
    assert (same.changed, same.event_id) == (False, part.event_id)
    assert add_event(admin, order, event("shipped", "4.5", 2)).status == "shipped"
    assert [e.kind for e in order_card(admin, order).events] == [
        EventKind.SHIPPED,
        EventKind.SHIPPED,
        EventKind.SCHEDULED,
    ]
    assert remove_event(admin, part.event_id).status == "part_shipped"
    assert len(make.rows(OrderEvent)) == 2
    with pytest.raises(Invalid):
        add_event(admin, order, event("shipped", "0"))
    number = make.fetch(SalesOrder, order).number
    gone = record_order(admin, draft(order_card(admin, order).customer_id, stated="cancelled"))
    assert gone.status == "cancelled"
    with pytest.raises(Refused, match=number):
        add_event(admin, order, event("done"))


def test_a_first_order_is_told_and_stamps_the_day(cast: Cast) -> None:
    admin, sales = cast["zhaolei"], cast["wangqiang"]
    customer = make.customer("福田门窗有限公司")
    record_order(admin, draft(customer))
    assert make.fetch(Customer, customer).last_trade_on == DAY
    assert titles(sales) == ["潜在客户已有订单：福田门窗有限公司"]
    record_order(admin, draft(customer, "SO2", ordered_on=DAY + timedelta(days=3)))
    record_order(admin, draft(customer, "SO3", ordered_on=DAY - timedelta(days=3)))
    assert make.fetch(Customer, customer).last_trade_on == DAY + timedelta(days=3)
    assert len(titles(sales)) == 1
    record_order(
        admin, draft(customer, "SO2", ordered_on=DAY + timedelta(days=3), stated="cancelled")
    )
    assert make.fetch(Customer, customer).last_trade_on == DAY
    record_order(admin, draft(make.customer(status=CustomerStatus.TRADING), "SO9"))
    assert len(titles(sales)) == 1


def test_an_order_is_evidence_and_blocks_what_it_must(cast: Cast) -> None:
    admin, office = cast["zhaolei"], cast["zhouting"]
    customer = make.customer("罗湖幕墙有限公司")
    evidence = {c.key: c for c in check_list(office, customer)}["evidence"]
    assert not evidence.ok
    order = record_order(admin, draft(customer)).order_id
    evidence = {c.key: c for c in check_list(office, customer)}["evidence"]
    assert (evidence.ok, evidence.detail) == (True, "订单：SO1")
    assert [p.id for p in evidence_of(office, customer).orders] == [order]
    assert due_customers(office)["customer_id"].to_list() == [customer]
    with pytest.raises(Refused, match="订单 SO1"):
        recycle_customer(cast["wangqiang"], customer, "01")
    assert "订单 SO1" in request_template(cast["wangqiang"], customer).body
    request_conversion(cast["wangqiang"], customer, title="申请", body="已下单")
    convert(office, customer)
    assert make.fetch(Customer, customer).last_trade_on == DAY
    with pytest.raises(Refused, match="SO1"):
        undo_conversion(office, customer, "误转")


def test_who_may_see_and_who_may_write(cast: Cast) -> None:
    admin, customer = cast["zhaolei"], make.customer()
    deal = make.opportunity(customer)
    order = record_order(admin, draft(customer, opportunity_id=deal)).order_id
    make.opportunity(make.customer(owner="chengang"), owner="chengang")
    sees = {"limin", "wangqiang", "zhangwei", "liuyang", "zhouting", "zhaolei", "sunyue"}
    for login, actor in cast.items():
        found = order_page(actor, OrderQuery())
        assert (found.total == 1) == (login in sees), login
        assert of_customer(actor, customer).height == found.total
        assert of_opportunity(actor, deal).height == found.total
        if login in sees:
            assert order_card(actor, order).may_manage == (login == "zhaolei")
        else:
            with pytest.raises(NotAllowed):
                order_card(actor, order)
        if login != "zhaolei":
            with pytest.raises(NotAllowed):
                record_order(actor, draft(customer, "SO5"))
            with pytest.raises(NotAllowed):
                add_event(actor, order, event("done"))
    parts = Parts(with_opportunities=True)
    share_customer(cast["wangqiang"], customer, cast["chengang"].person_id, "read", parts=parts)  # type: ignore[arg-type]
    assert order_page(cast["chengang"], OrderQuery()).total == 1


def test_the_list_is_filtered_found_and_sorted(cast: Cast) -> None:
    admin = cast["zhaolei"]
    one, two = make.customer("宝安幕墙有限公司"), make.customer("龙岗门窗有限公司")
    record_order(admin, draft(one, "A1", due_on=DAY + timedelta(days=1)))
    record_order(admin, draft(two, "B2", ordered_on=DAY + timedelta(days=2), stated="shipped"))

    def numbers(**asked: object) -> list[str]:
        return order_page(admin, OrderQuery(**asked)).rows["number"].to_list()  # type: ignore[arg-type]

    assert numbers() == ["B2", "A1"]
    assert numbers(sort="number", descending=False) == ["A1", "B2"]
    assert numbers(find_text="宝安") == ["A1"]
    assert numbers(find_field="number", find_text="b2") == ["B2"]
    assert numbers(find_field="number", find_text="宝安") == []
    assert numbers(status=OrderStatus.SHIPPED) == ["B2"]
    assert numbers(late=True) == ["A1"]
    assert numbers(late=False) == ["B2"]
    assert numbers(ordered_from=DAY + timedelta(days=1)) == ["B2"]
    assert numbers(customer_id=one) == ["A1"]
    assert numbers(customer_id=0) == []


def test_a_merge_takes_the_orders_along(cast: Cast) -> None:
    loser, survivor = make.customer("盐田幕墙一厂"), make.customer("盐田幕墙有限公司")
    order = record_order(cast["zhaolei"], draft(loser)).order_id
    merge(cast["zhouting"], survivor, loser, {})
    assert make.fetch(SalesOrder, order).customer_id == survivor
    assert make.fetch(Customer, survivor).last_trade_on == DAY
    assert order_page(cast["wangqiang"], OrderQuery(customer_id=survivor)).total == 1


def test_a_message_about_an_order_leads_to_the_customer(cast: Cast) -> None:
    customer = make.customer()
    record_order(cast["zhaolei"], draft(customer))
    (message,) = make.rows(
        Message, title=f"潜在客户已有订单：{make.fetch(Customer, customer).name}"
    )
    assert (message.related_type, message.related_id) == ("customer", customer)
    assert rules.OPEN == ("entered", "preparing", "part_shipped")


def test_the_list_is_taken_along_as_far_as_the_right_to_export_goes(cast: Cast) -> None:
    customer = make.customer()
    order = record_order(cast["zhaolei"], draft(customer)).order_id
    columns = [Column(name="id", label="id"), Column(name="number", label="ERP单号")]

    def taken(login: str) -> list[list[object]] | None:
        actor = cast[login]

        def fetch(_asked: Query) -> Page:
            found = order_page(actor, OrderQuery())
            return Page(found.rows.to_dicts(), found.total)

        call = exporter(actor, Listing("sales_order", "订单", columns, fetch))
        if call is None:
            return None
        book = CalamineWorkbook.from_filelike(io.BytesIO(call(Query())[1]))
        return book.get_sheet_by_name("订单").to_python()[1:]

    assert taken("limin") is None
    assert taken("chengang") == []
    for login in ("wangqiang", "zhangwei", "zhouting"):
        assert taken(login) == [[str(order), "SO1"]], login

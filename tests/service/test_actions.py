"""Tickets from the complaint to the closing, and who may do what about them."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.sharing import share_customer
from crmlib.duplicates.merging import merge
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.queries import InboxQuery, inbox_page, pending
from crmlib.inbox.related import related_record
from crmlib.orders.actions import record_order
from crmlib.orders.rules import OrderDraft
from crmlib.service import rules
from crmlib.service.actions import (
    accept_ticket,
    assign_ticket,
    close_ticket,
    register_ticket,
    reopen_ticket,
    revisit_ticket,
    solve_ticket,
    start_ticket,
)
from crmlib.service.handlers import handler_options
from crmlib.service.model import ServiceTicket, TicketKind, TicketStatus
from crmlib.service.queries import TicketQuery, of_customer, of_order, ticket_card, ticket_page
from crmlib.service.rules import RevisitDraft, TicketDraft
from crmlib.store.engine import reading, writing
from tests import make

Cast = dict[str, Actor]
TODAY = clock.today()


def draft(customer_id: int, **values: object) -> TicketDraft:
    good = {"kind": "complaint", "description": "执手松动，请尽快处理"}
    return TicketDraft(customer_id=customer_id, **(good | values))  # type: ignore[arg-type]


def said(score: int) -> RevisitDraft:
    return RevisitDraft(revisit="已更换", revisited_on=TODAY, score=score)


def titles(actor: Actor) -> list[str]:
    return list(inbox_page(actor, InboxQuery()).rows["title"])


def test_a_complaint_to_its_end(cast: Cast) -> None:
    clerk, sales, boss = cast["limin"], cast["wangqiang"], cast["zhangwei"]
    customer = make.customer("增城门窗有限公司")
    made = register_ticket(clerk, draft(customer), token="once")
    assert register_ticket(clerk, draft(customer), token="once") == made
    assert made.number.startswith("FW")
    assert titles(sales) == ["新的投诉：增城门窗有限公司"]
    assert [p.count for p in pending(sales) if p.page == "tickets"] == [1]
    key = made.ticket_id
    card = ticket_card(sales, key)
    assert (card.handler, card.steps) == ("王强", (rules.ACCEPT,))
    assert ticket_card(clerk, key).steps == ()
    with pytest.raises(NotAllowed):
        accept_ticket(clerk, key)
    with pytest.raises(Refused, match="不能解决"):
        solve_ticket(sales, key, "换新")
    accept_ticket(sales, key, version=card.version)
    with pytest.raises(Stale):
        start_ticket(sales, key, version=card.version)
    assert start_ticket(sales, key).status == "working"
    with pytest.raises(Invalid):
        solve_ticket(sales, key, "  ")
    solve_ticket(sales, key, "更换执手 10 套")
    with pytest.raises(Refused, match="先回访"):
        close_ticket(sales, key)
    revisit_ticket(sales, key, said(2))
    assert titles(boss) == ["客户不满意（2 分）：增城门窗有限公司"]
    with pytest.raises(Invalid) as empty:
        close_ticket(sales, key)
    assert set(empty.value.faults) == {"improvement"}
    done = close_ticket(sales, key, "出厂前加检紧固件")
    card = ticket_card(boss, key)
    assert (card.status, card.version, card.score) == (TicketStatus.CLOSED, done.version, 2)
    with pytest.raises(Invalid):
        reopen_ticket(boss, key, "")
    again = reopen_ticket(boss, key, "又松动了")
    row = make.fetch(ServiceTicket, key)
    assert (again.status, row.score, row.closed_at, row.solution) == (
        "working", None, None, "更换执手 10 套",
    )  # fmt: skip
    assert titles(sales)[0].startswith("工单重开")


def test_a_ticket_closed_long_ago_stays_closed(cast: Cast) -> None:
    sales = cast["wangqiang"]
    key = register_ticket(sales, draft(make.customer())).ticket_id
    with writing() as session, session.begin():
        ticket = session.get_one(ServiceTicket, key)
        ticket.status = TicketStatus.CLOSED
        ticket.closed_at = clock.now() - timedelta(days=40)
    assert ticket_card(sales, key).steps == ()
    with pytest.raises(Refused, match="超过 30 天"):
        reopen_ticket(sales, key, "又坏了")


def test_who_sees_registers_and_gives_tickets(cast: Cast) -> None:
    customer = make.customer()
    key = register_ticket(cast["wangqiang"], draft(customer)).ticket_id
    sees = {"limin", "wangqiang", "zhangwei", "liuyang", "zhouting", "zhaolei"}
    for login, actor in cast.items():
        assert (ticket_page(actor, TicketQuery()).total == 1) == (login in sees), login
        assert of_customer(actor, customer).height == (login in sees), login
        with reading() as session:
            opened = related_record(session, actor, "service_ticket", key)
        assert (opened is not None) == (login in sees)
        if login not in sees:
            with pytest.raises(NotAllowed):
                ticket_card(actor, key)
            with pytest.raises(CrmError):
                register_ticket(actor, draft(customer))
    for login in ("limin", "wangqiang", "chengang", "zhaolei", "sunyue"):
        with pytest.raises(NotAllowed):
            assign_ticket(cast[login], key, cast["limin"].person_id)
    office = cast["zhouting"]
    assert rules.ASSIGN in ticket_card(office, key).steps
    assign_ticket(office, key, cast["chengang"].person_id)
    assert titles(cast["chengang"])[0].startswith("工单指派")
    assert ticket_card(cast["chengang"], key).steps == (rules.ACCEPT,)
    accept_ticket(cast["chengang"], key)
    with pytest.raises(Invalid):
        assign_ticket(cast["zhangwei"], key, cast["chengang"].person_id)
    assign_ticket(cast["zhangwei"], key, cast["limin"].person_id)
    assert ticket_page(cast["chengang"], TicketQuery()).total == 0
    share_customer(cast["wangqiang"], customer, cast["chengang"].person_id, "read")  # type: ignore[arg-type]
    assert ticket_page(cast["chengang"], TicketQuery()).total == 1
    assert ticket_card(cast["chengang"], key).steps == ()


def test_faults_come_all_at_once(cast: Cast) -> None:
    customer, other = make.customer(), make.customer()
    order = record_order(
        cast["zhaolei"], OrderDraft(number="S1", customer_id=other, ordered_on=TODAY, amount=1)
    ).order_id
    with pytest.raises(Invalid) as wrong:
        register_ticket(
            cast["wangqiang"],
            draft(
                customer, kind="", order_id=order, description="",
                handler_id=cast["chengang"].person_id,
            ),
        )  # fmt: skip
    assert set(wrong.value.faults) == {"kind", "order_id", "description", "handler_id"}
    assert make.rows(ServiceTicket) == []
    names = [option.label for option in handler_options(cast["limin"], customer)]
    assert names == ["王强", "李敏"]
    with pytest.raises(NotAllowed):
        handler_options(cast["chengang"], customer)


def test_the_list_is_filtered_and_the_overdue_stand_out(cast: Cast) -> None:
    sales, customer = cast["wangqiang"], make.customer("花都幕墙有限公司")
    order = record_order(
        cast["zhaolei"], OrderDraft(number="S9", customer_id=customer, ordered_on=TODAY, amount=1)
    ).order_id
    late = register_ticket(sales, draft(customer, order_id=order)).ticket_id
    other = register_ticket(sales, draft(customer, kind="inquiry", severity="minor")).ticket_id
    with writing() as session, session.begin():
        session.get_one(ServiceTicket, late).reply_due = clock.now() - timedelta(hours=1)

    def ids(**asked: object) -> list[int]:
        return ticket_page(sales, TicketQuery(**asked)).rows["id"].to_list()  # type: ignore[arg-type]

    assert ids() == [late, other]
    assert ids(overdue=True) == [late]
    assert ids(kind=TicketKind.INQUIRY) == [other]
    assert ids(mine=True) == [late, other]
    assert ids(find_text="花都", status=TicketStatus.NEW) == [late, other]
    assert ids(find_text="没有") == []
    assert ids(sort="registered_at", descending=True) == [other, late]
    assert of_order(sales, order)["id"].to_list() == [late]
    rows = ticket_page(sales, TicketQuery()).rows
    assert rows["overdue"].to_list() == [True, False]
    assert rows["order"].to_list() == ["S9", None]


def test_a_merge_takes_the_tickets_along(cast: Cast) -> None:
    loser, survivor = make.customer("从化幕墙一厂"), make.customer("从化幕墙有限公司")
    key = register_ticket(cast["wangqiang"], draft(loser)).ticket_id
    merge(cast["zhouting"], survivor, loser, {})
    assert make.fetch(ServiceTicket, key).customer_id == survivor

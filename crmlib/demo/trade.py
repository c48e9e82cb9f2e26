"""Invented orders of 交易客户 with what was done to fulfil them, and tickets of after-sales service."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.customers.model import CustomerStatus
from crmlib.demo.bulk import insert_rows
from crmlib.demo.calendar import last_evening, working_moment
from crmlib.demo.customers import Prospect
from crmlib.demo.deals import Deal
from crmlib.demo.people import Staff
from crmlib.demo.writing import Row, Series
from crmlib.opportunities.model import Outcome
from crmlib.orders import rules as order_rules
from crmlib.orders.model import (
    EventKind,
    OrderEvent,
    OrderLine,
    OrderSource,
    OrderStatus,
    SalesOrder,
)
from crmlib.service import rules as service_rules
from crmlib.service.model import ServiceTicket, Severity, TicketKind, TicketStatus

_PRODUCTS = (
    ("平开窗执手", "银色 KQ-20", 68),
    ("不锈钢铰链", "304 3.5寸", 42),
    ("点支承驳接爪", "四爪 200", 260),
    ("门窗密封胶条", "三元乙丙", 6),
    ("地弹簧", "QS-219", 480),
    ("石材背栓", "M8×60", 9),
)
_STORY = (
    (EventKind.SCHEDULED, 2),
    (EventKind.PREPARED, 7),
    (EventKind.SHIPPED, 15),
    (EventKind.RECEIVED, 20),
    (EventKind.DONE, 40),
)
_MATTERS = (
    (TicketKind.COMPLAINT, "到货执手有划痕，客户要求更换 20 套", "补发新品并收回旧件"),
    (TicketKind.REPAIR, "地弹簧漏油，门扇不能自动复位", "上门更换地弹簧两台"),
    (TicketKind.INQUIRY, "咨询铰链承重与安装间距", "已发送安装手册并电话讲解"),
    (TicketKind.FEEDBACK, "包装箱偏薄，建议加护角", "已转包装部门改用加厚纸箱"),
    (TicketKind.COMPLAINT, "比约定日期晚到三天，影响工地进度", "与物流约定专车，补偿运费"),
)


def trade(
    session: Session,
    staff: Staff,
    prospects: list[Prospect],
    deals: list[Deal],
    series: Series,
    chance: Random,
) -> int:
    """Write orders, lines, events and tickets; return how many orders."""
    traders = [p for p in prospects if p.status is CustomerStatus.TRADING and p.traded]
    books = _Books(staff, deals, chance)
    count = insert_rows(session, SalesOrder, [row for p in traders for row in books.orders(p)])
    insert_rows(session, OrderLine, books.lines)
    insert_rows(session, OrderEvent, books.events)
    chosen = [p for p in traders if p.owner and chance.random() < 0.15]
    insert_rows(session, ServiceTicket, _tickets(chosen, series, chance))
    return count


class _Books:
    """Invents orders one after another, and keeps their lines and events."""

    def __init__(self, staff: Staff, deals: list[Deal], chance: Random) -> None:
        self.by, self.chance = staff.by_login["zhaolei"], chance
        self.lines: list[Row] = []
        self.events: list[Row] = []
        self._count = 0
        self._won: dict[int, list[Deal]] = defaultdict(list)
        for deal in deals:
            if deal.outcome is Outcome.WON and deal.ended:
                self._won[deal.prospect.id].append(deal)

    def orders(self, prospect: Prospect) -> Iterator[Row]:
        """Yield the orders of a customer, the last one on the day it traded last."""
        assert prospect.traded is not None  # noqa: S101 see `trade`
        first = clock.local(prospect.registered).date()
        days = sorted(
            max(first, prospect.traded - timedelta(days=30 + self.chance.randrange(300)))
            for _ in range(self.chance.randrange(4))
        )
        for day in (*days, prospect.traded):
            yield self._order(prospect, day)

    def _order(self, prospect: Prospect, day: date) -> Row:
        self._count += 1
        key, lines = self._count, self._lines(self._count)
        ordered = sum((line["quantity"] for line in lines), Decimal(0))
        events = self._events(key, day, ordered)
        status = order_rules.status_of(
            OrderStatus.ENTERED, [(e["kind"].value, e["quantity"]) for e in events], ordered
        )
        won = [d for d in self._won[prospect.id] if d.ended and d.ended.date() <= day]
        deal = won[-1].id if won and self.chance.random() < 0.5 else None
        return {
            "id": key,
            "version": 1,
            "number": f"SO{day:%y%m}{key:06d}",
            "customer_id": prospect.id,
            "opportunity_id": deal,
            "ordered_on": day,
            "due_on": day + timedelta(days=14 + self.chance.randrange(20)),
            "amount": sum((line["amount"] for line in lines), Decimal(0)),
            "stated": OrderStatus.ENTERED,
            "status": OrderStatus(status),
            "source": OrderSource.IMPORT,
            "remark": None,
            "registered_by_id": self.by,
            "registered_at": _at(day, 17),
        }

    def _lines(self, order_id: int) -> list[Row]:
        found: list[Row] = []
        products = self.chance.sample(_PRODUCTS, 1 + self.chance.randrange(3))
        for position, (product, specification, price) in enumerate(products, start=1):
            quantity = Decimal(10 * (2 + self.chance.randrange(60)))
            found.append(
                {
                    "id": len(self.lines) + len(found) + 1,
                    "order_id": order_id,
                    "position": position,
                    "product": product,
                    "specification": specification,
                    "quantity": quantity,
                    "price": Decimal(price),
                    "amount": quantity * price,
                }
            )
        self.lines += found
        return found

    def _events(self, order_id: int, day: date, ordered: Decimal) -> list[Row]:
        found: list[Row] = []
        last = last_evening().date()
        slow = self.chance.randrange(12)
        for kind, after in _STORY:
            when = day + timedelta(days=after + slow)
            if when > last:
                break
            halves = kind is EventKind.SHIPPED and self.chance.random() < 0.2
            quantity = (ordered / 2 if halves else ordered) if kind is EventKind.SHIPPED else None
            found.append(
                {
                    "id": len(self.events) + len(found) + 1,
                    "order_id": order_id,
                    "kind": kind,
                    "happened_on": when,
                    "quantity": quantity,
                    "remark": "首批" if halves else None,
                    "recorded_by_id": self.by,
                    "recorded_at": _at(when, 18),
                }
            )
            if halves and (last - when).days < 30:
                break
        self.events += found
        return found


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.SHANGHAI)


def _tickets(prospects: list[Prospect], series: Series, chance: Random) -> Iterator[Row]:
    for key, prospect in enumerate(prospects, start=1):
        yield _ticket(key, prospect, series, chance)


def _ticket(key: int, prospect: Prospect, series: Series, chance: Random) -> Row:
    evening = last_evening()
    age = int(60 * chance.random() ** 2)
    since = min(working_moment(chance, evening.date() - timedelta(days=age)), evening)
    severity = chance.choice((Severity.NORMAL, Severity.NORMAL, Severity.URGENT, Severity.MINOR))
    reply_due, solve_due = service_rules.due(severity.value, since)
    kind, description, solution = _MATTERS[chance.randrange(len(_MATTERS))]
    row: dict[str, Any] = {
        "id": key,
        "version": 1,
        "number": series.next("FW", since),
        "kind": kind,
        "customer_id": prospect.id,
        "order_id": None,
        "description": description,
        "severity": severity,
        "status": TicketStatus.NEW,
        "handler_id": prospect.owner,
        "reply_due": reply_due,
        "solve_due": solve_due,
        "replied_at": None,
        "solution": None,
        "solved_at": None,
        "revisit": None,
        "revisited_on": None,
        "score": None,
        "improvement": None,
        "closed_at": None,
        "reopen_reason": None,
        "registered_by_id": prospect.branch.clerk,
        "registered_at": since,
    }
    return row | _progress(since, age, solution, chance)


def _progress(since: datetime, age: int, solution: str, chance: Random) -> Row:
    """Return how far a ticket of so many days is."""
    found: Row = {}
    if age > 0:
        found = {"status": TicketStatus.ACCEPTED, "replied_at": since + timedelta(hours=3)}
    if age > 2:
        found |= {"status": TicketStatus.WORKING}
    if age > 5 and chance.random() < 0.9:
        solved = since + timedelta(days=2)
        found |= {"status": TicketStatus.SOLVED, "solution": solution, "solved_at": solved}
        if age > 10:
            score = chance.choice((5, 5, 4, 4, 3, 2))
            found |= {
                "status": TicketStatus.CLOSED,
                "revisit": "客户确认已处理",
                "revisited_on": (since + timedelta(days=5)).date(),
                "score": score,
                "improvement": "列入质量月报跟踪" if score <= service_rules.LOW_SCORE else None,
                "closed_at": since + timedelta(days=6),
            }
    return found

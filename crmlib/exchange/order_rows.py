"""Read the rows of a list of orders: each names an order, perhaps one line and one event of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.customers.model import Customer
from crmlib.exchange.columns import Line
from crmlib.exchange.model import ImportKind
from crmlib.exchange.planned import Cells, Customers, parts
from crmlib.opportunities.model import Opportunity
from crmlib.orders import rules
from crmlib.orders import terms as order_terms
from crmlib.orders.model import OrderStatus, SalesOrder
from crmlib.orders.rules import EventDraft, LineDraft, OrderDraft

_STATED = {label: code for code, label in order_terms.ORDER_STATUS.items()}
_STATED |= {code: code for code in order_terms.ORDER_STATUS} | {"生产备货": "preparing"}
_EVENTS = {label: code for code, label in order_terms.EVENT_KIND.items()}
_EVENTS |= {code: code for code in order_terms.EVENT_KIND}
_LINE, _EVENT = "line_", "event_"
HEAD = ("customer_id", "opportunity_id", "ordered_on", "due_on", "amount", "stated", "remark")
_CELL_OF = {"customer_id": "customer", "opportunity_id": "opportunity"}


@dataclass(slots=True)
class OrderRow:
    """A row without faults: the head of its order, a line, an event; and what it brings."""

    number: int
    name: str
    order: str
    head: dict[str, Any]
    line: LineDraft | None
    event: EventDraft | None
    brings_order: bool = False
    brings_line: bool = False
    brings_event: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


class OrderReader:
    """Reads rows one after another; what contradicts an earlier row of its order is a fault."""

    def __init__(
        self, session: Session, lines: Sequence[Line], known: dict[str, SalesOrder]
    ) -> None:
        self._customers, self._known = Customers(session, lines), known
        self._names = dict[int, Customer](self._customers.by_id)
        for part in parts({order.customer_id for order in known.values()} - self._names.keys()):
            rows = session.scalars(select(Customer).where(Customer.id.in_(part)))
            self._names |= {row.id: row for row in rows}
        self._deals: dict[str, tuple[int, int]] = {}
        texts = {Cells(ImportKind.ORDERS, line).text("opportunity") for line in lines} - {""}
        for part in parts(sorted(texts)):
            deals = select(Opportunity).where(Opportunity.number.in_(part))
            for deal in session.scalars(deals):
                self._deals[deal.number] = (deal.id, deal.customer_id)
        self._first: dict[str, tuple[int, dict[str, Any]]] = {}

    def read(self, cells: Cells) -> OrderRow | None:
        """Return the row, or None with its faults noted in the cells."""
        number = cells.text("number").upper()
        order = self._known.get(number)
        first = self._first.get(number)
        customer = self._customer(cells, order, first)
        head = self._head(cells, customer)
        draft = rules.cleaned(OrderDraft(**{**head, "number": number, "lines": None}))
        head |= {"amount": draft.amount, "remark": draft.remark}
        for name, message in rules.order_faults(draft).items():
            is_bare = name in HEAD and not head[name]
            if not (is_bare and (order or first or name == "amount")):
                cells.faults.setdefault(_CELL_OF.get(name, name), message)
        line, event = self._line(cells), self._event(cells)
        if first is not None:
            self._agree(cells, head, first)
        if cells.faults:
            return None
        given = {name: value for name, value in head.items() if value not in {None, ""}}
        self._first[number] = (
            first[0] if first else cells.line.number,
            given | (first or (0, {}))[1],
        )
        name = f"{number}（{customer.name if customer else ''}）"
        return OrderRow(cells.line.number, name, number, given, line, event)

    def _customer(
        self, cells: Cells, order: SalesOrder | None, first: tuple[int, dict[str, Any]] | None
    ) -> Customer | None:
        if cells.text("customer_code") or cells.text("customer"):
            return self._customers.of(cells)
        known = order.customer_id if order else first[1].get("customer_id") if first else None
        return self._names.get(known) if known else None

    def _head(self, cells: Cells, customer: Customer | None) -> dict[str, Any]:
        text = cells.text("opportunity")
        deal = self._deals.get(text)
        if text and (deal is None or (customer and deal[1] != customer.id)):
            cells.faults["opportunity"] = f"该客户没有此商机：{text[:40]}"
        stated = cells.code("stated", _STATED)
        return {
            "customer_id": customer.id if customer else None,
            "opportunity_id": deal[0] if deal else None,
            "ordered_on": cells.day("ordered_on"),
            "due_on": cells.day("due_on"),
            "amount": cells.text("amount"),
            "stated": OrderStatus(stated) if stated else "",
            "remark": cells.text("remark"),
        }

    def _line(self, cells: Cells) -> LineDraft | None:
        names = LineDraft.__dataclass_fields__
        typed = {name: cells.text(f"{_LINE}{name}") for name in names}
        if not any(typed.values()):
            return None
        # Figures are read once more as a head would be, so that both follow one rule.
        draft = rules.cleaned(OrderDraft(lines=(LineDraft(**typed),)))
        line = (draft.lines or ())[0]
        for name, message in rules.line_faults(line).items():
            cells.faults.setdefault(f"{_LINE}{name}", message)
        return line

    def _event(self, cells: Cells) -> EventDraft | None:
        names = ("kind", "happened_on", "quantity", "remark")
        if not any(cells.text(f"{_EVENT}{name}") for name in names):
            return None
        draft = rules.clean_event(
            EventDraft(
                kind=cells.code(f"{_EVENT}kind", _EVENTS),
                happened_on=cells.day(f"{_EVENT}happened_on"),
                quantity=cells.text(f"{_EVENT}quantity"),
                remark=cells.text(f"{_EVENT}remark"),
            )
        )
        for name, message in rules.event_faults(draft, clock.today()).items():
            cells.faults.setdefault(f"{_EVENT}{name}", message)
        return draft

    def _agree(self, cells: Cells, head: dict[str, Any], first: tuple[int, dict[str, Any]]) -> None:
        number, given = first
        for name in HEAD:
            if head[name] not in {None, ""} and given.get(name, head[name]) != head[name]:
                cell = _CELL_OF.get(name, name)
                label = cells.label(cell)
                cells.faults.setdefault(cell, f"{label} 与同一订单的第 {number} 行不同")

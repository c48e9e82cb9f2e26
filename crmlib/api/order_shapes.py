"""What the programs' interface answers and takes about orders."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crmlib.orders.model import EventKind, OrderStatus


@dataclass(frozen=True, slots=True)
class OrderLineShape:
    """An order in a list."""

    id: int
    number: str
    customer_id: int
    customer: str
    customer_code: str
    opportunity_id: int | None
    owner: str | None
    office: str | None
    ordered_on: date
    due_on: date | None
    amount: Decimal
    status: str
    late: bool
    last_event: str | None
    last_event_on: date | None
    source: str


@dataclass(frozen=True, slots=True)
class OrderList:
    """One page of orders and how many there are in all."""

    rows: tuple[OrderLineShape, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order to record; without an amount quantity × price."""

    product: str
    quantity: Decimal
    price: Decimal
    specification: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to record by its ERP单号; the customer by id or by code."""

    number: str
    customer_id: int | None = None
    customer_code: str = ""
    opportunity_id: int | None = None
    ordered_on: date | None = None
    due_on: date | None = None
    amount: Decimal | None = None
    stated: OrderStatus | None = None
    remark: str = ""
    lines: tuple[OrderedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A step of fulfilling an order."""

    kind: EventKind
    happened_on: date
    quantity: Decimal | None = None
    remark: str = ""

"""Mirrors of OA and ERP: 合同评审, 订单, their lines and what was done to fulfil them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Money, Quantity, choice

_IS_UNDER_WAY = text("status IN ('draft', 'submitted', 'refused')")


class OrderStatus(StrEnum):
    """How far an order is fulfilled."""

    ENTERED = "entered"
    PREPARING = "preparing"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DONE = "done"
    CANCELLED = "cancelled"


class OrderSource(StrEnum):
    """Where an order came from."""

    MANUAL = "manual"
    IMPORT = "import"
    API = "api"


class EventKind(StrEnum):
    """A step of fulfilling an order."""

    SCHEDULED = "scheduled"
    PREPARED = "prepared"
    SHIPPED = "shipped"
    RECEIVED = "received"
    INSTALLED = "installed"
    DONE = "done"


class ReviewStatus(StrEnum):
    """Where a 合同评审 stands in OA."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    VOID = "void"


class SalesOrder(Versioned):
    """An order as the ERP has it; its number there names it."""

    __tablename__ = "sales_order"
    number: Mapped[str] = mapped_column(String(30), unique=True)
    customer_id: Mapped[int] = references("customer")
    opportunity_id: Mapped[int | None] = references("opportunity")
    ordered_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date | None]
    amount: Mapped[Decimal] = mapped_column(Money)
    # What the ERP said last; the status is that, or what the events say, whichever is further.
    stated: Mapped[OrderStatus] = mapped_column(choice(OrderStatus), default=OrderStatus.ENTERED)
    status: Mapped[OrderStatus] = mapped_column(
        choice(OrderStatus), default=OrderStatus.ENTERED, index=True
    )
    source: Mapped[OrderSource] = mapped_column(choice(OrderSource), default=OrderSource.MANUAL)
    remark: Mapped[str | None] = mapped_column(Text)
    registered_by_id: Mapped[int] = references("person")
    registered_at: Mapped[datetime]


class OrderLine(Record):
    """What was ordered."""

    __tablename__ = "order_line"
    order_id: Mapped[int] = references("sales_order", index=False)
    position: Mapped[int]
    product: Mapped[str] = mapped_column(String(120))
    specification: Mapped[str | None] = mapped_column(String(120))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    price: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Money)
    __table_args__ = (UniqueConstraint("order_id", "position"),)


class OrderEvent(Record):
    """A step of fulfilling an order, on its day."""

    __tablename__ = "order_event"
    order_id: Mapped[int] = references("sales_order")
    kind: Mapped[EventKind] = mapped_column(choice(EventKind))
    happened_on: Mapped[date]
    quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    remark: Mapped[str | None] = mapped_column(String(255))
    recorded_by_id: Mapped[int] = references("person")
    recorded_at: Mapped[datetime]


class ContractReview(Versioned):
    """转合同评审: asked for a deal, entered and decided in OA, mirrored here."""

    __tablename__ = "contract_review"
    opportunity_id: Mapped[int] = references("opportunity")
    number: Mapped[str | None] = mapped_column(String(30), unique=True)  # OA单号
    status: Mapped[ReviewStatus] = mapped_column(choice(ReviewStatus), default=ReviewStatus.DRAFT)
    amount: Mapped[Decimal] = mapped_column(Money)
    asked_by_id: Mapped[int] = references("person")
    asked_at: Mapped[datetime]
    submitted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    file_name: Mapped[str | None] = mapped_column(String(120))
    remark: Mapped[str | None] = mapped_column(String(255))
    note: Mapped[str | None] = mapped_column(String(255))  # of the decision
    __table_args__ = (
        # One under way per deal; two people asking at once meet this index.
        Index(
            "uq_contract_review_under_way",
            "opportunity_id",
            unique=True,
            sqlite_where=_IS_UNDER_WAY,
            postgresql_where=_IS_UNDER_WAY,
        ),
    )

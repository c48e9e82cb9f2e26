"""Quotations (报价单), version by version, and their lines."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.quotes.states import QuoteStatus
from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import Money, Quantity, choice

_ACCEPTED = text("status = 'accepted'")


class Quotation(Versioned):
    """One version of an offer; versions share their number. The customer is the deal's."""

    __tablename__ = "quotation"
    number: Mapped[str] = mapped_column(String(30))
    revision: Mapped[int]
    opportunity_id: Mapped[int] = references("opportunity")
    status: Mapped[QuoteStatus] = mapped_column(choice(QuoteStatus))
    delivery: Mapped[str] = mapped_column(String(60))
    payment_term: Mapped[str] = mapped_column(String(30))
    valid_until: Mapped[date | None]
    terms: Mapped[str | None] = mapped_column(Text)
    pricing_note: Mapped[str | None] = mapped_column(String(500))  # for ourselves, never printed
    total: Mapped[Decimal] = mapped_column(Money)
    created_by_id: Mapped[int] = references("person")
    created_at: Mapped[datetime] = mapped_column(index=True)
    submitted_by_id: Mapped[int | None] = references("person")
    submitted_at: Mapped[datetime | None]
    approver_id: Mapped[int | None] = references("person")  # whom it was put before
    decided_by_id: Mapped[int | None] = references("person")
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(String(255))
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(String(255))
    __table_args__ = (
        UniqueConstraint("number", "revision"),
        # A customer accepts one offer per deal.
        Index(
            "uq_quotation_accepted",
            "opportunity_id",
            unique=True,
            sqlite_where=_ACCEPTED,
            postgresql_where=_ACCEPTED,
        ),
    )


class QuotationLine(Record):
    """One product of a quotation: ``subtotal`` is quantity × price less the discount."""

    __tablename__ = "quotation_line"
    quotation_id: Mapped[int] = references("quotation")
    position: Mapped[int]
    product: Mapped[str | None] = mapped_column(String(30))  # of a family or an item
    name: Mapped[str] = mapped_column(String(80))
    spec: Mapped[str | None] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit_price: Mapped[Decimal] = mapped_column(Money)
    discount: Mapped[Decimal] = mapped_column(Quantity)  # percent taken off
    subtotal: Mapped[Decimal] = mapped_column(Money)
    __table_args__ = (UniqueConstraint("quotation_id", "position"),)

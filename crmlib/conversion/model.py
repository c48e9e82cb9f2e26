"""Requests to turn a 潜在客户 into a 交易客户."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Versioned, references
from crmlib.store.types import choice


class RequestStatus(StrEnum):
    """Life of a request."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_IS_PENDING = text("status = 'pending'")


class ConversionRequest(Versioned):
    """申请转交易: who asks for which customer, and what 综合部 answered."""

    __tablename__ = "conversion_request"
    customer_id: Mapped[int] = references("customer")
    applicant_id: Mapped[int] = references("person")
    message_id: Mapped[int | None] = references("message")
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[RequestStatus] = mapped_column(
        choice(RequestStatus), default=RequestStatus.PENDING
    )
    evidence: Mapped[list[Any]] = mapped_column(
        JSON, default=list
    )  # the check list at the decision
    override_reason: Mapped[str | None] = mapped_column(String(255))
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    decided_by_id: Mapped[int | None] = references("person")
    decision_note: Mapped[str | None] = mapped_column(String(255))
    # 撤销转交易 of what this request led to
    undone_at: Mapped[datetime | None]
    undo_reason: Mapped[str | None] = mapped_column(String(255))
    __table_args__ = (
        Index(
            "uq_conversion_request_pending",
            "customer_id",
            unique=True,
            sqlite_where=_IS_PENDING,
            postgresql_where=_IS_PENDING,
            # How a merged loser's request gives way to the survivor's.
            info={
                "clash": {
                    "status": RequestStatus.WITHDRAWN,
                    "decision_note": "客户合并，保留方已有待处理的申请",
                }
            },
        ),
    )

"""What people ask of customers they may not see: to share them, or to hand them over."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.customers.model import ShareLevel
from crmlib.store.schema import Versioned, references
from crmlib.store.types import choice


class AccessKind(StrEnum):
    """What is asked for."""

    SHARE = "share"
    TRANSFER = "transfer"


class AccessStatus(StrEnum):
    """Life of a request."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_IS_OPEN = text("status = 'open'")


class AccessRequest(Versioned):
    """Who asks for which customer, for whom, why, and what was answered."""

    __tablename__ = "access_request"
    kind: Mapped[AccessKind] = mapped_column(choice(AccessKind))
    customer_id: Mapped[int] = references("customer")
    requester_id: Mapped[int] = references("person")
    person_id: Mapped[int] = references("person")  # gets the share, or becomes owner
    level: Mapped[ShareLevel | None] = mapped_column(choice(ShareLevel))  # of a share
    reason: Mapped[str] = mapped_column(String(255))
    requested_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[AccessStatus] = mapped_column(choice(AccessStatus), default=AccessStatus.OPEN)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = references("person")
    note: Mapped[str | None] = mapped_column(String(255))
    __table_args__ = (
        Index(
            "uq_access_request_open",
            "requester_id",
            "customer_id",
            "kind",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
            # How a merged loser's request gives way to the survivor's.
            info={
                "clash": {
                    "status": AccessStatus.WITHDRAWN,
                    "note": "客户合并，保留方已有待处理的申请",
                }
            },
        ),
    )

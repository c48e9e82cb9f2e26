"""What floors above hold of a deal and its end depends on: 合同评审 and orders."""

from sqlalchemy import Integer, String, column, func, select, table
from sqlalchemy.orm import Session

from crmlib.reference.model import Setting

# The floor above owns these tables; a guard must not depend on who imported them.
_REVIEW = table("contract_review", column("opportunity_id", Integer), column("status", String))
_ORDER = table("sales_order", column("opportunity_id", Integer), column("status", String))
SETTING, REVIEW_REQUIRED = "opportunity", "review_required"


def review_required(session: Session) -> bool:
    """Say whether 赢单 needs an approved 合同评审; it does not unless 信息部 set it so."""
    value = session.scalar(select(Setting.value).where(Setting.key == SETTING))
    return bool((value or {}).get(REVIEW_REQUIRED))


def review_approved(session: Session, opportunity_id: int) -> bool:
    """Say whether a 合同评审 of the deal is through."""
    approved = select(func.count()).where(
        _REVIEW.c.opportunity_id == opportunity_id, _REVIEW.c.status == "approved"
    )
    return bool(session.scalar(approved))


def count_orders(session: Session, opportunity_id: int) -> int:
    """Return how many orders came of the deal."""
    orders = select(func.count()).where(
        _ORDER.c.opportunity_id == opportunity_id, _ORDER.c.status != "cancelled"
    )
    return session.scalar(orders) or 0

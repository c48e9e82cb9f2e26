"""What keeps a customer out of the 回收站: work on it that is not finished."""

from collections.abc import Iterable

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    String,
    TableClause,
    column,
    false,
    select,
    table,
)
from sqlalchemy.orm import Session

from crmlib.access.actor import PERSON

# The floors above own these tables; a guard must not depend on who imported them.
_DEAL = table(
    "opportunity",
    column("id", Integer),
    column("number", String),
    column("subject", String),
    column("customer_id", Integer),
    column("owner_id", Integer),
    column("outcome", String),
    column("closed", Boolean),
)
_CONVERSION = table(
    "conversion_request",
    column("id", Integer),
    column("customer_id", Integer),
    column("applicant_id", Integer),
    column("status", String),
)
_ACCESS = table(
    "access_request",
    column("id", Integer),
    column("customer_id", Integer),
    column("requester_id", Integer),
    column("status", String),
)


_ORDER = table(
    "sales_order",
    column("id", Integer),
    column("number", String),
    column("customer_id", Integer),
    column("status", String),
)


def blockers(session: Session, customer_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return what is still open of customers, by name; those with nothing open are left out."""
    ids = list(customer_ids)
    found: dict[int, list[str]] = {}
    for key, text in (
        *_open_deals(session, ids),
        *_orders(session, ids),
        *_asked(session, ids, _CONVERSION, _CONVERSION.c.applicant_id, ("pending", "转交易申请")),
        *_asked(session, ids, _ACCESS, _ACCESS.c.requester_id, ("open", "客户申请")),
    ):
        found.setdefault(key, []).append(text)
    return {key: tuple(texts) for key, texts in found.items()}


def _open_deals(session: Session, ids: list[int]) -> list[tuple[int, str]]:
    rows = session.execute(
        select(_DEAL.c.customer_id, _DEAL.c.number, _DEAL.c.subject, PERSON.c.name)
        .join(PERSON, PERSON.c.id == _DEAL.c.owner_id)
        .where(_DEAL.c.customer_id.in_(ids), _DEAL.c.outcome == "open", _DEAL.c.closed == false())
        .order_by(_DEAL.c.id)
    )
    return [
        (key, f"进行中的商机 {number} {subject}（负责人 {owner}）")
        for key, number, subject, owner in rows
    ]


def _orders(session: Session, ids: list[int]) -> list[tuple[int, str]]:
    rows = session.execute(
        select(_ORDER.c.customer_id, _ORDER.c.number)
        .where(_ORDER.c.customer_id.in_(ids), _ORDER.c.status != "cancelled")
        .order_by(_ORDER.c.id)
    )
    return [(key, f"订单 {number}") for key, number in rows]


def _asked(
    session: Session,
    ids: list[int],
    requests: TableClause,
    asker: ColumnElement[int],
    waiting: tuple[str, str],
) -> list[tuple[int, str]]:
    status, label = waiting
    rows = session.execute(
        select(requests.c.customer_id, PERSON.c.name)
        .join(PERSON, PERSON.c.id == asker)
        .where(requests.c.customer_id.in_(ids), requests.c.status == status)
        .order_by(requests.c.id)
    )
    return [(key, f"待处理的{label}（申请人 {name}）") for key, name in rows]

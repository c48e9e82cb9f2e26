"""What hangs on a customer that shall be deleted: found from the tables, so that none is missed."""

from sqlalchemy import ColumnElement, Table, func, literal, or_, select
from sqlalchemy.orm import Session

from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    RecycledCustomer,
)
from crmlib.duplicates.children import label, references
from crmlib.duplicates.model import DuplicatePair, Merge
from crmlib.requests.model import AccessRequest, AccessStatus
from crmlib.store.schema import Base

# Nobody's but the customer's own; these go with it.
_PARTS = frozenset(
    model.__tablename__
    for model in (Contact, CustomerAlias, CustomerShare, RecycledCustomer, DuplicatePair)
)
# A message that told of it stays; it just leads nowhere any more.
_MAY_DANGLE = frozenset({"message"})
# Of these some rows go with it, and only the others need the customer: the word for those.
_FILES, _CONVERSIONS, _REQUESTS = "attachment", "conversion_request", AccessRequest.__tablename__
_KEEPING = {_REQUESTS: "待处理的客户申请"}
_ENDED = ("refused", "withdrawn")


def _goes(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row is nobody's care any more and may go with its customer."""
    if table.name == _FILES:  # taken away
        return table.c.removed_at.is_not(None)
    if table.name == _REQUESTS:  # answered or taken back
        return table.c.status != AccessStatus.OPEN
    if table.name == _CONVERSIONS:  # came to nothing
        return table.c.status.in_(_ENDED)
    return literal(table.name in _PARTS)


def parts(customer_id: int) -> dict[Table, ColumnElement[bool]]:
    """Return the tables whose rows go with a customer, each with the condition for its rows."""
    found: dict[Table, list[ColumnElement[bool]]] = {}
    for reference in references():
        if reference.table.name in _PARTS | {_FILES, _REQUESTS, _CONVERSIONS}:
            points = reference.points_at(Customer.__tablename__, customer_id)
            found.setdefault(reference.table, []).append(points & _goes(reference.table))
    return {table: or_(*conditions) for table, conditions in found.items()}


def needed_by(session: Session, customer_id: int) -> list[str]:
    """Return what else points at a customer, in words with how many; empty: it may go."""
    found: dict[str, int] = {}
    for reference in references():
        name = reference.table.name
        if name in _PARTS | _MAY_DANGLE:
            continue
        points = reference.points_at(Customer.__tablename__, customer_id) & ~_goes(reference.table)
        found[name] = found.get(name, 0) + _count(session, reference.table, points)
    merges = Base.metadata.tables[Merge.__tablename__]
    either = or_(merges.c.survivor_id == customer_id, merges.c.loser_id == customer_id)
    told = [
        f"{_KEEPING.get(name) or label(name)} {count} 个" for name, count in found.items() if count
    ]
    if count := _count(session, merges, either):
        told.append(f"合并单 {count} 个")
    return told


def _count(session: Session, table: Table, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

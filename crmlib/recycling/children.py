"""What hangs on a customer that shall be deleted: found from the tables, so that none is missed."""

from sqlalchemy import ColumnElement, Table, func, or_, select
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
from crmlib.store.schema import Base

# Nobody's but the customer's own; these go with it.
_PARTS = frozenset(
    model.__tablename__
    for model in (Contact, CustomerAlias, CustomerShare, RecycledCustomer, DuplicatePair)
)
# A message that told of it stays; it just leads nowhere any more.
_MAY_DANGLE = frozenset({"message"})
_FILES, _REMOVED = "attachment", "removed_at"


def parts(customer_id: int) -> dict[Table, ColumnElement[bool]]:
    """Return the tables whose rows go with a customer, each with the condition for its rows."""
    found: dict[Table, list[ColumnElement[bool]]] = {}
    for reference in references():
        points = reference.points_at(Customer.__tablename__, customer_id)
        if reference.table.name == _FILES:  # a file that was taken away needs nobody's care
            points &= reference.table.c[_REMOVED].is_not(None)
        elif reference.table.name not in _PARTS:
            continue
        found.setdefault(reference.table, []).append(points)
    return {table: or_(*conditions) for table, conditions in found.items()}


def needed_by(session: Session, customer_id: int) -> list[str]:
    """Return what else points at a customer, in words with how many; empty: it may go."""
    found: dict[str, int] = {}
    for reference in references():
        name = reference.table.name
        if name in _PARTS | _MAY_DANGLE:
            continue
        points = reference.points_at(Customer.__tablename__, customer_id)
        if name == _FILES:
            points &= reference.table.c[_REMOVED].is_(None)
        found[name] = found.get(name, 0) + _count(session, reference.table, points)
    merges = Base.metadata.tables[Merge.__tablename__]
    either = or_(merges.c.survivor_id == customer_id, merges.c.loser_id == customer_id)
    told = [f"{label(name)} {count} 个" for name, count in found.items() if count]
    if count := _count(session, merges, either):
        told.append(f"合并单 {count} 个")
    return told


def _count(session: Session, table: Table, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

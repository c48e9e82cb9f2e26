"""Where the entries of a dictionary are used: whatever column the log knows to hold its codes."""

from collections.abc import Collection

from sqlalchemy import Column, func, select
from sqlalchemy.orm import Session

from crmlib.audit.labels import DICTIONARIES
from crmlib.reference.kinds import DictKind
from crmlib.reference.load import shipped_codes
from crmlib.reference.model import DictItem
from crmlib.store import rooms
from crmlib.store.schema import Base

# A column whose dictionary depends on another column stands in no list of the log.
_EITHER = {
    DictKind.WIN_REASON: (("opportunity", "outcome_reason"),),
    DictKind.LOSS_REASON: (("opportunity", "outcome_reason"),),
}


def columns_of(kind: DictKind) -> list[Column[str]]:
    """Return the columns that hold codes of a dictionary."""
    rooms.load(rooms.MODELS)
    named = [place for place, of in DICTIONARIES.items() if of is kind]
    tables = Base.metadata.tables
    return [tables[table].c[column] for table, column in (*named, *_EITHER.get(kind, ()))]


def uses(session: Session, kind: DictKind, codes: Collection[str] | None = None) -> dict[str, int]:
    """Return how many records use each code (of all codes, or those given)."""
    found: dict[str, int] = {}
    for column in columns_of(kind):
        statement = select(column, func.count()).where(column.is_not(None)).group_by(column)
        if codes is not None:
            statement = statement.where(column.in_(codes))
        for code, count in session.execute(statement):
            found[code] = found.get(code, 0) + count
    return found


def is_shipped(entry: DictItem) -> bool:
    """Say whether an entry comes with the product: deleted, it would be back after an update."""
    return entry.builtin or (DictKind(entry.kind), entry.code) in shipped_codes()

"""Rows of the review and merge tests, and an image of the whole database."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import (
    CustomerShare,
    ShareLevel,
)
from crmlib.duplicates import children, review
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.store.engine import reading, writing
from crmlib.store.schema import Base
from tests import make

# What an undo may leave different: the records of the work itself.
OUTSIDE = {"change_log", "merge", "submission", "counter"}


Image = dict[str, list[tuple[Any, ...]]]


def whole_database() -> Image:
    with reading() as session:
        return {
            table.name: sorted(
                tuple(str(value) for name, value in row._mapping.items() if name != "version")
                for row in session.execute(select(table))
            )
            for table in Base.metadata.sorted_tables
            if table.name not in OUTSIDE
        }


def save(*records: Any) -> list[int]:
    with writing() as session, session.begin():
        session.add_all(records)
        session.flush()
        return [record.id for record in records]


def change(model: type[Any], key: int, **values: Any) -> None:
    with writing() as session, session.begin():
        record = session.get_one(model, key)
        for name, value in values.items():
            setattr(record, name, value)


def activity(customer_id: int, owner: Actor, number: int, **values: Any) -> Activity:
    return Activity(
        number=f"HDT{customer_id}-{number}",
        subject=f"拜访{number}",
        activity_type="01",
        customer_id=customer_id,
        status=ActivityStatus.NOT_STARTED,
        owner_id=owner.person_id,
        office_id=owner.office_id,
        created_at=clock.now(),
        **values,
    )


def request(customer_id: int, applicant: Actor) -> ConversionRequest:
    return ConversionRequest(
        customer_id=customer_id,
        applicant_id=applicant.person_id,
        title="申请",
        body="正文",
        requested_at=clock.now(),
    )


def share(customer_id: int, person: Actor, level: ShareLevel, by: Actor) -> CustomerShare:
    return CustomerShare(
        customer_id=customer_id,
        person_id=person.person_id,
        level=level,
        shared_by_id=by.person_id,
        shared_at=clock.now(),
    )


def pair(a: int, b: int, status: PairStatus = PairStatus.OPEN, same: float = 0.9) -> DuplicatePair:
    low, high = sorted((a, b))
    return DuplicatePair(
        a_id=low,
        b_id=high,
        same=same,
        related=0.0,
        reasons=[["同音", 2.0]],
        source=PairSource.SCAN,
        status=status,
        found_at=clock.now(),
    )


def pointing(reference: children.Reference, customer_id: int) -> int:
    """Count the rows of a table that point at a customer."""
    with reading() as session:
        here = reference.points_at(children.CUSTOMER, customer_id)
        return session.scalar(select(func.count()).select_from(reference.table).where(here)) or 0


def rows_of(
    reference: children.Reference, customer_id: int, rows: list[dict[str, Any]] | None = None
) -> None:
    """Insert rows of any table that point at a customer; the schema says what else they need."""
    mine = {reference.column: customer_id}
    if reference.type_column:
        mine[reference.type_column] = children.CUSTOMER
    table = reference.table
    with writing() as session, session.begin():
        top = session.scalar(select(func.max(table.c.id))) or 0
        made = [
            _row(session, table, top + number, mine | values)
            for number, values in enumerate(rows or [{}], start=1)
        ]
        session.execute(insert(table), made)


def bulk(model: type[Any], count: int, **values: Any) -> list[int]:
    """Insert rows that differ in what must differ only; return their ids."""
    with writing() as session, session.begin():
        table = model.__table__
        top = session.scalar(select(func.max(table.c.id))) or 0
        rows = [_row(session, table, top + number, values) for number in range(1, count + 1)]
        return list(session.scalars(insert(table).returning(table.c.id), rows))


def _row(session: Session, table: Table, number: int, values: dict[str, Any]) -> dict[str, Any]:
    needed = (c for c in table.c if not (c.nullable or c.primary_key or c.default is not None))
    return {c.name: _value(session, c, number) for c in needed if c.name not in values} | values


def _value(session: Session, column: Any, number: int) -> Any:
    for key in column.foreign_keys:
        table = key.column.table
        # The first row there is; a table that has none yet gets one.
        return session.scalar(select(func.min(key.column))) or session.scalar(
            insert(table).returning(table.c.id), [_row(session, table, number, {})]
        )
    kind = getattr(column.type, "impl_instance", column.type).python_type
    if issubclass(kind, Enum):
        return next(iter(kind))
    made = {datetime: clock.now(), date: clock.today(), str: f"{number}", dict: {}, list: []}
    return made.get(kind, number)


def put(a: int, b: int, same: float = 0.9, **values: Any) -> int:
    with writing() as session, session.begin():
        values = {"source": PairSource.SCAN, "reasons": [("同音", 2.0)]} | values
        return review.pair_of(session, a, b, same=same, **values).id


def status(key: int) -> PairStatus:
    found: PairStatus = make.fetch(DuplicatePair, key).status
    return found

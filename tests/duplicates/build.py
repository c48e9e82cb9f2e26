"""Rows of the review and merge tests, and an image of the whole database."""

from typing import Any

from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import (
    CustomerShare,
    ShareLevel,
)
from crmlib.duplicates import review
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


def put(a: int, b: int, same: float = 0.9, **values: Any) -> int:
    with writing() as session, session.begin():
        values = {"source": PairSource.SCAN, "reasons": [("同音", 2.0)]} | values
        return review.pair_of(session, a, b, same=same, **values).id


def status(key: int) -> PairStatus:
    found: PairStatus = make.fetch(DuplicatePair, key).status
    return found

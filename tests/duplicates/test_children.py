"""Every table that names customers is found, also one that is added later."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table, insert, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.duplicates import children
from crmlib.duplicates.merging import merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.store.engine import engine, reading
from crmlib.store.schema import Base
from crmlib.store.types import Id
from tests.duplicates.build import whole_database


def test_every_reference_to_customers_is_known() -> None:
    found = {(r.table.name, r.column) for r in children.references()}
    named = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.c
        if any(key.column.table.name == "customer" for key in column.foreign_keys)
        or (
            # A key says itself where it leads, whatever stands beside it.
            not column.foreign_keys
            and column.name.endswith("_id")
            and f"{column.name[:-3]}_type" in table.c
        )
    }
    assert found | children.HISTORY == named
    assert {name for name, _ in found} <= children.LABELS.keys()


@pytest.fixture
def new_tables(cast: dict[str, Actor]) -> Iterator[tuple[Table, Table]]:
    """Tables somebody adds later: one names a customer by key, one by (type, id)."""
    ticket = Table(
        "ticket",
        Base.metadata,
        Column("id", Id, primary_key=True),
        Column("customer_id", Id, ForeignKey("customer.id")),
        Column("topic", String(20)),
    )
    enclosure = Table(
        "enclosure",
        Base.metadata,
        Column("id", Id, primary_key=True),
        Column("owner_type", String(20)),
        Column("owner_id", Integer),
    )
    Base.metadata.create_all(engine(), [ticket, enclosure])
    yield ticket, enclosure
    for table in (ticket, enclosure):
        Base.metadata.remove(table)


def test_a_table_added_later_is_covered(
    cast: dict[str, Actor], two: tuple[int, int], new_tables: tuple[Table, Table]
) -> None:
    survivor, loser = two
    ticket, enclosure = new_tables
    with Session(engine()) as session, session.begin():
        session.execute(insert(ticket), [{"customer_id": loser, "topic": str(n)} for n in range(3)])
        session.execute(insert(enclosure).values(owner_type="customer", owner_id=loser))
        session.execute(insert(enclosure).values(owner_type="office", owner_id=loser))
    before = whole_database()
    done = merge(cast["zhouting"], survivor, loser, {})
    with reading() as session:
        assert set(session.scalars(select(ticket.c.customer_id))) == {survivor}
        owners = session.execute(select(enclosure.c.owner_type, enclosure.c.owner_id)).all()
        assert set(owners) == {("customer", survivor), ("office", loser)}
    undo_merge(cast["zhouting"], done.merge_id)
    assert whole_database() == before


def test_a_table_that_cannot_be_followed_fails_loudly() -> None:
    odd = Table(
        "odd",
        Base.metadata,
        Column("customer_id", Id, ForeignKey("customer.id"), primary_key=True),
    )
    try:
        with pytest.raises(children.UnhandledTable, match="odd"):
            children.references()
    finally:
        Base.metadata.remove(odd)

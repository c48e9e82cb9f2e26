"""Rows come over whole: whatever stands in a text, whichever database, all or some of them."""

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.insight import raw, tables
from crmlib.insight.raw import read
from crmlib.opportunities.model import Opportunity
from crmlib.store.engine import reading, writing
from tests import make

TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=40
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TEXTS)
@example('"')
@example('a",1\n2,"b')
@example("\r\n")
@example("\\N")
@example("=1+1,，\t'")
def test_any_text_arrives_as_it_is(cast: dict[str, Actor], text: str) -> None:
    key = make.customer()
    with writing() as session, session.begin():
        session.get_one(Customer, key).name = text
    with reading() as session:
        (rows,) = read(session, tables.CUSTOMERS, [key]).values()
    assert rows["customer"].to_list() == [text]
    assert rows.schema == tables.CUSTOMERS.schema


def test_values_equal_those_of_the_database(cast: dict[str, Actor]) -> None:
    customer = make.customer()
    key = make.opportunity(customer)
    with reading() as session:
        deal = session.get_one(Opportunity, key)
        (row,) = read(session, tables.DEALS)[0].to_dicts()
    assert row["fen"] == deal.amount * 100
    assert row["stage_since"] == clock.local(deal.stage_since).date()
    assert row["registered_on"] == clock.local(deal.registered_at).date()
    assert row["expected_close"] == deal.expected_close
    assert (row["outcome"], row["closed"], row["won_fen"]) == ("open", False, None)


def test_blocks_are_cut_by_key_and_all_or_some_are_the_same(
    cast: dict[str, Actor], monkeypatch
) -> None:
    monkeypatch.setattr(raw, "IDS_AT_ONCE", 2)
    ids = [make.customer() for _ in range(7)]
    table = raw.Table(
        tables.CUSTOMERS.key, tables.CUSTOMERS.columns, ("customer_id",), 3, tables.CUSTOMERS.rows
    )
    with reading() as session:
        whole, some = read(session, table), read(session, table, ids[2:])
    for number, block in whole.items():
        assert {key // 3 for key in block["customer_id"]} == {number}
    every = pl.concat(whole.values())
    assert every["customer_id"].to_list() == sorted(ids)
    picked = pl.concat(some.values()).sort("customer_id")
    assert picked.equals(every.filter(pl.col("customer_id").is_in(ids[2:])))

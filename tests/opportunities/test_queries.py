"""Lists of opportunities: pages, filters, and nothing of others."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.choices import customer_options
from crmlib.opportunities.model import OpportunityProduct, OpportunityShare, Outcome
from crmlib.opportunities.queries import (
    SCHEMA,
    OpportunityQuery,
    contact_choices,
    form_options,
    of_customer,
    opportunity_page,
)
from crmlib.people.model import Office
from crmlib.reference.model import Region
from crmlib.store.engine import engine, writing
from tests import make

Cast = dict[str, Actor]


def add(*records: Any) -> None:
    with writing() as session, session.begin():
        session.add_all(records)


def ids(actor: Actor, **query: Any) -> list[int]:
    return opportunity_page(actor, OpportunityQuery(size=100, **query)).rows["id"].to_list()


def test_who_sees_which_deals(cast: Cast) -> None:
    wang = make.opportunity(make.customer())
    chen = make.opportunity(make.customer(owner="chengang"), owner="chengang")
    seen = {login: set(ids(actor)) for login, actor in cast.items()}
    everything = {wang, chen}
    assert seen == {
        "limin": {wang},
        "wangqiang": {wang},
        "zhangwei": {wang},
        "liuyang": {wang},
        "chengang": {chen},
        "zhouting": everything,
        "zhaolei": everything,
        "sunyue": everything,
    }


def test_share_opens_this_deal_only(cast: Cast) -> None:
    customer = make.customer()
    shared, other = make.opportunity(customer), make.opportunity(customer)
    add(
        OpportunityShare(
            opportunity_id=shared,
            person_id=cast["chengang"].person_id,
            shared_by_id=cast["wangqiang"].person_id,
            shared_at=clock.now(),
        )
    )
    assert ids(cast["chengang"]) == [shared]
    assert of_customer(cast["chengang"], customer)["id"].to_list() == [shared]
    assert set(of_customer(cast["wangqiang"], customer)["id"]) == {shared, other}


def test_clerk_sees_no_amount_and_cannot_find_it_out(cast: Cast) -> None:
    deals = [make.opportunity(make.customer(), amount=a) for a in (300, 100, 200)]
    page = opportunity_page(cast["limin"], OpportunityQuery(sort="amount"))
    assert page.rows["amount"].to_list() == [None] * 3
    assert page.rows["id"].to_list() == deals[::-1]
    assert ids(cast["limin"], amount_from=Decimal(150)) == []
    assert ids(cast["wangqiang"], sort="amount", descending=False) == [deals[1], deals[2], deals[0]]


def test_clerk_with_subordinates_sees_only_their_amounts(cast: Cast) -> None:
    with writing() as session, session.begin():
        session.query(Office).filter_by(name="上海").one().head_id = cast["limin"].person_id
    clerk = replace(cast["limin"], has_subordinates=True)
    own = make.opportunity(make.customer(), amount=100)
    led = make.opportunity(make.customer(owner="chengang"), owner="chengang", amount=200)
    rows = opportunity_page(clerk, OpportunityQuery()).rows
    assert dict(rows.select("id", "amount").rows()) == {own: None, led: Decimal(200)}


def test_filters(cast: Cast) -> None:
    today = clock.today()
    with writing() as session, session.begin():
        south = session.query(Region).filter_by(name="华南").one().id
        east = session.query(Region).filter_by(name="浙江").one().id
    a = make.opportunity(make.customer(), stage="INFO", amount=100, expected_close=today)
    b = make.opportunity(
        make.customer(region_id=east), stage="BID", amount=900, outcome=Outcome.WON, closed=True
    )
    add(OpportunityProduct(opportunity_id=b, product="P2-03"))
    actor = cast["zhangwei"]
    for query, found in (
        ({}, {a, b}),
        ({"stages": ("BID",)}, {b}),
        ({"from_stage": "QUOTE"}, {b}),
        ({"region_id": south}, {a}),
        ({"product": "P2"}, {b}),
        ({"product": "P2-03"}, {b}),
        ({"product": "P2-0"}, set()),
        ({"outcomes": (Outcome.OPEN,)}, {a}),
        ({"closed": False}, {a}),
        ({"amount_from": Decimal(500)}, {b}),
        ({"amount_to": Decimal(500)}, {a}),
        ({"close_to": today}, {a}),
        ({"close_from": today + timedelta(days=1)}, {b}),
        ({"owners": (actor.person_id,)}, set()),
        ({"offices": (actor.office_id,)}, {a, b}),
        ({"mine": True}, set()),
    ):
        assert set(ids(actor, **query)) == found, query


@pytest.mark.parametrize(
    ("field", "text", "found"),
    [
        ("", "珠江", True),
        ("project_name", "珠江", True),
        ("number", "珠江", False),
        ("customer", "珠江", False),
        ("", "100%", False),
        ("", "_", False),
    ],
)
def test_find(cast: Cast, field: str, text: str, found: bool) -> None:
    make.opportunity(make.customer(), project_name="珠江新城")
    page = opportunity_page(cast["wangqiang"], OpportunityQuery(find_field=field, find_text=text))
    assert page.total == int(found)


def test_pages_do_not_overlap_and_know_the_total(cast: Cast) -> None:
    customer = make.customer()
    deals = {make.opportunity(customer, amount=1) for _ in range(7)}
    pages = [
        opportunity_page(cast["wangqiang"], OpportunityQuery(page=n, size=3, sort="amount"))
        for n in (1, 2, 3, 4)
    ]
    assert [p.rows.height for p in pages] == [3, 3, 1, 0]
    assert {p.total for p in pages} == {7}
    assert {i for p in pages for i in p.rows["id"]} == deals


@pytest.mark.parametrize("descending", [True, False])
def test_sort_by_days_puts_the_longest_first_or_last(cast: Cast, descending: bool) -> None:
    customer = make.customer()
    now = clock.now()
    made = {d: make.opportunity(customer, stage_since=now - timedelta(days=d)) for d in (5, 40, 1)}
    rows = opportunity_page(
        cast["wangqiang"], OpportunityQuery(sort="days", descending=descending)
    ).rows
    order = sorted(made, reverse=descending)
    assert rows["id"].to_list() == [made[d] for d in order]
    assert rows["days"].to_list() == order
    assert rows.filter("stalled")["days"].to_list() == [40]


@pytest.mark.parametrize("sort", [*SCHEMA.names(), "nonsense"])
def test_every_column_may_be_asked_to_sort(cast: Cast, sort: str) -> None:
    make.opportunity(make.customer())
    assert opportunity_page(cast["liuyang"], OpportunityQuery(sort=sort)).rows.schema == SCHEMA


def test_a_page_takes_a_handful_of_statements(cast: Cast) -> None:
    customer = make.customer()
    for _ in range(12):
        make.opportunity(customer)
    asked: list[str] = []
    event.listen(engine(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    opportunity_page(cast["zhangwei"], OpportunityQuery())
    assert len([s for s in asked if s.startswith(("SELECT", "WITH"))]) <= 4


def test_form_offers_own_people_and_own_customers(cast: Cast) -> None:
    mine, other = make.customer("广州甲乙幕墙有限公司"), make.customer(owner="chengang")
    options = form_options(cast["zhangwei"])
    assert [o.name for o in options.owners] == ["张伟", "王强"]
    assert [o.name for o in form_options(cast["wangqiang"]).owners] == ["王强"]
    assert [(flow.code, flow.first) for flow in options.flows] == [
        ("project", "信息收集"),
        ("small", "信息收集"),
    ]
    assert options.flows[1].stages == ("信息收集", "报价", "商务谈判", "合同评审·签约")
    for text in ("甲乙", ""):
        offered = customer_options(cast["wangqiang"], text, Permission.OPPORTUNITY_CREATE)
        assert [o.value for o in offered] == [mine]
    assert [o.name for o in contact_choices(cast["wangqiang"], mine)] == ["何经理"]
    assert contact_choices(cast["wangqiang"], other) == []

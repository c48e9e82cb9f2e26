"""Activities of customers and deals: visible ones, in the order a person needs them."""

from datetime import datetime, timedelta
from typing import Any

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.queries import (
    SCHEMA,
    of_customer,
    of_opportunity,
    pending_count,
    pending_of,
)
from crmlib.customers.model import CustomerStatus
from crmlib.opportunities.model import OpportunityShare
from crmlib.store.engine import writing
from tests import make

Cast = dict[str, Actor]


def add(owner: Actor, customer: int, number: int, **values: Any) -> int:
    with writing() as session, session.begin():
        row = Activity(
            **{
                "number": f"HDT{number}",
                "subject": f"活动{number}",
                "activity_type": "01",
                "customer_id": customer,
                "status": ActivityStatus.NOT_STARTED,
                "owner_id": owner.person_id,
                "office_id": owner.office_id,
                "created_at": clock.now(),
            }
            | values
        )
        session.add(row)
        session.flush()
        return row.id


def hours(count: int) -> datetime:
    return clock.now() + timedelta(hours=count)


def test_who_sees_the_activities_of_a_customer(cast: Cast) -> None:
    customer = make.customer()
    add(cast["wangqiang"], customer, 1)
    seen = {login: of_customer(actor, customer).height for login, actor in cast.items()}
    assert seen == {
        "limin": 0,
        "wangqiang": 1,
        "zhangwei": 1,
        "liuyang": 1,
        "chengang": 0,
        "zhouting": 1,
        "zhaolei": 1,
        "sunyue": 1,
    }


def test_newest_first_with_names(cast: Cast) -> None:
    customer = make.customer("广州甲幕墙有限公司")
    old = add(
        cast["wangqiang"], customer, 1, status=ActivityStatus.DONE, ended_at=hours(-50), result="好"
    )
    new = add(cast["wangqiang"], customer, 2, planned_start=hours(5), planned_end=hours(6))
    frame = of_customer(cast["wangqiang"], customer)
    assert frame.schema == SCHEMA
    assert frame["id"].to_list() == [new, old]
    assert frame["activity_type"].to_list() == ["上门拜访"] * 2
    assert frame["customer"].to_list() == ["广州甲幕墙有限公司"] * 2


def test_shared_deal_brings_its_activities_and_no_others(cast: Cast) -> None:
    customer = make.customer()
    deal = make.opportunity(customer)
    mine = add(cast["wangqiang"], customer, 1, opportunity_id=deal)
    add(cast["wangqiang"], customer, 2)
    with writing() as session, session.begin():
        session.add(
            OpportunityShare(
                opportunity_id=deal,
                person_id=cast["chengang"].person_id,
                shared_by_id=cast["wangqiang"].person_id,
                shared_at=clock.now(),
            )
        )
    assert of_opportunity(cast["chengang"], deal)["id"].to_list() == [mine]
    assert of_customer(cast["chengang"], customer)["id"].to_list() == [mine]


def test_pending_are_mine_not_begun_ticked_and_the_most_urgent_first(cast: Cast) -> None:
    customer, wang = make.customer(), cast["wangqiang"]
    gone = make.customer(status=CustomerStatus.RECYCLED)
    later = add(wang, customer, 1, planned_end=hours(30), remind=True)
    overdue = add(wang, customer, 2, planned_end=hours(-2), remind=True)
    quiet = add(wang, customer, 3, planned_end=hours(-4))
    add(wang, customer, 4, status=ActivityStatus.STARTED, remind=True)
    add(wang, customer, 5, status=ActivityStatus.DONE)
    add(wang, gone, 6, planned_end=hours(1), remind=True)
    add(cast["zhangwei"], customer, 7, planned_end=hours(1), remind=True)
    frame = pending_of(wang)
    assert frame["id"].to_list() == [overdue, later]
    assert frame["overdue"].to_list() == [True, False]
    assert pending_of(wang, unticked=True)["id"].to_list() == [quiet, overdue, later]
    assert (pending_count(wang), pending_count(wang, unticked=True)) == (2, 3)
    assert pending_count(cast["chengang"]) == 0

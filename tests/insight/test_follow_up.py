"""业务员销售跟进: figures of each person, and that they are the sums of the rows behind them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import CustomerStatus
from crmlib.insight import follow_up, spans, units
from crmlib.insight.activity_board import Asked
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.orders.model import SalesOrder
from crmlib.store.engine import writing
from tests import make

Cast = dict[str, Actor]


def fill(cast: Cast) -> None:
    now, today = clock.now(), clock.today()
    own = make.customer(registered_at=now, last_contact_on=today)
    make.customer(status=CustomerStatus.TRADING, registered_at=now - timedelta(days=400))
    make.customer(owner="chengang")
    make.opportunity(own, amount=1_000)
    won = make.opportunity(own, amount=500)
    make.change(Opportunity, won, outcome=Outcome.WON, decided_on=today, won_amount=Decimal(450))
    wang = cast["wangqiang"]
    with writing() as session, session.begin():
        for at, kind in enumerate(("01", "03")):
            session.add(
                Activity(
                    number=f"HDF{at}", subject="拜访", activity_type=kind, customer_id=own,
                    status=ActivityStatus.DONE, ended_at=now, created_at=now,
                    owner_id=wang.person_id, office_id=wang.office_id,
                )
            )  # fmt: skip
        session.add(
            SalesOrder(
                number="E1", customer_id=own, ordered_on=today, amount=Decimal("12.30"),
                registered_by_id=cast["zhaolei"].person_id, registered_at=now,
            )
        )  # fmt: skip


def asked_by(actor: Actor) -> Asked:
    part = units.Part(units.reach_of(actor, Permission.PERSON_VIEW))
    now = clock.local(clock.now()).replace(tzinfo=None)
    return Asked(part, spans.span_of("month", now.date()), now)


def test_each_person_and_the_rows_behind(cast: Cast) -> None:
    fill(cast)
    asked = asked_by(cast["zhangwei"])
    data = follow_up.frames_of(cast["zhangwei"], asked.span)
    people = follow_up.overview(data, asked, 30)
    assert people["owner"].to_list() == ["张伟", "王强"]  # 上海 is not his
    his = people.filter(owner="王强").row(0, named=True)
    assert (his["potential"], his["trading"], his["new_customers"], his["untouched"]) == (
        1,
        1,
        1,
        1,
    )
    assert (his["contacts"], his["visits"], his["last_on"]) == (2, 1, clock.today())
    assert (his["open_deals"], his["open_amount"]) == (1, 1_000)
    assert (his["won_deals"], his["won_amount"]) == (1, 450)
    assert (his["orders"], his["order_amount"], his["quotes"]) == (1, Decimal("12.30"), 0)
    wang = replace(asked, part=replace(asked.part, owners=(his["owner_id"],)))
    for show, name in (("new_customers", "new_customers"), ("untouched", "untouched")):
        assert follow_up.customers_behind(data, wang, 30, show).height == his[name]
    assert follow_up.customers_behind(data, wang, 30, "customers").height == 2
    assert follow_up.deals_behind(data, wang, "deals")["amount"].sum() == his["open_amount"]
    assert follow_up.deals_behind(data, wang, "won")["won_amount"].sum() == his["won_amount"]
    assert follow_up.totals(people)["contacts"] == 2


def test_the_admin_sees_everybody_and_sales_nobody_else(cast: Cast) -> None:
    fill(cast)
    asked = asked_by(cast["zhaolei"])
    data = follow_up.frames_of(cast["zhaolei"], asked.span)
    found = follow_up.overview(data, asked, 30)
    assert {"王强", "陈刚", "刘洋"} <= set(found["owner"])
    assert follow_up.totals(found)["potential"] == 2
    assert not cast["wangqiang"].may(Permission.PERSON_VIEW)

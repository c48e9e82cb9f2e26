"""A share of a customer opens its activities until the share ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.customers.model import CustomerShare, ShareLevel
from crmlib.store.engine import reading, writing
from tests import make
from tests.activities.test_queries import add


@pytest.mark.parametrize(("days", "count"), [(0, 1), (-1, 0)])
def test_share_of_the_customer(cast: dict[str, Actor], days: int, count: int) -> None:
    customer = make.customer()
    add(cast["wangqiang"], customer, 1)
    with writing() as session, session.begin():
        session.add(
            CustomerShare(
                customer_id=customer,
                person_id=cast["chengang"].person_id,
                level=ShareLevel.READ,
                ends_on=clock.today() + timedelta(days=days),
                shared_by_id=cast["wangqiang"].person_id,
                shared_at=clock.now(),
            )
        )
    with reading() as session:
        rows = session.scalars(select(Activity.id).where(visible_activities(cast["chengang"])))
        assert len(rows.all()) == count

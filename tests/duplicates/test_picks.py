"""Which customer stays and whose value wins when nobody chose."""

from datetime import timedelta

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import (
    Customer,
)
from crmlib.duplicates.picks import Facts, default_picks, default_survivor
from tests import make


def test_the_survivor_by_default() -> None:
    old, new = clock.now() - timedelta(days=9), clock.now()
    plain = Facts(1, False, 0, old)
    assert default_survivor(plain, Facts(2, True, 0, new))[0] == 2
    assert default_survivor(plain, Facts(2, False, 3, new))[0] == 2
    assert default_survivor(Facts(1, True, 0, new), Facts(2, False, 9, old))[0] == 1
    assert default_survivor(plain, Facts(2, False, 0, new))[0] == 1
    assert default_survivor(Facts(1, False, 0, new), Facts(2, False, 0, old))[0] == 2


def test_an_empty_field_takes_the_other_value(cast: dict[str, Actor]) -> None:
    a = make.fetch(Customer, make.customer("云岭测试", owner=None))
    b = make.fetch(
        Customer, make.customer("云岭测试有限公司", fax="020-1", no_fax=False, level="A")
    )
    rows = [{c.name: getattr(side, c.name) for c in Customer.__table__.c} for side in (a, b)]
    winners = {field: pick.winner for field, pick in default_picks(*rows).items()}
    assert {f for f, side in winners.items() if side == "loser"} == {"name", "fax", "owner"}

"""Over random people and records a program sees exactly what the person's screen shows."""

import random
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import make_url

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.pages import ActivityQuery, activity_page
from crmlib.api.intake import slots
from crmlib.api.operations import OPERATIONS
from crmlib.customers.model import ShareLevel
from crmlib.customers.queries import CustomerQuery, customer_page
from crmlib.customers.sharing import share_customer
from crmlib.errors import CrmError
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.orders.queries import OrderQuery
from crmlib.store.engine import writing
from tests import make
from tests.api.conftest import Program

OWNERS = ("wangqiang", "chengang", "zhangwei", None)


def _firm(chance: random.Random, cast: dict[str, Actor]) -> list[int]:
    """Insert customers, deals, activities and shares at random; return the customers."""
    found = []
    for _ in range(12):
        owner = chance.choice(OWNERS)
        number = make.customer(
            owner=owner,
            level=chance.choice("ABC"),
            industry=chance.choice(("01", "02")),
            status=chance.choice(("potential", "trading", "recycled")),
        )
        found.append(number)
        if owner and chance.random() < 0.6:
            make.opportunity(number, owner=chance.choice(("wangqiang", "chengang", "zhangwei")))
        if chance.random() < 0.5:
            _activity(number, cast[chance.choice(("wangqiang", "chengang", "limin"))])
        try:
            share_customer(
                cast["zhaolei"],
                number,
                cast[chance.choice(("wangqiang", "chengang", "zhangwei"))].person_id,
                chance.choice(list(ShareLevel)),
            )
        except CrmError:
            continue  # his own, or in the 回收站
    return found


def _activity(customer_id: int, owner: Actor) -> None:
    with writing() as session, session.begin():
        session.add(
            Activity(
                number=f"HD{customer_id}",
                subject="电话",
                activity_type="01",
                customer_id=customer_id,
                status=ActivityStatus.DONE,
                owner_id=owner.person_id,
                office_id=owner.office_id,
                created_at=clock.now(),
            )
        )


def _asked(chance: random.Random) -> dict[str, Any]:
    wanted = {
        "level": chance.choice("ABC"),
        "industry": "01",
        "trading": chance.choice((True, False)),
        "mine": True,
        "unassigned": True,
        "status": "recycled",
        "find_text": "测试",
    }
    return {name: wanted[name] for name in chance.sample(sorted(wanted), chance.randrange(3))}


def test_a_program_sees_what_its_person_sees(
    database: str, cast: dict[str, Actor], program: Callable[..., Program]
) -> None:
    chance = random.Random(make_url(database).get_backend_name())  # each database its own firm
    numbers = _firm(chance, cast)
    for login, actor in cast.items():
        mine = program(login)
        for _ in range(4):
            asked = _asked(chance)
            shown = customer_page(actor, CustomerQuery(size=100, **asked))  # type: ignore[arg-type]
            params = {n: str(v).lower() if type(v) is bool else v for n, v in asked.items()}
            told = mine.get("/customers", size=100, **params).json()
            assert [r["id"] for r in told["rows"]] == shown.rows["id"].to_list(), (login, asked)
            assert [r["phone"] for r in told["rows"]] == shown.rows["phone"].to_list()
        every = {
            row
            for status in ("potential", "trading", "recycled")
            for row in customer_page(actor, CustomerQuery(size=100, status=status)).rows["id"]  # type: ignore[arg-type]
        }
        opened = {n for n in numbers if mine.get(f"/customers/{n}").status_code == 200}
        assert opened == every, login
        deals = opportunity_page(actor, OpportunityQuery(size=100)).rows
        told = mine.get("/opportunities", size=100).json()["rows"]
        assert [r["id"] for r in told] == deals["id"].to_list(), login
        assert [r["amount"] for r in told] == [a and str(a) for a in deals["amount"].to_list()]
        done = activity_page(actor, ActivityQuery(size=100)).rows
        assert [r["id"] for r in mine.get("/activities", size=100).json()["rows"]] == done[
            "id"
        ].to_list()


@pytest.mark.parametrize("kind", [CustomerQuery, OpportunityQuery, ActivityQuery, OrderQuery])
def test_every_filter_of_a_list_is_a_parameter(kind: type) -> None:
    known = {slot.name for slot in slots(kind)}
    assert known == {f.name for f in fields(kind)}, "make it a plain value, or leave it out here"


def test_each_record_has_one_address_and_name() -> None:
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)
    assert all(each.writes == (each.method != "GET") for each in OPERATIONS if each.name != "check_collision")  # fmt: skip

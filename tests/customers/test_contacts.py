"""The list of contacts: the same from memory and database, with the customers' rights, masked."""

import itertools
from typing import Any

import pytest

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.audit.steps import STEPS
from crmlib.customers import contact_listing
from crmlib.customers.contact_listing import ContactQuery
from crmlib.customers.contacts import contact_page
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.customers.seen import ENTITY, STEP, note_list_seen
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.customers.test_live_list import add, begun, change, in_memory, share, some_customers

__all__ = ["in_memory"]  # a fixture

ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"find_text": "何"},
    {"find_text": "ANNA"},
    {"find_text": "%"},
    {"find_field": "mobile", "find_text": "139 5555"},
    {"find_field": "mobile", "find_text": "没有数字"},
    {"find_field": "mobile", "find_text": "138"},
    {"find_field": "customer", "find_text": "幕墙"},
    {"find_field": "customer", "find_text": "hcmq", "primary": False},
    {"role": "01"},
    {"role": "none"},
    {"primary": True},
    {"active": False},
    {"mine": True, "active": True},
)


def people(made: list[int]) -> None:
    for key, name, more in (
        (made[0], "何新人", {"mobile": "13955556666", "role": "02"}),
        (made[1], "Anna", {"mobile": None, "role": None}),
        (made[1], "老何", {"mobile": "13955550000", "active": False, "role": "01"}),
        (made[5], "并入的人", {"mobile": "13955551111"}),
    ):
        add(Contact(customer_id=key, name=name, **more))


def agree(cast: dict[str, Actor], *queries: dict[str, Any]) -> None:
    live = begun()
    with reading() as session:
        for query, (login, actor) in itertools.product(queries, cast.items()):
            asked = ContactQuery(**query)
            in_table = live.choose_contacts(session, actor, asked)
            assert in_table == contact_listing.choose(session, actor, asked), (login, query)


def test_table_and_database_choose_the_same_also_after_changes(
    cast: dict[str, Actor], in_memory: None
) -> None:
    made = some_customers(cast)
    people(made)
    agree(cast, *ASKED)
    ways = itertools.product(("id", "name", "customer", "role"), (True, False), (1, 2))
    few = {login: cast[login] for login in ("zhouting", "wangqiang")}
    agree(few, *({"sort": s, "descending": d, "page": p, "size": 3} for s, d, p in ways))
    change(made[0], name="改名后的公司", pinyin="zz")
    change(made[3], status=CustomerStatus.RECYCLED)
    new = make.customer("新来的幕墙", owner="chengang", pinyin="xin")
    with writing() as session, session.begin():
        gone = session.query(Contact).filter_by(name="何新人").one()
        moved = session.query(Contact).filter_by(name="老何").one()
        session.delete(gone)
        moved.customer_id, moved.name, moved.active = new, "新何", True
    agree(cast, *ASKED, {"find_text": "新何"}, {"sort": "customer"}, {"sort": "name"})


def test_numbers_are_masked_where_they_may_not_be_read(cast: dict[str, Actor]) -> None:
    key = make.customer(mobile="13912345678")
    share(key, cast["chengang"].person_id, contacts=False)
    with writing() as session, session.begin():
        session.query(Contact).one().email = "he@example.com"
    (clear,) = contact_page(cast["wangqiang"]).rows.to_dicts()
    (hidden,) = contact_page(cast["chengang"]).rows.to_dicts()
    assert (clear["mobile"], clear["email"], clear["in_clear"]) == (
        "13912345678", "he@example.com", True,
    )  # fmt: skip
    assert (hidden["mobile"], hidden["email"], hidden["in_clear"]) == (
        "139****5678", "****@example.com", False,
    )  # fmt: skip
    assert clear["primary"] == words.YES
    assert contact_page(cast["sunyue"]).rows["mobile"].to_list() == ["139****5678"]
    asked = ContactQuery(find_field="mobile", find_text="139")
    assert [contact_page(cast[who], asked).total for who in ("wangqiang", "chengang")] == [1, 0]


def test_whose_numbers_a_list_showed_is_noted_once(cast: dict[str, Actor]) -> None:
    made = [make.customer(name) for name in ("甲幕墙公司", "乙幕墙公司", "丙幕墙公司")]
    note_list_seen(cast["wangqiang"], made[:2])
    note_list_seen(cast["wangqiang"], made)
    note_list_seen(cast["limin"], made[:1])
    note_list_seen(cast["limin"], [])
    seen = [(r.person_id, r.entity_id) for r in make.rows(ChangeLog, entity=ENTITY)]
    wang, li = cast["wangqiang"].person_id, cast["limin"].person_id
    assert sorted(seen) == sorted([(wang, key) for key in made] + [(li, made[0])])
    assert STEP in STEPS


@pytest.mark.parametrize("status", [CustomerStatus.MERGED, CustomerStatus.RECYCLED])
def test_who_left_the_list_of_customers_takes_his_contacts_along(
    cast: dict[str, Actor], status: CustomerStatus
) -> None:
    key = make.customer()
    assert contact_page(cast["zhouting"]).total == 1
    with writing() as session, session.begin():
        session.get_one(Customer, key).status = status
    assert contact_page(cast["zhouting"]).total == 0

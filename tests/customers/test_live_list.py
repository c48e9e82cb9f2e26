"""The list in memory answers exactly what the database answers, for everybody, at every moment."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers import live_list, table
from crmlib.customers.arrays import Ranks, WornOut
from crmlib.customers.listing import CustomerQuery, choose
from crmlib.customers.model import (
    AliasKind,
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    CustomerStatus,
    ShareLevel,
)
from crmlib.customers.queries import customer_page
from crmlib.people.model import Person
from crmlib.store.engine import reading, writing
from tests import make

SORTS = (
    "code",
    "name",
    "level",
    "industry",
    "region",
    "owner",
    "office",
    "status",
    "trading",
    "registered_at",
    "last_contact_on",
    "incomplete",
)
ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"find_text": "幕墙"},
    {"find_text": "恒晟 幕墙"},
    {"find_text": "HCMQ"},
    {"find_text": "恒光"},
    {"find_text": "%"},
    {"find_field": "code", "find_text": "kht"},
    {"find_field": "code", "find_text": "old-7"},
    {"find_field": "phone", "find_text": "138"},
    {"find_field": "phone", "find_text": "020"},
    {"find_field": "phone", "find_text": "-"},
    {"find_field": "contact", "find_text": "何"},
    {"find_field": "uscc", "find_text": "91440101ma"},
    {"industry": "02"},
    {"industry": "none"},
    {"level": "A"},
    {"incomplete": True},
    {"incomplete": False, "trading": False},
    {"mine": True},
    {"unassigned": True},
    {"owner": 4},
    {"trading": True},
    {"status": CustomerStatus.MERGED},
    {"status": CustomerStatus.RECYCLED, "trading": True},
)


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the firm, its list is kept in memory."""
    monkeypatch.setattr(live_list, "WORTH", 0)
    monkeypatch.setattr(live_list, "_live", None)


def begun() -> live_list.LiveList:
    with reading() as session:
        live = live_list.live_list(session)
    assert live is not None
    assert live.ready.wait(30)
    return live


def agree(cast: dict[str, Actor], queries: Iterator[dict[str, Any]]) -> None:
    live = begun()
    with reading() as session:
        for query, (login, actor) in itertools.product(list(queries), cast.items()):
            asked = CustomerQuery(**query)
            in_table = live.choose(session, actor, asked)
            assert in_table == choose(session, actor, asked), (login, query)


def share(customer_id: int, person: int, *, contacts: bool = True) -> None:
    with writing() as session, session.begin():
        session.add(
            CustomerShare(
                customer_id=customer_id,
                person_id=person,
                level=ShareLevel.READ,
                with_contacts=contacts,
                shared_by_id=person,
                shared_at=clock.now(),
            )
        )


def add(record: object) -> None:
    with writing() as session, session.begin():
        session.add(record)


def change(key: int, **values: Any) -> None:
    with writing() as session, session.begin():
        row = session.get_one(Customer, key)
        for name, value in values.items():
            setattr(row, name, value)


def some_customers(cast: dict[str, Actor]) -> list[int]:
    made = [
        make.customer("恒晟幕墙有限公司", initials="hcmq", industry="02", pinyin="heng sheng"),
        make.customer("沪申门窗有限公司", owner="chengang", level="A", incomplete=True),
        make.customer("Abc 幕墙", owner=None, pinyin="abc", region_id=None),
        make.customer("秦岭玻璃", owner="zhangwei", status=CustomerStatus.TRADING, level=None),
        make.customer("楚天", owner="liuyang", uscc="91440101MA5CXXXX0X", industry=None),
        make.customer("并入者", status=CustomerStatus.MERGED),
        make.customer("回收者", status=CustomerStatus.RECYCLED),
    ]
    change(made[1], last_contact_on=clock.today(), registered_at=clock.now() - timedelta(days=1))
    for kind, text in ((AliasKind.NAME, "旧名恒光"), (AliasKind.CODE, "OLD-77")):
        add(CustomerAlias(customer_id=made[0], kind=kind, value=text, key=text, since=clock.now()))
    share(made[1], cast["wangqiang"].person_id)
    share(made[4], cast["chengang"].person_id, contacts=False)
    return made


def test_table_and_database_choose_the_same(cast: dict[str, Actor], in_memory: None) -> None:
    some_customers(cast)
    agree(cast, iter(ASKED))
    ways = itertools.product(SORTS, (True, False), (1, 2))
    agree(
        {login: cast[login] for login in ("zhouting", "wangqiang")},
        ({"sort": s, "descending": d, "page": p, "size": 3} for s, d, p in ways),
    )


def test_the_table_follows_every_change(cast: dict[str, Actor], in_memory: None) -> None:
    made = some_customers(cast)
    begun()
    change(made[0], name="改名后的公司", name_key="改名后的公司", pinyin="gai", industry="07")
    change(made[2], owner_id=cast["chengang"].person_id, office_id=cast["chengang"].office_id)
    change(made[3], status=CustomerStatus.RECYCLED)
    made.append(make.customer("新来的幕墙", owner="chengang", level="D", pinyin="xin"))
    add(Contact(customer_id=made[1], name="何新人", role="01", mobile="13955556666"))
    with writing() as session, session.begin():
        old = session.query(CustomerAlias).filter_by(value="旧名恒光").one()
        session.delete(old)
        moved = session.query(Contact).filter_by(customer_id=made[4]).one()
        moved.is_primary, moved.customer_id = False, made[0]
    agree(cast, iter((*ASKED, {"find_text": "改名"}, {"find_field": "contact", "find_text": "新"})))
    agree(cast, ({"sort": sort, "size": 4} for sort in SORTS))


def test_rights_hold_at_once(cast: dict[str, Actor], in_memory: None) -> None:
    (key, *_) = some_customers(cast)
    assert customer_page(cast["chengang"]).total == 2
    share(key, cast["chengang"].person_id)
    assert customer_page(cast["chengang"]).total == 3
    with writing() as session, session.begin():
        session.execute(delete(CustomerShare))
    assert customer_page(cast["chengang"]).total == 1
    with writing() as session, session.begin():
        seller = session.get_one(Person, cast["chengang"].person_id)
        seller.reports_to_id = cast["zhangwei"].person_id
    agree(cast, iter(ASKED[:3]))


def test_page_shows_the_same_rows(cast: dict[str, Actor], in_memory: None) -> None:
    some_customers(cast)
    begun()
    quick = customer_page(cast["zhangwei"])
    live_list.WORTH, live_list._live = 10**9, None
    assert quick.rows.equals(customer_page(cast["zhangwei"]).rows)


def test_a_worn_table_gives_way_to_a_new_one(
    cast: dict[str, Actor], in_memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_customers(cast)
    first = begun()
    monkeypatch.setattr(table, "_MOST_PATCHES", 0)
    key = make.customer("新来的")
    assert key in customer_page(cast["zhouting"]).rows["id"]
    assert first.is_worn
    assert begun() is not first
    agree(cast, iter(ASKED[:3]))


def test_small_firm_needs_no_table(cast: dict[str, Actor]) -> None:
    some_customers(cast)
    with reading() as session:
        assert live_list.live_list(session) is None


def test_new_text_finds_its_place_until_there_is_no_room() -> None:
    ranks = Ranks(["b", "d", None])
    assert ranks.place("a") < ranks.place("b") < ranks.place("c") < ranks.place("d")
    assert ranks.place("e") > ranks.place("d")
    assert ranks.find("x") is None
    ever_lower = ["b" + "a" * number + "b" for number in range(2000)]
    with pytest.raises(WornOut):
        list(map(ranks.place, ever_lower))


def test_first_page_needs_no_full_sort() -> None:
    query = CustomerQuery(page=2, size=3)
    assert replace(query, page=0).offset == 0
    assert query.offset == 3

"""待分配: what waits, for whom, and what several at once come to."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.waiting import (
    WaitingQuery,
    assign_waiting_customers,
    waiting_page,
)
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.model import Message
from crmlib.inbox.queries import pending
from crmlib.people.model import Person
from crmlib.store import rooms
from crmlib.store.engine import writing
from tests import make


@pytest.fixture(autouse=True)
def rooms_known() -> None:
    """What waits for people is counted as in the product."""
    rooms.load(rooms.QUERIES)


def waiting(actor: Actor, **query: object) -> list[str]:
    return waiting_page(actor, WaitingQuery(**query)).rows["name"].to_list()  # type: ignore[arg-type]


def leaves(actor: Actor) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, actor.person_id).active = False


def test_what_nobody_active_owns_waits_for_its_head(cast: dict[str, Actor]) -> None:
    make.customer("甲", owner=None)
    make.customer("乙", owner="chengang")
    make.customer("丙", owner=None, status=CustomerStatus.RECYCLED)
    make.customer("丁", owner="wangqiang")
    head = cast["zhangwei"]
    assert waiting(head) == ["甲"]
    leaves(cast["wangqiang"])
    page = waiting_page(head, WaitingQuery(sort="code", descending=True))
    assert page.total == 2
    assert dict(page.rows.select("name", "why").iter_rows()) == {
        "甲": "未指定负责人",
        "丁": "原负责人 王强 已停用",
    }
    assert [(p.label, p.count) for p in pending(head)] == [("待分配客户", 2)]
    assert waiting(head, find_text="丁") == ["丁"]
    assert waiting(cast["limin"]) == waiting(cast["chengang"]) == []


def test_page_shows_each_once_and_counts_all(cast: dict[str, Actor]) -> None:
    made = {f"客户{n}" for n in range(5)}
    for name in made:
        make.customer(name, owner=None)
    pages = [waiting(cast["zhaolei"], page=n, size=2, sort="name") for n in (1, 2, 3)]
    assert {name for page in pages for name in page} == made
    assert [len(page) for page in pages] == [2, 2, 1]


def test_several_go_at_once_and_he_is_told_of_each(cast: dict[str, Actor]) -> None:
    keys = [make.customer(owner=None) for _ in range(3)]
    seller = cast["wangqiang"]
    done = assign_waiting_customers(cast["zhangwei"], keys[:2], seller.person_id, token="t")
    assert (done.count, done.late, done.owner) == (2, 0, "王强")
    assert assign_waiting_customers(cast["zhangwei"], keys[:2], seller.person_id, token="t") == done
    held = [make.fetch(Customer, key) for key in keys]
    assert [c.owner_id for c in held] == [seller.person_id, seller.person_id, None]
    assert [c.office_id for c in held[:2]] == [seller.office_id] * 2
    assert len(make.rows(Message)) == 2


def test_given_away_meanwhile(cast: dict[str, Actor]) -> None:
    keys = [make.customer(owner=None) for _ in range(2)]
    head, seller = cast["zhangwei"], cast["wangqiang"].person_id
    assign_waiting_customers(cast["liuyang"], keys[:1], head.person_id)
    done = assign_waiting_customers(head, keys, seller)
    assert (done.count, done.late) == (1, 1)
    assert make.fetch(Customer, keys[0]).owner_id == head.person_id
    with pytest.raises(Refused, match="已被分配，请刷新"):
        assign_waiting_customers(head, keys, seller)


def test_nobody_outside_the_reach_is_named_or_names(cast: dict[str, Actor]) -> None:
    key = make.customer(owner=None)
    head = cast["zhangwei"]
    for owner in (cast["chengang"].person_id, cast["limin"].person_id, None):
        with pytest.raises(Invalid):
            assign_waiting_customers(head, [key], owner)
    for login in ("limin", "wangqiang", "sunyue", "zhouting"):
        with pytest.raises(NotAllowed):
            assign_waiting_customers(cast[login], [key], cast["wangqiang"].person_id)
    elsewhere = make.customer(owner="chengang")
    leaves(cast["chengang"])
    with pytest.raises(Refused):
        assign_waiting_customers(head, [elsewhere], cast["wangqiang"].person_id)
    assert make.fetch(Customer, key).owner_id is None

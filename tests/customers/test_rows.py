"""Who sees which customer."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.people.model import Person
from crmlib.store.engine import reading, writing
from tests import make

V, E, C, P = (
    Permission.CUSTOMER_VIEW,
    Permission.CUSTOMER_EDIT,
    Permission.CONTACT_EDIT,
    Permission.CONTACT_PHONE,
)


def ids(actor: Actor, permission: Permission = V) -> set[int]:
    with reading() as session:
        return set(session.scalars(select(Customer.id).where(visible_customers(actor, permission))))


def share(customer_id: int, actor: Actor, level: ShareLevel, days: int | None = None) -> None:
    with writing() as session, session.begin():
        session.add(
            CustomerShare(
                customer_id=customer_id,
                person_id=actor.person_id,
                level=level,
                ends_on=None if days is None else clock.today() + timedelta(days=days),
                shared_by_id=actor.person_id,
                shared_at=clock.now(),
            )
        )


# login → sees of: GZ customer of wangqiang, SH customer of chengang, unassigned GZ customer
SEEN = {
    "limin": (True, False, True),
    "wangqiang": (True, False, False),
    "chengang": (False, True, False),
    "zhangwei": (True, False, True),
    "liuyang": (True, False, True),
    "zhouting": (True, True, True),
    "zhaolei": (True, True, True),
    "sunyue": (True, True, True),
}


def test_each_role_sees_its_own_rows(cast: dict[str, Actor]) -> None:
    customers = [make.customer(), make.customer(owner="chengang"), make.customer(owner=None)]
    for login, expected in SEEN.items():
        seen = ids(cast[login])
        assert tuple(c in seen for c in customers) == expected, login


def test_analyst_edits_nothing_and_reads_no_phone(cast: dict[str, Actor]) -> None:
    make.customer()
    assert ids(cast["sunyue"], E) == ids(cast["sunyue"], P) == set()


@pytest.mark.parametrize(
    ("level", "days", "reads", "works"),
    [
        (ShareLevel.READ, None, True, False),
        (ShareLevel.COLLABORATE, None, True, True),
        (ShareLevel.COLLABORATE, 0, True, True),
        (ShareLevel.COLLABORATE, -1, False, False),
    ],
)
def test_share_opens_by_level_until_its_day(
    cast: dict[str, Actor], level: ShareLevel, days: int | None, reads: bool, works: bool
) -> None:
    key = make.customer()
    share(key, cast["chengang"], level, days)
    assert (key in ids(cast["chengang"])) is reads
    assert (key in ids(cast["chengang"], C)) is works


def test_owners_to_choose_are_within_reach(cast: dict[str, Actor]) -> None:
    def logins(actor: Actor, permission: Permission) -> set[str]:
        with reading() as session:
            allowed = possible_owners(actor, permission)
            return set(session.scalars(select(Person.login).where(allowed)))

    create, assign = Permission.CUSTOMER_CREATE, Permission.CUSTOMER_ASSIGN
    assert logins(cast["limin"], create) == {"wangqiang", "zhangwei"}
    assert logins(cast["limin"], assign) == set()
    assert logins(cast["wangqiang"], create) == {"wangqiang"}
    assert logins(cast["zhangwei"], assign) == {"wangqiang", "zhangwei"}
    assert logins(cast["liuyang"], assign) == {"wangqiang", "zhangwei", "liuyang"}
    assert "chengang" in logins(cast["zhaolei"], assign)

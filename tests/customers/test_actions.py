"""Contacts, sharing and assigning."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.actions import add_contact, assign_customer, edit_contact
from crmlib.customers.model import Contact, Customer, CustomerShare, CustomerStatus, ShareLevel
from crmlib.customers.rules import ContactDraft
from crmlib.customers.sharing import share_customer, unshare_customer
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.people.model import Person
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

NEW = ContactDraft(name="赵工", role="04", mobile="139 0000 7777")


def primaries(customer_id: int) -> list[str]:
    return [c.name for c in make.rows(Contact, customer_id=customer_id, is_primary=True)]


def messages_to(actor: Actor) -> list[Message]:
    copies = make.rows(MessageRecipient, person_id=actor.person_id)
    return [make.fetch(Message, c.message_id) for c in copies]


def test_added_contact_is_stored_and_logged(cast: dict[str, Actor]) -> None:
    key = make.customer()
    saved = add_contact(cast["wangqiang"], key, NEW, token="c1")
    assert add_contact(cast["wangqiang"], key, NEW, token="c1") == saved
    row = make.fetch(Contact, saved.contact_id)
    assert (row.mobile, row.is_primary, row.title) == ("13900007777", False, None)
    (log,) = make.rows(ChangeLog, entity="contact", action="add_contact")
    assert log.person_id == cast["wangqiang"].person_id


def test_new_primary_takes_the_mark(cast: dict[str, Actor]) -> None:
    key = make.customer()
    add_contact(cast["wangqiang"], key, ContactDraft("赵工", "04", "13900007777", is_primary=True))
    assert primaries(key) == ["赵工"]


def test_contact_faults_come_all_at_once(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as fault:
        add_contact(cast["wangqiang"], make.customer(), ContactDraft(role="99", mobile="12"))
    assert set(fault.value.faults) == {"name", "role", "mobile"}


@pytest.mark.parametrize(
    ("login", "may"),
    [
        ("limin", False),
        ("wangqiang", True),
        ("chengang", False),
        ("zhangwei", True),
        ("liuyang", True),
        ("zhouting", True),
        ("zhaolei", True),
        ("sunyue", False),
    ],
)
def test_who_may_add_a_contact(cast: dict[str, Actor], login: str, may: bool) -> None:
    key = make.customer()
    if may:
        add_contact(cast[login], key, NEW)
    else:
        with pytest.raises(NotAllowed):
            add_contact(cast[login], key, NEW)
    assert len(make.rows(Contact, customer_id=key)) == (2 if may else 1)


def test_edited_contact_keeps_the_rest(cast: dict[str, Actor]) -> None:
    key = make.customer()
    (old,) = make.rows(Contact, customer_id=key)
    saved = edit_contact(cast["wangqiang"], old.id, {"title": "总经理"}, old.version)
    row = make.fetch(Contact, old.id)
    assert (row.title, row.name, row.mobile, row.version) == (
        "总经理",
        old.name,
        old.mobile,
        saved.version,
    )
    with pytest.raises(Stale):
        edit_contact(cast["wangqiang"], old.id, {"title": "副总"}, old.version)


def test_primary_mark_moves_but_is_not_dropped(cast: dict[str, Actor]) -> None:
    key = make.customer()
    (old,) = make.rows(Contact, customer_id=key)
    for change in ({"is_primary": False}, {"active": False}):
        with pytest.raises(Invalid) as fault:
            edit_contact(cast["wangqiang"], old.id, change, old.version)
        assert "is_primary" in fault.value.faults
    second = add_contact(cast["wangqiang"], key, NEW)
    edit_contact(cast["wangqiang"], second.contact_id, {"is_primary": True}, second.version)
    assert primaries(key) == ["赵工"]


def test_contact_of_a_stranger_is_out_of_reach(cast: dict[str, Actor]) -> None:
    (contact,) = make.rows(Contact, customer_id=make.customer())
    for key in (contact.id, 999_999):
        with pytest.raises(NotAllowed):
            edit_contact(cast["chengang"], key, {"title": "x"}, None)


def test_merged_customer_takes_no_contact(cast: dict[str, Actor]) -> None:
    with pytest.raises(Refused):
        add_contact(cast["wangqiang"], make.customer(status=CustomerStatus.MERGED), NEW)


def test_share_tells_the_colleague(cast: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司")
    end = clock.today() + timedelta(days=30)
    person = cast["chengang"].person_id
    share_customer(cast["wangqiang"], key, person, ShareLevel.COLLABORATE, end)
    (row,) = make.rows(CustomerShare, customer_id=key)
    assert (row.level, row.ends_on) == (ShareLevel.COLLABORATE, end)
    (message,) = messages_to(cast["chengang"])
    assert "恒晟幕墙有限公司" in message.title
    assert (message.related_type, message.related_id) == ("customer", key)


def test_share_faults(cast: dict[str, Actor]) -> None:
    key, me, other = make.customer(), cast["wangqiang"], cast["chengang"].person_id
    share_customer(me, key, other, ShareLevel.READ)
    with writing() as session, session.begin():
        session.get_one(Person, cast["sunyue"].person_id).active = False
    yesterday = clock.today() - timedelta(days=1)
    for person, end, fields in (
        (me.person_id, None, {"person"}),
        (other, None, {"person"}),
        (cast["sunyue"].person_id, yesterday, {"person", "ends_on"}),
        (999_999, None, {"person"}),
    ):
        with pytest.raises(Invalid) as fault:
            share_customer(me, key, person, ShareLevel.READ, end)
        assert set(fault.value.faults) == fields


def test_ended_share_may_be_given_again(cast: dict[str, Actor]) -> None:
    key, other = make.customer(), cast["chengang"].person_id
    share_customer(cast["wangqiang"], key, other, ShareLevel.READ)
    with writing() as session, session.begin():
        row = session.query(CustomerShare).one()
        row.ends_on = clock.today() - timedelta(days=1)
    share_customer(cast["wangqiang"], key, other, ShareLevel.COLLABORATE)
    assert [s.level for s in make.rows(CustomerShare)] == [ShareLevel.COLLABORATE]


def test_unshare_takes_it_back(cast: dict[str, Actor]) -> None:
    key, other = make.customer(), cast["chengang"].person_id
    share_customer(cast["wangqiang"], key, other, ShareLevel.READ)
    with pytest.raises(NotAllowed):
        unshare_customer(cast["chengang"], key, other)
    unshare_customer(cast["wangqiang"], key, other)
    assert make.rows(CustomerShare) == []
    with pytest.raises(NotAllowed):
        unshare_customer(cast["wangqiang"], key, other)


@pytest.mark.parametrize("login", ["limin", "chengang", "zhouting", "sunyue"])
def test_who_may_not_share(cast: dict[str, Actor], login: str) -> None:
    key = make.customer()
    with pytest.raises(NotAllowed):
        share_customer(cast[login], key, cast["zhaolei"].person_id, ShareLevel.READ)


def test_assignment_sets_owner_and_office_and_tells_him(cast: dict[str, Actor]) -> None:
    key = make.customer(owner=None)
    before = make.fetch(Customer, key)
    saved = assign_customer(
        cast["zhangwei"], key, cast["wangqiang"].person_id, before.version, token="a"
    )
    row = make.fetch(Customer, key)
    assert row.owner_id == cast["wangqiang"].person_id
    assert row.office_id == cast["wangqiang"].office_id
    assert row.version == saved.version == before.version + 1
    (message,) = messages_to(cast["wangqiang"])
    assert saved.code in message.title
    with pytest.raises(Stale):
        assign_customer(cast["zhangwei"], key, cast["zhangwei"].person_id, before.version)


def test_assignment_outside_the_reach_is_refused(cast: dict[str, Actor]) -> None:
    key = make.customer(owner=None)
    for person in (cast["chengang"], cast["limin"]):
        with pytest.raises(Invalid) as fault:
            assign_customer(cast["zhangwei"], key, person.person_id, None)
        assert set(fault.value.faults) == {"owner"}
    assert make.fetch(Customer, key).owner_id is None


@pytest.mark.parametrize("login", ["limin", "wangqiang", "chengang", "zhouting", "sunyue"])
def test_who_may_not_assign(cast: dict[str, Actor], login: str) -> None:
    key = make.customer(owner=None)
    with pytest.raises(NotAllowed):
        assign_customer(cast[login], key, cast["wangqiang"].person_id, None)

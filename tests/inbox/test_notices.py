"""Notices of other folders."""

from crmlib.access.actor import Actor
from crmlib.access.grants import Role
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.notices import head_of, notify, people_of_role, receivers_of
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading, writing
from tests import make


def test_notice_reaches_each_person_once_without_sender(cast: dict[str, Actor]) -> None:
    me = cast["limin"].person_id
    with writing() as session, session.begin():
        sent = notify(session, [me, me, None], "题" * 200, "正文", ("customer", 7))
    message = make.fetch(Message, sent)
    assert (message.sender_id, len(message.title), message.related_id) == (None, 120, 7)
    assert [c.person_id for c in make.rows(MessageRecipient)] == [me]


def test_notice_to_nobody_writes_nothing(cast: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        assert notify(session, [None], "标题", "正文") is None
    assert make.rows(Message) == []


def test_circle_of_deactivated_superiors_ends(cast: dict[str, Actor]) -> None:
    a, b = cast["wangqiang"].person_id, cast["zhangwei"].person_id
    with writing() as session, session.begin():
        for one, other in ((a, b), (b, a)):
            person = session.get_one(Person, one)
            person.active, person.reports_to_id = False, other
        session.flush()
        assert receivers_of(session, {a}) == set()


def test_head_is_looked_for_upwards(cast: dict[str, Actor]) -> None:
    with reading() as session:
        offices = {o.name: o.id for o in session.query(Office)}
        assert head_of(session, offices["广州"]) == cast["zhangwei"].person_id
        assert head_of(session, offices["深圳"]) == cast["liuyang"].person_id
        assert head_of(session, offices["上海"]) is None
        assert head_of(session, None) is None


def test_people_of_role_are_active(cast: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        assert people_of_role(session, Role.SALES) == sorted(
            cast[login].person_id for login in ("wangqiang", "chengang")
        )
        session.get_one(Person, cast["chengang"].person_id).active = False
        session.flush()
        assert people_of_role(session, Role.SALES) == [cast["wangqiang"].person_id]

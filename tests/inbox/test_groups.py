"""Who may write to which groups, and who is in them."""

import pytest

from crmlib.access.actor import Actor
from crmlib.errors import Invalid
from crmlib.inbox.actions import send_message
from crmlib.inbox.groups import groups_of
from crmlib.inbox.model import MessageRecipient
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make


def test_groups_follow_post_office_and_subordinates(cast: dict[str, Actor]) -> None:
    names = {actor.person_id: login for login, actor in cast.items()}

    def offered(login: str) -> dict[str, set[str]]:
        return {g.name: {names[i] for i in g.people} for g in groups_of(cast[login])}

    assert offered("wangqiang") == {
        "综合部": {"zhouting"},
        "信息部": {"zhaolei"},
        "本部门：广州": {"limin", "zhangwei"},
    }
    head = offered("zhangwei")
    assert head["我的下属"] == head["广州全体"] == {"limin", "wangqiang"}
    assert "上海全体" not in head
    region = offered("liuyang")
    assert region["我的下属"] == region["华南区（含下级部门）"]
    assert region["我的下属"] == {"zhangwei", "limin", "wangqiang"}
    # 综合部 writes to the whole firm, never to herself; empty offices are not offered.
    desk = offered("zhouting")
    assert desk["全体人员"] == set(cast) - {"zhouting"}
    assert desk["上海全体"] == {"chengang"}
    assert "综合部" not in desk
    assert "深圳全体" not in desk


def test_message_reaches_the_group_as_it_is_now(cast: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, cast["limin"].person_id).active = False
    sent = send_message(cast["zhangwei"], [cast["chengang"].person_id], ["team"], "周会", "三点")
    got = {copy.person_id for copy in make.rows(MessageRecipient, message_id=sent.message_id)}
    assert got == {cast["wangqiang"].person_id, cast["chengang"].person_id}


@pytest.mark.parametrize(
    ("login", "group"),
    [("wangqiang", "team"), ("wangqiang", "everybody"), ("zhangwei", "office-1"), ("limin", "x")],
)
def test_groups_of_others_are_refused(cast: dict[str, Actor], login: str, group: str) -> None:
    with pytest.raises(Invalid) as fault:
        send_message(cast[login], [], [group], "标题", "正文")
    assert set(fault.value.faults) == {"recipients"}
    assert make.rows(MessageRecipient) == []


def test_group_without_anybody_else_is_a_fault(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as fault:
        send_message(cast["zhouting"], [], ["general_office"], "标题", "正文")
    assert fault.value.faults == {"recipients": "没有在用的接收人"}

"""Messages go out once, reach active people, and only their own copies change."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers import queries  # noqa: F401 lets messages point at customers
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox.actions import archive_message, mark_all_read, mark_read, send_message
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.queries import Folder, InboxQuery, counts, inbox_page, message_detail
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make


def deactivate(actor: Actor) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, actor.person_id).active = False


def received(actor: Actor) -> list[str]:
    return inbox_page(actor).rows["title"].to_list()


def test_message_reaches_people_and_groups_once_each(cast: dict[str, Actor]) -> None:
    office = cast["zhouting"]
    people = [office.person_id, cast["limin"].person_id]
    sent = send_message(
        cast["wangqiang"], people, ["general_office"], " 标题 ", "正文\n二", token="m"
    )
    assert sent == send_message(
        cast["wangqiang"], people, ["general_office"], "标题", "正文", token="m"
    )
    assert (sent.text, sent.recipients) == ("消息发送成功", 2)
    assert received(office) == received(cast["limin"]) == ["标题"]
    assert received(cast["zhangwei"]) == []
    detail = message_detail(office, sent.message_id)
    assert (detail.body, detail.sender, detail.read_at) == ("正文\n二", "王强", None)
    assert set(detail.recipients) == {"周婷", "李敏"}


def test_faults_come_all_at_once_and_nothing_is_sent(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as fault:
        send_message(cast["wangqiang"], [], [], " ", "\u200b")
    assert set(fault.value.faults) == {"recipients", "title", "body"}
    with pytest.raises(Invalid) as fault:
        send_message(cast["wangqiang"], [999_999], [], "标题", "正文")
    assert set(fault.value.faults) == {"recipients"}
    assert make.rows(Message) == []


def test_deactivated_recipients_message_goes_to_his_superior(cast: dict[str, Actor]) -> None:
    deactivate(cast["wangqiang"])
    deactivate(cast["zhangwei"])
    send_message(cast["limin"], [cast["wangqiang"].person_id], [], "标题", "正文")
    assert received(cast["liuyang"]) == ["标题"]


def test_deactivated_recipient_without_superior_is_named(cast: dict[str, Actor]) -> None:
    deactivate(cast["chengang"])
    with pytest.raises(Invalid) as fault:
        send_message(cast["limin"], [cast["chengang"].person_id], [], "标题", "正文")
    assert fault.value.faults == {"recipients": "陈刚 已停用，且没有可代收的上级"}


def test_related_record_opens_only_for_those_who_may_see_it(cast: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司", code="KH901")
    both = [cast["zhouting"].person_id, cast["chengang"].person_id]
    sent = send_message(cast["wangqiang"], both, [], "标题", "正文", ("customer", key))
    related = message_detail(cast["zhouting"], sent.message_id).related
    assert related is not None
    assert (related.page, related.id, related.label) == (
        "customer",
        key,
        "恒晟幕墙有限公司（KH901）",
    )
    assert message_detail(cast["chengang"], sent.message_id).related is None


@pytest.mark.parametrize("kind", ["customer", "person", "no_such_type"])
def test_nobody_points_at_what_he_may_not_open(cast: dict[str, Actor], kind: str) -> None:
    with pytest.raises(NotAllowed):
        send_message(
            cast["chengang"], [cast["limin"].person_id], [], "标题", "正文", (kind, make.customer())
        )


def test_reading_and_archiving_change_own_copy_only(cast: dict[str, Actor]) -> None:
    me, other = cast["limin"], cast["zhouting"]
    sent = send_message(cast["wangqiang"], [me.person_id, other.person_id], [], "标题", "正文")
    assert counts(me).unread == 1
    mark_read(me, sent.message_id)
    first = make.rows(MessageRecipient, person_id=me.person_id)[0].read_at
    mark_read(me, sent.message_id)
    assert make.rows(MessageRecipient, person_id=me.person_id)[0].read_at == first
    assert (counts(me).unread, counts(other).unread) == (0, 1)
    archive_message(me, sent.message_id)
    assert received(me) == []
    assert inbox_page(me, InboxQuery(folder=Folder.ARCHIVED)).total == 1
    mark_all_read(other)
    assert counts(other).unread == 0


def test_strangers_copy_is_out_of_reach(cast: dict[str, Actor]) -> None:
    sent = send_message(cast["wangqiang"], [cast["limin"].person_id], [], "标题", "正文")
    for act in (mark_read, archive_message):
        with pytest.raises(NotAllowed):
            act(cast["chengang"], sent.message_id)
    with pytest.raises(NotAllowed):
        message_detail(cast["chengang"], sent.message_id)
    with pytest.raises(NotAllowed):
        message_detail(cast["chengang"], 999_999)

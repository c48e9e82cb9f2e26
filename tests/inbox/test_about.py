"""Messages about a record: only one's own letters."""

from crmlib.access.actor import Actor
from crmlib.customers import queries  # noqa: F401 lets messages point at customers
from crmlib.inbox.about import SCHEMA, messages_about
from crmlib.inbox.actions import mark_read, send_message
from crmlib.inbox.notices import notify
from crmlib.opportunities import card  # noqa: F401 and at opportunities
from crmlib.store.engine import writing
from tests import make


def test_a_record_shows_the_letters_its_reader_sent_or_got(cast: dict[str, Actor]) -> None:
    customer = make.customer()
    deal = make.opportunity(customer)
    sent = send_message(
        cast["wangqiang"],
        [cast["zhangwei"].person_id, cast["zhouting"].person_id],
        [],
        "关于客户",
        "正文",
        ("customer", customer),
    )
    with writing() as session, session.begin():
        notify(session, [cast["wangqiang"].person_id], "商机", "正文", ("opportunity", deal))
        notify(session, [cast["wangqiang"].person_id], "别的", "正文", ("customer", customer + 99))

    def told(login: str, *records: tuple[str, int]) -> list[tuple[object, ...]]:
        frame = messages_about(cast[login], *records)
        assert frame.schema == SCHEMA
        return frame.select("title", "sender", "recipients", "direction", "is_read").rows()

    letter = ("关于客户", "王强", 2)
    assert told("wangqiang", ("customer", customer)) == [(*letter, "发出", True)]
    assert told("zhangwei", ("customer", customer)) == [(*letter, "收到", False)]
    mark_read(cast["zhangwei"], sent.message_id)
    assert told("zhangwei", ("customer", customer)) == [(*letter, "收到", True)]
    # The admin may see the customer, but not others' letters.
    assert told("zhaolei", ("customer", customer)) == []
    both = told("wangqiang", ("customer", customer), ("opportunity", deal))
    assert [row[0] for row in both] == ["商机", "关于客户"]
    assert told("wangqiang") == []

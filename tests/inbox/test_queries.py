"""The inbox list and the numbers of the page head."""

from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.inbox import queries
from crmlib.inbox.actions import send_message
from crmlib.inbox.notices import notify
from crmlib.inbox.queries import (
    INBOX_SCHEMA,
    Folder,
    InboxQuery,
    Pending,
    count_pending,
    counts,
    inbox_page,
    pending,
)
from crmlib.store.engine import writing


def test_inbox_is_newest_first_paged_and_searchable(cast: dict[str, Actor]) -> None:
    me = cast["limin"]
    for number in range(5):
        send_message(cast["wangqiang"], [me.person_id], [], f"第{number}条", "内容")
    first = inbox_page(me, InboxQuery(size=2))
    assert (first.rows["title"].to_list(), first.total) == (["第4条", "第3条"], 5)
    assert inbox_page(me, InboxQuery(page=3, size=2)).rows["title"].to_list() == ["第0条"]
    assert inbox_page(me, InboxQuery(find_text="第2")).rows["title"].to_list() == ["第2条"]
    assert inbox_page(me, InboxQuery(find_text="%")).total == 0


def test_sent_folder_shows_own_messages(cast: dict[str, Actor]) -> None:
    send_message(cast["wangqiang"], [cast["limin"].person_id], [], "标题", "正文")
    sent = InboxQuery(folder=Folder.SENT)
    (row,) = inbox_page(cast["wangqiang"], sent).rows.to_dicts()
    assert (row["sender"], row["is_read"]) == ("王强", True)
    assert inbox_page(cast["limin"], sent).total == 0


def test_system_notice_is_from_the_system_and_unread(cast: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        notify(session, [cast["limin"].person_id], "标题", "正文")
    page = inbox_page(cast["limin"], InboxQuery(folder=Folder.UNREAD))
    assert page.rows.columns == list(INBOX_SCHEMA)
    assert page.rows["sender"].to_list() == ["系统"]


def test_pending_sums_what_sources_say(cast: dict[str, Actor], monkeypatch) -> None:
    monkeypatch.setattr(queries, "_sources", {})

    def two(_session: Session, actor: Actor) -> Pending | None:
        return Pending("待审", 2, "review") if actor.login == "zhouting" else None

    count_pending("two", two)
    count_pending("none", lambda _s, _a: Pending("空", 0, "home"))
    assert pending(cast["zhouting"]) == [Pending("待审", 2, "review")]
    assert (counts(cast["zhouting"]).pending, counts(cast["limin"]).pending) == (2, 0)

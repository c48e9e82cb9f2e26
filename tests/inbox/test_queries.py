"""The inbox list and the numbers of the page head."""

from sqlalchemy import text
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
from crmlib.store import rooms
from crmlib.store.engine import writing
from tests import make
from tests.conversion.test_actions import ask


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
    assert (row["sender"], row["is_read"], row["state"]) == ("李敏", True, "已读 0/1")
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


def test_a_source_that_fails_or_comes_meanwhile_spoils_no_count(
    cast: dict[str, Actor], monkeypatch, caplog
) -> None:
    monkeypatch.setattr(queries, "_sources", {})

    def late(_session: Session, _actor: Actor) -> Pending:
        # As when a page is imported in another thread while the sources are asked.
        count_pending("late", lambda _s, _a: Pending("后到", 3, "home"))
        return Pending("先到", 2, "home")

    def broken(session: Session, _actor: Actor) -> Pending:
        session.execute(text("SELECT no_such_column FROM person"))
        raise AssertionError

    count_pending("early", late)
    count_pending("broken", broken)
    count_pending("after", lambda s, _a: Pending("之后", s.scalar(text("SELECT 4")), "home"))
    assert counts(cast["limin"]).pending == 6
    assert "what waits cannot be counted: broken" in caplog.text
    assert counts(cast["limin"]).pending == 9


def test_next_step_of_a_message_is_what_its_reader_may_do(cast: dict[str, Actor]) -> None:
    rooms.load(rooms.QUERIES)
    waiting = make.customer(owner=None)
    asked = make.customer()
    ask(cast["wangqiang"], asked)
    readers = [cast[login].person_id for login in ("zhangwei", "zhouting", "chengang")]
    with writing() as session, session.begin():
        notify(session, readers, "待分配", "正文", ("customer", waiting))
        notify(session, readers, "申请", "正文", ("customer", asked))
    send_message(cast["wangqiang"], readers, [], "问候", "正文")

    def steps(login: str) -> dict[str, str]:
        rows = inbox_page(cast[login]).rows.to_dicts()
        return {row["title"]: row["step"] for row in rows}

    assert steps("zhangwei") == {"待分配": "分配", "申请": "打开", "问候": "回复"}
    desk = steps("zhouting")
    assert (desk["待分配"], desk["申请"], desk["问候"]) == ("打开", "处理", "回复")
    assert steps("chengang") == {"待分配": "", "申请": "", "问候": "回复"}

"""稍后提醒, 归档 and back: what a copy of a message may be, and what its reader is told."""

from datetime import UTC, datetime, timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox import rules
from crmlib.inbox.actions import (
    archive_message,
    mark_all_read,
    mark_read,
    send_message,
    snooze_message,
    unarchive_message,
)
from crmlib.inbox.model import MessageRecipient
from crmlib.inbox.queries import Folder, InboxQuery, counts, folder_counts, inbox_page
from tests import make

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)  # 16:00 in Shanghai


@pytest.mark.parametrize(
    ("choice", "now", "back"),
    [
        (rules.HOUR, MONDAY, MONDAY + timedelta(hours=1)),
        (rules.TOMORROW, MONDAY, datetime(2026, 11, 24, 1, tzinfo=UTC)),
        (rules.MONDAY, MONDAY, datetime(2026, 11, 30, 1, tzinfo=UTC)),
        (rules.MONDAY, MONDAY + timedelta(days=6), datetime(2026, 11, 30, 1, tzinfo=UTC)),
        # Half past midnight in Shanghai is still the day before in UTC.
        (
            rules.TOMORROW,
            datetime(2026, 11, 23, 16, 30, tzinfo=UTC),
            MONDAY.replace(day=25, hour=1),
        ),
        ("next year", MONDAY, None),
    ],
)
def test_when_a_message_comes_back(choice: str, now: datetime, back: datetime | None) -> None:
    assert rules.snoozed_until(choice, now) == back


@pytest.mark.parametrize(
    ("prefix", "title", "answer"),
    [
        (rules.REPLY, "通知", "回复：通知"),
        (rules.REPLY, "回复：通知", "回复：通知"),
        (rules.FORWARD, "回复：通知", "转发：通知"),
        (rules.REPLY, "题" * 120, "回复：" + "题" * 117),
    ],
)
def test_title_of_an_answer(prefix: str, title: str, answer: str) -> None:
    assert rules.answer_title(prefix, title) == answer


def test_an_old_text_leaves_room_for_the_answer() -> None:
    assert rules.quoted("王强", "2026-11-23 16:00", "好").endswith("王强 2026-11-23 16:00 ——\n好")
    assert len(rules.quoted("王强", "2026-11-23 16:00", "长" * 5000)) == rules.BODY_LENGTH // 2


def test_what_is_put_off_is_gone_until_then_and_unread_again(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = cast["limin"]
    old, new = (
        send_message(cast["wangqiang"], [me.person_id], [], title, "正文").message_id
        for title in ("先", "后")
    )

    def shown(folder: Folder) -> list[str]:
        return inbox_page(me, InboxQuery(folder=folder)).rows["title"].to_list()

    mark_read(me, old, new)
    snooze_message(me, rules.HOUR, old)
    assert (shown(Folder.INBOX), shown(Folder.SNOOZED)) == (["后"], ["先"])
    assert folder_counts(me) == {Folder.UNREAD: 0, Folder.SNOOZED: 1}
    assert inbox_page(me, InboxQuery(folder=Folder.SNOOZED)).rows["state"].to_list() == ["稍后"]
    mark_all_read(me)  # reads what is there, not what is put off

    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert shown(Folder.INBOX) == ["先", "后"]  # back on top
    assert (shown(Folder.UNREAD), counts(me).unread) == (["先"], 1)
    assert shown(Folder.SNOOZED) == []
    mark_read(me, old)
    assert counts(me).unread == 0


def test_archived_goes_and_comes_back_and_never_by_itself(cast: dict[str, Actor]) -> None:
    me = cast["limin"]
    one, two = (
        send_message(cast["wangqiang"], [me.person_id], [], title, "正文").message_id
        for title in ("一", "二")
    )
    snooze_message(me, rules.MONDAY, one)
    archive_message(me, one, two)
    assert inbox_page(me, InboxQuery(folder=Folder.ARCHIVED)).total == 2
    assert folder_counts(me)[Folder.SNOOZED] == 0
    unarchive_message(me, one)
    assert inbox_page(me).rows["title"].to_list() == ["一"]
    snooze_message(me, rules.HOUR, two)  # put off, it is no longer archived
    assert inbox_page(me, InboxQuery(folder=Folder.ARCHIVED)).total == 0


def test_others_copies_and_times_that_do_not_exist_are_refused(cast: dict[str, Actor]) -> None:
    me, stranger = cast["limin"], cast["chengang"]
    sent = send_message(cast["wangqiang"], [me.person_id], [], "标题", "正文").message_id
    with pytest.raises(Invalid):
        snooze_message(me, "next year", sent)
    for act in (unarchive_message, mark_read, archive_message):
        with pytest.raises(NotAllowed):
            act(stranger, sent)
    with pytest.raises(NotAllowed):
        snooze_message(stranger, rules.HOUR, sent)
    # One's own messages may be among the chosen; there is no copy to change.
    assert archive_message(cast["wangqiang"], sent) == 0
    (copy,) = make.rows(MessageRecipient)
    assert (copy.read_at, copy.archived_at, copy.snoozed_until) == (None, None, None)

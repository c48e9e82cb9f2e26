"""信息中心: written by keyboard, heard without a reload, read, put off, put away; links by rights."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.customers import queries  # noqa: F401 lets messages point at customers
from crmlib.inbox.actions import send_message
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.store.engine import writing
from tests import make

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
# What was said in passing is kept: a busy machine may look only after it is gone.
HEAR = "window.said = []; addEventListener('sunmao:toast', (e) => window.said.push(e.detail.text));"


@pytest.fixture
def page_as(page_as: Open) -> Open:
    """Open a page, signed in, that remembers what it was told."""

    def opened(login: str) -> Page:
        page = page_as(login)
        page.add_init_script(HEAR)
        return page

    return opened


def told(page: Page, text: str) -> None:
    """Expect that the page said something."""
    heard = "(text) => window.said.some((each) => each.includes(text))"
    page.wait_for_function(heard, arg=text, polling=250)


def at_home(page: Page, workspace: str = "entry") -> Page:
    """Go to 信息中心 and wait until its list stands."""
    page.goto(f"/{workspace}/?page=home")
    expect(page.get_by_role("heading", name="信息中心")).to_be_visible()
    expect(inbox(page).locator(".sm-total")).to_be_visible()
    return page


def inbox(page: Page) -> Locator:
    """Return the list of messages."""
    head = page.get_by_role("columnheader", name="消息标题")
    return page.locator(".sm-grid").filter(has=head)


def line(page: Page, title: str) -> Locator:
    """Return the row of a message, or of a day."""
    return page.locator(".sm-table tbody tr").filter(has_text=title)


def badge(page: Page) -> Locator:
    """Return the count of unread messages in the head."""
    return page.get_by_role("banner").get_by_role("link", name="消息").locator(".sm-count")


def person(login: str) -> int:
    """Return somebody's id."""
    return make.people_ids()[login]


def send(sender: str, receiver: str, title: str, related: tuple[str, int] | None = None) -> int:
    """Send a message past the browser."""
    actor = actor_of(person(sender))
    return send_message(actor, [person(receiver)], [], title, "正文", related).message_id


def test_message_to_a_group_is_written_by_keyboard_and_comes_without_a_reload(
    page_as: Open,
) -> None:
    reader = at_home(page_as("wangqiang"))
    expect(badge(reader)).to_be_hidden()
    expect(reader.get_by_text("没有消息")).to_be_visible()

    page = page_as("zhangwei")
    page.goto("/entry/?page=message_new")
    to = page.get_by_role("combobox", name="接收人")
    expect(to).to_be_focused()
    page.keyboard.press("Control+Enter")  # nothing filled in: all faults at once, nothing sent
    for label in ("接收人", "消息标题", "正文"):
        expect(page.get_by_text(f"{label} 为必录项")).to_be_visible()
    assert make.rows(Message) == []

    to.focus()
    page.keyboard.type("wdxs")  # 我的下属 by its initials
    expect(page.get_by_role("option", name="我的下属")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="移除 我的下属")).to_be_visible()
    page.keyboard.type("周婷")
    page.keyboard.press("Enter")  # before the server answered
    expect(page.get_by_role("button", name="移除 周婷")).to_be_visible()
    page.get_by_label("消息标题").focus()
    page.keyboard.type("周五例会")
    page.keyboard.press("Tab")
    expect(page.get_by_label("正文")).to_be_focused()
    page.keyboard.type("请准备本周商机")
    page.keyboard.press("Control+Enter")
    told(page, "消息发送成功")

    (message,) = make.rows(Message)
    got = {copy.person_id for copy in make.rows(MessageRecipient, message_id=message.id)}
    assert got == {person(login) for login in ("limin", "wangqiang", "zhouting")}
    # The reader did nothing; his list, his figures and his head follow.
    expect(line(reader, "周五例会")).to_be_visible()
    expect(badge(reader)).to_have_text("1")
    expect(reader.locator(".sm-stat", has_text="未读消息").locator(".sm-value")).to_have_text("1")

    # Arrow down and Enter open it; opened is read, and an answer begins with what was written.
    reader.locator("body").press("ArrowDown")
    expect(line(reader, "周五例会")).to_have_class(re.compile(r"\bon\b"))
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("heading", name="周五例会")).to_be_visible()
    expect(badge(reader)).to_be_hidden()
    reader.get_by_role("link", name="回复", exact=True).click()
    expect(reader.get_by_role("button", name="移除 张伟")).to_be_visible()
    expect(reader.get_by_label("消息标题")).to_have_value("回复：周五例会")
    expect(reader.get_by_label("正文")).to_have_value(
        re.compile("原消息：张伟.*请准备本周商机", re.S)
    )
    expect(reader.get_by_label("正文")).to_be_focused()  # it is clear who receives it
    reader.get_by_role("button", name="发送").click()
    told(reader, "消息发送成功")
    expect(badge(page)).to_have_text("1")


def test_messages_are_put_off_archived_and_found_again(page_as: Open) -> None:
    later, done = (send("zhouting", "limin", title) for title in ("核对资料", "放假通知"))
    page = at_home(page_as("limin"))
    line(page, "核对资料").get_by_role("checkbox").check()
    inbox(page).get_by_role("button", name="稍后提醒").click()
    box = page.get_by_role("dialog")
    box.get_by_role("radio", name="明天上午").check()
    box.get_by_role("button", name="确定").click()
    told(page, "已暂时收起 1 条，明天上午再提醒")
    expect(line(page, "核对资料")).to_be_hidden()
    (copy,) = make.rows(MessageRecipient, message_id=later)
    assert clock.local(copy.snoozed_until).hour == 9
    expect(page.locator(".sm-stat", has_text="稍后提醒").locator(".sm-value")).to_have_text("1")

    line(page, "放假通知").get_by_role("checkbox").check()
    page.get_by_role("button", name="归档", exact=True).click()
    told(page, "已归档 1 条")
    expect(line(page, "放假通知")).to_be_hidden()
    inbox(page).get_by_label("显示").select_option(label="已归档")
    expect(line(page, "放假通知")).to_be_visible()
    page.reload()  # the address keeps the folder
    expect(line(page, "放假通知")).to_be_visible()
    line(page, "放假通知").get_by_role("checkbox").check()
    page.get_by_role("button", name="移回收件箱").click()
    told(page, "已移回 1 条")
    expect(line(page, "放假通知")).to_be_hidden()
    inbox(page).get_by_label("显示").select_option(label="稍后提醒")
    expect(line(page, "核对资料")).to_be_visible()
    inbox(page).get_by_label("显示").select_option(label="全部")
    expect(line(page, "放假通知")).to_be_visible()

    # Its time has come: it is back, unread. Something else wakes the page, as in any firm.
    with writing() as session, session.begin():
        back = session.get_one(MessageRecipient, copy.id)
        back.snoozed_until = clock.now() - timedelta(seconds=1)
    send("zhouting", "limin", "另一件事")
    expect(line(page, "核对资料").get_by_text("未读")).to_be_visible()
    expect(line(page, "放假通知").get_by_text("已读")).to_be_visible()
    page.get_by_role("button", name="全部标为已读").click()
    told(page, "已全部标为已读")
    expect(badge(page)).to_be_hidden()
    expect(line(page, "核对资料").get_by_text("已读")).to_be_visible()
    assert done


def test_step_of_a_message_is_what_the_reader_may_do(page_as: Open) -> None:
    key = make.customer("沧浪测试门窗有限公司", owner=None)
    related = ("customer", key)
    letters = {
        login: send("limin", login, "请分配沧浪", related) for login in ("zhangwei", "chengang")
    }
    head = at_home(page_as("zhangwei"))
    line(head, "请分配沧浪").get_by_role("button", name="分配").click()
    expect(head.get_by_role("heading", name="沧浪测试门窗有限公司")).to_be_visible()
    (copy,) = make.rows(MessageRecipient, message_id=letters["zhangwei"])
    assert copy.read_at is not None
    # The card shows the letters its reader has got, and no others.
    head.get_by_role("tab", name="消息", exact=True).click()
    expect(head.get_by_role("link", name="请分配沧浪")).to_have_count(1)

    stranger = at_home(page_as("chengang"))
    expect(line(stranger, "请分配沧浪").get_by_role("button", name="回复")).to_be_visible()
    expect(line(stranger, "请分配沧浪").get_by_role("button", name="分配")).to_be_hidden()
    line(stranger, "请分配沧浪").get_by_text("请分配沧浪").click()
    expect(stranger.get_by_role("heading", name="请分配沧浪")).to_be_visible()
    expect(stranger.get_by_role("link", name="转发")).to_be_visible()
    expect(stranger.get_by_role("link", name="沧浪测试门窗有限公司")).to_have_count(0)
    # Somebody else's letter is nobody's.
    stranger.goto(f"/entry/?page=message&id={letters['zhangwei']}")
    expect(stranger.get_by_text("消息不存在，或您没有权限查看")).to_be_visible()


def test_working_days_are_kept_by_the_admin(page_as: Open) -> None:
    page = page_as("zhaolei")
    page.goto("/admin/?page=workdays&year=2026")
    expect(page.get_by_role("heading", name="2026 年的节假日与调休")).to_be_visible()
    expect(page.locator(".sm-table tbody tr").filter(has_text="国庆节").first).to_be_visible()
    line(page, "国庆节").first.get_by_role("checkbox").check()
    for _ in range(2):
        page.locator(".sm-bulk button").first.click()
    told(page, "国家公布的安排不能删除")
    page.get_by_role("button", name="登记日期").click()
    box = page.get_by_role("dialog")
    box.get_by_role("button", name="登记").click()
    expect(box.get_by_text("开始日期 为必录项")).to_be_visible()
    box.get_by_label("开始日期").fill("2026-12-31")
    box.get_by_label("名称").fill("盘点放假")
    box.get_by_role("button", name="登记").click()
    told(page, "已登记 1 天为「休」")
    row = line(page, "盘点放假")
    expect(row.get_by_text("本单位")).to_be_visible()
    page.get_by_label("年份").select_option("2027")
    expect(page.get_by_text("2027 年的节假日安排尚未公布")).to_be_visible()
    # Nobody else keeps it.
    other = page_as("zhouting")
    other.goto("/admin/?page=workdays")
    expect(other.get_by_text("您没有权限维护工作日历")).to_be_visible()

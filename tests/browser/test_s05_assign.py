"""S05: 张伟 gives customers that wait to one of his people."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.access.actor import actor_of
from crmlib.customers.model import Customer
from crmlib.customers.waiting import assign_waiting_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.model import Message, MessageRecipient
from tests import make
from tests.browser.card import press, told

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def opened(page: Page, text: str, workspace: str = "funnel") -> Page:
    """Go to 待分配, show what has this text only."""
    page.goto(f"/{workspace}/?page=unassigned&u.find=text&u.text={text}")
    expect(page.get_by_role("heading", name="待分配")).to_be_visible()
    expect(page.get_by_text("没有待分配的商机")).to_be_visible()
    return page


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def assign(page: Page, *names: str) -> Locator:
    """Select rows and press 分配; return the dialog."""
    for name in names:
        row(page, name).get_by_role("checkbox").check()
    page.locator(".sm-bulk").get_by_role("button", name="分配", exact=True).click()
    box = page.get_by_role("dialog")
    expect(box).to_be_visible()
    return box


def choose(page: Page, box: Locator, name: str) -> None:
    box.get_by_role("combobox").fill(name)
    page.get_by_role("option").filter(has_text=name).first.click()


def owner_of(key: int) -> int | None:
    return make.fetch(Customer, key).owner_id


def test_two_of_three_are_given_to_one_of_his_people(page_as: Open) -> None:
    names = [f"分配甲{n}门窗有限公司" for n in "一二三"]
    keys = [make.customer(name, owner=None) for name in names]
    page = opened(page_as("zhangwei"), "分配甲")
    expect(page.get_by_text("共 3 条")).to_be_visible()
    box = assign(page, *names[:2])
    expect(box.get_by_role("heading")).to_have_text("分配（2 行）")

    press(box, "确定")
    expect(box.get_by_text("负责人 为必录项")).to_be_visible()
    box.get_by_role("combobox").fill("陈刚")
    expect(page.get_by_role("option").filter(has_text="陈刚")).to_have_count(0)  # another office
    choose(page, box, "王强")
    press(box, "确定")
    told(page, "已将 2 个客户分配给 王强")
    expect(page.get_by_text("共 1 条")).to_be_visible()

    people = make.people_ids()
    seller = make.fetch(Customer, make.customer(owner="wangqiang"))
    for key in keys[:2]:
        held = make.fetch(Customer, key)
        assert (held.owner_id, held.office_id) == (people["wangqiang"], seller.office_id)
        (message,) = make.rows(Message, related_type="customer", related_id=key)
        (copy,) = make.rows(MessageRecipient, message_id=message.id)
        assert copy.person_id == people["wangqiang"]
    assert owner_of(keys[2]) is None


def test_assigned_meanwhile_is_told_and_the_rest_goes(page_as: Open) -> None:
    names = ["分配乙一门窗有限公司", "分配乙二门窗有限公司"]
    keys = [make.customer(name, owner=None) for name in names]
    people = make.people_ids()
    chief = actor_of(people["liuyang"])
    page = opened(page_as("zhangwei"), "分配乙")
    box = assign(page, names[0])
    choose(page, box, "王强")
    assign_waiting_customers(chief, keys[:1], people["zhangwei"])
    press(box, "确定")
    expect(box.get_by_text("已被分配，请刷新")).to_be_visible()
    assert owner_of(keys[0]) == people["zhangwei"]
    press(box, "取消")
    # Without a press of his: the list has followed.
    expect(page.get_by_text("共 1 条")).to_be_visible()
    expect(row(page, names[0])).to_have_count(0)


def test_clerk_has_no_such_step(page_as: Open) -> None:
    key = make.customer("分配丙门窗有限公司", owner=None)
    page = page_as("limin")
    page.goto("/entry/?page=unassigned")
    expect(page.get_by_text("只有办事处主任、区域经理和信息部可以分配")).to_be_visible()
    menu = page.get_by_role("navigation").get_by_role("link", name="待分配", exact=True)
    expect(menu).to_have_count(0)
    people = make.people_ids()
    with pytest.raises(NotAllowed):
        assign_waiting_customers(actor_of(people["limin"]), [key], people["wangqiang"])
    assert owner_of(key) is None

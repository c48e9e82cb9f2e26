"""S07: 王强 shares a customer with 陈刚 to read, and takes it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.access.actor import actor_of
from crmlib.customers.model import CustomerShare, ShareLevel
from crmlib.customers.sharing import share_customer
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make
from tests.browser.card import dialog, opened, press, step, told
from tests.browser.customer_form import fault, field

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
# A second try must not meet the customer of the first.
NAMES = iter(["广州恒晟幕墙有限公司", "佛山秦岭玻璃有限公司"])
NO_RIGHT = "您没有权限查看此客户，或客户不存在"


def choose(page: Page, name: str) -> None:
    """Choose a colleague in the open dialog."""
    field(page, "选择用户").fill(name)
    page.get_by_role("option").filter(has_text=name).first.click()


def test_shared_to_read_then_taken_back(page_as: Open) -> None:
    name = next(NAMES)
    key = make.customer(name, mobile="13912345678")
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "共享")
    press(box, "添加")
    expect(fault(page, "选择用户")).to_have_text("选择用户 为必录项")
    choose(page, "陈刚")
    expect(box.get_by_label("只读")).to_be_checked()
    press(box, "添加")
    told(page, "已共享给 陈刚")

    friend = page_as("chengang")
    friend.goto("/entry/?page=customers")
    line = friend.get_by_role("row").filter(has_text=name)
    expect(line.get_by_text("只读", exact=True)).to_be_visible()
    opened(friend, key, tab="shares")
    expect(friend.locator(".sm-page-title").get_by_text("共享：只读")).to_be_visible()
    expect(friend.get_by_role("cell", name="客户资料、联系方式、活动")).to_be_visible()
    # He reads and changes nothing, and cannot pass it on.
    for label in ("编辑", "共享", "分配", "移入回收站", "添加联系人"):
        expect(step(friend, label)).to_have_count(0)
    expect(friend.get_by_role("button", name="取消共享")).to_have_count(0)
    expect(friend.get_by_role("link", name="编辑", exact=True)).to_have_count(0)
    friend.goto(f"/entry/?page=customer_edit&id={key}")
    expect(friend.get_by_text("您没有权限修改此客户，或客户不存在")).to_be_visible()

    opened(page, key, tab="shares")
    page.get_by_role("button", name="取消共享：陈刚").click()
    confirm = page.get_by_role("dialog")
    expect(confirm.get_by_text(f"取消后 陈刚 不能再通过共享查看 {name}")).to_be_visible()
    press(confirm, "取消共享：陈刚")
    told(page, "已取消对 陈刚 的共享")
    assert make.rows(CustomerShare, customer_id=key) == []
    friend.goto(f"/entry/?page=customer&id={key}")
    expect(friend.get_by_text(NO_RIGHT)).to_be_visible()


def test_a_share_is_given_once_to_somebody_who_is_here(page_as: Open) -> None:
    key, people = make.customer(), make.people_ids()
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "共享")
    # Himself is not among those to choose; somebody else was quicker; 孙悦 leaves meanwhile.
    field(page, "选择用户").fill("王强")
    expect(page.get_by_role("option").filter(has_text="王强")).to_have_count(0)
    choose(page, "陈刚")
    boss = actor_of(people["zhangwei"])
    share_customer(boss, key, people["chengang"], ShareLevel.READ)
    press(box, "添加")
    expect(box.get_by_text("已共享给 陈刚")).to_be_visible()
    choose(page, "孙悦")
    with writing() as session, session.begin():
        session.get_one(Person, people["sunyue"]).active = False
    try:
        press(box, "添加")
        expect(box.get_by_text("共享对象 不存在或已停用")).to_be_visible()
    finally:
        with writing() as session, session.begin():
            session.get_one(Person, people["sunyue"]).active = True
    field(page, "截止日期").fill("2020-01-01")
    choose(page, "赵磊")
    press(box, "添加")
    expect(box.get_by_text("截止日期 不能早于今天")).to_be_visible()
    assert [s.person_id for s in make.rows(CustomerShare, customer_id=key)] == [people["chengang"]]


def test_contacts_stay_behind_when_not_ticked(page_as: Open) -> None:
    key = make.customer(mobile="13912345678")
    page = opened(page_as("wangqiang"), key)
    box = dialog(page, "共享")
    choose(page, "陈刚")
    box.get_by_label("协作").check()
    box.get_by_label("包含联系方式").uncheck()
    press(box, "添加")
    told(page, "已共享给 陈刚")
    friend = opened(page_as("chengang"), key)
    expect(friend.get_by_role("cell", name="139****5678")).to_be_visible()
    expect(friend.get_by_text("12345678")).to_have_count(0)

"""申请共享 granted and 申请转移 refused, from the hit to the answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.customers.model import Customer
from tests import make
from tests.browser.card import fact, told
from tests.browser.customer_form import fault, field

pytestmark = pytest.mark.browser
FIRST = 60_000  # milliseconds; the first page of a server starts a kernel
SHARED, WANTED = "上海嘉信达幕墙有限公司", "上海沪申玻璃有限公司"


@pytest.fixture(scope="module")
def stored(site: str) -> dict[str, Customer]:
    return {
        name: make.fetch(Customer, make.customer(name, owner="chengang"))
        for name in (SHARED, WANTED)
    }


def hit(page: Page, name: str, step: str) -> None:
    """Look a customer up and press a step of the hit."""
    page.goto("/entry/?page=collide")
    expect(field(page, "客户名称")).to_be_focused(timeout=FIRST)
    field(page, "客户名称").fill(name)
    found = page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))
    found.get_by_role("link", name=step).click()
    expect(field(page, "申请原因")).to_be_visible()


def waiting(page: Page, workspace: str, name: str) -> None:
    """Open a request from the list of those to decide."""
    page.goto(f"/{workspace}/?page=requests")
    page.get_by_role("row").filter(has_text=name).click()
    expect(page.get_by_role("button", name="驳回")).to_be_visible()


def test_share_asked_for_granted_and_visible(
    page_as: Callable[[str], Page], stored: dict[str, Customer]
) -> None:
    page = page_as("wangqiang")
    hit(page, SHARED, "申请共享")
    page.get_by_role("button", name="提交申请").click()
    expect(fault(page, "申请原因")).to_have_text("申请原因 为必录项")
    page.get_by_label("协作").check()
    field(page, "申请原因").fill("展会上谈过")
    page.get_by_role("button", name="提交申请").click()
    told(page, "申请已提交，等待陈刚处理")
    expect(page.get_by_role("row").filter(has_text=SHARED)).to_contain_text("待处理")

    hit(page, SHARED, "申请共享")
    field(page, "申请原因").fill("再申请一次")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("已有待处理的申请")).to_be_visible()

    owner = page_as("chengang")
    owner.goto("/entry/?page=home")
    owner.get_by_role("link", name="待处理客户申请").click()
    expect(owner.get_by_role("tab", name="待我处理的")).to_be_visible()
    waiting(owner, "entry", SHARED)
    owner.get_by_role("button", name="同意").click()
    box = owner.get_by_role("dialog")
    expect(box.get_by_label("协作")).to_be_checked()
    box.get_by_label("截止日期").fill("2020-01-01")
    box.get_by_role("button", name="同意").click()
    expect(box.get_by_text("截止日期 不能早于今天")).to_be_visible()
    last = (clock.today() + timedelta(days=30)).isoformat()
    box.get_by_label("截止日期").fill(last)
    box.get_by_role("button", name="同意").click()
    told(owner, "已同意共享")
    expect(fact(owner, "截止日期")).to_have_text(last)

    card = stored[SHARED].id
    page.goto(f"/entry/?page=customer&id={card}")
    expect(fact(page, "交易客户")).to_be_visible()
    page.goto("/entry/?page=requests&tab=mine")
    expect(page.get_by_role("row").filter(has_text=SHARED)).to_contain_text("同意")


def test_transfer_refused_by_the_admin(
    page_as: Callable[[str], Page], stored: dict[str, Customer]
) -> None:
    page = page_as("wangqiang")
    hit(page, WANTED, "申请转移")
    field(page, "申请原因").fill("客户搬到广州")
    page.get_by_role("button", name="提交申请").click()
    told(page, "申请已提交，等待赵磊处理")

    admin = page_as("zhaolei")
    waiting(admin, "admin", WANTED)
    admin.get_by_role("button", name="驳回").click()
    box = admin.get_by_role("dialog")
    box.get_by_role("button", name="驳回").click()
    expect(box.get_by_text("处理意见 为必录项")).to_be_visible()
    field(admin, "处理意见").fill("陈刚仍在跟进")
    box.get_by_role("button", name="驳回").click()
    told(admin, "申请已驳回")

    page.goto("/entry/?page=requests&tab=mine")
    mine = page.get_by_role("row").filter(has_text=WANTED)
    expect(mine).to_contain_text("驳回")
    expect(mine).to_contain_text("陈刚仍在跟进")
    mine.click()
    expect(fact(page, "处理意见")).to_have_text("陈刚仍在跟进")
    expect(page.get_by_role("button", name="撤回申请")).to_have_count(0)
    assert make.fetch(Customer, stored[WANTED].id).owner_id == stored[WANTED].owner_id

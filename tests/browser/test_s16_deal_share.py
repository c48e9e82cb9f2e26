"""S16: 王强 shares one deal with 陈刚 of another region, who pushes it and sees no other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.access.actor import actor_of
from crmlib.opportunities.model import Opportunity, OpportunityShare
from crmlib.opportunities.sharing import unshare_opportunity
from tests import make
from tests.browser.card import dialog, fact, press, step, told
from tests.browser.customer_form import fault, field
from tests.browser.deal import choose, opened

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
# A second try must not meet the deals of the first.
SUBJECTS = iter(
    [("云岭幕墙-滑撑-投标", "云岭幕墙-执手-报价"), ("渝信门窗-滑撑-投标", "渝信门窗-执手-报价")]
)


def test_shared_from_the_list_worked_on_and_taken_back(page_as: Open) -> None:
    subject, other = next(SUBJECTS)
    customer = make.customer()
    deal = make.opportunity(customer, subject=subject)
    make.opportunity(customer, subject=other)
    page = page_as("wangqiang")
    page.goto("/entry/?page=opportunities")
    page.get_by_role("row").filter(has_text=subject).get_by_label("选择此行").check()
    page.locator("summary").filter(has_text="编辑").click()
    page.get_by_role("button", name="共享", exact=True).click()
    box = page.get_by_role("dialog")
    press(box, "添加")
    expect(fault(page, "选择用户")).to_have_text("选择用户 为必录项")
    field(page, "截止日期").fill("2020-01-01")
    choose(page, "选择用户", "陈刚")
    press(box, "添加")
    expect(box.get_by_text("截止日期 不能早于今天")).to_be_visible()
    field(page, "截止日期").fill("2099-12-31")
    press(box, "添加")
    told(page, "已将 1 个商机共享给 陈刚")

    friend = page_as("chengang")
    friend.goto("/entry/?page=opportunities")
    expect(friend.get_by_role("row").filter(has_text=subject)).to_be_visible()
    expect(friend.get_by_text(other)).to_have_count(0)
    opened(friend, deal)
    expect(friend.get_by_text("客户概要：")).to_be_visible()
    expect(fact(friend, "客户").get_by_role("link")).to_have_count(0)
    for label in ("赢单", "输单", "关闭", "反赢单"):
        expect(step(friend, label)).to_have_count(0)
    box = dialog(friend, "推进阶段")
    press(box, "确定")
    press(box, "仍要推进")
    told(friend, "已推进到「立项(报备)」")
    expect(
        friend.get_by_role("row").filter(has_text="立项(报备)").filter(has_text="陈刚")
    ).to_be_visible()
    owner = actor_of(make.people_ids()["wangqiang"])
    assert make.fetch(Opportunity, deal).owner_id == owner.person_id
    friend.get_by_role("tab", name="共享").click()
    expect(friend.get_by_role("cell", name="2099-12-31")).to_be_visible()
    expect(step(friend, "共享")).to_have_count(0)

    # Taken back while he writes: his save fails.
    friend.get_by_role("tab", name="处理过程").click()
    box = dialog(friend, "登记处理过程")
    field(friend, "内容").fill("与设计院开会")
    opened(page, deal, tab="shares")
    page.get_by_role("button", name="取消共享：陈刚").click()
    press(page.get_by_role("dialog"), "取消共享：陈刚")
    told(page, "已取消对 陈刚 的共享")
    press(box, "保存")
    expect(box.get_by_text("您没有权限执行此操作")).to_be_visible()
    friend.goto(f"/entry/?page=opportunity&id={deal}")
    expect(friend.get_by_text("您没有权限查看此商机，或商机不存在")).to_be_visible()
    assert make.rows(OpportunityShare, opportunity_id=deal) == []


def test_the_owner_shares_on_the_card_only_once(page_as: Open) -> None:
    deal, people = make.opportunity(make.customer()), make.people_ids()
    page = opened(page_as("wangqiang"), deal, tab="shares")
    box = dialog(page, "共享")
    field(page, "选择用户").fill("李敏")  # a clerk has no use for it
    expect(page.get_by_role("option").filter(has_text="李敏")).to_have_count(0)
    choose(page, "选择用户", "陈刚")
    press(box, "添加")
    told(page, "已共享给 陈刚")
    expect(page.get_by_role("cell", name="长期")).to_be_visible()
    box = dialog(page, "共享")
    choose(page, "选择用户", "陈刚")
    press(box, "添加")
    expect(fault(page, "选择用户")).to_have_text("已共享给 陈刚")
    unshare_opportunity(actor_of(people["zhangwei"]), deal, people["chengang"])
    press(box, "添加")
    told(page, "已共享给 陈刚")

"""S06: 王强 enters a customer he found and opens a 商机 with it, which 张伟 sees at once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from crmlib.customers.model import Contact, Customer
from crmlib.opportunities.model import Opportunity, OpportunityProduct, Stage, StageHistory
from crmlib.opportunities.rules import NO_CONTACT, SUBJECT_FORMAT
from crmlib.store.engine import writing
from tests import make
from tests.browser.customer_form import fault, field, opened, save

pytestmark = pytest.mark.browser
NAME = "广州华南幕墙工程有限公司"
PRODUCT = "点支承玻璃幕墙构配件"
SUBJECT = f"华南幕墙-{PRODUCT}-入围"


def fill_deal(page: Page, amount: str = "500000", subject: str = "") -> None:
    """Fill 商机—新增 but for its customer."""
    field(page, "项目名称").fill("南山中心")
    field(page, "感兴趣产品").fill("点支承")
    page.get_by_role("option", name=PRODUCT, exact=True).click()
    field(page, "销售任务").select_option(label="入围")
    field(page, "预计金额").fill(amount)
    field(page, "预计成交日期").fill("2026-12-31")
    field(page, "主题").fill(subject)


def test_own_customer_leads_to_a_deal_that_the_head_sees_without_reload(
    page_as: Callable[[str], Page],
    home_as: Callable[[str], Page],
) -> None:
    funnel = home_as("zhangwei")
    expect(funnel).to_have_url(re.compile("/funnel/"))
    expect(funnel.get_by_text("数据时间")).to_be_visible()
    expect(funnel.get_by_text(SUBJECT)).to_have_count(0)
    funnel.evaluate("window.notReloaded = true")

    page = opened(page_as("wangqiang"))
    expect(field(page, "负责人")).to_have_value("王强")
    # The short form of 销售: what only 转交易 needs may wait.
    short = {"客户名称": NAME, "电话": "020-87651111", "姓名": "何经理", "移动电话": "13912345678"}
    for label, value in short.items():
        field(page, label).fill(value)
    field(page, "行业").select_option(label="幕墙公司")
    field(page, "人员角色").select_option(label="决策人")
    save(page).click()
    expect(page.get_by_text(re.compile(r"保存成功，客户代码 KH\d+"))).to_be_visible()
    page.get_by_role("link", name="新建商机").first.click()
    customer = make.rows(Customer, name=NAME)[0]
    me = make.people_ids()["wangqiang"]
    assert (customer.owner_id, customer.registered_by_id, customer.incomplete) == (me, me, True)

    expect(page.get_by_role("heading", name="商机—新增")).to_be_visible()
    expect(field(page, "客户")).to_have_value(NAME)
    fill_deal(page)
    save(page).click()
    expect(page.get_by_text(re.compile(r"保存成功，商机编号 SJ\d+"))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(SUBJECT))
    card = page.locator(".sm-details")
    for label, text in {
        "销售阶段": "信息收集",
        "负责人": "王强",
        "客户": NAME,
        "主联系人": "何经理 139 1234 5678",
        "预计金额": "¥500,000",
        "赢率": "5%",
    }.items():
        line = card.locator("div").filter(has_text=re.compile(f"^{label}{re.escape(text)}$"))
        expect(line).to_be_visible()
    deal = make.rows(Opportunity, subject=SUBJECT)[0]
    assert (deal.owner_id, deal.customer_id, deal.amount) == (me, customer.id, 500_000)
    assert make.fetch(Stage, deal.stage_id).code == "INFO"
    assert len(make.rows(StageHistory, opportunity_id=deal.id)) == 1
    assert len(make.rows(OpportunityProduct, opportunity_id=deal.id)) == 1

    expect(funnel.get_by_text(SUBJECT)).to_be_visible()
    assert funnel.evaluate("window.notReloaded") is True


def test_faults_of_a_deal_are_shown_together_and_nothing_is_saved(
    page_as: Callable[[str], Page],
) -> None:
    number = make.customer("深圳海岳幕墙有限公司")
    page = page_as("wangqiang")
    page.goto(f"/entry/?page=opportunity_new&customer={number}")
    expect(field(page, "客户")).to_have_value("深圳海岳幕墙有限公司")
    save(page).click()
    for label in ("项目名称", "感兴趣产品", "销售任务", "预计金额", "预计成交日期"):
        expect(fault(page, label)).to_have_text(f"{label} 为必录项")
    fill_deal(page, amount="-1", subject="随便")
    save(page).click()
    expect(fault(page, "预计金额")).to_have_text("预计金额 不能为负数")
    expect(fault(page, "主题")).to_have_text(SUBJECT_FORMAT)
    expect(field(page, "预计金额")).to_be_focused()
    assert make.rows(Opportunity, customer_id=number) == []


def test_customer_without_contact_gets_no_deal(page_as: Callable[[str], Page]) -> None:
    number = make.customer("深圳无人幕墙有限公司")
    with writing() as session, session.begin():
        session.execute(delete(Contact).where(Contact.customer_id == number))
    page = page_as("wangqiang")
    page.goto(f"/entry/?page=opportunity_new&customer={number}")
    expect(field(page, "客户")).to_have_value("深圳无人幕墙有限公司")
    fill_deal(page)
    save(page).click()
    expect(fault(page, "主联系人")).to_have_text(NO_CONTACT)
    assert make.rows(Opportunity, customer_id=number) == []

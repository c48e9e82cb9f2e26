"""S23: 王强 takes a deal to 合同评审, 赵磊 enters it and brings the order in, 王强 reads on.

And a service ticket as both sides see it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib import clock
from crmlib.customers.model import Customer
from crmlib.opportunities.model import Opportunity, OpportunityProduct
from crmlib.orders.model import ContractReview, OrderStatus, ReviewStatus, SalesOrder
from crmlib.service.model import ServiceTicket, TicketStatus
from crmlib.store.engine import writing
from tests import make
from tests.browser.card import press, step, told
from tests.browser.customer_form import fault, field, save

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
SLOW = 150_000  # milliseconds; an import runs in a process of its own
DAY = clock.today() - timedelta(days=7)
TITLES = (
    "ERP单号,客户名称,客户代码,商机编号,订单日期,产品,规格,数量,单价,执行类型,执行日期,执行数量"
)


def deal(customer: int, stage: str = "NEGO") -> Opportunity:
    key = make.opportunity(customer, stage=stage)
    with writing() as session, session.begin():
        session.add(OpportunityProduct(opportunity_id=key, product="P2"))
    return make.fetch(Opportunity, key)  # type: ignore[no-any-return]


def at_deal(page: Page, key: int, workspace: str = "entry") -> Page:
    """Open the tab 评审与订单 of a deal and wait until it stands."""
    page.goto(f"/{workspace}/?page=opportunity&id={key}&tab=orders")
    expect(page.get_by_role("heading", name="订单", exact=True)).to_be_visible()
    return page


def asked(page: Page, label: str) -> Locator:
    """Press a step once it is there and return its dialog."""
    expect(step(page, label)).to_be_enabled()
    step(page, label).click()
    box = page.get_by_role("dialog")
    expect(box).to_be_visible()
    return box


def test_from_the_review_to_the_order(page_as: Open, tmp_path: Path) -> None:
    customer = make.customer("佛山市云帆评审幕墙有限公司")
    early, key = deal(make.customer(), "QUOTE").id, deal(customer)
    sales = at_deal(page_as("wangqiang"), early)
    expect(step(sales, "转合同评审")).to_be_disabled()
    at_deal(sales, key.id)
    box = asked(sales, "转合同评审")
    box.get_by_label("说明").fill("客户月底前签约")
    press(box, "提交")
    told(sales, "已通知信息部录入合同评审")
    expect(sales.get_by_role("cell", name="草稿")).to_be_visible()
    expect(step(sales, "转合同评审")).to_be_disabled()
    (review,) = make.rows(ContractReview, opportunity_id=key.id)

    admin = page_as("zhaolei")
    admin.goto("/admin/?page=contract_reviews")
    admin.get_by_role("row").filter(has_text=key.number).click()
    box = asked(admin, "提交OA")
    press(box, "提交OA")
    expect(box.get_by_text("OA单号 为必录项")).to_be_visible()
    field(admin, "OA单号").fill("OA-2026-77")
    press(box, "提交OA")
    told(admin, "合同评审：已提交OA")
    box = asked(admin, "通过")
    press(box, "通过")
    told(admin, "合同评审：通过")
    assert make.fetch(ContractReview, review.id).status is ReviewStatus.APPROVED

    code = make.fetch(Customer, customer).code
    day = DAY.isoformat()
    lines = (
        TITLES,
        f"SO-77,,{code},{key.number},{day},执手,银色,10,120.5,排产,{day},",
        f"SO-77,,{code},,{day},铰链,,5,30,发货,{day},10",
        f"SO-78,,KH没有,,{day},执手,银色,10,120.5,,,",
    )
    path = tmp_path / "订单.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    import_orders(admin, path)
    (order,) = make.rows(SalesOrder)
    assert (order.number, order.opportunity_id, order.status) == (
        "SO-77", key.id, OrderStatus.PART_SHIPPED,
    )  # fmt: skip
    assert make.fetch(Customer, customer).last_trade_on == DAY

    at_deal(sales, key.id)
    expect(sales.get_by_role("link", name="OA-2026-77")).to_be_visible()
    sales.get_by_role("link", name="SO-77").click()
    expect(sales.get_by_role("heading", name="执行情况")).to_be_visible()
    expect(sales.locator(".sm-timeline li")).to_have_count(2)
    expect(sales.get_by_role("cell", name="铰链")).to_be_visible()
    for label in ("编辑", "登记执行"):
        expect(step(sales, label)).to_have_count(0)
    sales.goto(f"/entry/?page=order_edit&id={order.id}")
    expect(sales.get_by_text("您没有权限执行此操作")).to_be_visible()
    other = page_as("chengang")
    other.goto(f"/entry/?page=order&id={order.id}")
    expect(other.get_by_text("您没有权限查看此订单，或订单不存在")).to_be_visible()


def import_orders(page: Page, path: Path) -> None:
    """Bring a list of orders in; its bad row is told, the same list again brings nothing."""
    for again in (False, True):
        page.goto("/admin/?page=import_new")
        page.get_by_label("订单", exact=True).check()
        page.locator("input[type=file]").set_input_files(path)
        check = page.get_by_role("button", name="检查数据")
        expect(check).to_be_visible(timeout=SLOW)
        check.click()
        bad = page.get_by_role("row").filter(has_text="SO-78")
        expect(bad).to_contain_text("系统中没有此客户：KH没有", timeout=SLOW)
        expect(page.get_by_role("row").filter(has_text="已有" if again else "新增")).to_have_count(
            2
        )
        bring = page.get_by_role("button", name="导入", exact=True)
        if again:
            expect(bring).to_be_disabled()
            return
        bring.click()
        page.get_by_role("dialog").get_by_role("button", name="开始导入").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("已导入", timeout=SLOW)


def test_an_order_typed_by_hand_and_its_faults(page_as: Open) -> None:
    make.customer("佛山市云帆手工幕墙有限公司")
    page = page_as("zhaolei")
    page.goto("/admin/?page=order_edit&id=new")
    number = field(page, "ERP单号")
    expect(number).to_be_focused()
    save(page).click()
    expect(fault(page, "ERP单号")).to_have_text("ERP单号 为必录项")
    number.fill("so-90")
    field(page, "客户名称").fill("云帆手工")
    page.get_by_role("option").filter(has_text="佛山市云帆手工幕墙有限公司").click()
    page.get_by_label("产品 第 1 行").fill("执手")
    page.get_by_label("数量 第 1 行").fill("0")
    page.get_by_label("单价 第 1 行").fill("12.5")
    save(page).click()
    expect(page.locator(".sm-lines td.bad .sm-fault")).to_have_text("数量 应大于 0")
    page.get_by_label("数量 第 1 行").fill("4")
    save(page).click()
    expect(page.get_by_role("heading", name="SO-90")).to_be_visible()
    box = asked(page, "登记执行")
    field(page, "执行类型").select_option(label="发货")
    press(box, "保存")
    told(page, "已登记，订单状态：全部发货")
    expect(page.locator(".sm-timeline li")).to_have_count(1)
    (order,) = make.rows(SalesOrder, number="SO-90")
    assert (order.status, order.amount) == (OrderStatus.SHIPPED, 50)


def test_a_complaint_is_registered_handled_and_closed(page_as: Open) -> None:
    customer = make.customer("佛山市云帆投诉门窗有限公司")
    clerk = page_as("limin")
    clerk.goto(f"/entry/?page=customer&id={customer}&tab=service")
    clerk.get_by_role("link", name="登记工单").click()
    text = field(clerk, "问题描述")
    expect(text).to_be_visible()
    save(clerk).click()
    expect(clerk.get_by_text("问题描述 为必录项")).to_be_visible()
    clerk.get_by_label("投诉").check()
    text.fill("执手有划痕，要求更换")
    save(clerk).click()
    expect(clerk.get_by_role("heading", name=re.compile("^FW"))).to_be_visible()
    (ticket,) = make.rows(ServiceTicket, customer_id=customer)
    expect(step(clerk, "受理")).to_have_count(0)

    sales = page_as("wangqiang")
    sales.goto(f"/entry/?page=ticket&id={ticket.id}")
    expect(step(sales, "受理")).to_be_visible()
    step(sales, "受理").click()
    told(sales, f"工单 {ticket.number}：已受理")
    box = asked(sales, "解决")
    box.get_by_label("解决方案").fill("补发 10 套")
    press(box, "确定")
    told(sales, f"工单 {ticket.number}：已解决")
    expect(step(sales, "关闭")).to_have_count(0)
    box = asked(sales, "回访")
    field(sales, "满意度").select_option(label="2 不满意")
    box.get_by_label("回访结果").fill("仍有两套不合格")
    press(box, "确定")
    told(sales, f"工单 {ticket.number}：已回访")
    box = asked(sales, "关闭")
    press(box, "确定")
    expect(box.get_by_text("改进措施 为必录项")).to_be_visible()
    box.get_by_label("改进措施").fill("发货前逐套检查")
    press(box, "确定")
    told(sales, f"工单 {ticket.number}：已关闭")
    assert make.fetch(ServiceTicket, ticket.id).status is TicketStatus.CLOSED
    boss = page_as("zhangwei")
    boss.goto("/entry/?page=home")
    expect(boss.get_by_text("客户不满意（2 分）：佛山市云帆投诉门窗有限公司")).to_be_visible()
    other = page_as("chengang")
    other.goto(f"/entry/?page=ticket&id={ticket.id}")
    expect(other.get_by_text("您没有权限查看此工单，或工单不存在")).to_be_visible()

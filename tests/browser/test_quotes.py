"""报价: made by keyboard, approved above, sent, changed as a new version, printed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.access.actor import Actor, actor_of
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.quotes.actions import approve_quote
from crmlib.quotes.model import Quotation, QuotationLine
from crmlib.quotes.states import QuoteStatus
from crmlib.store.engine import writing
from tests import make
from tests.browser.card import dialog, press, step
from tests.browser.customer_form import fault, field, save
from tests.quotes.build import quote

pytestmark = pytest.mark.browser
PageAs = Callable[[str], Page]


@pytest.fixture
def people(site: str) -> dict[str, Actor]:
    """The cast as the running product knows it."""
    return {login: actor_of(number) for login, number in make.people_ids().items()}


def cell(page: Page, label: str, row: int) -> Locator:
    """Return a cell of the lines."""
    return page.get_by_label(f"{label} 第 {row} 行", exact=True)


def opened(page: Page, quote_id: int, status: str) -> Page:
    """Go to a quotation's card and wait for its status and lines."""
    page.goto(f"/entry/?page=quote&id={quote_id}")
    return stands(page, status)


def stands(page: Page, status: str) -> Page:
    """Wait until the card shows a status."""
    head = page.locator(".sm-page-title")
    expect(head.locator(".sm-tag").first).to_have_text(status)
    expect(page.get_by_role("tab", name="报价明细")).to_be_visible()
    return page


def sure(page: Page, label: str) -> None:
    """Press a step that asks once more, and say yes."""
    press(dialog(page, label), label)


def sheet(page: Page, row: int, text: str) -> None:
    """Paste a block copied from a spreadsheet into the first cell of a row."""
    cell(page, "产品", row).evaluate(
        """(node, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, composed: true, cancelable: true }));
        }""",
        text,
    )


def type_line(page: Page, row: int, product: str, *rest: str) -> None:
    """Type a line by keyboard alone: the product by pinyin, then cell by cell with Enter."""
    expect(cell(page, "产品", row)).to_be_focused()
    page.keyboard.type(product)
    page.keyboard.press("Enter")
    expect(cell(page, "产品", row)).not_to_have_value(product)
    for label, text in zip(("名称", "规格", "单位", "数量", "单价", "折扣率%"), rest, strict=True):
        page.keyboard.press("Enter")
        expect(cell(page, label, row)).to_be_focused()
        if text:
            page.keyboard.type(text)
    page.keyboard.press("Enter")  # the last cell: a new row


def approved_above(boss: Page, number: str) -> None:
    """Find what waits from the list, try to return it without a word, approve it."""
    boss.goto("/entry/?page=quotes")
    expect(boss.get_by_role("tab", name="待我审批")).to_have_attribute("aria-selected", "true")
    boss.get_by_role("cell", name=number).click()
    stands(boss, "待批")
    box = dialog(boss, "退回")
    press(box, "退回")
    expect(box.locator(".sm-fault").first).to_have_text("审批意见 为必录项")
    press(box, "取消")
    box = dialog(boss, "批准")
    box.get_by_label("审批意见").fill("同意")
    press(box, "批准")
    stands(boss, "已批")


def test_a_quotation_by_keyboard_is_approved_sent_and_printed(page_as: PageAs) -> None:
    deal = make.opportunity(make.customer("广州报价幕墙有限公司"))
    page = page_as("wangqiang")
    page.goto(f"/entry/?page=opportunity&id={deal}&tab=quotes")
    page.get_by_role("link", name="新增报价").click()
    expect(page.get_by_role("heading", name="报价单—新增")).to_be_visible()
    expect(field(page, "商机")).to_be_focused()
    expect(field(page, "商机")).to_have_value(make.fetch(Opportunity, deal).subject)
    field(page, "付款方式").select_option(label="月结30天")
    field(page, "有效期至").focus()
    page.keyboard.press("Enter")
    type_line(page, 1, "zhishou", "", "304", "", "0", "35.50", "")
    type_line(page, 2, "dth", "", "", "", "40", "880", "5")
    type_line(page, 3, "bmq", "自动闭门器", "", "", "60.5", "1210.33", "")
    expect(cell(page, "产品", 4)).to_be_focused()
    page.keyboard.press("Control+Enter")

    # 交货期限 is missing and a quantity is nought; the blank row is no fault.
    expect(fault(page, "交货期限")).to_have_text("交货期限 为必录项")
    expect(field(page, "交货期限")).to_be_focused()
    field(page, "交货期限").fill("签约后 30 天")
    save(page).click()
    bad = page.locator(".sm-lines td.bad")
    expect(bad.locator(".sm-fault")).to_have_text("数量 应大于 0")
    expect(cell(page, "数量", 1)).to_be_focused()
    assert make.rows(Quotation, opportunity_id=deal) == []
    cell(page, "数量", 1).fill("100")
    expect(bad).to_have_count(0)
    expect(page.locator(".sm-lines [data-sum=subtotal]")).to_have_text("110,214.97")
    cell(page, "产品", 4).focus()
    page.keyboard.press("Control+Delete")
    expect(cell(page, "产品", 4)).to_have_count(0)
    page.keyboard.press("Control+Enter")

    stands(page, "草稿")
    (made,) = make.rows(Quotation, opportunity_id=deal)
    assert str(made.total) == "110214.97"  # as the browser worked it out
    lines = make.rows(QuotationLine, quotation_id=made.id)
    assert [(ln.name, ln.unit, str(ln.quantity)) for ln in lines] == [
        ("执手", "套", "100"),
        ("地弹簧", "套", "40"),
        ("自动闭门器", "套", "60.5"),
    ]
    sure(page, "提交审批")
    stands(page, "待批")
    assert step(page, "修改").count() == 0

    approved_above(page_as("zhangwei"), made.number)

    opened(page, made.id, "已批")
    sure(page, "标记已发")
    stands(page, "已发")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="打印", exact=True).click()
    paper = popup.value
    expect(paper.get_by_text("壹拾壹万零贰佰壹拾肆元玖角柒分")).to_be_visible()
    expect(paper.get_by_text("广州报价幕墙有限公司")).to_be_visible()
    expect(paper.locator("tbody tr")).to_have_count(3)


def test_a_change_after_approval_is_a_version_beside_the_old_one(
    page_as: PageAs, people: dict[str, Actor]
) -> None:
    sent = quote(people, QuoteStatus.SENT)
    page = opened(page_as("wangqiang"), sent, "已发")
    page.goto(f"/entry/?page=quote_edit&id={sent}")
    expect(page.get_by_text("不能修改，请新建版本")).to_be_visible()
    opened(page, sent, "已发")
    sure(page, "新版本")
    expect(page.get_by_role("heading", name=re.compile("第 2 版"))).to_be_visible()
    expect(cell(page, "数量", 2)).to_have_value("20")
    # The second row is written over, two more come, one of them no product of ours.
    block = "产品\t名称\t规格\t单位\t数量\t单价\n闭门器\t\tBMQ-3\t套\t1,000\t￥12.5\n无此产品\t特制件\t\t件\t3\t99.99\n"
    sheet(page, 2, block)
    expect(cell(page, "单价", 3)).to_have_value("99.99")
    expect(page.locator(".sm-lines td.bad .sm-fault")).to_have_text("请从列表中选择")
    expect(cell(page, "产品", 2)).to_have_value("闭门器")
    expect(page.locator(".sm-lines [data-sum=subtotal]")).to_have_text("15,724.97")
    save(page).click()
    stands(page, "草稿")
    page.get_by_role("tab", name="版本对比").click()
    beside = page.locator(".sm-small-table")
    expect(beside.get_by_role("row").filter(has_text="特制件")).to_contain_text("新增")
    expect(beside.get_by_role("row").filter(has_text="地弹簧")).to_contain_text("删除")
    expect(beside.locator("mark").first).to_have_text("15,724.97")
    old, new = make.rows(Quotation, number=make.fetch(Quotation, sent).number)
    assert (old.status, str(old.total)) == (QuoteStatus.SENT, "20270.00")
    assert (new.revision, str(new.total)) == (2, "15724.97")


def test_what_may_not_be_done_is_refused_with_words(
    page_as: PageAs, people: dict[str, Actor]
) -> None:
    mine = make.opportunity(make.customer(owner="zhangwei"), owner="zhangwei")
    page = page_as("zhangwei")
    page.goto(f"/entry/?page=quote_new&opportunity={mine}")
    expect(field(page, "商机")).to_be_focused()
    field(page, "交货期限").fill("现货")
    field(page, "付款方式").select_option(label="款到发货")
    cell(page, "名称", 1).fill("非标件")
    cell(page, "数量", 1).fill("1")
    cell(page, "单价", 1).fill("8")
    save(page).click()
    stands(page, "草稿")
    sure(page, "提交审批")
    stands(page, "待批")
    expect(step(page, "批准")).to_be_disabled()
    expect(step(page, "批准")).to_have_attribute("title", "不能审批自己的报价单")

    # Decided by another window meanwhile.
    waiting = quote(people, QuoteStatus.WAITING)
    opened(page, waiting, "待批")
    approve_quote(people["liuyang"], waiting)
    box = dialog(page, "批准")
    press(box, "批准")
    expect(box.locator(".sm-notice")).to_have_text("数据已被他人修改，请刷新")

    ended = quote(people, QuoteStatus.APPROVED)
    deal = make.fetch(Quotation, ended).opportunity_id
    with writing() as session, session.begin():
        session.get_one(Opportunity, deal).outcome = Outcome.WON
    number = make.fetch(Opportunity, deal).number
    seller = opened(page_as("wangqiang"), ended, "已批")
    expect(seller.get_by_text(f"商机{number}已经完成输赢单操作！")).to_be_visible()
    expect(seller.locator(".sm-actions > button")).to_have_count(0)
    seller.goto(f"/entry/?page=quote_new&opportunity={deal}")
    expect(seller.get_by_text("您没有权限为此商机报价，或商机已经结束")).to_be_visible()
    # 成功 of nobody else's: a colleague of another region sees none of it.
    seller.goto("/entry/?page=quotes")
    expect(seller.get_by_role("tab", name="全部报价")).to_be_visible()
    told_by = page_as("chengang")
    told_by.goto(f"/entry/?page=quote&id={ended}")
    expect(told_by.get_by_text("您没有权限查看此报价单，或报价单不存在")).to_be_visible()

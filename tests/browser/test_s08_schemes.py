"""S08: 张伟 keeps how he looks at deals, and finds his list so the next time."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.access.actor import actor_of
from crmlib.errors import Refused
from crmlib.people.schemes import delete_scheme, save_scheme, shelf
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem
from crmlib.store.engine import writing
from tests import make
from tests.browser.card import press, told

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def menu(page: Page) -> Locator:
    """Open the menu of 过滤方案."""
    page.get_by_role("button", name="方案：").click()
    panel = page.get_by_role("menu", name="过滤方案")
    expect(panel).to_be_visible()
    return panel


def choose(page: Page, label: str) -> None:
    menu(page).get_by_role("menuitem", name=label, exact=True).click()


def opener(page: Page, name: str) -> None:
    """Expect the list to show a 方案."""
    expect(page.get_by_role("button", name=f"方案：{name} ▾")).to_be_visible()


def heads(page: Page) -> Locator:
    return page.locator("thead th:not(.sm-pick)")


def rows(page: Page, count: int) -> None:
    expect(page.get_by_text(f"共 {count} 条", exact=True)).to_be_visible()


def shelf_of(login: str, list_key: str = "opportunity") -> list[str]:
    actor = actor_of(make.people_ids()[login])
    return [line.name for line in shelf(actor, list_key).lines]


def deals() -> int:
    """Make three deals; return the one that is large and far."""
    customer = make.customer()
    big = make.opportunity(customer, stage="QUOTE", amount=Decimal(600_000), subject="大单甲")
    make.opportunity(customer, stage="QUOTE", amount=Decimal(300_000))
    make.opportunity(customer, stage="INFO", amount=Decimal(900_000))
    return big


def narrow(page: Page) -> None:
    """Ask for large deals of 华南 from 报价 on, and for fewer columns."""
    page.get_by_label("区域").select_option(label="华南")
    page.get_by_label("阶段不早于").select_option("QUOTE")
    amount = page.get_by_label("金额不低于（万元）")
    amount.fill("五十")
    amount.press("Enter")
    told(page, "金额不低于（万元） 请输入数字")
    expect(amount).to_have_attribute("aria-invalid", "true")
    amount.fill("50")
    amount.press("Enter")
    rows(page, 1)
    choose(page, "表格设置…")
    box = page.get_by_role("dialog", name="表格设置")
    box.get_by_role("checkbox", name="客户", exact=True).uncheck()
    box.get_by_role("button", name="主题 上移").click()
    press(box, "确定")


def narrowed(page: Page, big: int) -> None:
    """Expect the list as ``narrow`` left it."""
    rows(page, 1)
    expect(page.get_by_label("阶段不早于")).to_have_value("QUOTE")
    expect(page.get_by_role("row").filter(has_text="大单甲")).to_have_attribute("data-id", str(big))
    expect(heads(page).first).to_have_text("主题")
    expect(heads(page).filter(has_text="客户")).to_have_count(0)


def save_as(page: Page, name: str) -> Locator:
    choose(page, "另存为…")
    box = page.get_by_role("dialog", name="另存为方案")
    box.get_by_label("方案名称").fill(name)
    press(box, "确定")
    return box


def test_kept_conditions_and_columns_open_the_list(page_as: Open) -> None:
    big = deals()
    page = page_as("zhangwei")
    page.goto("/entry/?page=opportunities")
    opener(page, "默认方案")
    narrow(page)
    narrowed(page, big)
    save_as(page, "大单")
    told(page, "方案保存成功")
    opener(page, "大单")
    choose(page, "设为默认")
    told(page, "已设为默认")
    assert shelf_of("zhangwei") == ["大单"]
    assert shelf_of("wangqiang") == []

    page.goto("/entry/?page=home")
    expect(page.get_by_role("heading", name="信息中心")).to_be_visible()
    page.goto("/entry/?page=opportunities")
    opener(page, "大单")
    narrowed(page, big)

    choose(page, "恢复默认方案")
    told(page, "已恢复系统默认方案")
    opener(page, "默认方案")
    expect(heads(page).first).not_to_have_text("主题")
    page.goto("/entry/?page=opportunities")
    opener(page, "默认方案")
    expect(page.get_by_label("阶段不早于")).to_have_value("")
    expect(heads(page).first).not_to_have_text("主题")


def test_names_that_cannot_be_and_the_scheme_that_stays(page_as: Open) -> None:
    people = make.people_ids()
    save_scheme(actor_of(people["liuyang"]), "opportunity", "大单", {})
    page = page_as("liuyang")
    page.goto("/entry/?page=opportunities")
    panel = menu(page)
    remove = panel.get_by_role("menuitem", name="删除")
    expect(remove).to_be_disabled()
    expect(remove).to_have_attribute("title", "系统默认方案不能删除")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    box = save_as(page, "")
    expect(box.get_by_text("方案名称 为必录项")).to_be_visible()
    for name, message in {
        "默认方案": "「默认方案」是系统方案的名称，请换一个名称",
        "大单": "已有名为「大单」的方案",
    }.items():
        box.get_by_label("方案名称").fill(name)
        press(box, "确定")
        expect(box.get_by_text(message)).to_be_visible()
    press(box, "取消")
    assert shelf_of("liuyang") == ["大单"]
    with pytest.raises(Refused, match="系统默认方案不能删除"):
        delete_scheme(actor_of(people["liuyang"]), 0)


def test_published_scheme_reaches_his_people_and_goes_with_him(page_as: Open) -> None:
    make.customer("方案乙门窗有限公司")
    people = make.people_ids()
    save_scheme(actor_of(people["zhangwei"]), "customer", "交易", {"filters": {"trading": "yes"}})
    head = page_as("zhangwei")
    head.goto("/entry/?page=customers")
    choose(head, "交易")
    opener(head, "交易")
    expect(head.get_by_text("没有符合条件的数据")).to_be_visible()
    choose(head, "发布")
    told(head, "方案已发布")

    page = page_as("wangqiang")
    page.goto("/entry/?page=customers")
    panel = menu(page)
    expect(panel.get_by_role("menuitem", name="发布", exact=True)).to_have_count(0)
    panel.get_by_role("menuitem", name="交易 · 张伟 发布").click()
    expect(page.get_by_text("没有符合条件的数据")).to_be_visible()
    expect(menu(page).get_by_role("menuitem", name="删除")).to_be_disabled()

    choose(head, "删除")
    press(head.get_by_role("dialog", name="删除方案"), "删除")
    told(head, "方案已删除")
    opener(head, "默认方案")
    page.goto("/entry/?page=customers")
    opener(page, "默认方案")
    expect(menu(page).get_by_role("menuitem", name="交易")).to_have_count(0)


def test_value_that_was_disabled_later_still_opens(page_as: Open) -> None:
    make.customer("方案丙门窗有限公司", industry="09")
    people = make.people_ids()
    me = actor_of(people["zhangwei"])
    key = save_scheme(me, "customer", "停用行业", {"filters": {"industry": "09"}}).id
    with writing() as session, session.begin():
        item = session.query(DictItem).filter_by(kind=DictKind.INDUSTRY, code="09").one()
        item.disabled = True
    page = page_as("zhangwei")
    page.goto(f"/entry/?page=customers&c.scheme={key}&c.f.industry=09")
    opener(page, "停用行业")
    rows(page, 1)
    expect(page.get_by_role("row").filter(has_text="方案丙门窗有限公司")).to_be_visible()
    expect(page.get_by_label("行业")).to_have_value("09")

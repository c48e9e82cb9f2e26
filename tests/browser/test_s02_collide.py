"""S02: 李敏 asks 撞单分析 before she enters anybody."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.customers.model import Customer, CustomerStatus
from tests import make
from tests.browser.customer_form import field

pytestmark = pytest.mark.browser
NAME = "北京北大西飞发展有限公司"


@pytest.fixture(scope="module")
def stored(site: str) -> int:
    """The seed's own example, 陈刚's in Shanghai, with one gone to the bin and one merged."""
    found = make.customer(NAME, owner="chengang", phone="010-62751234", mobile="13901112222")
    make.customer("北京碧海云天幕墙有限公司", status=CustomerStatus.RECYCLED)
    make.customer(
        "北京北大西飞开发有限公司",
        owner="chengang",
        status=CustomerStatus.MERGED,
        merged_into_id=found,
    )
    return found


@pytest.fixture
def page(home_as: Callable[[str], Page], stored: int) -> Page:
    page = home_as("limin")
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="撞单分析").click()
    expect(field(page, "客户名称")).to_be_focused(timeout=60_000)  # the first page starts a kernel
    return page


def search(page: Page, name: str) -> None:
    field(page, "客户名称").fill(name)
    page.get_by_role("button", name="查找").click()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))


def test_part_of_a_name_finds_the_customer_with_limited_columns(page: Page) -> None:
    search(page, "北大西飞")
    expect(page.get_by_role("status").filter(has_text="发现相似客户")).to_be_visible()
    heads = [
        "相似度",
        "客户代码",
        "客户名称",
        "负责人",
        "负责部门",
        "区域",
        "交易客户",
        "依据",
        "操作",
    ]
    expect(page.get_by_role("columnheader")).to_have_text(heads)
    found = row(page, NAME)
    cells = found.get_by_role("cell")
    expect(cells.nth(0)).to_have_text(re.compile(r"^\d+%$"))
    expect(cells.nth(1)).to_have_text(make.rows(Customer, name=NAME)[0].code)
    expect(cells.nth(3)).to_have_text("陈刚")
    expect(cells.nth(4)).to_have_text("上海")
    expect(cells.nth(5)).to_have_text("华南 / 广东")
    expect(cells.nth(6)).to_have_text("否")
    expect(cells.nth(7)).to_contain_text("字号相同")
    # Another's customer: neither a link to its card, nor phone, nor contact.
    expect(found.get_by_role("link", name=NAME)).to_have_count(0)
    everything = page.locator("#App").inner_text()
    for secret in ("62751234", "13901112222", "139 0111 2222", "何经理"):
        assert secret not in everything
    merged = row(page, "北京北大西飞开发有限公司")
    expect(merged).to_contain_text(f"已合并 → {make.rows(Customer, name=NAME)[0].code}")


def test_answer_comes_while_typing_and_tags_a_recycled_customer(page: Page) -> None:
    page.keyboard.type("北京碧海云天幕墙有限公司")
    expect(page.get_by_role("status").filter(has_text="已存在相同客户")).to_be_visible()
    found = row(page, "北京碧海云天幕墙有限公司")
    expect(found).to_contain_text("回收站")
    expect(found.get_by_role("cell").first).to_have_text("100%")
    expect(page.get_by_role("link", name="新增", exact=True)).to_have_count(0)


def test_empty_name_is_asked_for_and_an_unknown_one_leads_to_the_form(page: Page) -> None:
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("请输入客户名称")).to_be_visible()
    expect(field(page, "客户名称")).to_be_focused()
    page.keyboard.type("深圳闽粤海幕墙工程有限公司")
    page.keyboard.press("Enter")
    expect(page.get_by_text("未发现相同或相似客户，可以新增", exact=True)).to_be_visible()
    page.get_by_role("link", name="新增", exact=True).click()
    expect(page.get_by_role("heading", name="客户—新增")).to_be_visible()
    expect(field(page, "客户名称")).to_have_value("深圳闽粤海幕墙工程有限公司")


def test_from_similar_hits_to_the_form_all_the_same(page: Page) -> None:
    search(page, "北京北大西飞装饰有限公司")
    page.get_by_role("link", name="仍要新建").click()
    expect(page.get_by_role("heading", name="客户—新增")).to_be_visible()
    expect(field(page, "客户名称")).to_have_value("北京北大西飞装饰有限公司")
    expect(page.get_by_role("status").filter(has_text="发现相似客户")).to_be_visible()


def test_code_in_place_of_the_name_finds_the_customer(page: Page) -> None:
    search(page, make.rows(Customer, name=NAME)[0].code)
    expect(page.get_by_role("status").filter(has_text="已存在相同客户")).to_be_visible()
    expect(row(page, NAME)).to_contain_text("客户代码相同")


def test_word_that_names_nobody_lists_nobody(page: Page) -> None:
    search(page, "有限公司")
    expect(page.get_by_text("请输入更完整的名称（字号）再查")).to_be_visible()
    expect(page.locator(".sm-hit-table")).to_have_count(0)
    expect(page.get_by_role("link", name="新增", exact=True)).to_have_count(0)

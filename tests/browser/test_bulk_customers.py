"""客户—维护: several customers at once, with a look at what will happen first."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.customers.model import Customer, CustomerStatus
from tests import make
from tests.browser.card import press, told

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def found(page: Page, text: str, count: int) -> Page:
    page.goto(f"/entry/?page=customers&c.find=name&c.text={text}")
    expect(page.get_by_text(f"共 {count} 条", exact=True)).to_be_visible()
    return page


def test_preview_names_who_is_left_out_and_why(page_as: Open) -> None:
    free = make.customer("批量甲一门窗有限公司")
    busy = make.customer("批量甲二门窗有限公司")
    make.opportunity(busy)
    page = found(page_as("zhangwei"), "批量甲", 2)
    page.get_by_role("checkbox", name="全选本页").check()
    bulk = page.locator(".sm-bulk")
    bulk.get_by_role("button", name="移入回收站").click()
    box = page.get_by_role("dialog")
    expect(box.get_by_text("将移入回收站 1 个客户：批量甲一门窗有限公司")).to_be_visible()
    expect(box.get_by_text("批量甲二门窗有限公司：不能移入回收站")).to_be_visible()
    press(box, "确定")
    expect(box.get_by_text("为必录项")).to_be_visible()
    box.get_by_role("combobox").select_option(index=1)
    press(box, "确定")
    told(page, "已移入回收站 1 个客户")
    expect(page.get_by_text("共 1 条", exact=True)).to_be_visible()
    states = [make.fetch(Customer, key).status for key in (free, busy)]
    assert states == [CustomerStatus.RECYCLED, CustomerStatus.POTENTIAL]


def test_all_results_of_all_pages_go_at_once(page_as: Open) -> None:
    keys = [make.customer(f"批量乙{n}号门窗有限公司", owner=None) for n in range(23)]
    page = found(page_as("zhangwei"), "批量乙", 23)
    page.get_by_role("checkbox", name="全选本页").check()
    bulk = page.locator(".sm-bulk")
    expect(bulk.get_by_text("已选 20 行")).to_be_visible()
    bulk.get_by_role("button", name="选择全部 23 条结果").click()
    expect(bulk.get_by_text("已选全部 23 条结果")).to_be_visible()
    bulk.get_by_role("button", name="分配", exact=True).click()
    box = page.get_by_role("dialog", name="分配（23 行）")
    expect(box.get_by_text("将分配 23 个客户")).to_be_visible()
    box.get_by_role("combobox").fill("王强")
    page.get_by_role("option").filter(has_text="王强").first.click()
    press(box, "确定")
    told(page, "已分配 23 个客户")
    seller = make.people_ids()["wangqiang"]
    assert {make.fetch(Customer, key).owner_id for key in keys} == {seller}

"""字典: 周婷 keeps what describes customers, 赵磊 everything, nobody else anything."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.reference.model import DictItem
from tests import make
from tests.browser.card import dialog, press, told
from tests.browser.conftest import PATIENCE

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
SLOW = max(90_000, PATIENCE)  # the first page of a kernel on a loaded machine


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))


def pick(page: Page, name: str, label: str) -> Locator:
    """Tick an entry and press a step of the bar above the table."""
    row(page, name).get_by_role("checkbox").check()
    button = page.locator(".sm-bulk").get_by_role("button", name=label, exact=True)
    button.click()
    return button


def test_entries_are_added_renamed_used_and_disabled(page_as: Open) -> None:
    page = page_as("zhouting")
    page.goto("/admin/?page=dictionaries")
    expect(page.get_by_text("共 8 条")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("row").filter(has_text="产品")).to_have_count(0)
    row(page, "行业").click()
    box = dialog(page, "添加条目")
    box.get_by_label("名称").fill("幕墙公司")
    press(box, "添加")
    expect(box.get_by_text("名称「幕墙公司」已存在")).to_be_visible()
    box.get_by_label("名称").fill("医疗")
    press(box, "添加")
    expect(row(page, "医疗")).to_contain_text("本公司添加")
    pick(page, "医疗", "改名")
    box = page.get_by_role("dialog")
    box.get_by_label("名称").fill("医疗机构")
    press(box, "确定")
    expect(row(page, "医疗机构")).to_contain_text("U01")
    make.customer(industry="U01")
    remove = pick(page, "医疗机构", "删除")
    expect(remove).to_have_count(0)  # it asks once more
    page.locator(".sm-bulk").get_by_role("button", name="再次点击确认").click()
    told(page, "已被 1 条记录使用，不能删除，只能停用")
    page.locator(".sm-bulk").get_by_role("button", name="停用", exact=True).click()
    told(page, "已停用 1 个条目")
    expect(row(page, "医疗机构")).to_contain_text("停用")
    page.goto("/entry/?page=customer_new")
    industry = page.get_by_label("行业")
    expect(industry).to_be_visible(timeout=SLOW)
    expect(industry.get_by_role("option", name="医疗机构")).to_have_count(0)
    (entry,) = make.rows(DictItem, kind="industry", code="U01")
    assert (entry.name, entry.disabled) == ("医疗机构", True)


def test_others_keep_none(page_as: Open) -> None:
    page = page_as("zhouting")
    page.goto("/admin/?page=dictionary&id=product_family")
    expect(page.get_by_text("您没有权限维护此字典，或字典不存在")).to_be_visible(timeout=SLOW)

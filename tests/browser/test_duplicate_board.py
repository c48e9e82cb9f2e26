"""重复候选看板 and 撞单参数: numbers open their rows; a change is tried, reasoned, and takes effect."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.duplicates.model import PairStatus
from tests import make
from tests.duplicates.build import pair, save

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


@pytest.fixture(scope="module", autouse=True)
def queue(site: str) -> None:
    """Pairs of 广州 in three states, and one of 陈刚 in 上海."""
    for name, state, same in (
        ("云岭", PairStatus.OPEN, 0.97),
        ("苍梧", PairStatus.OPEN, 0.75),
        ("洱海", PairStatus.MERGED, 0.97),
        ("澜沧", PairStatus.DISTINCT, 0.97),
    ):
        a = make.customer(f"{name}测试门窗有限公司")
        b = make.customer(f"{name}测式门窗有限公司", registered_at=clock.now(), owner="wangqiang")
        row = pair(a, b, state, same)
        if state is not PairStatus.OPEN:
            row.found_at -= timedelta(days=4)
            row.decided_at = clock.now()
        save(row)
    ends = [make.customer(f"申江{word}门窗有限公司", owner="chengang") for word in ("测试", "测式")]
    save(pair(*ends, PairStatus.OPEN, 0.97))


def row_of(page: Page, label: str) -> list[str]:
    """Return the cells of the first table row with a label."""
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=label, exact=True)).first
    expect(row).to_be_visible()
    return [cell.inner_text() for cell in row.get_by_role("cell").all()]


def figure(page: Page, label: str) -> str:
    """Return one of the figures at the top."""
    box = page.locator(".sm-stat").filter(has_text=label)
    return box.locator(".sm-value").inner_text()


def test_the_general_office_sees_the_whole_base(page_as: Open) -> None:
    page = page_as("zhouting")
    page.goto("/admin/?page=duplicate_board")
    expect(page.locator("h1")).to_have_text("重复候选看板")
    expect(page.get_by_role("heading", name="客户来源")).to_be_visible()
    assert figure(page, "待审") == "3"
    assert figure(page, "判为重复的比例") == "50.0%"
    assert row_of(page, "≥ 95%") == ["≥ 95%", "2", "1", "1", "0", "50.0%"]
    expect(page.locator("canvas")).to_have_count(4)


def test_a_number_opens_its_rows_in_the_queue(page_as: Open) -> None:
    page = page_as("zhouting")
    page.goto("/admin/?page=duplicate_board")
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="70–80%", exact=True))
    row.get_by_role("link", name="1").first.click()
    expect(page.locator("h1")).to_have_text("重复候选")
    expect(page.get_by_role("cell", name="苍梧测试门窗有限公司").first).to_be_visible()
    expect(page.get_by_role("cell", name="云岭测试门窗有限公司")).to_have_count(0)


def test_a_number_opens_its_rows_on_the_board(page_as: Open) -> None:
    page = page_as("zhouting")
    page.goto("/admin/?page=duplicate_board")
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="陈刚", exact=True))
    row.get_by_role("link", name="1").first.click()
    expect(page.get_by_role("heading", name="候选明细：登记人 陈刚")).to_be_visible()
    expect(page.get_by_role("cell", name="申江测试门窗有限公司")).to_be_visible()
    expect(page.get_by_role("cell", name="云岭测试门窗有限公司")).to_have_count(0)
    page.get_by_role("link", name="关闭明细").click()
    expect(page.get_by_role("heading", name="候选明细")).to_have_count(0)


def test_a_manager_sees_his_tree(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/")
    page.get_by_role("link", name="重复候选看板").click()
    expect(page.locator("h1")).to_have_text("重复候选看板")
    expect(page.get_by_role("heading", name="客户来源")).to_be_visible()
    assert figure(page, "待审") == "2"
    expect(page.get_by_role("cell", name="陈刚", exact=True)).to_have_count(0)
    page.locator(".sm-stat").filter(has_text="待审").click()
    expect(page.locator("h1")).to_have_text("重复候选")
    expect(page.get_by_role("cell", name="云岭测试门窗有限公司").first).to_be_visible()
    expect(page.get_by_role("cell", name="申江测试门窗有限公司")).to_have_count(0)


def test_sales_have_no_board(page_as: Open) -> None:
    page = page_as("wangqiang")
    page.goto("/funnel/?page=duplicate_board")
    expect(page.get_by_text("您没有权限查看重复候选")).to_be_visible()
    expect(page.get_by_role("link", name="重复候选看板")).to_have_count(0)


def test_the_board_fits_a_telephone(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/funnel/?page=duplicate_board")
    expect(page.get_by_role("heading", name="客户来源")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def dialog(page: Page) -> None:
    """Fill the reason of the open dialog and send it."""
    box = page.get_by_role("dialog")
    box.get_by_label("原因").fill("误报太多")
    box.get_by_role("button", name="保存", exact=True).click()


def test_a_change_is_tried_then_saved_with_a_reason_and_taken_back(page_as: Open) -> None:
    page = page_as("zhouting")
    page.goto("/admin/")
    page.get_by_role("link", name="撞单参数").click()
    field = page.get_by_label("名称相似度（%）")
    expect(field).to_have_value("70")
    expect(page.get_by_text("还没有人改动过参数")).to_be_visible()
    field.fill("20")
    page.get_by_role("button", name="试算影响").click()
    expect(page.get_by_text("名称相似度 应为 30 到 100 的整数")).to_be_visible()
    field.fill("90")
    page.get_by_label("传真").uncheck()
    page.get_by_role("button", name="试算影响").click()
    expect(page.get_by_role("heading", name="拟改动")).to_be_visible()
    assert row_of(page, "名称相似度")[1:] == ["70%", "90%"]
    expect(page.get_by_role("heading", name="待审的重复候选")).to_be_visible()
    page.get_by_role("button", name="保存参数").click()
    dialog(page)
    expect(page.get_by_role("cell", name="误报太多")).to_be_visible()
    expect(page.get_by_label("名称相似度（%）")).to_have_value("90")
    expect(page.get_by_label("传真")).not_to_be_checked()
    page.get_by_role("button", name="恢复默认").click()
    box = page.get_by_role("dialog")
    expect(box.get_by_text("名称相似度：90% → 70%")).to_be_visible()
    box.get_by_label("原因").fill("试行结束")
    box.get_by_role("button", name="恢复默认").click()
    expect(page.get_by_role("cell", name="试行结束")).to_be_visible()
    expect(page.get_by_label("名称相似度（%）")).to_have_value("70")


def test_a_form_opened_before_anothers_save_is_refused(page_as: Open) -> None:
    first, second = page_as("zhouting"), page_as("zhaolei")
    for page, figure_ in ((first, "80"), (second, "85")):
        page.goto("/admin/?page=collision_settings")
        page.get_by_label("包含匹配度（%）").fill(figure_)
        page.get_by_role("button", name="试算影响").click()
        expect(page.get_by_role("button", name="保存参数")).to_be_visible()
    for page in (first, second):
        page.get_by_role("button", name="保存参数").click()
        dialog(page)
        if page is first:
            expect(page.get_by_role("cell", name="误报太多").first).to_be_visible()
    expect(second.get_by_text("数据已被他人修改，请刷新").first).to_be_visible()

"""S22: the live funnel of a manager moves when his salesperson pushes a deal."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from crmlib.access.actor import actor_of
from crmlib.opportunities.actions import advance_stage
from crmlib.opportunities.model import Opportunity
from tests import make

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


@pytest.fixture(scope="module", autouse=True)
def deals(site: str) -> dict[str, int]:
    """Two deals in 广州, one of them stalled, and one of 陈刚 in 上海."""
    own = make.customer("广州明珠幕墙工程有限公司")
    other = make.customer("上海申江门窗有限公司", owner="chengang")
    return {
        "early": make.opportunity(own, subject="明珠幕墙-执手-报价", amount=1_200_000),
        "late": make.opportunity(own, subject="明珠幕墙-地弹簧-签约", stage="NEGO", amount=300_000),
        "foreign": make.opportunity(
            other, owner="chengang", subject="申江门窗-滑撑-投标", amount=9_900_000
        ),
    }


def figures(page: Page) -> dict[str, str]:
    """Return the four figures by label."""
    boxes = page.locator(".sm-stat")
    boxes.first.wait_for()
    return {
        box.locator(".sm-label").inner_text(): box.locator(".sm-value").inner_text()
        for box in boxes.all()
    }


def pick_stage(page: Page, place: int, then: str) -> None:
    """Click the bar of the n-th stage; the chart is a picture, so by its place."""
    said = page.locator("h2", has_text=f"商机明细：{then}").first
    for _ in range(5):  # a picture does not say when it listens
        page.locator("canvas").first.click(position={"x": 120, "y": 44 * (place - 1) + 34})
        try:
            expect(said).to_be_visible(timeout=4_000)
        except AssertionError:
            continue
        return
    expect(said).to_be_visible()


def test_manager_sees_only_his_peoples_deals(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/")
    expect(page.locator("h1")).to_have_text("销售漏斗")
    assert figures(page)["在手商机"] == "2"
    assert figures(page)["预计金额"] == "¥150.0万"
    expect(page.get_by_text("申江门窗")).to_have_count(0)
    expect(page.get_by_text("数据时间")).to_be_visible()


def test_sales_sees_his_own_deals_only(page_as: Open) -> None:
    page = page_as("chengang")
    page.goto("/funnel/")
    assert figures(page)["在手商机"] == "1"
    expect(page.get_by_text("申江门窗-滑撑-投标").first).to_be_visible()
    expect(page.get_by_text("明珠幕墙")).to_have_count(0)


def test_anothers_push_appears_without_reload(page_as: Open, deals: dict[str, int]) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/")
    row = page.locator("tr", has_text="明珠幕墙-执手-报价").first
    expect(row).to_contain_text("信息收集")
    page.evaluate("window.stillHere = true")
    actor = actor_of(make.people_ids()["wangqiang"])
    advance_stage(actor, deals["early"], reason="", ticked=(), confirm=True)
    expect(row).to_contain_text("立项", timeout=10_000)
    assert page.evaluate("window.stillHere") is True


def test_click_on_a_stage_opens_its_rows(page_as: Open, deals: dict[str, int]) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/")
    expect(page.get_by_text("明珠幕墙-地弹簧-签约").first).to_be_visible()
    pick_stage(page, 7, "商务谈判")
    expect(page.locator("tr", has_text="明珠幕墙-执手-报价")).to_have_count(0)
    expect(page.locator("tr", has_text="明珠幕墙-地弹簧-签约").first).to_be_visible()
    # Somebody else's change makes the chart anew, and leaves in it what is picked.
    make.change(Opportunity, deals["early"], amount=Decimal(1_300_000))
    amount = page.locator(".sm-stat", has_text="预计金额").locator(".sm-value")
    expect(amount.first).to_have_text("¥160.0万", timeout=30_000)
    expect(page.locator("h2", has_text="商机明细：商务谈判")).to_be_visible()
    expect(page.locator("tr", has_text="明珠幕墙-执手-报价")).to_have_count(0)
    pick_stage(page, 7, "全部阶段")


def test_chart_as_table_picture_and_workbook(page_as: Open, tmp_path: Path) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?region=华南")
    page.get_by_role("button", name="表格", exact=True).press("Enter")
    table = page.get_by_role("region", name="销售漏斗的数据")
    expect(table.get_by_role("row", name="商务谈判")).to_contain_text("¥300,000")
    # By keyboard from the button into the table: a row is a choice like its bar.
    stage = table.get_by_role("button", name="商务谈判")
    stage.press("Enter")
    expect(page.locator("h2", has_text="商机明细：商务谈判")).to_be_visible()
    stage.press("Enter")
    expect(page.locator("h2", has_text="商机明细：全部阶段")).to_be_visible()
    expect(page.locator("canvas")).to_be_visible()
    with page.expect_download() as picture:
        page.get_by_role("button", name="下载图片").click()
    assert picture.value.suggested_filename.startswith("销售漏斗-")
    picture.value.save_as(tmp_path / "funnel.png")
    assert (tmp_path / "funnel.png").read_bytes()[:4] == b"\x89PNG"
    with page.expect_download() as book:
        page.get_by_role("button", name="下载 Excel").click()
    book.value.save_as(tmp_path / "funnel.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "funnel.xlsx").get_sheet_by_index(0).to_python()
    assert rows[1][0] == "筛选条件：区域：华南"
    assert rows[3][0] == "数据范围：本人及下属、共享给本人（只含本人有权查看的数据）"
    assert 300_000 in next(row for row in rows if row[0] == "商务谈判")


def test_filter_that_finds_nothing_says_so_and_stays_in_the_address(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/")
    page.get_by_label("金额 ≥").fill("99999")
    expect(page.get_by_text("暂无数据").first).to_be_visible()
    assert "min=99999" in page.url
    page.get_by_role("button", name="清除筛选").click()
    expect(page.get_by_text("明珠幕墙-地弹簧-签约").first).to_be_visible()


def test_clerk_may_not_open_the_funnel(page_as: Open, troubles: object) -> None:
    troubles.allow("403")
    page = page_as("limin")
    answer = page.goto("/funnel/")
    assert answer is not None
    assert answer.status == 403

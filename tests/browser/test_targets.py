"""目标设定 and 目标达成: a sheet pasted, saved, refused, issued; then attainment beside it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.opportunities.model import Opportunity, Outcome
from tests import make
from tests.exchange.target_file import filled

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
_TODAY = clock.today()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASTE = """(input, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module", autouse=True)
def deals(site: str) -> dict[str, int]:
    """One deal of 王强 won today, and one open."""
    own = make.customer("广州明珠幕墙工程有限公司")
    won = {"outcome": Outcome.WON, "decided_on": _TODAY, "won_amount": 300_000}
    return {
        "won": make.opportunity(own, subject="明珠幕墙-执手-赢", **won),
        "open": make.opportunity(own, subject="明珠幕墙-锁具-在手", expected_close=_TODAY),
    }


def test_a_sheet_is_pasted_saved_issued_and_compared(page_as: Open, deals: dict[str, int]) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=targets&kind=quarter")
    expect(page.locator("h1")).to_have_text("目标设定")
    row = page.locator(".sm-lines tbody tr", has_text="王强")
    first = row.locator("input").first
    expect(first).to_have_value("")
    # A block from Excel, quarters side by side; the sum stands at the end.
    first.focus()
    first.evaluate(PASTE, "20\t30\t-1\t40")
    expect(row.locator("input").nth(3)).to_have_value("40")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(row.get_by_text("不能为负")).to_be_visible()
    row.locator("input").nth(2).fill("10.5")
    expect(row.locator(".sm-line-sum")).to_have_text("100.5")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("更新 4 个目标").first).to_be_visible()
    expect(page.get_by_text("草稿 4").first).to_be_visible()
    # What is set above stands grey beside it, without a box; so do the sums.
    above = page.locator(".sm-lines tbody tr", has_text="张伟")
    expect(above.locator("td.locked")).to_have_count(4)
    expect(above.locator("input")).to_have_count(0)
    # A draft is nobody else's.
    seller = page_as("wangqiang")
    seller.goto("/funnel/?page=targets&kind=quarter")
    mine = seller.locator("tr", has_text="王强")
    expect(mine).to_contain_text("—")
    page.get_by_role("button", name="下达").click()
    page.get_by_role("dialog").get_by_role("button", name="下达").click()
    expect(page.get_by_text("已下达 4 个目标").first).to_be_visible()
    expect(page.get_by_role("button", name="下达")).to_have_count(0)
    seller.reload()
    expect(mine).to_contain_text("100.5")
    seller.goto("/funnel/?page=attainment")
    stats = seller.locator(".sm-stat")
    expect(stats.nth(0)).to_contain_text("¥100.5万")
    expect(stats.nth(1)).to_contain_text("¥30.0万")
    expect(stats.nth(2)).to_contain_text("29.9%")
    stats.nth(1).click()
    expect(seller.locator("h2", has_text="商机明细：赢单")).to_be_visible()
    expect(seller.locator("tr", has_text="明珠幕墙-执手-赢")).to_be_visible()
    expect(seller.locator("tr", has_text="明珠幕墙-锁具-在手")).to_have_count(0)
    make.change(Opportunity, deals["won"], won_amount=400_000)
    expect(stats.nth(1)).to_contain_text("¥40.0万")
    seller.get_by_label("期间").select_option("quarter")
    assert "period=quarter" in seller.url
    expect(stats.nth(2)).not_to_contain_text("39.8%")
    seller.set_viewport_size({"width": 390, "height": 844})
    expect(stats.nth(3)).to_be_visible()
    assert seller.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_sheet_goes_out_as_excel_and_comes_back(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=targets&kind=year")
    row = page.locator(".sm-lines tbody tr", has_text="王强")
    expect(row.locator("input")).to_have_value("")
    with page.expect_download() as found:
        page.get_by_role("button", name="下载 Excel").click()
    content = Path(found.value.path()).read_bytes()
    chosen = page.locator(".sm-swap input[type=file]")

    def bring(value: object) -> None:
        file = filled(content, {("王强", 2): value})
        chosen.set_input_files({"name": "目标.xlsx", "mimeType": XLSX, "buffer": file})

    bring("很多")
    faults = page.locator(".sm-swap-faults")
    expect(faults).to_contain_text("没有导入：共 1 处有误")
    expect(faults.locator("li")).to_have_text(re.compile(r"^C\d+ 应为数字$"))
    bring(345.5)
    expect(page.get_by_text("导入成功，更新 1 个目标").first).to_be_visible()
    expect(row.locator("input")).to_have_value("345.5")
    # The file is older now than what it would change.
    bring(400)
    expect(faults.locator("li")).to_contain_text("下载后已被他人修改")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(row.locator("input")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_who_sells_nothing_has_no_targets(page_as: Open) -> None:
    page = page_as("zhaolei")
    page.goto("/admin/?page=targets")
    expect(page.locator("h1")).to_have_text("目标设定")
    expect(page.get_by_role("button", name="保存", exact=True)).to_have_count(0)

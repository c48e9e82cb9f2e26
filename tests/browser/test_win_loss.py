"""输赢分析: figures, a reason that narrows, rows behind numbers, another's loss, a telephone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.opportunities.model import Opportunity, Outcome
from tests import make

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
_TODAY = clock.today()


@pytest.fixture(scope="module", autouse=True)
def deals(site: str) -> dict[str, int]:
    """One won and two lost in 广州, one open, one of 陈刚 lost in 上海."""
    own = make.customer("广州明珠幕墙工程有限公司")
    other = make.customer("上海申江门窗有限公司", owner="chengang")
    lost = {"outcome": Outcome.LOST, "decided_on": _TODAY, "outcome_reason": "01"}
    won = {"outcome": Outcome.WON, "decided_on": _TODAY, "won_amount": 300_000}
    since = clock.now() - timedelta(days=9)
    return {
        "won": make.opportunity(own, subject="明珠幕墙-执手-赢", registered_at=since, **won),
        "lost": make.opportunity(own, subject="明珠幕墙-合页-输", amount=500_000, **lost),
        "late": make.opportunity(
            own, subject="明珠幕墙-滑撑-输", amount=100_000, **(lost | {"outcome_reason": "02"})
        ),
        "open": make.opportunity(own, subject="明珠幕墙-锁具-未定", amount=200_000),
        "foreign": make.opportunity(other, owner="chengang", subject="申江门窗-执手-输", **lost),
    }


def test_manager_walks_from_figures_to_rows(page_as: Open, deals: dict[str, int]) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=win_loss")
    expect(page.locator("h1")).to_have_text("输赢分析")
    stats = page.locator(".sm-stat")
    expect(stats.nth(0)).to_contain_text("33.3%")
    expect(stats.nth(2)).to_contain_text("赢单 1 个")
    expect(stats.nth(3)).to_contain_text("¥60.0万")
    expect(page.get_by_text("申江门窗")).to_have_count(0)
    # A figure opens its rows.
    stats.nth(2).click()
    expect(page.locator("h2", has_text="商机明细：赢单")).to_be_visible()
    expect(page.locator("tr", has_text="明珠幕墙-执手-赢")).to_be_visible()
    expect(page.locator("tr", has_text="明珠幕墙-合页-输")).to_have_count(0)
    page.get_by_role("link", name="显示全部").click()
    expect(page.locator("h2", has_text="商机明细：全部")).to_be_visible()
    expect(page.locator("tr", has_text="明珠幕墙-合页-输")).to_be_visible()
    # A reason chosen from the table beside the chart, by keyboard, narrows; once more widens.
    page.get_by_role("button", name="表格").first.press("Enter")
    reason = page.locator(".sm-sheet-table button").first
    reason.press("Enter")
    expect(page.locator("h2", has_text="商机明细：全部")).to_have_count(0)
    expect(page.locator("tr.opens")).to_have_count(1)
    reason.press("Enter")
    expect(page.locator("h2", has_text="商机明细：全部")).to_be_visible()
    # What another does appears without a reload.
    make.change(
        Opportunity,
        deals["open"],
        outcome=Outcome.LOST,
        decided_on=_TODAY,
        outcome_reason="01",
    )
    expect(stats.nth(3)).to_contain_text("输单 3 个")
    # A filter that finds nothing says so and stays in the address.
    page.get_by_label("输赢日期").select_option(index=5)  # two months ago
    expect(page.get_by_text("暂无数据").first).to_be_visible()
    assert "period=" in page.url
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="清除筛选").click()
    expect(stats.nth(3)).to_contain_text("输单 3 个")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_clerk_may_not_open_it(page_as: Open, troubles: object) -> None:
    troubles.allow("403")
    answer = page_as("limin").goto("/funnel/?page=win_loss")
    assert answer is not None
    assert answer.status == 403

"""S22, ANA-3: the funnel of a past day, what moved since, the forecast; filters come along."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from crmlib import clock
from crmlib.opportunities.model import Opportunity, Outcome, StageHistory
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.browser.card import told

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


@pytest.fixture(scope="module", autouse=True)
def deals(site: str) -> dict[str, int]:
    """Deals of two months ago: one became dearer a day ago, one was won; and one of today."""
    now, own = clock.now(), make.customer("广州明珠幕墙工程有限公司")
    old = {"registered_at": now - timedelta(days=60), "stage_since": now - timedelta(days=60)}
    made = {
        "dearer": make.opportunity(own, subject="明珠幕墙-执手-报价", amount=1_000_000, **old),
        "won": make.opportunity(own, subject="明珠幕墙-地弹簧-签约", amount=300_000, **old),
        "late": make.opportunity(
            own,
            subject="明珠幕墙-滑撑-投标",
            amount=500_000,
            expected_close=clock.today() - timedelta(days=1),
            **old,
        ),
    }
    with writing() as session, session.begin():
        session.execute(update(StageHistory).values(moved_at=now - timedelta(days=60)))
    today = clock.today()
    make.change(Opportunity, made["won"], outcome=Outcome.WON, decided_on=today, won_amount=280_000)
    make.change(Opportunity, made["dearer"], amount=Decimal(1_200_000))
    with writing() as session, session.begin():
        changed = (ChangeLog.entity == "opportunity") & (ChangeLog.kind == "update")
        session.execute(update(ChangeLog).where(changed).values(at=now - timedelta(days=1)))
    made["new"] = make.opportunity(own, subject="明珠幕墙-门控-入围", amount=70_000)
    return made


def stat(page: Page, label: str, value: str) -> None:
    """Expect a figure at the head of the page."""
    expect(page.locator(".sm-stat", has_text=label).locator(".sm-value").first).to_have_text(value)


def moved(page: Page, kind: str) -> None:
    """Open the rows behind a kind of move."""
    page.locator(".sm-small-table tr", has_text=kind).get_by_role("link").click()
    expect(page.locator("h2", has_text=f"明细：变动：{kind}")).to_be_visible()


def detail(page: Page, subject: str) -> None:
    """Expect a deal among the rows behind a figure, which come first."""
    expect(page.locator("tr.opens", has_text=subject).first).to_be_visible()


def test_past_day_schemes_and_what_moved(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/")
    stat(page, "在手商机", "3")
    stat(page, "预计金额", "¥177.0万")
    # Four days ago: dearer still cheap, won still open, nothing new.
    box = page.get_by_role("textbox", name="截至")
    box.fill((clock.today() - timedelta(days=4)).isoformat())
    box.press("Enter")
    stat(page, "预计金额", "¥180.0万")
    expect(page.get_by_text("当日结束")).to_be_visible()
    expect(page.locator("tr.opens", has_text="明珠幕墙-门控-入围")).to_have_count(0)
    page.reload()
    stat(page, "预计金额", "¥180.0万")
    # Kept as a 方案 and left again.
    page.get_by_role("button", name="方案：").click()
    page.get_by_role("menuitem", name="另存为…").click()
    page.get_by_label("方案名称").fill("上周的漏斗")
    page.get_by_role("button", name="确定").click()
    told(page, "方案保存成功")
    page.get_by_role("button", name="清除筛选").first.click()
    stat(page, "预计金额", "¥177.0万")
    # What moved within a week: each kind opens its rows.
    moved(page, "金额调增")
    detail(page, "明珠幕墙-执手-报价")
    expect(page.locator("tr.opens").first).to_contain_text("¥200,000")
    moved(page, "赢单")
    detail(page, "明珠幕墙-地弹簧-签约")
    expect(page.locator("tr.opens").first).to_contain_text("¥280,000")
    page.locator("a.sm-stat", has_text="停滞商机").click()
    expect(page.locator("h2", has_text="明细：停滞商机")).to_be_visible()
    page.get_by_role("button", name="方案：").click()
    page.get_by_role("menuitem", name="上周的漏斗").click()
    stat(page, "预计金额", "¥180.0万")


def test_region_comes_along_to_the_forecast(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?as_of=2026-01-01")
    # The region comes along to the forecast, and from there to the next dashboard.
    page.get_by_label("区域").select_option("华南")
    page.get_by_role("link", name="销售预测", exact=True).click()
    expect(page.locator("h1")).to_have_text("销售预测")
    expect(page.get_by_label("区域")).to_have_value("华南")
    assert "as_of" not in page.url
    stat(page, "已过预计成交日期", "1")
    page.locator("a.sm-stat", has_text="已过预计成交日期").click()
    expect(page.locator("h2", has_text="明细：已过预计成交日期")).to_be_visible()
    detail(page, "明珠幕墙-滑撑-投标")
    # The table of the chart takes the keyboard: a month chosen there narrows the rows.
    page.get_by_role("button", name="表格", exact=True).press("Enter")
    month = f"{clock.today() + timedelta(days=60):%Y-%m}"
    page.get_by_role("button", name=month, exact=True).press("Enter")
    expect(page.locator("h2", has_text=f"商机明细：{month}")).to_be_visible()
    page.get_by_role("link", name="重复候选看板").click()
    expect(page.locator("h1")).to_have_text("重复候选看板")
    expect(page.get_by_label("区域")).to_have_value("华南")
    page.get_by_role("button", name="清除筛选").click()
    page.get_by_role("link", name="销售漏斗", exact=True).click()
    expect(page.locator("h1")).to_have_text("销售漏斗")
    expect(page.get_by_label("区域")).to_have_value("")


def test_forecast_on_a_narrow_screen_and_without_deals(page_as: Open) -> None:
    page = page_as("chengang")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/funnel/?page=forecast")
    stat(page, "加权金额（按计划）", "¥0")
    expect(page.get_by_text("暂无数据：没有符合条件的在手商机")).to_be_visible()
    make.opportunity(
        make.customer("上海申江门窗有限公司", owner="chengang"), owner="chengang", amount=900_000
    )
    # It appears without a reload; nothing sticks out.
    expect(page.locator("tr.opens")).to_have_count(1)
    expect(page.locator("canvas")).to_be_visible()
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0

"""绩效指标: targets beside figures, stages, reasons, last year; each figure opens what is behind it."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib import clock
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.people.model import Person
from crmlib.store.engine import writing
from crmlib.targets.kinds import TargetKind
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport
from tests import make
from tests.targets.build import target

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
_TODAY = clock.today()


@pytest.fixture(scope="module", autouse=True)
def deals(site: str) -> dict[str, int]:
    """Deals of 王强: one won against a target, one lost."""
    wang = make.people_ids()["wangqiang"]
    # Reports are due from the first one on that anybody ever wrote.
    with writing() as session, session.begin():
        session.add(
            WorkReport(
                person_id=wang,
                office_id=session.get_one(Person, wang).office_id,
                kind=ReportKind.SUMMARY,
                starts_on=date(_TODAY.year - 1, 1, 6),
                status=ReportStatus.SUBMITTED,
                late=False,
                created_at=clock.now(),
            )
        )
    own = make.customer("广州星河幕墙工程有限公司", registered_at=clock.now())
    target(wang, TargetKind.YEAR, date(_TODAY.year, 1, 1), 100)
    won = {"outcome": Outcome.WON, "decided_on": _TODAY, "won_amount": 300_000}
    lost = {"outcome": Outcome.LOST, "decided_on": _TODAY, "outcome_reason": "01"}
    return {
        "won": make.opportunity(own, subject="星河幕墙-执手-赢", **won),
        "lost": make.opportunity(own, subject="星河幕墙-锁具-输", **lost),
    }


def line(page: Page, label: str) -> Locator:
    """Return the line of a figure in the table of all of them."""
    name = page.get_by_text(label, exact=True)
    return page.locator(".sm-small-table tr").filter(has=name).first


def test_figures_open_what_is_behind_them(page_as: Open, deals: dict[str, int]) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=kpi&period=year")
    expect(page.locator("h1")).to_have_text("绩效指标")
    attained = line(page, "目标达成率").locator("td")
    expect(attained.nth(1)).to_have_text("30.0%")
    expect(attained.nth(2)).to_have_text("¥100.0万")
    make.change(Opportunity, deals["won"], won_amount=400_000)
    expect(attained.nth(1)).to_have_text("40.0%")
    attained.nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="明细：目标达成率")).to_be_visible()
    expect(page.locator("tr", has_text="星河幕墙-执手-赢")).to_be_visible()
    stage = page.locator(".sm-small-table tr", has_text="信息收集").first
    stage.get_by_role("link").click()
    expect(page.get_by_role("heading", name="明细：销售阶段：信息收集")).to_be_visible()
    expect(page.locator("tr", has_text="星河幕墙-锁具-输")).to_be_visible()
    reasons = page.locator(".sm-small-table").filter(has_text="输单原因")
    reasons.get_by_role("link", name="1").click()
    expect(page.get_by_role("heading", name="明细：输单原因")).to_be_visible()
    expect(page.locator("tr", has_text="星河幕墙-锁具-输")).to_be_visible()
    expect(page.locator("tr", has_text="星河幕墙-执手-赢")).to_have_count(0)
    page.get_by_label("期间").select_option("last_year")
    expect(line(page, "目标达成率").locator("td").nth(2)).to_have_text("—")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".sm-stat").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_who_hands_reports_in_is_opened_by_the_person(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=kpi&period=last_year")
    handed = line(page, "报告提交率").locator("td").nth(1)
    expect(handed).to_have_text(re.compile(r"^0\.\d%$"))
    handed.get_by_role("link").click()
    expect(page.get_by_role("heading", name="明细：报告提交率")).to_be_visible()
    people = page.locator(".sm-table").first.locator("tbody tr")
    expect(people.filter(has_text="王强")).to_have_count(1)
    people.filter(has_text="王强").get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("工作报告")
    # Who has no part in it sees no such figure.
    seller = page_as("wangqiang")
    seller.goto("/funnel/?page=kpi")
    expect(line(seller, "赢单率（数）")).to_be_visible()
    expect(seller.get_by_text("报告提交率", exact=True)).to_have_count(0)
    expect(seller.get_by_text("重复率", exact=True)).to_have_count(0)

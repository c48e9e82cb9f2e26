"""活动看板, 业务员销售跟进, 绩效指标: figures open their rows, others' changes appear, it fits a phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.store.engine import writing
from tests import make

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def plan(customer: int, login: str, subject: str, *, days: int) -> None:
    """Insert an activity that was planned for so many days from now."""
    actor = actor_of(make.people_ids()[login])
    with writing() as session, session.begin():
        session.add(
            Activity(
                number=f"HD{subject}", subject=subject, activity_type="01", customer_id=customer,
                status=ActivityStatus.NOT_STARTED, owner_id=actor.person_id,
                planned_end=clock.now() + timedelta(days=days),
                office_id=actor.office_id, created_at=clock.now(),
            )
        )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def customers(site: str) -> dict[str, int]:
    """A customer of 王强 with an overdue activity, and one of 陈刚."""
    since = clock.now() - timedelta(days=50)
    own = make.customer("广州云山幕墙有限公司", registered_at=since)
    other = make.customer("上海浦江幕墙有限公司", owner="chengang", registered_at=since)
    plan(own, "wangqiang", "拜访云山", days=-1)
    plan(other, "chengang", "拜访浦江", days=-1)
    make.opportunity(own, subject="云山幕墙-执手-报价")
    return {"own": own, "other": other}


def figure(page: Page, label: str) -> object:
    """Return the place of a figure at the top."""
    return page.locator(".sm-stat").filter(has_text=label).locator(".sm-value")


def test_the_board_of_activities(page_as: Open, customers: dict[str, int]) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=activity_board")
    expect(page.locator("h1")).to_have_text("活动看板")
    expect(figure(page, "已逾期")).to_have_text("1")
    expect(page.locator("tr", has_text="拜访云山").first).to_be_visible()
    expect(page.get_by_text("拜访浦江")).to_have_count(0)
    plan(customers["own"], "wangqiang", "再访云山", days=-2)
    expect(figure(page, "已逾期")).to_have_text("2")
    expect(page.locator("tr", has_text="再访云山").first).to_be_visible()
    page.locator(".sm-stat").filter(has_text="未接触的客户").click()
    expect(page.get_by_role("heading", name="明细：未接触客户")).to_be_visible()
    expect(page.locator("tr", has_text="广州云山幕墙有限公司").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_follow_up_of_a_person_and_the_indicators(page_as: Open) -> None:
    page = page_as("zhangwei")
    page.goto("/funnel/?page=follow_up")
    page.locator("tr", has_text="王强").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="王强")).to_be_visible()
    expect(page.locator("tr", has_text="云山幕墙-执手-报价").first).to_be_visible()
    expect(page.locator("tr", has_text="拜访云山").first).to_be_visible()
    page.goto("/funnel/?page=kpi")
    row = page.locator(".sm-small-table tr", has_text="在手商机数")
    row.get_by_role("link", name="1").click()
    expect(page.get_by_role("heading", name="明细：在手商机数")).to_be_visible()
    expect(page.locator("tr", has_text="云山幕墙-执手-报价").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_sales_follow_nobody_up(page_as: Open) -> None:
    page = page_as("wangqiang")
    page.goto("/funnel/?page=follow_up")
    expect(page.get_by_text("您没有权限查看业务员销售跟进")).to_be_visible()
    expect(page.get_by_role("link", name="业务员销售跟进")).to_have_count(0)

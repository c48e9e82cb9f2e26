"""S18: 王强 completes a pending activity and pushes the deal with it; only 张伟 may reopen it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.activities.actions import create_activity
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rules import ActivityDraft
from crmlib.customers.model import Customer
from crmlib.opportunities.model import Opportunity, Stage
from tests import make
from tests.browser.card import dialog, fact, opened, press, step, told
from tests.browser.customer_form import fault, field

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def planned(deal: int, subject: str, hours: int, *, remind: bool = True) -> int:
    """Plan a visit of 王强 about a deal."""
    start = clock.now() + timedelta(hours=hours)
    draft = ActivityDraft(
        opportunity_id=deal,
        subject=subject,
        activity_type="01",
        planned_start=start,
        planned_end=start + timedelta(hours=1),
        remind=remind,
    )
    return create_activity(actor_of(make.people_ids()["wangqiang"]), draft).activity_id


def test_completed_from_the_home_page_with_a_push_then_reopened(page_as: Open) -> None:
    customer = make.customer()
    deal = make.opportunity(customer)
    late, soon = planned(deal, "递交样品", -30), planned(deal, "确认封样", 30)
    planned(deal, "节日问候", 40, remind=False)
    page = page_as("wangqiang")
    page.goto("/entry/?page=home")
    rows = page.get_by_role("row").filter(has_text="上门拜访")
    # The overdue one stands first; what was not ticked comes on demand.
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("已逾期")
    expect(rows.first).to_contain_text("递交样品")
    page.get_by_label("显示").first.select_option(label="含未勾选提醒")
    expect(rows).to_have_count(3)

    rows.filter(has_text="递交样品").get_by_role("button", name="完成").click()
    box = page.get_by_role("dialog")
    press(box, "确定")
    expect(fault(page, "活动结果")).to_have_text("活动结果 为必录项")
    field(page, "活动结果").fill("样品已签收")
    field(page, "同时推进阶段").check()
    press(box, "确定")
    expect(box.get_by_text("检查项尚未完成")).to_be_visible()
    press(box, "仍要推进")
    told(page, "已完成，商机已推进到「立项(报备)」")
    expect(rows).to_have_count(2)
    pushed = make.fetch(Opportunity, deal)
    assert make.fetch(Stage, pushed.stage_id).code == "SETUP"
    assert make.fetch(Activity, late).stage_id == pushed.stage_id

    # 延后 moves it a day on, as long as before.
    before = make.fetch(Activity, soon)
    rows.filter(has_text="确认封样").get_by_role("button", name="延后").click()
    press(page.get_by_role("dialog"), "确定")
    told(page, "已延后到")
    after = make.fetch(Activity, soon)
    assert after.planned_end - after.planned_start == before.planned_end - before.planned_start

    opened(page, customer, tab="activities")
    expect(fact(page, "最后接触日期")).to_have_text(clock.today().isoformat())
    page.get_by_role("row").filter(has_text="递交样品").click()
    expect(fact(page, "活动结果")).to_have_text("样品已签收")
    expect(fact(page, "商机阶段")).to_have_text("立项(报备)")
    expect(step(page, "重开")).to_have_count(0)
    box = dialog(page, "修改结果说明")
    field(page, "结果说明").fill("两套，已封存")
    press(box, "确定")
    expect(fact(page, "结果说明")).to_have_text("两套，已封存")

    boss = page_as("zhangwei")
    boss.goto(f"/entry/?page=activity&id={late}")
    step(boss, "重开").click()
    press(boss.get_by_role("dialog"), "重开")
    told(boss, "已重开")
    expect(fact(boss, "活动状态")).to_have_text("已开始")
    assert make.fetch(Activity, late).status is ActivityStatus.STARTED
    assert make.fetch(Customer, customer).last_contact_on is None


def test_quick_record_and_the_week(page_as: Open) -> None:
    customer = make.customer("珠海云帆幕墙有限公司")
    make.opportunity(customer)
    page = opened(page_as("wangqiang"), customer, tab="activities")
    box = dialog(page, "联系记录")
    expect(field(page, "联系人")).to_have_value("何经理")
    press(box, "确定")
    expect(fault(page, "活动结果")).to_have_text("活动结果 为必录项")
    field(page, "活动类型").select_option(label="电话")
    field(page, "活动结果").fill("已确认到货日期")
    press(box, "确定")
    told(page, "已保存联系记录 HD")
    expect(page.get_by_role("row").filter(has_text="电话：已确认到货日期")).to_be_visible()
    expect(fact(page, "最后接触日期")).to_have_text(clock.today().isoformat())

    # The week of a salesman as his manager sees it, walked by keyboard; the address keeps it.
    me = make.people_ids()["wangqiang"]
    boss = page_as("zhangwei")
    boss.goto(f"/entry/?page=activity_calendar&person={me}")
    entry = boss.locator(".sm-week-entry", has_text="电话：已确认到货日期")
    expect(entry).to_contain_text("珠海云帆幕墙有限公司")
    monday = clock.today() - timedelta(days=clock.today().weekday())
    boss.keyboard.press("PageDown")
    expect(boss.locator(".sm-week-title")).to_contain_text((monday + timedelta(days=7)).isoformat())
    expect(entry).to_have_count(0)
    boss.reload()
    expect(boss.locator(".sm-week-title")).to_contain_text((monday + timedelta(days=7)).isoformat())
    boss.get_by_role("button", name="本周", exact=True).click()
    expect(entry).to_be_visible()
    with boss.expect_download() as waiting:
        boss.get_by_role("button", name="导出本周 .ics").click()
    assert waiting.value.suggested_filename.startswith("活动日历-王强-")
    entry.focus()
    boss.keyboard.press("Enter")
    expect(boss.get_by_role("heading", level=1)).to_contain_text("电话：已确认到货日期")
    # Nobody looks into a stranger's week.
    stranger = page_as("chengang")
    stranger.goto(f"/entry/?page=activity_calendar&person={me}")
    expect(stranger.get_by_text("您没有权限查看此人的活动日历")).to_be_visible()

"""S21: 王强 writes his day and his week by keyboard; 张伟 reads, comments and gives back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.activities.actions import record_contact
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rules import ActivityDraft
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport, WorkReportLine
from tests import make
from tests.browser.card import dialog, press, told
from tests.browser.customer_form import fault, field

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
CUSTOMER = "南山幕墙工程有限公司"
SUBJECT = "拜访南山项目+确认封样"
LOCKED = re.compile("报告已提交，不能修改")


@pytest.fixture(scope="module", autouse=True)
def done_today(site: str) -> int:
    """A customer of 王强 with one completed visit of today."""
    key = make.customer(CUSTOMER)
    wang = actor_of(make.people_ids()["wangqiang"])
    visit = ActivityDraft(
        customer_id=key, activity_type="01", subject="拜访何经理", result="已谈妥"
    )
    record_contact(wang, visit)
    return key


def opened(page: Page, name: str, day: object = "") -> Page:
    """Go to a report's form and wait until it can be typed in."""
    page.goto(f"/entry/?page={name}&day={day}")
    expect(field(page, "内容概括")).to_be_focused()
    return page


def cell(page: Page, group: str, column: str, row: int = 1) -> Locator:
    return page.get_by_role("group", name=group).get_by_label(f"{column} 第 {row} 行")


def choose(page: Page, control: Locator, text: str, label: str) -> None:
    """Type into a picker and take what it finds, by keyboard."""
    control.press_sequentially(text)
    expect(page.get_by_role("option").filter(has_text=label).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(control).to_have_value(re.compile(label))


def report_of(kind: ReportKind, start: object) -> WorkReport:
    (found,) = make.rows(WorkReport, kind=kind, starts_on=start)
    return found


def test_a_day_is_written_read_and_commented(page_as: Open) -> None:
    today = clock.today()
    page = page_as("wangqiang")
    page.goto("/entry/?page=work_reports")
    expect(page.get_by_text("还没有工作报告")).to_be_visible()
    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_role("link", name="每日总结", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("每日工作总结")
    expect(cell(page, "完成情况", "内容")).to_have_value("拜访何经理")
    expect(cell(page, "完成情况", "客户或商机")).to_have_value(CUSTOMER)
    expect(page.locator(".sm-chip").filter(has_text=CUSTOMER)).to_be_visible()
    keys = page.keyboard
    field(page, "内容概括").focus()
    keys.type("拜访南山项目")
    keys.press("Enter")
    expect(field(page, "结果概括")).to_be_focused()
    keys.type("确认封样")
    keys.press("Control+Enter")
    told(page, "报告已提交")
    expect(page.get_by_role("heading", level=1)).to_contain_text("王强 每日工作总结")
    expect(page.locator(".sm-details")).to_contain_text(SUBJECT)
    report = report_of(ReportKind.SUMMARY, today)
    assert (report.status, report.subject, report.late) == (
        ReportStatus.SUBMITTED, SUBJECT, False,
    )  # fmt: skip
    (line,) = make.rows(WorkReportLine, report_id=report.id)
    assert [a.id for a in make.rows(Activity)] == [line.activity_id]

    # The second of the day opens the first, and that is locked.
    page.goto("/entry/?page=daily_summary")
    expect(page.get_by_text(LOCKED)).to_be_visible()
    expect(field(page, "内容概括")).to_have_count(0)
    expect(page.locator(".sm-details")).to_contain_text(SUBJECT)

    his = page_as("zhangwei")
    his.goto("/funnel/?page=work_reports")
    his.get_by_role("row").filter(has_text=SUBJECT).click()
    expect(his.get_by_role("heading", level=1)).to_contain_text("王强 每日工作总结")
    box = dialog(his, "批注")
    press(box, "保存批注")
    expect(box.get_by_text("批注 为必录项")).to_be_visible()
    box.get_by_label("批注").fill("继续跟进封样")
    press(box, "保存批注")
    told(his, "批注已保存")
    expect(his.locator("h1").get_by_text("已阅")).to_be_visible()

    page.goto(f"/entry/?page=work_report&id={report.id}")
    expect(page.get_by_text("张伟：继续跟进封样")).to_be_visible()
    expect(page.get_by_role("button", name="退回", exact=True)).to_have_count(0)
    other = page_as("chengang")
    other.goto(f"/entry/?page=work_report&id={report.id}")
    expect(other.get_by_text("您没有权限查看此报告，或报告不存在")).to_be_visible()


def test_a_late_day_without_customer_is_refused_then_given_back(page_as: Open) -> None:
    day = clock.today() - timedelta(days=20)
    before = len(make.rows(Activity))
    page = opened(page_as("wangqiang"), "daily_summary", day)
    expect(page.get_by_text("已过提交截止时间，现在提交记为迟交")).to_be_visible()
    keys = page.keyboard
    keys.press("Control+Enter")
    expect(fault(page, "内容概括")).to_have_text("内容概括 为必录项")
    expect(fault(page, "相关联客户")).to_have_text("必须选择相关联客户")
    field(page, "内容概括").fill("拜访南山项目")
    field(page, "结果概括").fill("确认封样")
    # A visit nobody entered: told here, it becomes an activity.
    cell(page, "完成情况", "内容").focus()
    keys.type("当面确认样品")
    keys.press("Enter")
    choose(page, cell(page, "完成情况", "客户或商机"), "南山", CUSTOMER)
    keys.press("Control+Enter")
    wrong = page.locator(".sm-lines td.bad .sm-fault")
    expect(wrong).to_have_count(2)
    expect(wrong.last).to_have_text(rules.NO_RESULT)
    assert make.rows(WorkReport, starts_on=day) == []
    cell(page, "完成情况", "活动类型").select_option(label="上门拜访")
    cell(page, "完成情况", "结果").fill("样品已封")
    keys.press("Control+Enter")
    told(page, "报告已提交（迟交），登记活动 1 个")
    expect(page.locator("h1").get_by_text("迟交")).to_be_visible()
    report = report_of(ReportKind.SUMMARY, day)
    (activity,) = make.rows(Activity, subject="当面确认样品")
    assert (report.late, activity.status, activity.result) == (
        True, ActivityStatus.DONE, "样品已封",
    )  # fmt: skip

    his = page_as("zhangwei")
    his.goto(f"/entry/?page=work_report&id={report.id}")
    box = dialog(his, "退回")
    press(box, "退回")
    expect(box.get_by_text("退回原因 为必录项")).to_be_visible()
    box.get_by_label("退回原因").fill("请写明数量")
    press(box, "退回")
    told(his, "报告已退回")
    page.goto(f"/entry/?page=work_report&id={report.id}")
    expect(page.get_by_text("已退回：请写明数量")).to_be_visible()
    page.get_by_role("link", name="继续填写").click()
    expect(cell(page, "完成情况", "内容")).to_have_value("当面确认样品")
    field(page, "结果概括").fill("封样 3 件")
    keys.press("Control+Enter")
    told(page, "报告已提交（迟交）")
    expect(page.locator(".sm-details")).to_contain_text("拜访南山项目+封样 3 件")
    assert len(make.rows(Activity)) == before + 1


def test_a_week_is_planned_and_the_board_follows(page_as: Open) -> None:
    start = rules.starts_on(ReportKind.PLAN, clock.today()) + timedelta(days=7)
    his = page_as("zhangwei")
    his.goto(f"/funnel/?page=report_board&week={start}")
    row = his.get_by_role("row").filter(has_text="王强")
    expect(row).to_contain_text("待交")
    expect(row.get_by_role("link")).to_have_count(0)
    his.evaluate("window.notReloaded = true")

    page = opened(page_as("wangqiang"), "weekly_plan", start)
    keys = page.keyboard
    keys.type("本周送样")
    page.get_by_role("button", name="保存草稿").click()
    told(page, "草稿已保存，尚未提交")
    page.reload()
    expect(field(page, "内容概括")).to_have_value("本周送样")
    field(page, "结果概括").fill("三家封样")
    tuesday = start + timedelta(days=1)
    cell(page, "本周计划", "日期").select_option(value=f"{tuesday}")
    cell(page, "本周计划", "时间").fill("10:00-11:30")
    cell(page, "本周计划", "内容").fill("送样")
    choose(page, cell(page, "本周计划", "客户或商机"), "南山", CUSTOMER)
    cell(page, "本周计划", "活动类型").select_option(label="上门拜访")
    cell(page, "本周计划", "活动类型").press("Enter")
    expect(cell(page, "本周计划", "日期", 2)).to_be_focused()
    cell(page, "本周计划", "内容", 2).fill("整理样册")
    keys.press("Control+Enter")
    told(page, "报告已提交，登记活动 1 个")
    expect(page.get_by_role("link", name=re.compile(r"^HD\d+"))).to_be_visible()
    (plan,) = make.rows(Activity, subject="送样")
    begins = clock.local(plan.planned_start)
    assert (plan.status, begins.date(), f"{begins:%H:%M}", plan.remind) == (
        ActivityStatus.NOT_STARTED, tuesday, "10:00", True,
    )  # fmt: skip
    report = report_of(ReportKind.PLAN, start)
    assert (report.late, len(make.rows(WorkReportLine, report_id=report.id))) == (False, 2)

    expect(row.get_by_role("link", name="已交")).to_be_visible()
    assert his.evaluate("window.notReloaded") is True
    row.get_by_role("link", name="已交").click()
    expect(his.get_by_role("heading", level=1)).to_contain_text("王强 每周工作计划")
    his.get_by_role("button", name="已阅", exact=True).click()
    told(his, "已标为已阅")


def test_a_week_of_the_board_is_chosen_by_keyboard(page_as: Open) -> None:
    this = rules.starts_on(ReportKind.PLAN, clock.today())
    page = page_as("zhangwei")
    page.goto("/funnel/?page=report_board")
    people = page.locator(".sm-section-head", has_text="按报告人")
    expect(people).to_contain_text(f"{this}")
    expect(page.locator("canvas")).to_have_count(1)
    page.get_by_role("button", name="表格").press("Enter")
    week = page.locator(".sm-sheet-table button", has_text=f"{this - timedelta(days=7)}")
    week.press("Enter")
    expect(people).to_contain_text(f"{this - timedelta(days=7)}")
    week.press("Enter")
    expect(people).to_contain_text(f"{this}")
    page.locator("a.sm-stat", has_text="未交").press("Enter")
    expect(page.get_by_role("heading", name="按报告人：有未交")).to_be_visible()
    page.get_by_role("link", name="显示全部").press("Enter")
    expect(page.get_by_role("heading", name="按报告人", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="王强")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

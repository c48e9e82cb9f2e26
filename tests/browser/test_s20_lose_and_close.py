"""S20: 王强 loses and closes with a 项目总结; 周婷 closes a stale deal and opens it again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.opportunities.model import CompetitorEntry, Opportunity, Outcome
from crmlib.opportunities.outcome_rules import NO_COMPETITOR, NO_SUMMARY
from tests import make
from tests.browser.card import dialog, fact, press, step, told
from tests.browser.customer_form import fault, field
from tests.browser.deal import opened

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def test_lost_to_a_competitor_summed_up_and_closed(page_as: Open) -> None:
    deal = make.opportunity(make.customer(), stage="BID")
    page = opened(page_as("wangqiang"), deal, tab="rivals")
    box = dialog(page, "新增竞争对手")
    press(box, "保存")
    expect(fault(page, "竞争对手")).to_have_text("竞争对手 为必录项")
    field(page, "竞争对手").select_option(label="合和")
    box.get_by_label("高", exact=True).check()
    field(page, "价格").fill("比我方低 8%")
    press(box, "保存")
    told(page, "已登记竞争对手 合和")
    expect(
        page.get_by_role("row").filter(has_text="合和").get_by_text("比我方低 8%")
    ).to_be_visible()
    assert [e.competitor for e in make.rows(CompetitorEntry, opportunity_id=deal)] == ["02"]

    # An objection waits for an answer and does not hold up the end.
    page.get_by_role("tab", name="需求与异议").click()
    box = dialog(page, "登记需求或异议")
    box.get_by_label("异议", exact=True).check()
    press(box, "保存")
    expect(fault(page, "内容")).to_have_text("内容 为必录项")
    field(page, "内容").fill("价格偏高")
    expect(field(page, "负责人")).to_have_value("王强")
    press(box, "保存")
    told(page, "已登记异议")
    expect(page.get_by_text("待答复：异议 1 项")).to_be_visible()
    box = dialog(page, "答复：价格偏高")
    field(page, "答复").fill("可让 3 个点")
    press(box, "答复")
    told(page, "已答复")
    expect(page.get_by_role("row").filter(has_text="可让 3 个点")).to_contain_text("已答复")

    box = dialog(page, "输单")
    press(box, "输单")
    expect(fault(page, "输赢原因")).to_have_text("输赢原因不能为空！")
    expect(fault(page, "竞争对手")).to_have_text(NO_COMPETITOR)
    field(page, "输赢原因").select_option(label="价格高")
    field(page, "竞争对手").select_option(label="合和")
    press(box, "输单")
    told(page, "输单商机【")
    expect(fact(page, "竞争对手")).to_have_text("合和")
    expect(step(page, "反输单")).to_have_count(0)

    box = dialog(page, "关闭")
    press(box, "关闭")
    expect(fault(page, "项目总结")).to_have_text(NO_SUMMARY)
    field(page, "项目总结").fill("价格高出 8%，下次提前做降本方案")
    press(box, "关闭")
    told(page, "商机已关闭")
    expect(page.locator(".sm-page-title").get_by_text("已关闭")).to_be_visible()
    expect(fact(page, "关闭原因")).to_have_text("正常结案")
    for label in ("编辑", "推进阶段", "赢单", "关闭", "重开", "新增竞争对手"):
        expect(step(page, label)).to_have_count(0)
    found = make.fetch(Opportunity, deal)
    assert (found.outcome, found.closed, found.competitor) == (Outcome.LOST, True, "02")


def test_a_stale_deal_is_dropped_by_the_general_office_and_opened_again(page_as: Open) -> None:
    old = clock.now() - timedelta(days=200)
    deal = make.opportunity(make.customer(), stage_since=old, registered_at=old)
    mine = opened(page_as("wangqiang"), deal)
    expect(step(mine, "关闭")).to_have_count(0)
    edit = dialog(mine, "编辑")
    desk = opened(page_as("zhouting"), deal)
    expect(step(desk, "赢单")).to_have_count(0)
    box = dialog(desk, "关闭")
    press(box, "关闭")
    expect(fault(desk, "关闭原因")).to_have_text("关闭原因 为必录项")
    field(desk, "关闭原因").select_option(label="长期无进展")
    press(box, "关闭")
    told(desk, "商机已关闭")
    # What 王强 had open meanwhile is not saved over it.
    field(mine, "项目名称").fill("新名称")
    choice = field(mine, "感兴趣产品")
    choice.fill("执手")
    mine.get_by_role("option").filter(has_text="执手").first.click()
    press(edit, "保存")
    number = make.fetch(Opportunity, deal).number
    expect(edit.get_by_text(f"商机{number}已经关闭！")).to_be_visible()
    mine.goto("/entry/?page=opportunities&o.f.closed=yes")
    expect(mine.get_by_role("row").filter(has_text=number)).to_be_visible()

    box = dialog(desk, "重开")
    field(desk, "原因").fill("客户恢复项目")
    press(box, "确定")
    told(desk, "商机已重开")
    expect(desk.get_by_role("cell", name="客户恢复项目")).to_be_visible()
    assert make.fetch(Opportunity, deal).closed is False

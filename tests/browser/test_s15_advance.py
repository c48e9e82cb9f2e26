"""S15: 王强 pushes his deal with its check list; skipping asks why, an ended deal moves no more."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.opportunities.model import Opportunity, Outcome, Stage, StageHistory
from crmlib.opportunities.rules import SKIPPED
from tests import make
from tests.browser.card import dialog, fact, press, step, told
from tests.browser.customer_form import fault, field
from tests.browser.deal import opened

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
CHECKS = ("项目撞单通过", "主管同意")
NEXT = "方案配合·品牌入围"


def test_pushed_to_the_next_stage_with_the_check_list_ticked(page_as: Open) -> None:
    deal = make.opportunity(make.customer(), stage="SETUP")
    page = opened(page_as("wangqiang"), deal)
    box = dialog(page, "推进阶段")
    field(page, "销售阶段").select_option(label="报价")
    press(box, "确定")
    expect(fault(page, "原因")).to_have_text(SKIPPED)
    field(page, "销售阶段").select_option(label=NEXT)
    press(box, "确定")
    asked = f"检查项尚未完成：{'、'.join(CHECKS)}，确认仍要推进吗？"
    expect(box.get_by_text(asked)).to_be_visible()
    press(box, "返回修改")
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 1
    for check in CHECKS:
        field(page, "本阶段检查项").fill(check)
        page.get_by_role("option", name=check, exact=True).click()
    press(box, "确定")
    told(page, f"已推进到「{NEXT}」，赢率 25%，上一阶段停留 3 天")
    expect(fact(page, "销售阶段")).to_have_text(NEXT)
    expect(fact(page, "赢率")).to_have_text("25%")
    expect(fact(page, "停留天数")).to_have_text(re.compile("^0 天"))
    # The tab of the address stays open after the step.
    row = page.get_by_role("row").filter(has_text="立项(报备)").filter(has_text=NEXT)
    expect(row.get_by_role("cell", name="3", exact=True)).to_be_visible()
    found = make.fetch(Opportunity, deal)
    assert make.fetch(Stage, found.stage_id).code == "SPEC"


def test_an_ended_deal_offers_no_push(page_as: Open) -> None:
    customer, today = make.customer(), clock.today()
    page = page_as("wangqiang")
    for state, tag in (
        ({"outcome": Outcome.WON, "decided_on": today}, "赢单"),
        ({"closed": True, "closed_on": today}, "已关闭"),
    ):
        opened(page, make.opportunity(customer, **state))
        expect(page.locator(".sm-page-title").get_by_text(tag, exact=True)).to_be_visible()
        expect(step(page, "推进阶段")).to_have_count(0)
        expect(step(page, "编辑")).to_have_count(0)

"""S14: 赵磊 enters a new version of the stages, 周婷 and 刘洋 sign it, and it comes into force."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.access.actor import actor_of
from crmlib.opportunities.model import Opportunity, Stage, StageSet, StageSetStatus
from crmlib.opportunities.stage_sets import copy_stage_set, submit_stage_set
from tests import make
from tests.browser.card import dialog, fact, press, step, told
from tests.browser.conftest import PATIENCE

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
SLOW = max(90_000, PATIENCE)  # the first page of a kernel on a loaded machine


def opened(page: Page, stage_set_id: int, workspace: str = "admin") -> None:
    """Go to a version and wait until its facts stand."""
    page.goto(f"/{workspace}/?page=stage_set&id={stage_set_id}")
    expect(fact(page, "制定")).to_be_visible(timeout=SLOW)


def row(page: Page, code: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(code, exact=True))


def pick(page: Page, code: str, label: str) -> None:
    """Tick a stage and press a step of the bar above the table."""
    box = row(page, code).get_by_role("checkbox")
    box.check()
    page.locator(".sm-bulk").get_by_role("button", name=label, exact=True).click()


def draft_with_seal(page: Page) -> int:
    """Copy 项目销售, add 封样 after what is wrong was told; return the draft."""
    page.goto("/admin/?page=stage_sets")
    expect(page.get_by_text("共 12 条")).to_be_visible(timeout=SLOW)
    page.get_by_role("row").filter(has_text="第1版").filter(has_text="项目销售").first.click()
    box = dialog(page, "复制为新版本")
    box.get_by_label("变更说明").fill("报价前增加封样")
    press(box, "复制")
    expect(fact(page, "变更说明")).to_have_text("报价前增加封样")
    page.get_by_role("link", name="添加阶段").click()
    page.get_by_label("代码").fill("seal")
    page.get_by_label("名称").fill("封样")
    page.get_by_label("顺序").fill("50")
    page.get_by_label("赢率（%）").fill("101")
    page.get_by_role("button", name="保存").click()
    for fault in (
        "顺序 50 已被「报价」使用",
        "赢率（%） 应为 0 到 100 的整数",
        "标准天数 为必录项",
    ):
        expect(page.get_by_text(fault)).to_be_visible()
    page.get_by_label("顺序").fill("45")
    page.get_by_label("赢率（%）").fill("45")
    page.get_by_label("标准天数").fill("20")
    page.get_by_label("检查项").fill("封样签字\n封样入库")
    page.get_by_label("检查项").press("Control+Enter")
    expect(row(page, "SEAL")).to_contain_text("封样签字、封样入库")
    (one,) = make.rows(StageSet, status=StageSetStatus.DRAFT)
    return one.id


def test_a_version_is_drafted_signed_and_put_in_force(page_as: Open) -> None:
    deal = make.opportunity(make.customer(), stage="BID", subject="明珠幕墙-执手-投标")
    admin = page_as("zhaolei")
    draft = draft_with_seal(admin)
    pick(admin, "BID", "停用")
    told(admin, "1 个进行中商机，生效时须选择去向")
    expect(row(admin, "BID")).to_contain_text("停用")
    press(dialog(admin, "提交会签"), "提交会签")
    expect(step(admin, "生效")).to_be_disabled()
    expect(step(admin, "生效")).to_have_attribute(
        "title", "会签未完成，还缺：综合部、信息部、区域经理"
    )
    press(dialog(admin, "会签"), "同意")
    expect(fact(admin, "还缺会签")).to_have_text("综合部、区域经理")
    expect(step(admin, "会签")).to_be_disabled()

    office = page_as("zhouting")
    opened(office, draft)
    expect(step(office, "生效")).to_have_count(0)
    box = dialog(office, "会签")
    box.get_by_label("意见").fill("同意增加封样")
    press(box, "同意")
    expect(fact(office, "还缺会签")).to_have_text("区域经理")

    region = page_as("liuyang")
    region.goto("/funnel/")
    region.get_by_role("link", name="销售阶段定义").click()
    region.get_by_role("row").filter(has_text="会签中").click(timeout=SLOW)
    press(dialog(region, "会签"), "同意")
    expect(fact(region, "审核（会签）")).to_have_text("赵磊、周婷、刘洋")

    opened(admin, draft)
    box = dialog(admin, "生效")
    press(box, "生效")
    expect(box.get_by_text("投标（1 个） 为必录项")).to_be_visible()
    expect(box.get_by_label("投标（1 个）").get_by_role("option", name="投标")).to_have_count(0)
    box.get_by_label("投标（1 个）").select_option(label="商务谈判")
    press(box, "生效")
    expect(fact(admin, "批准")).to_have_text("赵磊")
    expect(admin.get_by_text("同意增加封样")).to_be_visible()
    assert make.fetch(Stage, make.fetch(Opportunity, deal).stage_id).code == "NEGO"

    # The funnel follows without a reload of the person's, and shows the stage by its new place.
    region.goto("/funnel/")
    expect(region.get_by_role("row").filter(has_text="明珠幕墙").first).to_contain_text(
        "商务谈判", timeout=SLOW
    )


def test_those_without_a_say_and_a_version_sent_back(page_as: Open) -> None:
    admin = actor_of(make.people_ids()["zhaolei"])
    (small,) = make.rows(StageSet, code="small", status=StageSetStatus.ACTIVE)
    draft = copy_stage_set(admin, small.id).stage_set_id
    submit_stage_set(admin, draft)

    head = page_as("zhangwei")  # 办事处主任: no region is his
    opened(head, draft, "funnel")
    expect(step(head, "会签")).to_be_disabled()
    expect(step(head, "退回")).to_be_disabled()

    region = page_as("liuyang")
    opened(region, draft, "funnel")
    box = dialog(region, "退回")
    press(box, "退回")
    expect(box.get_by_text("退回原因 为必录项")).to_be_visible()
    box.get_by_label("退回原因").fill("零星采购不需要改")
    press(box, "退回")
    expect(region.locator("h1 .sm-tag").first).to_have_text("草稿")
    expect(step(region, "会签")).to_have_count(0)
    expect(region.get_by_role("link", name="添加阶段")).to_have_count(0)

    sales = page_as("wangqiang")
    sales.goto("/entry/?page=opportunity_new")
    flow = sales.get_by_label("销售流程")
    expect(flow).to_be_visible(timeout=SLOW)
    expect(sales.get_by_role("link", name="销售阶段定义")).to_have_count(0)
    flow.select_option(label="零星采购")
    expect(sales.get_by_text("信息收集 → 报价 → 商务谈判 → 合同评审·签约")).to_be_visible()
    sales.goto(f"/entry/?page=stage_set&id={draft}")
    expect(sales.get_by_text("您没有权限查看此版本，或版本不存在")).to_be_visible(timeout=SLOW)
    sales.goto("/entry/?page=stage_sets")
    expect(sales.get_by_text("您没有权限查看销售阶段定义")).to_be_visible()

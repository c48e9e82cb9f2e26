"""S12: 周婷 works the queue of duplicate candidates and merges."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from crmlib.access.actor import actor_of
from crmlib.customers.model import Contact, Customer, CustomerShare, CustomerStatus
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import DuplicatePair, Merge, PairStatus
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.browser import desk
from tests.browser.card import told
from tests.duplicates.build import Image, change, put, save, whole_database

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
KEPT, GONE = "青桐测试五金有限公司", "青桐试验五金有限公司"


@pytest.fixture
def two(site: str) -> Iterator[tuple[int, int]]:
    """Two customers of one mobile; the first was there before and survives."""
    mobile = "13900001111"
    kept = make.customer(KEPT, mobile=mobile)
    gone = make.customer(GONE, owner="chengang", mobile=mobile, uscc="91440101MA5TEST001")
    yield kept, gone
    for key in (kept, gone):  # their names are wanted again
        change(Customer, key, status=CustomerStatus.RECYCLED)
    for pair in make.rows(DuplicatePair, status=PairStatus.OPEN):
        change(DuplicatePair, pair.id, status=PairStatus.DISTINCT)


def test_queue_shows_the_surest_first_and_a_merge_keeps_everything(
    home_as: Open, two: tuple[int, int]
) -> None:
    kept, gone = two
    save(Contact(customer_id=gone, name="林工", mobile="13900002222"))
    make.opportunity(kept), make.opportunity(kept)
    deal = make.opportunity(gone, owner="chengang")
    code = make.fetch(Customer, gone).code
    unsure = put(make.customer("云岭测试门窗有限公司"), make.customer("云岭测式门窗公司"), 0.6)
    pair = put(kept, gone, 0.93)

    page = home_as("zhouting")
    page.get_by_role("navigation", name="菜单").get_by_role(
        "link", name="重复候选", exact=True
    ).click()
    rows = page.locator("tr.opens")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("93.0%")
    expect(rows.last).to_contain_text("60.0%")
    rows.first.click()
    desk.left(page, 2)
    assert desk.sides(page) == [KEPT, GONE]
    expect(desk.field(page, "客户名称").locator("mark").first).to_have_text("测")
    desk.field(page, "客户名称").get_by_role("radio").last.check()
    expect(desk.field(page, "统一社会信用代码").get_by_role("radio").last).to_be_checked()
    expect(page.get_by_text("手机号相同的联系人 1 位合为一位")).to_be_visible()
    panel = desk.begin(page, "m")
    expect(panel.get_by_text(f"将「{GONE}」并入「{KEPT}」")).to_be_visible()
    page.keyboard.press("Enter")
    told(page, f"已将「{GONE}」并入「{KEPT}」")
    desk.left(page, 1)
    expect(page.get_by_role("banner").get_by_role("link", name="待处理")).to_contain_text("1")

    row, lost = make.fetch(Customer, kept), make.fetch(Customer, gone)
    assert (row.name, row.uscc) == (GONE, "91440101MA5TEST001")
    assert (lost.status, lost.merged_into_id) == (CustomerStatus.MERGED, kept)
    mobiles = sorted(c.mobile for c in make.rows(Contact, customer_id=kept))
    assert mobiles == ["13900001111", "13900002222"]
    assert make.fetch(Opportunity, deal).customer_id == kept
    assert make.rows(CustomerShare, customer_id=kept)[0].person_id == make.people_ids()["chengang"]
    assert make.fetch(DuplicatePair, pair).status is PairStatus.MERGED
    assert make.fetch(DuplicatePair, unsure).status is PairStatus.OPEN

    page.goto("/entry/?page=collide")
    page.get_by_label("客户名称").fill(KEPT)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("link", name=GONE).first).to_be_visible()
    page.goto("/admin/?page=customers")
    page.get_by_label("查找字段").select_option(label="客户代码")
    page.get_by_label("查找内容").fill(code)
    page.get_by_role("button", name="查找").click()
    found = page.locator("tr.opens")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(row.code)


def test_different_erp_codes_need_a_tick(page_as: Open, two: tuple[int, int]) -> None:
    for key, code in zip(two, ("E1", "E2"), strict=True):
        change(Customer, key, status=CustomerStatus.TRADING, erp_code=code)
    page = desk.opened(page_as("zhouting"), put(*two))
    panel = desk.begin(page, "m")
    sure = panel.get_by_role("checkbox")
    expect(panel.get_by_text("E1、E2")).to_be_visible()
    page.get_by_role("button", name="确定合并").click()
    expect(panel.get_by_text("请先勾选确认")).to_be_visible()
    assert make.rows(Merge, loser_id=two[1]) == []
    sure.check()
    page.get_by_role("button", name="确定合并").click()
    told(page, "合并单 HB")
    assert make.fetch(Customer, two[1]).status is CustomerStatus.MERGED


def test_pair_merged_in_another_tab_is_refused(page_as: Open, two: tuple[int, int]) -> None:
    pair = put(*two)
    page = desk.opened(page_as("zhouting"), pair)
    panel = desk.begin(page, "m")
    merge(actor_of(make.people_ids()["zhouting"]), *two, {}, pair_id=pair)
    page.get_by_role("button", name="确定合并").click()
    expect(panel.get_by_text("该候选已处理")).to_be_visible()
    assert len(make.rows(Merge, loser_id=two[1])) == 1


def stored() -> Image:
    """Return all rows but those that move with every click."""
    return {name: rows for name, rows in whole_database().items() if name != "login_session"}


def test_refused_merge_leaves_nothing_changed(page_as: Open, two: tuple[int, int]) -> None:
    page = desk.opened(page_as("zhouting"), put(*two))
    panel = desk.begin(page, "m")
    change(Customer, two[1], phone="020-99999999")
    before = stored()
    page.get_by_role("button", name="确定合并").click()
    expect(panel.get_by_text("数据已被他人修改，请刷新")).to_be_visible()
    assert stored() == before


def test_sides_turn_round_and_a_choice_stays_with_its_record(
    page_as: Open, two: tuple[int, int]
) -> None:
    page = desk.opened(page_as("zhouting"), put(*two))
    desk.field(page, "电话").get_by_role("radio").last.check()
    page.keyboard.press("s")
    expect(page.get_by_text("由您选择")).to_be_visible()
    assert desk.sides(page) == [GONE, KEPT]
    expect(desk.field(page, "电话").get_by_role("radio").first).to_be_checked()
    desk.begin(page, "m")
    page.keyboard.press("Escape")
    expect(page.locator(".sm-cmp-panel")).to_be_hidden()
    assert make.rows(Merge, survivor_id=two[1]) == []

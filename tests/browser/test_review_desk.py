"""周婷 works the queue by keyboard: filters, threshold, clusters, groups of companies."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates.groups import group_of
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import AffiliateLink, DuplicatePair, LinkKind, Merge, PairStatus
from tests import make
from tests.browser import card, desk
from tests.browser.card import told
from tests.duplicates.build import change, put, status

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


@pytest.fixture(autouse=True)
def nothing_left(site: str) -> Iterator[None]:
    """Leave an empty queue to the next test."""
    yield
    for pair in make.rows(DuplicatePair, status=PairStatus.OPEN):
        change(DuplicatePair, pair.id, status=PairStatus.DISTINCT)


def pairs(*scores: float) -> list[int]:
    return [put(make.customer(), make.customer(), same) for same in scores]


def at(pair: int) -> re.Pattern[str]:
    """Return the address of a pair, whatever filters it carries."""
    return re.compile(rf"[?&]id={pair}(&|$)")


def queue(page: Page, **filters: str) -> Page:
    """Go to the list and wait for its rows."""
    told_ = "".join(f"&q.{name.replace('_', '.')}={value}" for name, value in filters.items())
    page.goto(f"/admin/?page=review{told_}")
    expect(page.locator("tr.opens").first).to_be_visible()
    return page


def test_five_pairs_by_keyboard_alone(page_as: Open) -> None:
    first, second, third, fourth, fifth, sixth = pairs(0.99, 0.95, 0.9, 0.85, 0.8, 0.75)
    page = queue(page_as("zhouting"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr.on")).to_contain_text("95.0%")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    desk.left(page, 6)
    expect(page.get_by_text("M 合并 · N 不是重复")).to_be_visible()

    desk.begin(page, "m")
    page.keyboard.press("Enter")
    desk.left(page, 5)
    desk.begin(page, "n")
    page.keyboard.press("2")
    expect(page.get_by_label("原因", exact=True)).to_have_value("同名不同地")
    page.keyboard.press("Enter")
    desk.left(page, 4)
    desk.begin(page, "r")
    page.keyboard.press("4")
    expect(page.get_by_role("radio", name="4 同一老板")).to_be_checked()
    page.keyboard.press("Enter")
    desk.left(page, 3)
    panel = desk.begin(page, "l")
    page.keyboard.press("1")
    tomorrow = clock.today() + timedelta(days=1)
    expect(panel.get_by_role("textbox", name="暂缓到")).to_have_value(tomorrow.isoformat())
    page.keyboard.press("Enter")
    desk.left(page, 2)
    before = desk.sides(page)
    page.keyboard.press("s")
    expect(page.get_by_text("由您选择")).to_be_visible()
    assert desk.sides(page) == before[::-1]
    kept = before[1]
    desk.begin(page, "m")
    page.keyboard.press("Enter")
    desk.left(page, 1)
    expect(page.get_by_text("今天已处理 5 对")).to_be_visible()

    found = [status(key) for key in (first, second, third, fourth, fifth, sixth)]
    merged = PairStatus.MERGED
    parted, tied, later = PairStatus.DISTINCT, PairStatus.AFFILIATED, PairStatus.DEFERRED
    assert found == [merged, parted, tied, later, merged, PairStatus.OPEN]
    assert make.fetch(DuplicatePair, second).note == "同名不同地"
    assert make.fetch(DuplicatePair, fourth).snooze_until == tomorrow
    (link,) = make.rows(AffiliateLink, a_id=make.fetch(DuplicatePair, third).a_id)
    assert link.kind is LinkKind.BOSS
    last = make.fetch(Merge, max(row.id for row in make.rows(Merge, pair_id=fifth)))
    assert make.fetch(Customer, last.survivor_id).name == kept


def test_last_decision_leaves_an_empty_desk_and_list(page_as: Open) -> None:
    page = desk.opened(page_as("zhouting"), *pairs(0.75))
    desk.begin(page, "n")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有待审的重复候选了")).to_be_visible()
    page.get_by_role("link", name="返回列表").click()
    expect(page.get_by_text("没有待审的重复候选")).to_be_visible()


def test_desk_follows_the_filter_and_order_of_the_list(page_as: Open) -> None:
    weak, strong, middle = pairs(0.55, 0.95, 0.75)
    page = queue(page_as("zhouting"), f_min="0.7", sort="same", down="0")
    rows = page.locator("tr.opens")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("75.0%")
    rows.first.click()
    desk.left(page, 2)
    expect(page).to_have_url(at(middle))
    page.keyboard.press("j")
    expect(page).to_have_url(at(strong))
    page.keyboard.press("k")
    expect(page).to_have_url(at(middle))
    desk.begin(page, "n")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    desk.left(page, 1)
    expect(page).to_have_url(at(strong))
    page.keyboard.press("b")
    expect(rows).to_have_count(1)
    assert "q.f.min=0.7" in page.url
    assert status(weak) is PairStatus.OPEN


def test_slider_tells_what_each_threshold_gives_and_narrows_the_list(page_as: Open) -> None:
    *_, wrong = pairs(0.55, 0.75, 0.97, 0.96)
    change(DuplicatePair, wrong, status=PairStatus.DISTINCT)
    page = queue(page_as("zhouting"))
    rows, slider = page.locator("tr.opens"), page.get_by_label("相似度不低于")
    told_ = page.locator(".sm-threshold output")
    expect(rows).to_have_count(3)
    expect(told_).to_contain_text("全部：待审 3 对")
    slider.fill("5")  # ≥ 70 %
    expect(told_).to_contain_text("≥ 70%：待审 2 对")
    expect(rows).to_have_count(2)
    slider.fill("10")
    expect(told_).to_contain_text("≥ 95%：待审 1 对")
    expect(told_).to_contain_text("判错")
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    expect(slider).to_have_value("10")
    page.get_by_role("button", name="清除筛选").first.click()
    expect(rows).to_have_count(3)
    expect(slider).to_have_value("0")
    page.get_by_label("同组").select_option("3")
    expect(page.get_by_text("没有符合条件的数据")).to_be_visible()


@pytest.fixture
def four(site: str) -> Iterator[list[int]]:
    """Four customers that may all be one."""
    ids = [make.customer(f"海棠测试玻璃{n}有限公司") for n in "甲乙丙丁"]
    for a, b in combinations(ids, 2):
        put(a, b, 0.9)
    yield ids
    for key in ids:
        change(Customer, key, status=CustomerStatus.RECYCLED)


def test_cluster_is_merged_at_once_and_taken_back(page_as: Open, four: list[int]) -> None:
    first = make.rows(DuplicatePair, a_id=four[0])[0].id
    page = desk.opened(page_as("zhouting"), first)
    expect(page.get_by_role("link", name="同组 4 家，一起处理 (G)")).to_be_visible()
    page.keyboard.press("g")
    boxes = page.get_by_role("checkbox", name="并入")
    expect(boxes).to_have_count(4)
    expect(boxes.nth(0)).to_be_disabled()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(boxes.nth(3)).not_to_be_checked()
    page.keyboard.press("m")
    panel = page.locator(".sm-cmp-panel")
    expect(panel.get_by_text("将 2 家并入「海棠测试玻璃甲有限公司」")).to_be_visible()
    panel.get_by_label("其余 1 家标为不是重复").check()
    panel.get_by_role("button", name="确定合并").click()
    expect(panel.get_by_text("原因 为必录项")).to_be_visible()
    assert make.rows(Merge, survivor_id=four[0]) == []
    panel.get_by_label("不是重复的原因").fill("不同公司")
    panel.get_by_role("button", name="确定合并").click()
    told(page, "已将 2 家并入「海棠测试玻璃甲有限公司」")
    assert len(make.rows(Merge, survivor_id=four[0])) == 2
    assert len(make.rows(Contact, customer_id=four[0])) == 3
    parted = make.rows(DuplicatePair, a_id=four[0], b_id=four[3])[0]
    assert (parted.status, parted.note) == (PairStatus.DISTINCT, "不同公司")
    page.locator(".sm-toasts").get_by_role("button", name="撤销").last.click()
    told(page, "2 家已恢复")
    states = {make.fetch(Customer, key).status for key in four}
    assert states == {CustomerStatus.POTENTIAL}


def test_cluster_with_other_erp_codes_or_other_changes_is_refused(
    page_as: Open, four: list[int]
) -> None:
    for key, code in zip(four[:2], ("E1", "E2"), strict=True):
        change(Customer, key, status=CustomerStatus.TRADING, erp_code=code)
    page = page_as("zhouting")
    page.goto(f"/admin/?page=cluster&id={make.rows(DuplicatePair, a_id=four[0])[0].id}")
    panel = page.locator(".sm-cmp-panel")
    expect(page.get_by_role("button", name="合并 (M)")).to_be_visible()
    page.keyboard.press("m")
    page.get_by_role("button", name="确定合并").click()
    expect(panel.get_by_text("E1、E2")).to_be_visible()
    change(Customer, four[2], phone="020-99999999")
    panel.get_by_role("checkbox").check()
    page.get_by_role("button", name="确定合并").click()
    expect(panel.get_by_text("数据已被他人修改，请刷新")).to_be_visible()
    assert make.rows(Merge, survivor_id=four[0]) == []


def test_group_of_companies_grows_and_shrinks(page_as: Open) -> None:
    head, branch, third = (make.customer() for _ in range(3))
    name, other = (make.fetch(Customer, key).name for key in (head, third))
    page = desk.opened(page_as("zhouting"), put(head, branch, 0.4, related=0.9))
    panel = desk.begin(page, "r")
    page.keyboard.press("1")
    panel.get_by_role("button", name="确定关联公司").click()
    expect(panel.get_by_text("请选择哪一方是总公司")).to_be_visible()
    panel.get_by_role("radio", name=f"「{name}」").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有待审的重复候选了")).to_be_visible()
    card.opened(page, branch, "admin", "group")
    expect(page.get_by_role("cell", name="分公司", exact=True)).to_be_visible()
    page.get_by_role("link", name="维护关联公司").click()
    box = card.dialog(page, "添加关联公司")
    box.get_by_role("combobox", name="关联客户").fill(other)
    box.get_by_role("option", name=other).click()
    box.get_by_role("radio", name="母公司—子公司").check()
    box.get_by_role("radio", name="本组客户在上").check()
    card.press(box, "确定")
    told(page, "已关联（母公司—子公司）")
    boss = actor_of(make.people_ids()["zhouting"])
    tree = [(m.customer_id, m.depth) for m in group_of(boss, head)]
    assert tree == [(head, 0), (branch, 1), (third, 2)]
    expect(page.get_by_role("cell", name="子公司", exact=True)).to_be_visible()
    box = card.dialog(page, "删除关联")
    box.get_by_role("combobox", name="关联").select_option(index=1)
    card.press(box, "确定")
    told(page, "已删除关联")


def test_merge_documents_are_found_by_filter(page_as: Open) -> None:
    boss = actor_of(make.people_ids()["zhouting"])
    kept = make.customer("杜鹃测试五金有限公司")
    done = merge(boss, kept, make.customer(), {})
    merge(boss, make.customer(), make.customer(), {})
    page = page_as("zhouting")
    page.goto("/admin/?page=merges")
    rows = page.locator("tr.opens")
    expect(rows.first).to_be_visible()
    page.get_by_label("查找内容").fill("杜鹃测试")
    page.get_by_role("button", name="查找").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(done.number)
    page.get_by_label("状态").select_option(label="已撤销")
    expect(page.get_by_text("没有符合条件的数据")).to_be_visible()

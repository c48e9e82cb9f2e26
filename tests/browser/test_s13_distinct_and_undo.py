"""S13: 周婷 says 不是重复, 关联公司, 暂缓, and takes decisions back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import DuplicatePair, Merge, PairStatus
from crmlib.duplicates.scan import scan
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.browser import card, desk
from tests.browser.card import told
from tests.duplicates.build import change, put, save, status

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]


def test_decisions_by_key_leave_the_queue_and_can_be_taken_back(page_as: Open) -> None:
    first, second, third, fourth = (
        put(
            make.customer(f"{brand}测试门窗有限公司"),
            make.customer(f"{brand}测式门窗有限公司"),
            same,
        )
        for brand, same in (("云岭", 0.9), ("海棠", 0.8), ("丁香", 0.7), ("杜鹃", 0.6))
    )
    page = desk.opened(page_as("zhouting"), first)
    desk.left(page, 4)
    panel = desk.begin(page, "n")
    page.keyboard.press("Enter")
    expect(panel.get_by_text("原因 为必录项")).to_be_visible()
    assert status(first) is PairStatus.OPEN
    page.keyboard.type("两家公司")
    page.keyboard.press("Enter")
    desk.left(page, 3)
    assert desk.sides(page)[0].startswith("海棠")
    assert status(first) is PairStatus.DISTINCT

    panel = desk.begin(page, "r")
    panel.get_by_label("原因").fill("同一集团")
    page.get_by_role("button", name="确定关联公司").click()
    desk.left(page, 2)
    assert status(second) is PairStatus.AFFILIATED

    panel = desk.begin(page, "l")
    day = clock.today() + timedelta(days=9)
    panel.get_by_role("textbox", name="暂缓到").fill(day.isoformat())
    page.get_by_role("button", name="确定暂缓").click()
    desk.left(page, 1)
    deferred = make.fetch(DuplicatePair, third)
    assert (deferred.status, deferred.snooze_until) == (PairStatus.DEFERRED, day)
    assert desk.sides(page)[0].startswith("杜鹃")
    assert status(fourth) is PairStatus.OPEN

    page.locator(".sm-toasts").get_by_role("button", name="撤销").last.click()
    expect(page.get_by_role("columnheader").filter(has_text="丁香").first).to_be_visible()
    assert status(third) is PairStatus.OPEN

    scan(None)
    assert status(first) is PairStatus.DISTINCT
    a, b = (make.fetch(DuplicatePair, second).a_id, make.fetch(DuplicatePair, second).b_id)
    card.opened(page, a, "admin", "group")
    expect(page.get_by_role("cell", name=make.fetch(Customer, b).name)).to_be_visible()
    expect(page.get_by_role("cell", name="同一集团").first).to_be_visible()
    change(Customer, make.fetch(DuplicatePair, first).a_id, phone_key="02087654321")
    scan(None)
    assert status(first) is PairStatus.OPEN


def merged() -> tuple[int, int, int]:
    boss = actor_of(make.people_ids()["zhouting"])
    kept, gone = make.customer(), make.customer(owner="chengang")
    return merge(boss, kept, gone, {}).merge_id, kept, gone


def test_undone_merge_gives_children_back_and_lists_what_stayed(home_as: Open) -> None:
    boss = actor_of(make.people_ids()["zhouting"])
    kept, gone = make.customer("青桐测试五金有限公司"), make.customer("青桐试验五金有限公司")
    (contact,) = save(Contact(customer_id=gone, name="林工", mobile="13900002222"))
    deal, edited = make.opportunity(gone), make.opportunity(gone)
    done = merge(boss, kept, gone, {})
    change(Opportunity, edited, subject="合并后改过-执手-报价")

    page = home_as("zhouting")
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="合并单").click()
    page.locator("tr.opens").filter(has_text=done.number).click()
    expect(page.get_by_role("heading", name=done.number)).to_be_visible()
    box = card.dialog(page, "撤销合并")
    card.press(box, "撤销合并")
    told(page, f"已撤销合并单 {done.number}")
    expect(page.get_by_role("heading", name=done.number)).to_contain_text("已撤销")
    expect(card.step(page, "撤销合并")).to_be_disabled()
    stayed = page.get_by_role("cell", name=make.fetch(Opportunity, edited).number)
    expect(stayed).to_contain_text("留在保留方")
    page.reload()
    expect(stayed).to_contain_text("留在保留方")
    assert make.fetch(Customer, gone).status is CustomerStatus.POTENTIAL
    assert make.fetch(Contact, contact).customer_id == gone
    assert make.fetch(Opportunity, deal).customer_id == gone
    assert make.fetch(Opportunity, edited).customer_id == kept


def test_toast_takes_the_merge_back(page_as: Open) -> None:
    kept, gone = make.customer("海棠测试五金有限公司"), make.customer("海棠测式五金有限公司")
    pair = put(kept, gone, 0.99)
    page = desk.opened(page_as("zhouting"), pair)
    desk.begin(page, "m")
    page.keyboard.press("Enter")
    told(page, "合并单 HB")
    assert make.fetch(Customer, gone).status is CustomerStatus.MERGED
    page.locator(".sm-toasts").get_by_role("button", name="撤销").click()
    told(page, "已恢复")
    expect(page.get_by_role("columnheader").filter(has_text="海棠测试五金").first).to_be_visible()
    assert make.fetch(Customer, gone).status is CustomerStatus.POTENTIAL
    assert status(pair) is PairStatus.OPEN


def test_old_merge_cannot_be_undone(page_as: Open) -> None:
    key, _kept, gone = merged()
    change(Merge, key, merged_at=clock.now() - timedelta(days=91))
    page = page_as("zhouting")
    page.goto(f"/admin/?page=merge&id={key}")
    expect(card.step(page, "撤销合并")).to_be_disabled()
    expect(card.step(page, "撤销合并")).to_have_attribute("title", "合并已超过 90 天，不能撤销")
    expect(page.get_by_text("不能撤销：合并已超过 90 天")).to_be_visible()
    assert make.fetch(Customer, gone).status is CustomerStatus.MERGED

"""S04: the same name is refused, a similar one is saved with a reason and goes to 综合部."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crmlib.customers.model import Customer
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.requests.model import AccessRequest
from tests import make
from tests.browser.customer_form import fault, field, fill, opened, save

pytestmark = pytest.mark.browser
NAME = "北京北大西飞发展有限公司"
SIMILAR = "北京北大西飞装饰有限公司"
# Traditional signs, full-width signs and spaces.
SPELLINGS = (
    "北京北大西飛發展有限公司",
    "北京　北大西飞 发展（有限公司）",
    NAME.replace("有限", "　有限 "),
)


@pytest.fixture(scope="module")
def stored(site: str) -> Customer:
    return make.fetch(Customer, make.customer(NAME, owner="chengang"))


@pytest.fixture
def page(page_as: Callable[[str], Page], stored: Customer) -> Page:
    return opened(page_as("limin"))


def test_same_name_in_any_spelling_is_blocked(page: Page, stored: Customer) -> None:
    before = len(make.rows(Customer))
    fill(page, NAME)
    for name in (NAME, *SPELLINGS):
        field(page, "客户名称").fill(name)
        save(page).click()
        blocked = f"已存在相同客户：{stored.code} {NAME}（负责人 陈刚）"
        expect(fault(page, "客户名称")).to_have_text(blocked)
        expect(field(page, "客户名称")).to_be_focused()
        expect(page.get_by_role("button", name="仍要保存")).to_be_hidden()
    assert len(make.rows(Customer)) == before


def test_blocked_clerk_asks_for_a_colleague(page: Page, stored: Customer) -> None:
    field(page, "客户名称").fill(NAME)
    expect(page.get_by_role("status").filter(has_text="已存在相同客户")).to_be_visible()
    hit = page.get_by_role("row").filter(has=page.get_by_text(NAME, exact=True))
    hit.get_by_role("link", name="申请共享").click()
    expect(field(page, "使用人")).to_be_focused()
    page.get_by_role("button", name="提交申请").click()
    expect(fault(page, "使用人")).to_have_text("使用人 为必录项")
    expect(fault(page, "申请原因")).to_have_text("申请原因 为必录项")
    field(page, "使用人").fill("王强")
    page.get_by_role("option", name="王强").click()
    field(page, "申请原因").fill("王强在广州跟进")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("申请已提交，等待陈刚处理")).to_be_visible()
    mine = page.get_by_role("row").filter(has_text=NAME)
    expect(mine).to_contain_text("待处理")
    expect(mine).to_contain_text("王强")
    (asked,) = make.rows(AccessRequest)
    assert (asked.customer_id, asked.reason) == (stored.id, "王强在广州跟进")


def test_similar_name_needs_a_reason_and_waits_for_the_general_office(
    page: Page, page_as: Callable[[str], Page], stored: Customer
) -> None:
    fill(page, SIMILAR)
    expect(page.get_by_role("status").filter(has_text="发现相似客户")).to_be_visible()
    save(page).click()
    question = page.locator(".sm-question")
    expect(question).to_contain_text("发现相似客户，请填写原因")
    expect(field(page, "原因")).to_be_focused()
    question.get_by_role("button", name="仍要保存").click()
    expect(question.locator(".sm-fault")).to_have_text("原因 为必录项")
    field(page, "原因").fill("   ")
    question.get_by_role("button", name="仍要保存").click()
    expect(question.locator(".sm-fault")).to_have_text("原因 为必录项")
    assert not make.rows(Customer, name=SIMILAR)

    field(page, "原因").fill("装饰公司另有法人")
    question.get_by_role("button", name="仍要保存").click()
    expect(page.get_by_text("保存成功，客户代码")).to_be_visible()
    saved = make.rows(Customer, name=SIMILAR)[0]
    (pair,) = make.rows(DuplicatePair)
    assert {pair.a_id, pair.b_id} == {stored.id, saved.id}
    assert (pair.status, pair.source) == (PairStatus.OPEN, PairSource.ENTRY)
    assert pair.note == "装饰公司另有法人"

    office = page_as("zhouting")
    office.goto("/admin/?page=review")
    waiting = office.get_by_role("row").filter(has_text=NAME).filter(has_text=SIMILAR)
    expect(waiting).to_contain_text("录入")
    expect(waiting).to_contain_text("字号相同")


def test_of_two_who_save_one_name_at_once_one_fails(
    page: Page, page_as: Callable[[str], Page]
) -> None:
    name = "广州同时门窗有限公司"
    both = (page, opened(page_as("zhangwei")))
    for each in both:
        fill(each, name)
    # Both keys are pressed before either answer is looked at.
    for each in both:
        each.keyboard.press("Control+Enter")
    saved = [each.get_by_text("保存成功，客户代码") for each in both]
    refused = [fault(each, "客户名称").filter(has_text="已存在相同客户") for each in both]
    for yes, no in zip(saved, refused, strict=True):
        expect(yes.or_(no)).to_be_visible()
    assert [yes.count() + no.count() for yes, no in zip(saved, refused, strict=True)] == [1, 1]
    assert sum(yes.count() for yes in saved) == 1
    assert len(make.rows(Customer, name=name)) == 1

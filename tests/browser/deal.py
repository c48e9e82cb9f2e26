"""The 商机 card as a person uses it; its steps and dialogs are those of ``card``."""

from playwright.sync_api import Page, expect

from tests.browser.card import fact
from tests.browser.customer_form import field


def opened(page: Page, deal: int, tab: str = "history") -> Page:
    """Go to a deal's card and wait until its tabs and facts stand."""
    page.goto(f"/entry/?page=opportunity&id={deal}&tab={tab}")
    expect(page.get_by_role("tab", name="阶段历史")).to_be_visible()
    expect(fact(page, "销售阶段")).to_be_visible()
    return page


def choose(page: Page, label: str, name: str) -> None:
    """Choose an entry of a picker in the open dialog."""
    field(page, label).fill(name)
    page.get_by_role("option").filter(has_text=name).first.click()

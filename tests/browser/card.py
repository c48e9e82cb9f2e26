"""The customer card as a person uses it: its facts, steps and dialogs."""

from playwright.sync_api import Locator, Page, expect


def opened(page: Page, customer_id: int, workspace: str = "entry", tab: str = "contacts") -> Page:
    """Go to a customer's card and wait until its tabs and facts stand."""
    page.goto(f"/{workspace}/?page=customer&id={customer_id}&tab={tab}")
    expect(page.get_by_role("tab", name="转交易检查")).to_be_visible()
    expect(fact(page, "交易客户")).to_be_visible()
    return page


def fact(page: Page, label: str) -> Locator:
    """Return the value that stands under a label."""
    return (
        page.locator("dt", has_text=label)
        .and_(page.get_by_text(label, exact=True))
        .locator("xpath=following-sibling::dd[1]")
    )


def step(page: Page, label: str) -> Locator:
    """Return a button of the row under the facts."""
    return page.locator(".sm-actions > button").and_(
        page.get_by_role("button", name=label, exact=True)
    )


def dialog(page: Page, label: str) -> Locator:
    """Press a step and return the dialog it opens."""
    step(page, label).click()
    box = page.get_by_role("dialog")
    expect(box).to_be_visible()
    return box


def press(box: Locator, label: str) -> None:
    """Press a button of a dialog."""
    box.get_by_role("button", name=label, exact=True).click()


def told(page: Page, text: str) -> None:
    """Expect a passing message at the head of the page."""
    expect(page.locator(".sm-toasts").get_by_text(text)).to_be_visible()

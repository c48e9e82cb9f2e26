"""重复候选 as 周婷 uses it: the pair on the desk, its sides, the panel that asks once more."""

from playwright.sync_api import Locator, Page, expect


def opened(page: Page, pair_id: int) -> Page:
    """Go to a pair and wait until its steps stand."""
    page.goto(f"/admin/?page=pair&id={pair_id}")
    expect(page.get_by_role("button", name="下一对 (J)")).to_be_visible()
    return page


def sides(page: Page) -> list[str]:
    """Return the names of 保留方 and 被合并方."""
    heads = page.get_by_role("columnheader")
    return [
        heads.filter(has_text=role).get_by_role("link").inner_text()
        for role in ("保留方", "被合并方")
    ]


def field(page: Page, label: str) -> Locator:
    """Return the row of a field."""
    head = page.get_by_role("rowheader").filter(has_text=label)
    return page.get_by_role("row").filter(has=head)


def begin(page: Page, key: str) -> Locator:
    """Press the key of a decision; return the panel."""
    page.keyboard.press(key)
    panel = page.locator(".sm-cmp-panel")
    expect(panel.get_by_role("button").first).to_be_visible()
    return panel


def left(page: Page, count: int) -> None:
    """Expect so many pairs to be left."""
    expect(page.get_by_text(f"还剩 {count} 对")).to_be_visible()

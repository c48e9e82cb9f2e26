"""客户—新增 as a person fills it: fields by their labels."""

import re
import zlib

from playwright.sync_api import Locator, Page, expect

ADDRESS = "/entry/?page=customer_new"
FULL = {
    "客户级别": "普通客户",
    "行业": "幕墙公司",
    "地址": "天河路1号",
    "姓名": "何经理",
    "人员角色": "决策人",
    "移动电话": "13812345678",
}
NONE_TICKS = ("传真", "E-MAIL", "公司网址")


def field(page: Page, label: str) -> Locator:
    """Return the control under a label, required or not."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}\*?$"))


def fault(page: Page, label: str) -> Locator:
    """Return the red line below a control."""
    return page.locator(".sm-field").filter(has=field(page, label)).locator(".sm-fault")


def none_tick(page: Page, label: str) -> Locator:
    """Return the 无 beside a control."""
    return page.locator(".sm-field").filter(has=field(page, label)).get_by_label("无")


def save(page: Page) -> Locator:
    """Return the 保存 button."""
    return page.get_by_role("button", name="保存", exact=True)


def opened(page: Page, address: str = ADDRESS) -> Page:
    """Go to 客户—新增 and wait until it can be typed in."""
    page.goto(address)
    expect(field(page, "客户名称")).to_be_focused()
    return page


def full(name: str) -> dict[str, str]:
    """Return all a clerk must fill but for the 无 ticks; the phone is this customer's own."""
    return {"客户名称": name, "电话": f"020-{zlib.crc32(name.encode()) % 10**8:08d}"} | FULL


def fill(page: Page, name: str, **other: str) -> None:
    """Fill all a clerk must; ``other`` replaces values, an empty one leaves its field alone."""
    for label, value in (full(name) | other).items():
        control = field(page, label)
        if not value:
            continue
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)
    for label in NONE_TICKS:
        none_tick(page, label).check()

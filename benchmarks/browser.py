"""What a person waits for: page, page switch, save, 撞单 as one types; 100 sessions' memory.

Run: .venv/bin/python -m benchmarks.browser [--sessions 100]
Starts the product on a fresh small demo and drives headless Chromium; an empty marimo app with
one table runs beside it as the floor. Medians of one run; compare ratios, not milliseconds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select

from benchmarks.floor import empty_app
from crmlib.customers.model import Customer
from crmlib.store.engine import reading
from tests.browser.conftest import ARGUMENTS, SCREEN, sign_in
from tests.server import running_server

READY = "h1"


def timed(call: Callable[[], object]) -> float:
    """Return milliseconds."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def told(what: str, values: list[float]) -> None:
    """Print median and 95th percentile."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(
        f"{what:44} p50 {statistics.median(values):7.0f} ms   p95 {p95:7.0f} ms   n={len(values)}"
    )


def context(browser: Browser, address: str) -> BrowserContext:
    """Open a browser of its own."""
    return browser.new_context(base_url=address, viewport=SCREEN, locale="zh-CN")


def load(page: Page, href: str, ready: str = READY) -> float:
    """Load a page and wait until it is usable."""
    return timed(lambda: (page.goto(href), page.wait_for_selector(ready)))


def pages(browser: Browser, address: str, floor: str, rounds: int) -> None:
    """Compare the page with the floor, cold and warm."""
    for name, base, href, ready in (
        ("empty marimo app", floor, "/", "marimo-table table"),
        ("客户—维护", address, "/entry/?page=customers", "tbody tr[data-id]"),
        ("客户—新增", address, "/entry/?page=customer_new", "button[type=submit], .sm-btn.primary"),
        ("销售漏斗", address, "/funnel/", "canvas, svg.marks, .vega-embed"),
    ):
        cold, warm = [], []
        for _ in range(rounds):
            own = context(browser, base)
            page = own.new_page()
            if base == address:
                sign_in(page, "zhangwei")
                own.clear_permissions()
            cold.append(load(page, href, ready))
            warm.extend(load(page, href, ready) for _ in range(2))
            own.close()
        told(f"{name}, first visit", cold)
        told(f"{name}, warm", warm)


def switches(browser: Browser, address: str, rounds: int) -> None:
    """Choose pages in the menu."""
    own = context(browser, address)
    page = own.new_page()
    sign_in(page, "zhangwei")
    load(page, "/entry/?page=customers")
    took = []
    for turn in range(rounds):
        label = ("商机维护", "客户—维护")[turn % 2]
        page.get_by_role("link", name=label).first.click()
        begun = time.perf_counter()
        page.locator("h1", has_text=label).wait_for()
        took.append((time.perf_counter() - begun) * 1000)
    told("choose another page", took)
    own.close()


def saves(browser: Browser, address: str, rounds: int) -> None:
    """Send messages: click to confirmation."""
    own = context(browser, address)
    page = own.new_page()
    sign_in(page, "wangqiang")
    took = []
    for turn in range(rounds):
        load(page, f"/entry/?page=message_new&to=李敏&title=计时{turn}&body=正文")
        send = page.get_by_role("button", name="发送")
        send.wait_for()
        took.append(
            timed(lambda: (send.click(), page.get_by_text("消息发送成功").first.wait_for()))  # noqa: B023
        )
    told("save of a form, click to confirmation", took)
    own.close()


# The page's own clock: from the last letter to the first row of the answer to this very name.
ANSWERED = """
async (box, [name, row]) => {
  const seen = (root) => [...root.querySelectorAll('*')].some((e) =>
    (e.shadowRoot && seen(e.shadowRoot)) || (e.tagName === 'TD' && e.textContent.includes(row)));
  const begun = performance.now();
  box.value = name;
  box.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  while (!seen(document)) await new Promise((next) => setTimeout(next, 4));
  return performance.now() - begun;
}
"""


def typing(browser: Browser, address: str, rounds: int) -> None:
    """Type names of customers into 撞单分析: last letter to the hits, the pause included."""
    own = context(browser, address)
    page = own.new_page()
    sign_in(page, "zhouting")
    load(page, "/entry/?page=collide")
    with reading() as session:
        names = list(session.scalars(select(Customer.name).order_by(Customer.id).limit(rounds * 7)))
    box = page.get_by_label("客户名称", exact=True).first
    box.wait_for()
    took = []
    for name in names[::7]:
        box.fill("")
        page.locator("td").first.wait_for(state="detached")
        took.append(box.evaluate(ANSWERED, [name[:-4], name]))
    told("撞单: last letter to the hits", took)
    own.close()


def sessions(browser: Browser, address: str, server: psutil.Process, count: int) -> None:
    """Open and close sessions; print memory and blank pages."""
    blank, memory = 0, []
    own = context(browser, address)
    entry = own.new_page()
    sign_in(entry, "limin")
    for number in range(1, count + 1):
        page = own.new_page()
        try:
            load(page, "/entry/?page=customers")
        except Exception:
            blank += 1
        page.close()
        if number % max(1, count // 10) == 0:
            memory.append(round(server.memory_info().rss / 2**20))
    own.close()
    print(f"{count} sessions opened and closed: {blank} blank; RSS MB along the way {memory}")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    os.environ.setdefault("CRM_PAGE_TTL", "5")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'crm.db'}"
        os.environ |= {"CRM_DATABASE_URL": url, "CRM_VAR_DIR": folder}
        crm = Path(sys.executable).parent / "crm"
        subprocess.run([crm, "init", "--demo", "small"], check=True)  # noqa: S603 our own command
        with (
            running_server(url) as address,
            empty_app(Path(folder)) as floor,
            sync_playwright() as p,
        ):
            browser = p.chromium.launch(
                executable_path=os.environ.get("CRM_CHROMIUM", "/usr/bin/chromium"),
                args=list(ARGUMENTS),
            )
            port = int(address.rsplit(":", 1)[1])
            pages(browser, address, floor, args.rounds)
            switches(browser, address, args.rounds * 6)
            saves(browser, address, args.rounds * 4)
            typing(browser, address, args.rounds * 4)
            sessions(browser, address, listener(port), args.sessions)


def listener(port: int) -> psutil.Process:
    """Return the process that listens on a port."""
    for connection in psutil.net_connections("tcp"):
        if connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
            return psutil.Process(connection.pid)
    raise LookupError(port)


if __name__ == "__main__":
    main()

"""What a manager waits for at a dashboard: first paint, a filter, somebody else's change.

CPU is told beside the wall clock: the browser's includes looking for new figures every 5 ms.

Run it on a demo firm that is there, of any size, on either database (see ``benchmarks.snapshot``):
``CRM_DATABASE_URL=… .venv/bin/python -m benchmarks.dashboards [--login zhouting] [PAGE …]``.
It makes one deal larger. The server is given the time to read its snapshots first.
"""

import argparse
import statistics
import time

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

from benchmarks.browser import context, listener, load, told
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.settings import settings
from crmlib.store.engine import writing
from tests.browser.conftest import ARGUMENTS, sign_in
from tests.server import running_server

PAGES = (
    "funnel",
    "forecast",
    "win_loss",
    "attainment",
    "activity_board",
    "follow_up",
    "kpi",
    "report_board",
    "duplicate_board",
    "conversion_board",
)
READY = ".sm-stats .sm-value, .sm-empty, .sm-small-table, tbody tr"
ROUNDS = 7
TOO_LONG = 30  # seconds
IDLE = 0.2  # CPU seconds in three
FIGURES = """
() => {
  const found = [];
  const walk = (root) => { for (const e of root.querySelectorAll('*')) {
    if (e.matches('.sm-value, .sm-total, tbody td')) found.push(e.textContent);
    if (e.shadowRoot) walk(e.shadowRoot);
  } };
  walk(document);
  return found.join('|');
}
"""
# The page's own clock: from the choice of an office to figures that differ.
CHANGED = f"""
async ([label, place]) => {{
  const figures = {FIGURES.strip()};
  const labels = (root) => [...root.querySelectorAll('*')].flatMap((e) =>
    [...(e.matches('label.sm-filter') ? [e] : []), ...(e.shadowRoot ? labels(e.shadowRoot) : [])]);
  const box = labels(document).find((e) => e.textContent.startsWith(label))?.querySelector('select');
  if (!box || box.options.length <= place) return null;
  const before = figures(), begun = performance.now();
  box.selectedIndex = place;
  box.dispatchEvent(new Event('change', {{ bubbles: true }}));
  while (figures() === before && performance.now() - begun < 20000) await new Promise((next) => setTimeout(next, 5));
  return performance.now() - begun;
}}
"""


def main() -> None:
    """Print a table per page."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--login", default="zhouting")
    asked.add_argument("pages", nargs="*", default=PAGES)
    options = asked.parse_args()
    with running_server(settings().database_url, CRM_WARM="1") as address, sync_playwright() as it:
        server = listener(int(address.rsplit(":", 1)[1]))
        settle(server)
        browser = it.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell", args=list(ARGUMENTS)
        )
        for name in options.pages:
            measure(browser, server, address, options.login, name)


def settle(server: psutil.Process) -> None:
    """Wait until the server has read pages, index and snapshots: it stops working by itself."""
    busy = 1.0
    while busy > IDLE:
        before = cpu(server)[0]
        time.sleep(3)
        busy = cpu(server)[0] - before


def measure(browser: Browser, server: psutil.Process, address: str, login: str, name: str) -> None:
    """Open a dashboard, change its office, change a deal behind its back."""
    own = context(browser, address)
    page = own.new_page()
    page.set_default_timeout(180_000)  # the first visit may wait for the snapshot
    sign_in(page, login)
    href = f"/funnel/?page={name}"
    first = load(page, href, READY)
    print(f"\n{name}: first visit of all {first:,.0f} ms")
    told("warm", [load(page, href, READY) for _ in range(3)])
    time.sleep(2)
    took, spent = [], []
    for turn in range(ROUNDS):
        before = cpu(server)
        took.append(page.evaluate(CHANGED, ["部门", 1 + turn % 6]))
        time.sleep(1)  # the charts are drawn after the figures
        spent.append([(now - then) * 1000 for now, then in zip(cpu(server), before, strict=True)])
    if None not in took:
        told("office chosen, to new figures", took)
        for who, parts in zip(("server", "browser"), zip(*spent, strict=True), strict=True):
            print(f"CPU of the {who}: p50 {statistics.median(parts):,.0f} ms")
    if name == "funnel":
        page.goto(href)
        page.locator(READY).first.wait_for()
        time.sleep(2)
        told("another's change, to its figures", [followed(page, turn) for turn in range(ROUNDS)])
    own.close()


def cpu(server: psutil.Process) -> tuple[float, float]:
    """Return the CPU seconds of the server, and of the browser with all its processes."""
    children = psutil.Process().children(recursive=True)
    browser = [process for process in children if "chrom" in process.name()]
    spent = []
    for processes in ([server], browser):
        times = [process.cpu_times() for process in processes]
        spent.append(sum(each.user + each.system for each in times))
    return spent[0], spent[1]


def followed(page: Page, turn: int) -> float:
    """Make a deal larger; return the milliseconds until the page shows it."""
    before = page.evaluate(FIGURES)
    with writing() as session, session.begin():
        open_deals = select(Opportunity.id).where(Opportunity.outcome == Outcome.OPEN)
        key = session.scalar(
            open_deals.where(~Opportunity.closed).order_by(Opportunity.id).limit(1)
        )
        session.get_one(Opportunity, key).amount = 10_000_000 * (turn + 1)
    begun = time.perf_counter()
    while page.evaluate(FIGURES) == before and time.perf_counter() - begun < TOO_LONG:
        time.sleep(0.02)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()

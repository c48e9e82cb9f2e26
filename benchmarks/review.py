"""综合部 works through an imported list by keyboard alone, in a real browser, timed.

Run: .venv/bin/python -m benchmarks.review CUSTOMERS.xlsx [--pairs 100]
Imports the file into a fresh database, scans it, opens the queue and decides pair after pair by
what the screen says. Then the database is asked whether every decision landed; exit 1 if not.
Times are the product's: from the key that decides to the next pair on the screen.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, SCREEN, sign_in
from tests.server import running_server

WAIT = 120_000  # milliseconds; a loaded machine may need most of it for the first page
# Notes when a key decides and when the desk has put the next pair's number into the address.
CLOCK = """
window.__shown = [];
window.addEventListener('keydown', (e) => { if (e.key === 'Enter') window.__begun = performance.now(); }, true);
const put = history.replaceState.bind(history);
history.replaceState = (...args) => {
  put(...args);
  const id = new URL(location.href).searchParams.get('id');
  requestAnimationFrame(() => window.__shown.push([id, performance.now() - (window.__begun || 0)]));
};
"""
BRANCH = ("分公司", "分厂", "办事处", "分店", "门市部", "营业部")


@dataclass(frozen=True)
class Seen:
    """What the screen says of a pair."""

    pair: int
    verdict: str
    parts: tuple[str, ...]
    names: tuple[str, str]


def look(page: Page) -> Seen:
    """Read the desk."""
    score = page.locator(".sm-cmp-score")
    heads = page.locator(".sm-cmp thead th[scope=col] > a")
    pair = parse_qs(urlsplit(page.url).query)["id"][0]
    verdict, *parts = score.locator("b, .sm-tag").all_inner_texts()
    first, second = heads.all_inner_texts()
    return Seen(int(pair), verdict, tuple(parts), (first, second))


def judge(seen: Seen, turn: int) -> tuple[str, tuple[str, ...]]:
    """Return the decision a careful reader would take, and the keys for it."""
    if sum(any(mark in name for mark in BRANCH) for name in seen.names) == 1:
        return "affiliated", ("r", "Enter")  # the kind and the upper side are preset
    if seen.verdict.startswith("几乎可以肯定") or (seen.verdict.startswith("很可能") and turn % 3):
        return "merged", ("m", "Enter")
    if seen.verdict.startswith("可能有关联"):
        return "affiliated", ("r", "4", "Enter")
    if turn % 5 == 0:
        return "deferred", ("l", "3", "Enter")
    return "distinct", ("n", "2" if turn % 2 else "1", "Enter")


def decide(page: Page, keys: tuple[str, ...]) -> float:
    """Press the keys of one decision; return milliseconds until the next pair stood there."""
    count = page.evaluate("window.__shown.length")
    page.keyboard.press(keys[0])
    page.locator(".sm-cmp-panel [data-sure]").wait_for()
    if page.locator(".sm-cmp-panel .sm-tick").count():  # different ERP codes: tick, then go on
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Space")
    for key in keys[1:]:
        page.keyboard.press(key)
    page.wait_for_function("n => window.__shown.length > n", arg=count, timeout=WAIT)
    return float(page.evaluate("window.__shown.at(-1)[1]"))


def work(page: Page, count: int) -> tuple[dict[int, str], list[float], float]:
    """Decide so many pairs; return the decisions, the product's times and the seconds in all."""
    page.add_init_script(CLOCK)
    # By age, the scores come mixed; by score, the first hundred would all be merges.
    page.goto("/admin/?page=review&q.sort=age_days&q.f.kind=same")
    page.locator("tr.opens").first.wait_for(timeout=WAIT)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".sm-cmp-foot").wait_for(timeout=WAIT)
    decided: dict[int, str] = {}
    took: list[float] = []
    begun = time.perf_counter()
    for turn in range(count):
        seen = look(page)
        verdict, keys = judge(seen, turn)
        if turn % 10 == 9:  # a look at both sides turned round before deciding
            page.keyboard.press("s")
            page.get_by_text("由您选择").wait_for()
        took.append(decide(page, keys))
        decided[seen.pair] = verdict
        if len(decided) <= turn:
            message = f"pair {seen.pair} came twice"
            raise SystemExit(message)
    return decided, took, time.perf_counter() - begun


def landed(decided: dict[int, str]) -> list[str]:
    """Return what the database says otherwise than was decided."""
    from crmlib.duplicates.model import DuplicatePair
    from crmlib.store.engine import reading

    with reading() as session:
        stored = {key: session.get(DuplicatePair, key) for key in decided}
        return [
            f"pair {key}: {verdict} was pressed, {found.status if found else 'nothing'} is stored"
            for key, verdict in decided.items()
            if (found := stored[key]) is None or found.status.value != verdict
        ]


def prepared(path: Path) -> None:
    """Make the database: the cast, the list, its pairs."""
    from crmlib.operations.setup import prepare
    from tests import make

    prepare()
    make.firm()
    crm = Path(sys.executable).parent / "crm"
    for command in (["import", "customers", str(path), "--as", "zhouting"], ["scan"]):
        subprocess.run([crm, *command], check=True)  # noqa: S603 our own command


def told(what: str, values: list[float]) -> None:
    """Print median and 95th percentile."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(f"{what}: p50 {statistics.median(values):.0f} ms, p95 {p95:.0f} ms, n={len(values)}")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--pairs", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'crm.db'}"
        os.environ |= {"CRM_DATABASE_URL": url, "CRM_VAR_DIR": folder}
        prepared(args.file.resolve())
        with running_server(url) as address, sync_playwright() as playwright:
            program = os.environ.get("CRM_CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
            page = browser.new_context(base_url=address, viewport=SCREEN, locale="zh-CN").new_page()
            page.set_default_timeout(WAIT)
            sign_in(page, "zhouting")
            decided, took, seconds = work(page, args.pairs)
            browser.close()
        wrong = landed(decided)
        print(f"decided {len(decided)} pairs by keyboard: {dict(Counter(decided.values()))}")
        told("decision to next pair", took)
        print(f"whole run {seconds:.1f} s, {seconds / len(decided):.2f} s per pair")
        print("\n".join(wrong) or "every decision is in the database")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

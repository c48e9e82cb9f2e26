"""Fixtures of the scenarios: a running product, and Chromium signed in as one of the cast."""

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from crmlib.store.engine import engine_for
from tests import make, server
from tests.server import running_server

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOG_END = 6000  # characters
SCREEN = {"width": 1366, "height": 768}
PATIENCE = int(os.environ.get("CRM_PATIENCE", "30000"))  # milliseconds
expect.set_options(timeout=PATIENCE)


@dataclass
class Troubles:
    """What must not happen in a browser; ``allow`` names what a test provokes on purpose."""

    host: str
    seen: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, text: str) -> None:
        """Let console messages pass that contain a text."""
        self.allowed.append(text)

    def watch(self, page: Page) -> None:
        """Note console errors, page errors and requests to other hosts."""
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))
        page.on("request", self._requested)

    def left(self) -> list[str]:
        """Return what was seen and not allowed."""
        return [s for s in self.seen if not any(a in s for a in self.allowed)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"console: {message.text} ({message.location})")

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.host:
            self.seen.append(f"foreign request: {request.url}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the servers' logs beside what failed in the browser."""
    report = yield
    if report.failed:
        for log in server.LOGS:
            report.sections.append(("server", log.read_text(errors="replace")[-LOG_END:]))
    return report


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product's address; ``make`` and all of crmlib work on its database."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "crm.db")
    url = f"sqlite:///{folder / 'crm.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_DATABASE_URL", url)
        patch.setenv("CRM_VAR_DIR", str(folder))
        # Tests put pairs into the queue with scores of their own; nobody shall correct them.
        patch.setenv("CRM_FOLLOW_PAIRS", "0")
        with running_server(url) as address:
            yield address
        engine_for(url).dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    # The shell draws the same pages for half the work: it has no windows of its own.
    programs = (shutil.which(name) for name in ("chromium-headless-shell", "chromium"))
    program = os.environ.get("CRM_CHROMIUM") or next(filter(None, programs), None)
    if program is None and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def troubles(site: str) -> Iterator[Troubles]:
    """Fails the test on anything unexpected in any of its pages."""
    noted = Troubles(urlsplit(site).netloc)
    yield noted
    assert noted.left() == []


@pytest.fixture(scope="module")
def idle_contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Contexts whose test is over: what they hold of our scripts spares half the work of a page."""
    idle: list[BrowserContext] = []
    yield idle
    for context in idle:
        context.close()


@pytest.fixture
def new_page(
    chromium: Browser, site: str, troubles: Troubles, idle_contexts: list[BrowserContext]
) -> Iterator[Callable[[], Page]]:
    """Open pages, each a browser of its own with no cookies or drafts: ``page = new_page()``."""
    taken: list[BrowserContext] = []
    closed: list[BrowserContext] = []

    def note(context: BrowserContext) -> None:
        closed.append(context)

    def opened() -> Page:
        if idle_contexts:
            context = idle_contexts.pop()
            page = context.new_page()
            everything = {"origin": site, "storageTypes": "all"}
            context.new_cdp_session(page).send("Storage.clearDataForOrigin", everything)
        else:
            context = chromium.new_context(
                base_url=site, viewport=SCREEN, locale="zh-CN", timezone_id="Asia/Shanghai"
            )
            context.on("close", note)
            page = context.new_page()
        taken.append(context)
        context.set_default_timeout(PATIENCE)
        troubles.watch(page)
        return page

    yield opened
    for context in taken:
        if context in closed:
            continue
        for page in context.pages:
            page.close()
        context.clear_cookies()
        idle_contexts.append(context)


@pytest.fixture
def page_as(new_page: Callable[[], Page]) -> Callable[[str], Page]:
    """Sign in as one of the cast, with no page open yet: ``page_as("limin").goto(…)``.

    S01 signs in by the form; here its fields are posted, which spares a page and its kernel.
    """

    def opened(login: str) -> Page:
        page = new_page()
        http = page.context.request
        csrf = re.search('name="csrf" value="([^"]+)"', http.get("/login").text())
        assert csrf
        fields = {"tenant": "sunmao", "login": login, "password": make.PASSWORD, "csrf": csrf[1]}
        assert http.post("/login", form=fields, max_redirects=0).status == 303
        return page

    return opened


@pytest.fixture
def home_as(page_as: Callable[[str], Page]) -> Callable[[str], Page]:
    """Sign in as one of the cast and open the start page of his role."""

    def opened(login: str) -> Page:
        page = page_as(login)
        page.goto("/")
        return page

    return opened


def sign_in(page: Page, login: str, password: str = make.PASSWORD, tenant: str = "sunmao") -> None:
    """Fill the form and press 登录; the page is then wherever that leads."""
    page.goto("/login")
    page.get_by_label("单位简称").fill(tenant)
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state()

"""S30: 孙悦 makes a report in her editor, on masked data; a manager reads it with his own rows."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from crmlib.access.actor import actor_of
from crmlib.analysis import catalogue, confine, copying
from crmlib.analysis.publishing import publish_report
from crmlib.store.engine import engine_for
from crmlib.store.schema import ChangeLog
from tests import make
from tests.browser.conftest import PATIENCE, SCREEN, Troubles
from tests.server import HOME, _free_port, running_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(confine.abi() < confine.OLDEST_ABI, reason="this system has no Landlock"),
]
Open = Callable[[str], Page]
NAME = "s30_scenario"
PROCESS_STARTS = 4 * PATIENCE  # the first call of a report waits for its process


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of reports of this product: a copy, in which a test may make a mess."""
    home = tmp_path_factory.mktemp("notebooks")
    for file in (HOME / "notebooks").glob("*.py"):
        shutil.copy(file, home)
    shutil.copytree(catalogue.FOLDER, home / "reports")
    return home / "reports"


@pytest.fixture(scope="module")
def site(
    sqlite_template: Path, reports: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The product with a folder of reports of its own."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "crm.db")
    url = f"sqlite:///{folder / 'crm.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_DATABASE_URL", url)
        patch.setenv("CRM_VAR_DIR", str(folder))
        with running_server(url, notebooks=reports.parent) as address:
            yield address
        engine_for(url).dispose()


@pytest.fixture(scope="module", autouse=True)
def deals(site: str) -> None:
    """Deals of two industries in 广州, one of 上海."""
    own = make.customer("广州白云幕墙有限公司", industry="01", mobile="13800008888")
    other = make.customer("上海申浦门窗有限公司", owner="chengang", industry="02")
    make.opportunity(own, amount=1_200_000)
    make.opportunity(other, owner="chengang", amount=3_400_000)


@pytest.fixture
def editor() -> Iterator[str]:
    """Run ``crm analyst`` for 孙悦 and return the address it printed."""
    command = [Path(sys.executable).parent / "crm", "analyst", "--as", "sunyue"]
    port = str(_free_port())
    with subprocess.Popen(
        [*command, "--port", port], cwd=HOME, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the editor did not start"
            yield found[0]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def open_editor(chromium: Browser, address: str) -> tuple[Page, list[str]]:
    """Return a page that is let in by the printed address, and the foreign requests it makes."""
    context = chromium.new_context(viewport=SCREEN, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(PROCESS_STARTS)
    page = context.new_page()
    foreign: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((address.split("?")[0], "data:", "blob:", "ws:"))
        else foreign.append(r.url),
    )  # fmt: skip
    page.goto(address)
    return page, foreign


def test_from_a_draft_to_a_managers_page(
    chromium: Browser, editor: str, reports: Path, page_as: Open
) -> None:
    # The template is copied, as she does in her folder.
    drafts = copying.folder() / "drafts" / "sunyue"
    draft = drafts / f"{NAME}.py"
    source = (drafts / "模板.py").read_text("utf-8").replace('"模板', '"在手商机（S30）')
    draft.write_text(source.replace("模板 · 榫卯", "在手商机（S30） · 榫卯"), "utf-8")

    # Without the address's token nobody gets in; with it the notebook opens and runs.
    stranger = chromium.new_context().new_page()
    stranger.goto(editor.split("?")[0])
    expect(stranger.locator("input[type=password]")).to_be_visible(timeout=PROCESS_STARTS)
    stranger.context.close()
    page, foreign = open_editor(chromium, editor)
    page.goto(f"{editor.split('?')[0]}?file={NAME}.py")
    cell = page.locator(".cm-content", has_text="data = reader()")
    expect(cell).to_be_visible(timeout=PROCESS_STARTS)
    page.keyboard.press("Control+Shift+R")
    expect(page.locator("canvas").first).to_be_visible(timeout=PROCESS_STARTS)
    # The whole firm: both deals, as 综合部 sees them.
    expect(page.get_by_text("¥3,400,000").first).to_be_visible()
    expect(page.get_by_text("¥1,200,000").first).to_be_visible()

    # She looks at contacts: the numbers are masked. What she saves is in her draft.
    cell.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nmobiles = data.contacts()['mobile'].to_list()")
    page.keyboard.press("Control+S")
    for _ in range(100):
        if "mobiles" in draft.read_text("utf-8"):
            break
        page.wait_for_timeout(300)
    assert "mobiles = data.contacts()" in draft.read_text("utf-8")
    assert foreign == []
    page.context.close()

    # Somebody else publishes it; the manager finds it in his menu, with his rows only.
    head = page_as("zhangwei")
    publish_report(actor_of(make.people_ids()["zhaolei"]), "sunyue", NAME, reports)
    head.set_default_timeout(PROCESS_STARTS)
    head.goto("/funnel/")
    head.get_by_role("link", name="在手商机（S30）").click()
    expect(head.locator("h1")).to_have_text("在手商机（S30）", timeout=PROCESS_STARTS)
    expect(head.get_by_text("¥1,200,000").first).to_be_visible(timeout=PROCESS_STARTS)
    expect(head.get_by_text("¥3,400,000")).to_have_count(0)
    expect(head.locator("canvas").first).to_be_visible()
    expect(head.locator(".sm-item[aria-current]")).to_have_text("在手商机（S30）")

    # What he takes along is in the log.
    with head.expect_download(timeout=PROCESS_STARTS) as taken:
        head.get_by_text("导出 Excel").click()
    assert taken.value.suggested_filename.startswith("在手商机（S30）")
    (noted,) = make.rows(ChangeLog, action="note_export")
    assert noted.person_id == make.people_ids()["zhangwei"]
    assert noted.after["rows"] == 1


def test_a_broken_report_says_so_and_hurts_nobody(
    reports: Path, page_as: Open, troubles: Troubles
) -> None:
    troubles.allow("500")
    file = reports / "broken.py"
    text = (
        (reports / "conversion_by_industry.py")
        .read_text("utf-8")
        .replace("转化率（按行业）", "坏报表")
    )
    file.write_text(
        text.replace("    data = reader()\n", "    data = reader()\n    1 / 0\n"), "utf-8"
    )
    page = page_as("zhangwei")
    page.set_default_timeout(PROCESS_STARTS)
    page.goto("/reports/broken/")
    expect(page.get_by_text("出错了").first).to_be_visible(timeout=PROCESS_STARTS)
    expect(page.get_by_text("Traceback")).to_have_count(0)
    file.write_text(text + "\ndef (\n", "utf-8")
    answer = page.goto("/reports/broken/")
    assert answer is not None
    assert answer.status == 500
    expect(page.get_by_text("语法错误")).to_be_visible()
    page.goto("/funnel/")
    expect(page.locator("h1")).to_have_text("销售漏斗")

"""Finished reports behind the guard: who opens which, with whose rights, and what breaks alone."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from crmlib.people.model import Person
from crmlib.store.engine import engine_for, writing
from crmlib.web.reports import STOPPED
from tests import make
from tests.server import running_server
from tests.web.conftest import NOTEBOOKS, Visitor, close_code, new_page

Visit = Callable[..., Visitor]
PATIENCE = 150  # seconds; the process of a report is started at its first call
REPORT = """import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="{title} · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.analysis.frames import reader


@app.cell
def _():
    names = reader().customers()["name"].sort().to_list()
    mo.md(f"mine: {{names}}")
    return


@app.cell
def _():
    {body}
    return


if __name__ == "__main__":
    app.run()
"""


def write(folder: Path, name: str, title: str, body: str = "1") -> Path:
    file = folder / f"{name}.py"
    file.write_text(REPORT.format(title=title, body=body), "utf-8")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of reports of this server."""
    home = tmp_path_factory.mktemp("notebooks")
    for file in NOTEBOOKS.glob("*.py"):
        shutil.copy(file, home)
    (home / "reports").mkdir()
    return home / "reports"


@pytest.fixture(scope="module")
def site(
    sqlite_template: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A running server whose reports may run for a short while only."""
    place = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, place / "crm.db")
    url = f"sqlite:///{place / 'crm.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_DATABASE_URL", url)
        patch.setenv("CRM_VAR_DIR", str(place))
        make.customer("广州云山幕墙有限公司")
        make.customer("上海申浦门窗有限公司", owner="chengang")
        with running_server(url, notebooks=folder.parent, CRM_REPORT_SECONDS="5") as address:
            yield address
        engine_for(url).dispose()


@pytest.fixture(scope="module")
def fine(folder: Path) -> str:
    """The name of a report several tests open: each process of one takes seconds to start."""
    return write(folder, "fine", "好的").stem


@pytest.fixture
def visit(visit: Visit) -> Visit:
    """Visitors who wait for the process of a report to start."""

    def patient(login: str = "") -> Visitor:
        visitor = visit(login)
        visitor.http.timeout = httpx2.Timeout(PATIENCE)
        return visitor

    return patient


def offered(visitor: Visitor) -> dict[str, str]:
    """Return the reports in a person's menu: title → address."""
    groups = visitor.http.get("/frame.json?workspace=funnel").json()["menu"]
    items = [item for group in groups if group["group"] == "分析报表" for item in group["items"]]
    return {item["label"]: item["href"] for item in items}


def told(visitor: Visitor, name: str, until: str, page: str = "") -> str:
    """Open a report's socket and return all it says up to a word."""
    said = ""
    assert visitor.http.get(f"/reports/{name}/").status_code == 200  # a socket is less patient
    with visitor.socket(page or new_page(), f"reports/{name}") as socket:
        end = time.monotonic() + PATIENCE
        while until not in said and time.monotonic() < end:
            said += str(socket.recv(timeout=PATIENCE))
    return said


def test_a_file_put_there_is_offered_and_opens_with_the_readers_rights(
    visit: Visit, folder: Path
) -> None:
    head, office = visit("zhangwei"), visit("zhouting")
    assert offered(head) == {}
    write(folder, "sales", "我的销售")
    write(folder, "_draft", "草稿")
    (folder / "plain.py").write_text("x = 1", "utf-8")
    assert offered(head) == offered(office) == {"我的销售": "/reports/sales/"}
    assert offered(visit("limin")) == offered(visit("wangqiang")) == {}
    page = head.http.get("/reports/sales/")
    assert page.status_code == 200
    assert "no-store" in page.headers["cache-control"]
    assert "default-src 'self'" in page.headers["content-security-policy"]
    said = told(head, "sales", "mine:")
    assert "云山幕墙" in said
    assert "申浦门窗" not in said
    said = told(office, "sales", "mine:")
    assert "云山幕墙" in said
    assert "申浦门窗" in said
    # A new version is shown to the next reader.
    write(folder, "sales", "我的新销售", 'mo.md("second edition")')
    assert list(offered(head)) == ["我的新销售"]
    assert "second edition" in told(head, "sales", "second edition")
    (folder / "sales.py").unlink()
    assert offered(head) == {}
    assert head.http.get("/reports/sales/").status_code == 404


def test_who_may_not_gets_nothing_by_any_way(visit: Visit, fine: str) -> None:
    limin, head, office = visit("limin"), visit("zhangwei"), visit("zhouting")
    for visitor in (limin, visit("wangqiang")):
        assert visitor.http.get(f"/reports/{fine}/").status_code == 403
        with pytest.raises(InvalidStatus), visitor.socket(new_page(), f"reports/{fine}"):
            pass
    assert visit().http.get(f"/reports/{fine}/").status_code == 303
    page = new_page()
    assert head.http.get(f"/reports/{fine}/").status_code == 200
    with head.socket(page, f"reports/{fine}"):
        assert head.act(page, f"reports/{fine}").status_code == 200
        assert office.act(page, f"reports/{fine}").status_code == 403
        with pytest.raises(InvalidStatus), office.socket(page, f"reports/{fine}"):
            pass
    for path in (
        "/reports/", "/reports", "/reports/%2e%2e/", "/reports/_template/",
        "/reports/missing/", f"/reports/{fine}/api/version", f"/reports/{fine}/terminal/ws",
    ):  # fmt: skip
        assert office.http.get(path).status_code in {400, 404}, path
    for inner in ("execute", "save", "instantiate"):
        address = f"/reports/{fine}/api/kernel/{inner}"
        headers = {"Marimo-Session-Id": page}
        assert head.post(address, headers=headers, json={}).status_code == 404
    assert head.http.get(f"/reports/{fine}", follow_redirects=False).status_code == 308


def test_what_breaks_breaks_alone(visit: Visit, folder: Path, fine: str) -> None:
    write(folder, "raises", "出错的", "1 / 0")
    write(folder, "typo", "写错的").write_text("app = marimo.App(\nimport marimo\n", "utf-8")
    write(folder, "endless", "停不下来的", "exec('while True: pass')")
    write(folder, "greedy", "要太多的", "bytearray(1 << 45)")
    head = visit("zhangwei")
    typo = head.http.get("/reports/typo/")
    assert typo.status_code == 500
    assert "语法错误" in typo.text
    assert "Traceback" not in typo.text
    for name in ("raises", "greedy"):
        said = told(head, name, "internal error")
        assert "云山幕墙" in said  # the other cells are there
        assert "ZeroDivisionError" not in said
    assert head.http.get("/reports/endless/").status_code == 200
    with ExitStack() as stack:
        endless = stack.enter_context(head.socket(new_page(), "reports/endless"))
        assert "云山幕墙" in told(head, fine, "mine:")  # meanwhile
        assert head.http.get("/healthz").status_code == 200
        assert close_code(endless, 240) == STOPPED
    assert "云山幕墙" in told(head, "endless", "mine:")  # and it can be opened again


def test_an_account_that_is_closed_loses_its_report(visit: Visit, fine: str) -> None:
    visitor = visit("liuyang")
    assert visitor.http.get(f"/reports/{fine}/").status_code == 200
    with visitor.socket(new_page(), f"reports/{fine}") as socket:
        with writing() as session, session.begin():
            session.get_one(Person, make.people_ids()["liuyang"]).active = False
        assert close_code(socket, 120) == 4401

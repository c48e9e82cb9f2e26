"""The server restarts under a half-filled form."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from crmlib.customers.model import Customer
from crmlib.store.engine import engine_for
from tests import make
from tests.browser.conftest import Troubles
from tests.browser.customer_form import field, fill, none_tick, opened, save
from tests.server import running_server

pytestmark = pytest.mark.browser


class Server:
    """The product on one port, again and again."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self._running = ExitStack()
        self.address = self._start(None)

    def _start(self, port: int | None) -> str:
        program = running_server(self._url, port=port, CRM_VAR_DIR=str(self._folder))
        return self._running.enter_context(program)

    def stop(self) -> None:
        self._running.close()

    def start(self) -> None:
        assert self._start(urlsplit(self.address).port) == self.address


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("restarted")
    shutil.copy(sqlite_template, folder / "crm.db")
    url = f"sqlite:///{folder / 'crm.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_DATABASE_URL", url)
        patch.setenv("CRM_VAR_DIR", str(folder))
        running = Server(url, folder)
        yield running
        running.stop()
        engine_for(url).dispose()


@pytest.fixture(scope="module")
def site(server: Server) -> str:
    return server.address


def test_half_filled_form_is_restored_and_can_be_saved(
    page_as: Callable[[str], Page], server: Server, troubles: Troubles
) -> None:
    for noise in ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket", "ServiceWorker"):
        troubles.allow(noise)
    page = opened(page_as("limin"))
    fill(page, "广州重启门窗有限公司", 姓名="", 移动电话="", 人员角色="")
    server.stop()
    expect(page.locator(".sm-lost")).to_be_visible()
    server.start()

    # Without a step of hers: she is still signed in, and all she typed is there.
    expect(page.get_by_text("已恢复未保存的内容")).to_be_visible()
    expect(field(page, "客户名称")).to_have_value("广州重启门窗有限公司")
    expect(field(page, "客户级别").locator("option:checked")).to_have_text("普通客户")
    expect(none_tick(page, "传真")).to_be_checked()
    assert make.rows(Customer, name="广州重启门窗有限公司") == []
    field(page, "姓名").fill("何经理")
    field(page, "人员角色").select_option(label="决策人")
    field(page, "移动电话").fill("13812345678")
    save(page).click()
    expect(page.get_by_text("保存成功，客户代码")).to_be_visible()
    assert len(make.rows(Customer, name="广州重启门窗有限公司")) == 1
    # What was saved is no draft any more.
    opened(page)
    expect(field(page, "客户名称")).to_have_value("")
    expect(page.get_by_text("已恢复未保存的内容")).to_be_hidden()

"""A real server with small notebooks, and visitors who are signed in without a browser."""

import asyncio
import re
import secrets
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from crmlib.store.engine import engine_for
from tests import make
from tests.server import running_server

T = TypeVar("T")
NOTEBOOKS = Path(__file__).parent / "notebooks"
CALM = {"test_assets", "test_files", "test_imports", "test_programs", "test_quotes"}


@dataclass(frozen=True)
class Site:
    """A running server and what it works on."""

    address: str
    database: str
    folder: Path


@contextmanager
def _served(template: Path, folder: Path) -> Iterator[Site]:
    shutil.copy(template, folder / "crm.db")
    url = f"sqlite:///{folder / 'crm.db'}"
    with running_server(url, notebooks=NOTEBOOKS, CRM_VAR_DIR=str(folder)) as address:
        yield Site(address, url, folder)


@pytest.fixture(scope="session")
def calm_site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server for all tests that leave accounts and messages as they are: a start takes long."""
    with _served(sqlite_template, tmp_path_factory.mktemp("calm")) as found:
        yield found


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a running server; crmlib works on its database."""
    with ExitStack() as stack:
        if request.module.__name__.rpartition(".")[2] in CALM:
            found = request.getfixturevalue("calm_site")
        else:
            found = stack.enter_context(_served(sqlite_template, tmp_path_factory.mktemp("site")))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("CRM_DATABASE_URL", found.database)
        patch.setenv("CRM_VAR_DIR", str(found.folder))
        yield found.address
        engine_for(found.database).dispose()


@dataclass
class Visitor:
    """A browser's worth of cookies."""

    site: str
    http: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx2.Client(base_url=self.site, trust_env=False, timeout=30)

    def sign_in(
        self, login: str, password: str = make.PASSWORD, tenant: str = "sunmao", **more: str
    ) -> httpx2.Response:
        """Fill the form as a browser does."""
        token = re.search(r'name="csrf" value="(\w+)"', self.http.get("/login").text)
        data = {"tenant": tenant, "login": login, "password": password, "csrf": ""} | more
        if token:
            data["csrf"] = token[1]
        return self.post("/login", data=data)

    def csrf(self) -> str:
        """Return the token of the session."""
        return str(self.http.get("/frame.json").json()["csrf"])

    def sign_out(self) -> httpx2.Response:
        """Press 退出."""
        return self.post("/logout", data={"csrf": self.csrf()})

    def post(self, path: str, *, origin: str | None = None, **more: Any) -> httpx2.Response:
        """Post from a page of this host, unless another origin is given."""
        headers = {"Origin": origin or self.site} | more.pop("headers", {})
        return self.http.post(path, headers=headers, **more)

    def act(self, page: str, workspace: str = "entry", **more: Any) -> httpx2.Response:
        """Set a value in a notebook session, as marimo's page does."""
        body = {"objectIds": [], "values": []}
        return self.post(
            f"/{workspace}/api/kernel/set_ui_element_value",
            headers={"Marimo-Session-Id": page},
            json=body,
            **more,
        )

    @contextmanager
    def socket(
        self, page: str = "", workspace: str = "entry", *, origin: str | None = None, **query: str
    ) -> Iterator[ClientConnection]:
        """Open a notebook's socket."""
        address = self.site.replace("http", "ws", 1)
        pairs = urlencode({"session_id": page or new_page()} | query)
        cookies = "; ".join(f"{k}={v}" for k, v in self.http.cookies.items())
        with connect(
            f"{address}/{workspace}/ws?{pairs}",
            origin=origin or self.site,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookies},
            proxy=None,
            close_timeout=2,
            max_queue=None,  # nobody reads what the notebook shows
        ) as opened:
            yield opened


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine; in a thread, since Playwright keeps a loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def new_page() -> str:
    """Return a notebook session's id as marimo's page makes it."""
    return f"s_{secrets.token_hex(3)}"


def close_code(socket: ClientConnection, seconds: float) -> int | None:
    """Read on until the server closes, and return its code; fails if it does not in time."""
    try:
        while True:
            socket.recv(timeout=seconds)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@pytest.fixture
def visit(site: str) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: ``visit()`` is a stranger, ``visit("limin")`` is signed in."""
    with ExitStack() as stack:

        def made(login: str = "") -> Visitor:
            visitor = Visitor(site)
            stack.callback(visitor.http.close)
            if login:
                assert visitor.sign_in(login).status_code == 303
            return visitor

        yield made


@pytest.fixture
def limin(visit: Callable[..., Visitor]) -> Visitor:
    """李敏, signed in."""
    return visit("limin")


@pytest.fixture
def wangqiang(visit: Callable[..., Visitor]) -> Visitor:
    """王强, signed in."""
    return visit("wangqiang")


@pytest.fixture
def stranger(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody without an account."""
    return visit()

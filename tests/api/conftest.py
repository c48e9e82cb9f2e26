"""Programs with tokens of the cast, and the interface as they call it, without a server."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.api.rules import TokenDraft
from crmlib.api.server import PREFIX, Api
from crmlib.api.tokens import issue_token
from crmlib.duplicates import live


class Program:
    """A program that shows its token with every call."""

    def __init__(self, http: TestClient, secret: str) -> None:
        self.http, self.secret = http, secret

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Call an address below /api/v1."""
        headers = {"Authorization": f"Bearer {self.secret}"} | more.pop("headers", {})
        return self.http.request(method, PREFIX + path, headers=headers, **more)

    def get(self, path: str, **params: Any) -> Any:
        """Ask."""
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Send a new thing."""
        return self.call("POST", path, json=body, headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """Change a thing."""
        return self.call("PATCH", path, json=body, headers=headers)


def secret_of(cast: dict[str, Actor], login: str, *, may_write: bool = True) -> str:
    """Return the secret of a new token for one of the cast."""
    draft = TokenDraft(
        f"程序 {login}",
        cast[login].person_id,
        may_write=may_write,
        expires_on=clock.today() + timedelta(days=30),
    )
    return issue_token(cast["zhaolei"], draft).secret


@pytest.fixture
def http() -> Iterator[TestClient]:
    """The interface without guard and server."""
    with TestClient(Starlette(routes=[Mount(PREFIX, app=Api())])) as client:
        yield client


@pytest.fixture
def program(cast: dict[str, Actor], http: TestClient) -> Callable[..., Program]:
    """Make a program with somebody's rights: ``program("limin")``."""
    live.start()
    assert live.wait(60)  # it must not still be reading when the database goes

    def made(login: str, *, may_write: bool = True) -> Program:
        return Program(http, secret_of(cast, login, may_write=may_write))

    return made

"""The programs' interface behind the guard: tokens only, whatever a browser brings along."""

from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.api.rules import TokenDraft
from crmlib.api.tokens import issue_token
from tests import make
from tests.web.conftest import Visitor


@pytest.fixture
def secret(site: str) -> str:
    """A token with the rights of 王强."""
    ids = make.people_ids()
    until = clock.today() + timedelta(days=1)
    draft = TokenDraft("ERP", ids["wangqiang"], may_write=True, expires_on=until)
    return issue_token(actor_of(ids["zhaolei"]), draft).secret


def _call(site: str, method: str, path: str, secret: str, **more: object) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {secret}"} | more.pop("headers", {})  # type: ignore[operator]
    with httpx2.Client(base_url=site, trust_env=False, timeout=30) as http:
        return http.request(method, path, headers=headers, **more)  # type: ignore[arg-type]


def test_a_program_gets_in_with_its_token(site: str, secret: str) -> None:
    answer = _call(site, "GET", "/api/v1/me", secret)
    assert (answer.status_code, answer.json()["person"]) == (200, "王强")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_signed_in_browser_is_nobody_here(visit: Callable[..., Visitor]) -> None:
    visitor = visit("zhaolei")
    for answer in (
        visitor.http.get("/api/v1/customers"),
        visitor.post("/api/v1/customers", json={}),
    ):
        assert answer.status_code == 401
        assert answer.json()["error"] == "unauthorised"


def test_pages_of_other_hosts_read_nothing(site: str, secret: str) -> None:
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = _call(site, method, "/api/v1/customers", secret, headers=foreign)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_program_saves_without_an_origin(site: str, secret: str) -> None:
    number = make.customer()
    body = {"remark": "由 ERP 修改", "version": 1}
    answer = _call(site, "PATCH", f"/api/v1/customers/{number}", secret, json=body)
    assert (answer.status_code, answer.json()["remark"]) == (200, "由 ERP 修改")


@pytest.mark.parametrize(
    "path", ["/api/v1", "/api/v1/nowhere", "/api/v1/../login", "/api/v1/%0A", "/api/v1//"]
)
def test_odd_addresses_are_answered_in_kind(site: str, secret: str, path: str) -> None:
    answer = _call(site, "POST", path, secret, json={})
    assert answer.status_code in {404, 405, 411, 403, 401}
    assert answer.headers["content-type"].startswith("application/json")


def test_the_description_is_open_and_whole(site: str, stranger: Visitor) -> None:
    document = stranger.http.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    page = stranger.http.get("/api/v1/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    for path in document["paths"]:
        assert f"/api/v1{path}" in page.text

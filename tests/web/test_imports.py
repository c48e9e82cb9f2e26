"""The way in for lists: only for importers, only from our own pages, only lists."""

import re
from collections.abc import Callable

import httpx2
import pytest

from crmlib.exchange.model import ImportBatch
from tests import make
from tests.web.conftest import Visitor

CSV = "客户名称,电话\n佛山市云帆幕墙工程有限公司,0757-81234567\n".encode()


def sent(
    visitor: Visitor,
    content: bytes = CSV,
    name: str = "a.csv",
    kind: str = "customers",
    **more: object,
) -> httpx2.Response:
    headers = {"X-CSRF-Token": visitor.csrf()} | dict(more.pop("headers", {}))  # type: ignore[call-overload]
    return visitor.post(
        "/imports", params={"kind": kind, "name": name}, content=content, headers=headers, **more
    )


def test_a_list_becomes_a_batch_and_leads_to_its_page(visit: Callable[..., Visitor]) -> None:
    answer = sent(visit("zhaolei"), name="../../etc/名单.csv")
    assert answer.status_code == 201
    (key,) = re.findall(r"page=import_batch&id=(\d+)", answer.json()["href"])
    assert make.fetch(ImportBatch, int(key)).file_name == "名单.csv"


def test_who_may_not_import_is_refused(visit: Callable[..., Visitor], stranger: Visitor) -> None:
    before = len(make.rows(ImportBatch))
    for login in ("limin", "wangqiang", "zhangwei", "sunyue"):
        assert sent(visit(login)).status_code == 403
    assert stranger.post("/imports", content=CSV).status_code == 401
    assert len(make.rows(ImportBatch)) == before


def test_another_page_s_request_is_refused(visit: Callable[..., Visitor]) -> None:
    boss = visit("zhaolei")
    assert sent(boss, origin="http://evil.example").status_code == 403
    assert sent(boss, headers={"X-CSRF-Token": "guess"}).status_code == 403
    assert boss.post("/imports", content=CSV).status_code == 403
    assert boss.http.get("/imports").status_code in {404, 405}


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.exe", CSV, 422),
        ("a.xlsx", CSV, 422),
        ("a.csv", b"PK\x03\x04", 422),
        ("a.csv", b"", 422),
        ("a.csv", b"x" * (21 << 20), 413),
    ],
)
def test_what_is_no_list_is_refused(
    visit: Callable[..., Visitor], name: str, content: bytes, status: int
) -> None:
    before = len(make.rows(ImportBatch))
    answer = sent(visit("zhouting"), content, name)
    assert answer.status_code == status
    assert re.search(r"[一-鿿]", answer.json()["error"])
    assert len(make.rows(ImportBatch)) == before


def test_an_unknown_kind_is_refused(visit: Callable[..., Visitor]) -> None:
    assert sent(visit("zhaolei"), kind="people").status_code == 422

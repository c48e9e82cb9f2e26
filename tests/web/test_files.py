"""Attacks on the ways files go in and out."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from crmlib.attachments import shelf
from crmlib.attachments.model import Attachment
from crmlib.attachments.rules import MOST_BYTES
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]
PDF = b"%PDF-1.7 a drawing"


@pytest.fixture
def customer(site: str) -> int:
    """A customer of 王强."""
    return make.customer()


@pytest.fixture(autouse=True)
def nothing_half_done(site: str) -> Iterator[None]:
    """After every attack no part of a file may lie about."""
    yield
    wait_until(lambda: not list(shelf.folder().rglob("*.part")))


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def send(
    visitor: Visitor,
    customer: object,
    name: str = "图纸.pdf",
    data: bytes = PDF,
    *,
    entity: str = "customer",
    csrf: str | None = None,
    **more: str,
) -> httpx2.Response:
    headers = {"X-CSRF-Token": visitor.csrf() if csrf is None else csrf}
    params = {"entity": entity, "id": str(customer), "name": name}
    return visitor.post("/files", params=params, content=data, headers=headers, **more)


def test_a_file_goes_in_and_comes_out_as_a_download(wangqiang: Visitor, customer: int) -> None:
    made = send(wangqiang, customer)
    assert made.status_code == 201
    found = wangqiang.http.get(f"/files/{made.json()['id']}")
    assert (found.status_code, found.content) == (200, PDF)
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"].startswith("attachment; filename*=utf-8''")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["cache-control"] == "private, no-store"
    policy = found.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("name", ["seite.html", "bild.svg", "lauf.js", "bild.svg.pdf\u202e.svg"])
def test_what_a_browser_runs_does_not_get_in(wangqiang: Visitor, customer: int, name: str) -> None:
    answer = send(wangqiang, customer, name, b"<svg onload=alert(1)>")
    assert answer.status_code == 422
    assert "不支持" in answer.json()["error"]


def test_scripts_in_a_text_are_only_ever_downloaded(wangqiang: Visitor, customer: int) -> None:
    key = send(wangqiang, customer, "notiz.txt", b"<script>alert(1)</script>").json()["id"]
    # Even if a row said html: the answer is told by nothing that came from outside.
    with writing() as session, session.begin():
        row = session.get_one(Attachment, key)
        row.name, row.kind = 'x.html"\r\nSet-Cookie: a=b', "html"
    found = wangqiang.http.get(f"/files/{key}")
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"].startswith("attachment;")
    assert "set-cookie" not in found.headers
    assert found.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "name", ["../../../crm.db.pdf", "..\\..\\x.pdf", "/etc/cron.d/x.pdf", "%2e%2e%2fx.pdf"]
)
def test_a_name_leads_nowhere(wangqiang: Visitor, customer: int, name: str) -> None:
    made = send(wangqiang, customer, name, PDF + name.encode())
    assert made.status_code == 201
    assert not {"/", "\\"} & set(made.json()["name"])
    row = make.fetch(Attachment, made.json()["id"])
    assert shelf.path_of(row.sha256).is_relative_to(shelf.folder())
    assert [p.name for p in shelf.folder().rglob(row.sha256)] == [row.sha256]


def test_a_page_of_another_host_cannot_send(wangqiang: Visitor, customer: int) -> None:
    for more in ({"origin": "http://evil.example"}, {"csrf": "0" * 32}, {"csrf": ""}):
        assert send(wangqiang, customer, **more).status_code == 403
    bare = wangqiang.http.post("/files", params={"entity": "customer", "id": customer}, content=PDF)
    assert bare.status_code == 403


def test_strangers_neither_send_nor_take(
    wangqiang: Visitor, stranger: Visitor, customer: int
) -> None:
    key = send(wangqiang, customer).json()["id"]
    assert send(stranger, customer, csrf="x").status_code == 401
    taken = stranger.http.get(f"/files/{key}")
    assert taken.status_code == 303
    assert taken.headers["location"].startswith("/login")


def test_anothers_records_files_look_like_no_files(visit: Visit, customer: int) -> None:
    owner, other = visit("wangqiang"), visit("chengang")
    key = send(owner, customer).json()["id"]
    refused = other.http.get(f"/files/{key}")
    assert refused.status_code == 404
    assert refused.text == other.http.get("/files/999999999").text
    assert send(other, customer).status_code == 403
    assert make.rows(ChangeLog, kind="refused", action="hand_out")
    # The office's clerk reads, but does not change.
    clerk = visit("limin")
    assert clerk.http.get(f"/files/{key}").status_code == 200
    assert send(clerk, customer).status_code == 403
    assert visit("sunyue").http.get(f"/files/{key}").status_code == 404


def test_a_right_that_ends_ends_with_the_next_request(visit: Visit, customer: int) -> None:
    owner = visit("wangqiang")
    key = send(owner, customer).json()["id"]
    assert owner.http.get(f"/files/{key}").status_code == 200
    people = make.people_ids()
    with writing() as session, session.begin():
        row = session.get_one(make.Customer, customer)
        row.owner_id = row.registered_by_id = people["chengang"]
    assert owner.http.get(f"/files/{key}").status_code == 404


def test_too_big_is_refused_before_it_is_sent(wangqiang: Visitor, customer: int) -> None:
    token, cookies = (
        wangqiang.csrf(),
        "; ".join(f"{k}={v}" for k, v in wangqiang.http.cookies.items()),
    )
    host = urlsplit(wangqiang.site).netloc
    with raw(wangqiang.site) as line:
        line.sendall(
            (
                f"POST /files?entity=customer&id={customer}&name=a.pdf HTTP/1.1\r\nHost: {host}\r\n"
                f"Origin: {wangqiang.site}\r\nCookie: {cookies}\r\nX-CSRF-Token: {token}\r\n"
                f"Content-Length: {MOST_BYTES + 1}\r\n\r\n"
            ).encode()
        )
        assert b" 413 " in line.recv(200)


def test_just_small_enough_is_taken(wangqiang: Visitor, customer: int) -> None:
    data = PDF.ljust(MOST_BYTES, b".")
    made = send(wangqiang, customer, "voll.pdf", data)
    assert made.status_code == 201
    key = made.json()["id"]
    assert make.fetch(Attachment, key).size == MOST_BYTES
    assert len(wangqiang.http.get(f"/files/{key}").content) == MOST_BYTES


def test_an_upload_without_length_is_refused(wangqiang: Visitor, customer: int) -> None:
    pieces = (piece for piece in (PDF, PDF))
    answer = wangqiang.post(
        "/files",
        params={"entity": "customer", "id": customer, "name": "a.pdf"},
        content=pieces,
        headers={"X-CSRF-Token": wangqiang.csrf()},
    )
    assert answer.status_code == 411


def test_an_interrupted_upload_leaves_nothing(wangqiang: Visitor, customer: int) -> None:
    token, cookies = (
        wangqiang.csrf(),
        "; ".join(f"{k}={v}" for k, v in wangqiang.http.cookies.items()),
    )
    host = urlsplit(wangqiang.site).netloc
    before = set(shelf.folder().rglob("*"))
    with raw(wangqiang.site) as line:
        line.sendall(
            (
                f"POST /files?entity=customer&id={customer}&name=halb.pdf HTTP/1.1\r\n"
                f"Host: {host}\r\nOrigin: {wangqiang.site}\r\nCookie: {cookies}\r\n"
                f"X-CSRF-Token: {token}\r\nContent-Length: 5000000\r\n\r\n"
            ).encode()
            + PDF.ljust(2_000_000, b".")
        )
        wait_until(lambda: any(p.stat().st_size for p in shelf.folder().rglob("*.part")))
    wait_until(lambda: set(shelf.folder().rglob("*")) == before)
    assert not make.rows(Attachment, name="halb.pdf")


@pytest.mark.parametrize("key", ["abc", "-1", "1/../../x", "99999999999999999999", "1.0"])
def test_odd_numbers_of_files_are_no_files(wangqiang: Visitor, key: str) -> None:
    assert wangqiang.http.get(f"/files/{key}").status_code in {404, 405}


@pytest.mark.parametrize("key", ["abc", "-1", "", "9" * 30, "1 or 1=1", "٣"])
def test_odd_numbers_of_records_are_refused(wangqiang: Visitor, key: str) -> None:
    assert send(wangqiang, key).status_code == 400


@pytest.mark.parametrize("entity", ["person", "", "change_log", "customer' --"])
def test_only_customers_and_deals_hold_files(
    wangqiang: Visitor, customer: int, entity: str
) -> None:
    assert send(wangqiang, customer, entity=entity).status_code == 403


def test_files_on_the_disk_are_not_served_by_name(wangqiang: Visitor, customer: int) -> None:
    row = make.fetch(Attachment, send(wangqiang, customer, "b.pdf").json()["id"])
    place: Path = shelf.path_of(row.sha256)
    for path in (f"/files/{row.sha256}", f"/files/{place.parent.name}/{row.sha256}"):
        assert wangqiang.http.get(path).status_code == 404
    assert wangqiang.http.get(f"/static/../files/{row.sha256}").status_code == 404


def raw(site: str) -> socket.socket:
    parts = urlsplit(site)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)

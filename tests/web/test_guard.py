"""Attacks on a running server, each of which marimo alone would let through."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest
from sqlalchemy import update
from websockets.exceptions import InvalidStatus

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.people.actions import edit_person, reset_password
from crmlib.people.model import LoginSession, Person
from crmlib.people.rules import PersonDraft
from crmlib.store.engine import writing
from crmlib.web.sockets import MOST_LEFT
from tests import make
from tests.web.conftest import Visitor, close_code, new_page

Visit = Callable[..., Visitor]
EVIL = "http://evil.example"
SIGNED_OUT = 4401


@pytest.fixture(scope="module")
def at_ease(site: str) -> Iterator[Visitor]:
    """李敏, who signs in once."""
    visitor = Visitor(site)
    yield visitor
    visitor.http.close()


@pytest.fixture
def settled(at_ease: Visitor) -> Visitor:
    """李敏 for the many ways that lead nowhere: none of them ends her session."""
    if at_ease.http.get("/frame.json").status_code != 200:
        assert at_ease.sign_in("limin").status_code == 303
    return at_ease


def refused(visitor: Visitor, page: str = "", workspace: str = "entry", **more: str) -> int:
    with (
        pytest.raises(InvalidStatus) as caught,
        visitor.socket(page, workspace, **more),
    ):
        pass
    return int(caught.value.response.status_code)


def test_own_session_works(limin: Visitor) -> None:
    page = new_page()
    with limin.socket(page) as socket:
        assert "kernel-ready" in str(socket.recv(timeout=10))
        assert limin.act(page).status_code == 200


# --- whose session is it ----------------------------------------------------------------------
def test_anothers_session_is_not_driven_by_header(limin: Visitor, wangqiang: Visitor) -> None:
    page = new_page()
    with limin.socket(page):
        assert wangqiang.act(page).status_code == 403
        assert limin.act(page).status_code == 200


def test_anothers_session_is_not_taken_over_by_socket(limin: Visitor, wangqiang: Visitor) -> None:
    page = new_page()
    with limin.socket(page) as socket:
        assert refused(wangqiang, page) == 403
        socket.ping().wait(5)
        assert limin.act(page).status_code == 200


def test_orphan_is_resumed_by_its_own_login_only(limin: Visitor, wangqiang: Visitor) -> None:
    page = new_page()
    with limin.socket(page):
        pass
    assert refused(wangqiang, page) == 403
    with limin.socket(page):
        assert limin.act(page).status_code == 200


def told_first(visitor: Visitor, page: str) -> str:
    with visitor.socket(page) as socket:
        return str(socket.recv(timeout=10))


def test_pages_left_long_ago_begin_anew_and_late_ones_go_on(limin: Visitor) -> None:
    first, *_, last = pages = [new_page() for _ in range(MOST_LEFT + 1)]
    for page in pages:
        assert "kernel-ready" in told_first(limin, page)
    assert "kernel-ready" not in told_first(limin, last)
    assert "kernel-ready" in told_first(limin, first)


def test_second_login_of_the_same_person_is_another_login(limin: Visitor, visit: Visit) -> None:
    page, again = new_page(), visit("limin")
    with limin.socket(page):
        assert again.act(page).status_code == 403
        assert refused(again, page) == 403


@pytest.mark.parametrize("page", ["", "s_nobody"])
def test_post_needs_a_session_somebody_opened(limin: Visitor, page: str) -> None:
    assert limin.act(page).status_code == 403


def test_session_of_one_notebook_is_none_of_another(visit: Visit) -> None:
    zhouting, page = visit("zhouting"), new_page()
    with zhouting.socket(page, "admin"):
        assert zhouting.act(page, "entry").status_code == 403
        assert zhouting.act(page, "admin").status_code == 200


# --- where does the request come from ---------------------------------------------------------
@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1", "https://[broken"])
def test_foreign_origin_opens_no_socket(settled: Visitor, origin: str) -> None:
    assert refused(settled, origin=origin) == 403


def test_foreign_origin_posts_nothing(limin: Visitor) -> None:
    page = new_page()
    with limin.socket(page):
        assert limin.act(page, origin=EVIL).status_code == 403
        plain = {"Marimo-Session-Id": page, "Content-Type": "text/plain"}
        path = "/entry/api/kernel/set_ui_element_value"
        assert limin.post(path, origin=EVIL, headers=plain, content="{}").status_code == 403
        no_origin = limin.http.post(path, headers={"Marimo-Session-Id": page}, json={})
        assert no_origin.status_code == 403


def test_no_answer_is_open_to_other_origins(limin: Visitor) -> None:
    for path in ("/entry/", "/entry/health", "/frame.json", "/login"):
        answer = limin.http.get(path, headers={"Origin": EVIL})
        assert not [h for h in answer.headers if h.startswith("access-control")]
    assert limin.http.options("/entry/", headers={"Origin": EVIL}).status_code == 403


def test_sign_out_needs_the_token_and_the_origin(limin: Visitor) -> None:
    token = limin.csrf()
    assert limin.post("/logout", data={"csrf": "guess"}).status_code == 403
    assert limin.post("/logout", data={"csrf": token}, origin=EVIL).status_code == 403
    assert limin.http.get("/frame.json").status_code == 200


# --- links and parameters ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "query",
    ["session_id=s_aaaaaa", "file=admin.py", "kiosk=true", "access_token=x", "token=x"],
)
def test_links_carry_no_session_file_or_token(settled: Visitor, query: str) -> None:
    assert settled.http.get(f"/entry/?{query}").status_code == 400
    assert settled.http.get(f"/entry?{query}").status_code == 400


@pytest.mark.parametrize("name", ["file", "kiosk", "access_token", "token"])
def test_sockets_take_no_file_or_token(settled: Visitor, name: str) -> None:
    assert refused(settled, **{name: "true"}) == 403


def test_page_without_slash_keeps_its_query(limin: Visitor) -> None:
    answer = limin.http.get("/entry?page=customers&id=7")
    assert answer.headers["location"] == "/entry/?page=customers&id=7"


# --- endpoints --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/entry/sse?session_id=s_aaaaaa",
        "/entry/api/version",
        "/entry/api/status",
        "/entry/api/status/connections",
        "/entry/og/thumbnail",
        "/entry/auth/login",
        "/entry/terminal/ws",
        "/entry/openapi.json",
        "/entry/../admin/",
        "/entry/assets/../api/version",
        "/entry/@file/..%2f..%2fpyproject.toml",
        "/notebooks/entry.py",
        "/static/../pyproject.toml",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/nothing",
    ],
)
def test_other_reads_lead_nowhere(settled: Visitor, path: str) -> None:
    cookies = dict(settled.http.cookies)
    answer = httpx2.get(f"{settled.site}{path}", cookies=cookies, trust_env=False)
    assert answer.status_code in {400, 403, 404}
    assert "marimo" not in answer.text.lower()


@pytest.mark.parametrize(
    "path",
    [
        *(
            f"api/kernel/{verb}"
            for verb in (
                "execute",
                "run",
                "scratchpad/run",
                "instantiate",
                "save",
                "takeover",
                "restart_session",
                "interrupt",
                "shutdown",
                "read_code",
            )
        ),
        "api/export/html",
        "api/export/script",
        "api/export/ipynb",
        "api/home/workspace_files",
        "api/home/running_notebooks",
        "api/files/list_files",
        "api/packages/add",
        "api/secrets/keys",
        "api/sql/validate",
        "api/ai/completion",
        "api/datasources/preview_column",
        "auth/login",
    ],
)
def test_other_posts_lead_nowhere(settled: Visitor, path: str) -> None:
    page = new_page()
    with settled.socket(page):
        answer = settled.post(f"/entry/{path}", headers={"Marimo-Session-Id": page}, json={})
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/entry/terminal/ws", "/entry/ws_sync", "/ws", "/entry/lsp/x"])
def test_other_sockets_lead_nowhere(settled: Visitor, path: str) -> None:
    workspace = path.removeprefix("/").removesuffix("/ws")
    assert refused(settled, workspace=workspace) in {403, 404}


# --- roles ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("login", "closed"),
    [("limin", ("funnel", "admin")), ("wangqiang", ("admin",)), ("sunyue", ("entry", "admin"))],
)
def test_notebook_of_another_role_is_closed(
    visit: Visit, login: str, closed: tuple[str, ...]
) -> None:
    visitor = visit(login)
    for workspace in closed:
        answer = visitor.http.get(f"/{workspace}/")
        assert answer.status_code == 403
        assert "您没有权限" in answer.text
        assert refused(visitor, workspace=workspace) == 403
        assert visitor.http.get(f"/{workspace}/@file/1-x.csv").status_code == 403


# --- without a session ------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/entry/", "/entry/?page=customers", "/nothing"])
def test_strangers_are_led_to_the_form(stranger: Visitor, path: str) -> None:
    answer = stranger.http.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_strangers_get_no_data(stranger: Visitor) -> None:
    for path in ("/frame.json", "/pulse", "/entry/health", "/entry/@file/1-x.csv"):
        assert stranger.http.get(path).status_code == 401
    assert stranger.act("s_aaaaaa").status_code == 401
    assert refused(stranger) == 403


# --- sockets are cut --------------------------------------------------------------------------
def test_sign_out_closes_open_sockets_at_once(limin: Visitor) -> None:
    page = new_page()
    with limin.socket(page) as socket:
        limin.sign_out()
        assert close_code(socket, 1) == SIGNED_OUT
    assert limin.act(page).status_code == 401
    assert refused(limin, page) == 403


def test_sign_out_leaves_other_logins_alone(limin: Visitor, wangqiang: Visitor) -> None:
    with wangqiang.socket() as socket:
        limin.sign_out()
        socket.ping().wait(5)


def test_changed_password_closes_the_other_sockets(visit: Visit) -> None:
    here, there, page = visit("zhangwei"), visit("zhangwei"), new_page()
    with here.socket(page), there.socket() as other:
        data = {"csrf": here.csrf(), "old": make.PASSWORD, "password": "Ganz-Neu-1"}
        answer = here.post("/password", data=data | {"again": "Ganz-Neu-1"})
        assert answer.status_code == 303
        assert close_code(other, 1) == SIGNED_OUT
        assert here.act(page).status_code == 200
    assert there.http.get("/frame.json").status_code == 401


def test_new_role_closes_sockets_within_seconds(visit: Visit) -> None:
    visitor, ids = visit("chengang"), make.people_ids()
    person = make.fetch(Person, ids["chengang"])
    with visitor.socket() as socket:
        edit_person(
            actor_of(ids["zhaolei"]),
            person.id,
            PersonDraft("陈刚", "clerk", person.office_id),
        )
        assert close_code(socket, 6) == SIGNED_OUT


def test_reset_password_closes_sockets_within_seconds(visit: Visit) -> None:
    visitor, ids = visit("liuyang"), make.people_ids()
    with visitor.socket() as socket:
        reset_password(actor_of(ids["zhaolei"]), ids["liuyang"])
        assert close_code(socket, 6) == SIGNED_OUT


@pytest.mark.parametrize("what", ["deactivated", "expired"])
def test_quiet_changes_in_the_database_close_sockets_within_seconds(
    wangqiang: Visitor, what: str
) -> None:
    person = make.people_ids()["wangqiang"]
    with wangqiang.socket() as socket, writing() as session:
        with session.begin():
            if what == "expired":
                session.execute(update(LoginSession).values(expires_at=clock.now()))
            else:
                session.execute(update(Person).where(Person.id == person).values(active=False))
        assert close_code(socket, 8) == SIGNED_OUT
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.id == person).values(active=True))


# --- limits and headers -----------------------------------------------------------------------
def test_twenty_sockets_are_enough_for_anybody(visit: Visit) -> None:
    visitor = visit("zhaolei")
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(visitor.socket())
        assert refused(visitor) == 403


def test_large_bodies_are_refused(limin: Visitor) -> None:
    page = new_page()
    with limin.socket(page):
        path = "/entry/api/kernel/set_ui_element_value"
        headers = {"Marimo-Session-Id": page}
        answer = limin.post(path, headers=headers, content=b"x" * (5 * 1024 * 1024 + 1))
        assert answer.status_code == 413
        parts = (b"x" for _ in range(3))
        assert limin.post(path, headers=headers, content=parts).status_code == 411


def test_pages_and_files_are_kept_nowhere(limin: Visitor) -> None:
    for path in ("/entry/", "/frame.json", "/password"):
        assert "no-store" in limin.http.get(path).headers["cache-control"]


def test_every_page_carries_the_security_headers(limin: Visitor) -> None:
    for path in ("/entry/", "/login", "/nothing", "/static/sign.css"):
        headers = limin.http.get(path, follow_redirects=False).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_notebook_hears_the_person_and_not_the_cookie(limin: Visitor) -> None:
    with limin.socket() as socket:
        text = ""
        while "cookies=" not in text:
            text = str(socket.recv(timeout=10))
    assert f"me={make.people_ids()['limin']} cookies=0" in text

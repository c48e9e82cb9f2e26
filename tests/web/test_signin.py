"""The forms before the notebooks, asked as a browser asks them."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from crmlib.access.actor import actor_of
from crmlib.people.actions import add_person
from crmlib.people.model import Person
from crmlib.people.rules import PersonDraft
from crmlib.store.engine import writing
from tests import make
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize(
    ("login", "start"),
    [
        ("limin", "/entry/"),
        ("zhangwei", "/funnel/"),
        ("zhouting", "/admin/"),
        ("sunyue", "/funnel/"),
    ],
)
def test_everybody_begins_where_his_work_is(visit: Visit, login: str, start: str) -> None:
    visitor = visit(login)
    assert visitor.http.get("/").headers["location"] == start


def test_link_leads_on_after_sign_in(visit: Visit) -> None:
    visitor = visit()
    answer = visitor.sign_in("limin", next="/entry/?page=customers&id=7")
    assert answer.headers["location"] == "/entry/?page=customers&id=7"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://evil.example/",
        "//evil.example/entry/",
        "/\\evil.example",
        "/entry\\x",
        "/logout",
        "entry/",
    ],
)
def test_link_never_leads_elsewhere(visit: Visit, elsewhere: str) -> None:
    assert visit().sign_in("limin", next=elsewhere).headers["location"] == "/"


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(visit: Visit) -> None:
    (cookie,) = [
        c
        for c in visit().sign_in("limin").headers.get_list("set-cookie")
        if c.startswith("crm_session=")
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert len(cookie.partition("=")[2].partition(";")[0]) == 64


def test_each_sign_in_has_its_own_secret_and_ends_the_one_before(visit: Visit) -> None:
    visitor = visit("limin")
    first = visitor.http.cookies["crm_session"]
    token = visitor.csrf()
    assert visitor.http.get("/login").status_code == 303
    visitor.http.cookies.delete("crm_session")
    visitor.sign_in("limin")
    second = visitor.http.cookies["crm_session"]
    assert first != second
    assert visitor.csrf() != token


def test_form_without_its_own_cookie_is_refused(visit: Visit) -> None:
    visitor = visit()
    visitor.http.get("/login")
    data = {"tenant": "sunmao", "login": "limin", "password": make.PASSWORD}
    for token in ("", "guess"):
        answer = visitor.post("/login", data=data | {"csrf": token})
        assert answer.status_code == 403
        assert "页面已过期" in answer.text
    assert "crm_session" not in visitor.http.cookies


def test_form_of_another_site_is_refused(visit: Visit) -> None:
    visitor = visit()
    visitor.http.get("/login")
    assert visitor.post("/login", origin="http://evil.example", data={}).status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"tenant": "x"}, {"login": "nobody"}, {"password": "x"}, {"login": "王'; --"}]
)
def test_wrong_part_is_not_told(visit: Visit, wrong: dict[str, str]) -> None:
    given = {"login": "limin", "password": make.PASSWORD, "tenant": "sunmao"} | wrong
    answer = visit().sign_in(**given)
    assert answer.status_code == 401
    assert "单位简称、登录名或密码错误" in answer.text


def test_typed_text_is_shown_as_text(visit: Visit) -> None:
    answer = visit().sign_in('"><script>alert(1)</script>')
    assert "<script>" not in answer.text
    assert "&quot;&gt;&lt;script&gt;" in answer.text


def test_huge_form_is_refused_calmly(visit: Visit) -> None:
    assert visit().sign_in("limin", password="x" * 20_000).status_code in {401, 403}


def test_signed_out_cookie_is_worth_nothing(visit: Visit) -> None:
    visitor = visit("limin")
    secret = visitor.http.cookies["crm_session"]
    assert visitor.sign_out().headers["location"] == "/login"
    assert "crm_session" not in visitor.http.cookies
    visitor.http.cookies.set("crm_session", secret)
    assert visitor.http.get("/frame.json").status_code == 401


def test_first_password_comes_before_everything(visit: Visit) -> None:
    ids = make.people_ids()
    office = make.fetch(Person, ids["limin"]).office_id
    made = add_person(actor_of(ids["zhaolei"]), "newhire", PersonDraft("林晨", "sales", office))
    visitor = visit()
    assert visitor.sign_in("newhire", made.password).headers["location"] == "/password"
    for page in ("/", "/entry/", "/entry/?page=customers", "/admin/", "/nothing"):
        assert visitor.http.get(page).headers["location"] == "/password"
    assert visitor.http.get("/frame.json").status_code == 403
    assert visitor.act("s_aaaaaa").status_code == 403
    form = visitor.http.get("/password").text
    assert "首次登录密码设置" in form
    assert "原密码" not in form


def test_own_password_is_changed_with_the_old_one(visit: Visit) -> None:
    visitor = visit("sunyue")
    assert "原密码" in visitor.http.get("/password").text
    data = {"csrf": visitor.csrf(), "old": "guess", "password": "Neu-und-1", "again": "Neu-und-1"}
    answer = visitor.post("/password", data=data)
    assert answer.status_code == 422
    assert "原密码错误" in answer.text
    assert visitor.post("/password", data=data | {"csrf": "x"}).status_code == 403
    assert visitor.post("/password", data=data | {"old": make.PASSWORD}).status_code == 303
    assert visit().sign_in("sunyue", "Neu-und-1").status_code == 303


def test_lock_is_told_after_five_failures(visit: Visit) -> None:
    visitor = visit()
    answers = [visitor.sign_in("chengang", "x").text for _ in range(5)]
    assert "请 15 分钟后再试" not in answers[3]
    assert "登录失败次数过多，请 15 分钟后再试" in answers[4]
    assert "请 15 分钟后再试" in visitor.sign_in("chengang").text


def test_deactivated_person_is_told_so(visit: Visit) -> None:
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.login == "liuyang").values(active=False))
    assert "帐号已停用" in visit().sign_in("liuyang").text

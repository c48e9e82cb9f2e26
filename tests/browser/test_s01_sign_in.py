"""S01: 王强's new colleague signs in for the first time, and everything that can go wrong."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.people.actions import NewAccount, add_person
from crmlib.people.model import Person
from crmlib.people.rules import PersonDraft
from crmlib.store.engine import writing
from tests import make
from tests.browser.conftest import Troubles, sign_in

pytestmark = pytest.mark.browser
OWN = "Mein-Eigenes-7"
WRONG = "单位简称、登录名或密码错误"


def hired(login: str) -> NewAccount:
    ids = make.people_ids()
    boss = make.fetch(Person, ids["zhangwei"])
    draft = PersonDraft("林晨", "sales", boss.office_id, boss.id)
    return add_person(actor_of(ids["zhaolei"]), login, draft)


def change(login: str, **values: object) -> None:
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.login == login).values(**values))


def type_twice(page: Page, password: str, again: str | None = None) -> None:
    page.get_by_label("新密码", exact=True).fill(password)
    page.get_by_label("再次输入新密码").fill(password if again is None else again)
    page.get_by_role("button", name="确定").click()


@pytest.fixture
def page(new_page: Callable[[], Page], troubles: Troubles) -> Page:
    # A refused form is answered with its status, which Chromium notes in the console.
    for status in (401, 422):
        troubles.allow(f"the server responded with a status of {status}")
    return new_page()


def test_first_sign_in_sets_a_password_and_opens_the_home_page(page: Page) -> None:
    account = hired("newhire")
    sign_in(page, "newhire", account.password)
    expect(page.get_by_role("heading", name="首次登录密码设置")).to_be_visible()
    page.goto("/entry/?page=customers")
    expect(page).to_have_url(re.compile("/password$"))
    type_twice(page, OWN)
    expect(page).to_have_url(re.compile("/entry/"))
    head = page.get_by_role("banner")
    for word in ("信息中心", "林晨", "广州"):
        expect(head).to_contain_text(word)
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(re.compile("/login$"))
    sign_in(page, "newhire", OWN)
    expect(page).to_have_url(re.compile("/entry/"))


def test_weak_or_equal_password_is_refused_beside_its_field(page: Page) -> None:
    account = hired("newhire2")
    sign_in(page, "newhire2", account.password)
    type_twice(page, "12345678")
    expect(page.get_by_role("alert")).to_have_text(re.compile("字母和数字"))
    type_twice(page, account.password)
    expect(page.get_by_role("alert")).to_have_text("新密码不能与原密码相同")
    type_twice(page, OWN, OWN + "x")
    expect(page.get_by_role("alert")).to_have_text("两次输入的密码不一致")
    expect(page).to_have_url(re.compile("/password$"))


@pytest.mark.parametrize(
    ("tenant", "login", "password"),
    [
        ("elsewhere", "wangqiang", make.PASSWORD),
        ("sunmao", "nobody", make.PASSWORD),
        ("sunmao", "wangqiang", "wrong-one-1"),
    ],
)
def test_wrong_part_is_never_named(page: Page, tenant: str, login: str, password: str) -> None:
    sign_in(page, login, password, tenant)
    expect(page.get_by_role("alert")).to_have_text(WRONG)
    expect(page.get_by_label("登录名")).to_have_value(login)
    expect(page.get_by_label("密码")).to_have_value("")
    expect(page.get_by_label("密码")).to_be_focused()


def test_fifth_failure_locks_for_a_quarter_of_an_hour(page: Page) -> None:
    for _ in range(4):
        sign_in(page, "chengang", "wrong-one-1")
        expect(page.get_by_role("alert")).to_have_text(WRONG)
    for password in ("wrong-one-1", make.PASSWORD):
        sign_in(page, "chengang", password)
        expect(page.get_by_role("alert")).to_have_text("登录失败次数过多，请 15 分钟后再试")
    change("chengang", locked_until=clock.now() - timedelta(seconds=1))
    sign_in(page, "chengang")
    expect(page).to_have_url(re.compile("/entry/"))


def test_deactivated_person_is_told_so(page: Page) -> None:
    change("sunyue", active=False)
    sign_in(page, "sunyue")
    expect(page.get_by_role("alert")).to_have_text("帐号已停用")


def test_keyboard_alone_signs_in(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_label("单位简称")).to_be_focused()
    for text in ("sunmao", "limin", make.PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab" if text != make.PASSWORD else "Enter")
    expect(page).to_have_url(re.compile("/entry/"))


def test_link_to_a_record_survives_the_sign_in(page: Page) -> None:
    page.goto("/entry/?page=customers&id=7")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("单位简称").fill("sunmao")
    page.get_by_label("登录名").fill("limin")
    page.get_by_label("密码").fill(make.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r"/entry/\?page=customers&id=7$"))


def test_another_roles_workspace_says_so_and_leads_back(page: Page, troubles: Troubles) -> None:
    troubles.allow("the server responded with a status of 403")
    sign_in(page, "limin")
    page.goto("/admin/")
    expect(page.get_by_role("heading")).to_have_text("您没有权限打开此页面")
    page.get_by_role("link", name="返回首页").click()
    expect(page).to_have_url(re.compile("/entry/"))

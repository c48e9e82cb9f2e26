"""What the frame of a page is told, and how soon it hears of a change."""

import threading
import time
from collections.abc import Callable

import httpx2

from crmlib.access.actor import actor_of
from crmlib.people.actions import edit_person
from crmlib.people.model import Person
from crmlib.people.rules import PersonDraft
from crmlib.store.engine import writing
from tests import make
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]


def pages(visitor: Visitor, workspace: str) -> set[str]:
    menu = visitor.http.get(f"/frame.json?workspace={workspace}").json()["menu"]
    return {item["page"] for group in menu for item in group["items"] if item["page"]}


def change_somebody() -> None:
    ids = make.people_ids()
    row = make.fetch(Person, ids["chengang"])
    draft = PersonDraft("陈刚", "sales", row.office_id, mobile=f"138{time.time_ns() % 10**8:08d}")
    edit_person(actor_of(ids["zhaolei"]), row.id, draft)


def test_frame_names_the_person_and_the_pages_of_his_role(visit: Visit) -> None:
    limin = visit("limin")
    told = limin.http.get("/frame.json?workspace=entry").json()
    assert told["person"] == {
        "id": make.people_ids()["limin"],
        "name": "李敏",
        "office": "广州",
        "role": "内勤",
    }
    assert (told["workspace"], told["unread"], told["pending"]) == ("entry", 0, 0)
    hers = pages(limin, "entry")
    assert hers >= {"home", "collide", "customers", "customer_new", "requests", "message_new"}
    assert not hers & {"opportunity_new", "unassigned", "people"}
    assert "opportunity_new" in pages(visit("wangqiang"), "entry")
    assert "unassigned" in pages(visit("zhangwei"), "entry")


def test_people_are_managed_by_administrators_only(visit: Visit) -> None:
    assert "people" not in pages(visit("zhouting"), "admin")
    assert "people" in pages(visit("zhaolei"), "admin")


def test_menu_of_a_closed_workspace_is_not_told(visit: Visit) -> None:
    told = visit("limin").http.get("/frame.json?workspace=admin").json()
    assert told["workspace"] == "entry"


def test_menu_leads_to_the_other_workspaces_of_the_role(visit: Visit) -> None:
    def elsewhere(login: str, workspace: str) -> set[str]:
        told = visit(login).http.get(f"/frame.json?workspace={workspace}").json()
        return {i["label"] for g in told["menu"] if g["group"] == "切换" for i in g["items"]}

    assert elsewhere("limin", "entry") == set()
    assert elsewhere("zhouting", "admin") == {"录入", "漏斗"}


def test_own_password_is_a_menu_entry_away(visit: Visit) -> None:
    limin = visit("limin")
    *_, last = limin.http.get("/frame.json?workspace=entry").json()["menu"]
    assert last["items"] == [{"page": "", "label": "修改密码", "href": "/password"}]
    assert "返回首页" in limin.http.get("/password").text


def test_pulse_tells_what_changed_soon_after(visit: Visit) -> None:
    limin = visit("limin")
    since = limin.http.get("/frame.json").json()["version"]
    heard: list[tuple[float, httpx2.Response]] = []
    waiting = threading.Thread(
        target=lambda: heard.append(
            (0.0, limin.http.get(f"/pulse?since={since}")),
        )
    )
    waiting.start()
    waiting.join(1)
    assert heard == []
    change_somebody()
    waiting.join(10)
    told = heard[0][1].json()
    assert told["version"] > since
    assert told["topics"] == ["person"]
    assert (told["unread"], told["pending"]) == (0, 0)


def test_pulse_of_a_page_older_than_the_server_tells_everything(visit: Visit) -> None:
    told = visit("limin").http.get("/pulse?since=999999999").json()
    assert {"customer", "opportunity", "message"} <= set(told["topics"])


def test_sign_ins_of_others_wake_nobody(visit: Visit) -> None:
    limin = visit("limin")
    change_somebody()
    time.sleep(1.5)
    since = limin.http.get("/frame.json").json()["version"]
    visit("wangqiang")
    time.sleep(1.5)
    assert limin.http.get("/frame.json").json()["version"] == since


def test_pulse_of_a_session_that_ended_says_so(visit: Visit) -> None:
    limin = visit("limin")
    since = limin.http.get("/frame.json").json()["version"]
    heard: list[int] = []
    waiting = threading.Thread(
        target=lambda: heard.append(limin.http.get(f"/pulse?since={since}").status_code)
    )
    waiting.start()
    time.sleep(0.3)
    other = visit()
    other.http.cookies = limin.http.cookies
    other.sign_out()
    change_somebody()
    waiting.join(10)
    assert heard == [401]


def test_counts_are_told_at_once_to_who_asks_for_them_now(visit: Visit) -> None:
    told = visit("limin").http.get("/pulse?now=1").json()
    assert (told["topics"], told["unread"], told["pending"]) == ([], 0, 0)


def test_who_has_the_funnel_only_reads_his_messages_there(visit: Visit) -> None:
    assert {"home", "message_new"} <= pages(visit("sunyue"), "funnel")
    assert "home" not in pages(visit("zhangwei"), "funnel")


def test_account_closed_since_the_guard_asked_signs_the_page_out(visit: Visit) -> None:
    sunyue = visit("sunyue")
    assert sunyue.http.get("/frame.json").status_code == 200
    _set_active("sunyue", active=False)  # past the actions: the guard still remembers her
    try:
        assert sunyue.http.get("/frame.json").status_code == 401
    finally:
        _set_active("sunyue", active=True)


def test_health_is_open_and_asks_the_database(site: str) -> None:
    assert httpx2.get(f"{site}/healthz", trust_env=False).text == "ok"


def _set_active(login: str, *, active: bool) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, make.people_ids()[login]).active = active

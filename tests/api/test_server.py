"""The interface as programs use it: records, refusals, versions, keys, limits."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import Contact, Customer
from crmlib.customers.queries import CustomerQuery, customer_page
from crmlib.opportunities.model import Opportunity, StageHistory
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.store.engine import writing
from tests import make
from tests.api.conftest import Program

Programs = Callable[..., Program]
NEW = {
    "name": "深圳前海云帆幕墙工程有限公司",
    "level": "B",
    "industry": "01",
    "country": "01",
    "phone": "0755-26001122",
    "address": "前海路1号",
    "no_fax": True,
    "no_email": True,
    "no_website": True,
    "contact_name": "何经理",
    "contact_role": "01",
    "contact_mobile": "13900001111",
}


def _new(**more: Any) -> dict[str, Any]:
    from crmlib.reference.model import Region

    (region,) = make.rows(Region, name="广东")
    return NEW | {"region": region.id} | more


def _activity(customer_id: int, owner: Actor) -> int:
    with writing() as session, session.begin():
        row = Activity(
            number=f"HD{customer_id}",
            subject="上门拜访",
            activity_type="01",
            customer_id=customer_id,
            status=ActivityStatus.NOT_STARTED,
            owner_id=owner.person_id,
            office_id=owner.office_id,
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


# --- who may call ----------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["", "sunmao_wrong", "x" * 5000])
def test_nobody_calls_without_a_token(
    cast: dict[str, Actor], http: TestClient, secret: str
) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    for path in ("/me", "/customers", "/nowhere"):
        answer = http.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["error"] == "unauthorised"
    basic = http.get("/api/v1/me", headers={"Authorization": f"Basic {secret}"})
    assert basic.status_code == 401


def test_a_token_tells_whose_it_is(program: Programs) -> None:
    told = program("limin", may_write=False).get("/me").json()
    assert (told["person"], told["role"], told["may_write"]) == ("李敏", "内勤", False)


def test_a_reading_token_changes_nothing(program: Programs) -> None:
    number = make.customer()
    mine = program("wangqiang", may_write=False)
    assert mine.patch(f"/customers/{number}", {"remark": "x", "version": 1}).status_code == 403
    assert mine.post("/customers", _new()).json()["error"] == "read_only"
    assert mine.post("/collisions", {"name": "前海云帆幕墙"}).status_code == 200
    assert make.fetch(Customer, number).remark is None


# --- customers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login", ["limin", "wangqiang", "chengang", "zhangwei", "zhouting", "sunyue"]
)
def test_a_list_holds_what_the_screen_holds(
    cast: dict[str, Actor], program: Programs, login: str
) -> None:
    for owner in ("wangqiang", "chengang", None, "wangqiang"):
        make.customer(owner=owner)
    shown = customer_page(cast[login], CustomerQuery(sort="code", descending=False))
    told = program(login).get("/customers", sort="code", descending="false").json()
    assert [row["id"] for row in told["rows"]] == shown.rows["id"].to_list()
    assert [row["phone"] for row in told["rows"]] == shown.rows["phone"].to_list()
    assert told["total"] == shown.total


def test_filters_and_pages_are_those_of_the_screen(program: Programs) -> None:
    for number in range(3):
        make.customer(f"南沙区第{number}幕墙有限公司")
    make.customer("东莞门窗有限公司", industry="02")
    mine = program("wangqiang")
    assert mine.get("/customers", industry="02").json()["total"] == 1
    assert mine.get("/customers", find_text="南沙", size=2, page=2).json()["total"] == 3
    assert len(mine.get("/customers", find_text="南沙", size=2, page=2).json()["rows"]) == 1
    assert mine.get("/customers", trading="true").json()["rows"] == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"size": 501}, "size"),
        ({"size": 0}, "size"),
        ({"page": "x"}, "page"),
        ({"page": 10**9}, "page"),
        ({"sort": "phone"}, "sort"),
        ({"status": "gone"}, "status"),
        ({"region": 10**30}, "region"),
        ({"find_text": "a\x00b"}, "find_text"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_wrong_parameters_are_told(program: Programs, params: dict[str, Any], field: str) -> None:
    answer = program("zhouting").get("/customers", **params)
    assert answer.status_code == 422
    assert set(answer.json()["faults"]) == {field}


def test_a_customer_has_its_contacts_and_words(program: Programs) -> None:
    number = make.customer("广州白云幕墙有限公司", mobile="13812345678")
    told = program("wangqiang").get(f"/customers/{number}")
    body = told.json()
    assert (body["level"], body["texts"]["level"]) == ("B", "普通客户")
    assert body["contacts"][0]["mobile"] == "13812345678"
    assert body["registered_at"].endswith("+08:00")
    assert told.headers["etag"] == '"1"'


def test_phones_are_masked_as_on_the_screen(program: Programs) -> None:
    number = make.customer(mobile="13812345678", phone="020-87654321")
    body = program("sunyue").get(f"/customers/{number}")
    assert "13812345678" not in body.text
    assert "87654321" not in body.text


def test_a_hidden_customer_does_not_exist(program: Programs) -> None:
    number = make.customer(owner="chengang")
    mine = program("wangqiang")
    for answer in (
        mine.get(f"/customers/{number}"),
        mine.get(f"/customers/{number}/contacts"),
        mine.patch(f"/customers/{number}", {"remark": "x", "version": 1}),
        mine.post(f"/customers/{number}/contacts", {"name": "x"}),
        mine.get("/customers/999999999999999999"),
        mine.get("/customers/0"),
        mine.get("/contacts/0"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] == "not_found"


def test_a_new_customer_goes_through_the_same_door(program: Programs) -> None:
    mine = program("wangqiang")
    made = mine.post("/customers", _new())
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/v1/customers/{made.json()['id']}"
    assert made.json()["texts"]["owner"] == "王强"
    again = mine.post("/customers", _new())
    assert again.status_code == 422
    assert "已存在相同客户" in again.json()["faults"]["name"]


def test_a_similar_customer_wants_a_reason(program: Programs) -> None:
    mine = program("wangqiang")
    assert mine.post("/customers", _new()).status_code == 201
    similar = _new(name="深圳前海云帆幕墙装饰工程有限公司")
    asked = mine.post("/customers", similar)
    assert asked.json()["faults"] == {"reason": "发现相似客户，请填写原因"}
    assert mine.post("/customers", similar | {"reason": "另一家公司"}).status_code == 201


def test_all_faults_come_at_once_by_field(program: Programs) -> None:
    faults = (
        program("wangqiang").post("/customers", {"email": "x", "no_fax": True}).json()["faults"]
    )
    assert {"name", "email", "phone", "contact_mobile"} <= set(faults)
    assert all(any(ord(c) > 255 for c in text) for text in faults.values())


def test_wrong_types_are_faults_not_failures(program: Programs) -> None:
    wrong = {"name": 7, "no_fax": "yes", "region": "华南", "nonsense": None, "remark": "a\x00"}
    faults = program("wangqiang").post("/customers", wrong).json()["faults"]
    assert set(faults) == set(wrong)


def test_a_key_saves_once(program: Programs) -> None:
    mine = program("wangqiang")
    first = mine.post("/customers", _new(), **{"Idempotency-Key": "order-1"})
    second = mine.post("/customers", _new(), **{"Idempotency-Key": "order-1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert len(make.rows(Customer)) == 1


def test_keys_of_two_programs_do_not_meet(program: Programs) -> None:
    headers = {"Idempotency-Key": "1"}
    one = program("wangqiang").post("/customers", _new(), **headers)
    other = program("chengang").post(
        "/customers", _new(name="上海浦东门窗有限公司", phone="021-1234567"), **headers
    )
    assert other.status_code == 201
    assert other.json()["id"] != one.json()["id"]


def test_a_change_needs_the_version_read(program: Programs) -> None:
    number = make.customer()
    mine = program("wangqiang")
    assert set(mine.patch(f"/customers/{number}", {"remark": "x"}).json()["faults"]) == {"version"}
    assert (
        mine.patch(f"/customers/{number}", {"remark": "x"}, **{"If-Match": '"1"'}).json()["version"]
        == 2
    )
    stale = mine.patch(f"/customers/{number}", {"remark": "y", "version": 1})
    assert (stale.status_code, stale.json()["error"]) == (409, "stale")


def test_a_locked_field_is_refused(program: Programs) -> None:
    number = make.customer(status="trading")
    answer = program("wangqiang").patch(f"/customers/{number}", {"level": "A", "version": 1})
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    owner = program("wangqiang").patch(f"/customers/{number}", {"owner": 1, "version": 1})
    assert owner.json()["faults"] == {"owner": "未知字段"}


# --- contacts, opportunities, activities -------------------------------------------------------


def test_contacts_are_added_and_changed(program: Programs) -> None:
    number, mine = make.customer(), program("wangqiang")
    body = {"name": "赵工", "role": "02", "mobile": "13700002222", "birthday": "1990-05-01"}
    made = mine.post(f"/customers/{number}/contacts", body)
    assert (made.status_code, made.json()["birthday"]) == (201, "1990-05-01")
    contact = made.json()["id"]
    changed = mine.patch(f"/contacts/{contact}", {"title": "总工", "version": 1})
    assert (changed.json()["title"], changed.json()["version"]) == ("总工", 2)
    assert mine.get(f"/customers/{number}/contacts").json()["total"] == 2
    assert mine.get(f"/contacts/{contact}").json()["name"] == "赵工"
    assert len(make.rows(Contact)) == 2


def test_an_opportunity_from_first_to_second_stage(program: Programs) -> None:
    number, mine = make.customer("广州白云幕墙有限公司"), program("wangqiang")
    body = {
        "customer_id": number,
        "project_name": "白云机场三期",
        "products": ["P1-01"],
        "sales_task": "03",
        "amount": "1280000.50",
        "expected_close": "2027-06-30",
    }
    made = mine.post("/opportunities", body)
    assert (made.status_code, made.json()["amount"]) == (201, "1280000.50")
    deal = made.json()["id"]
    assert set(mine.post("/opportunities", body).json()["faults"]) == {"confirm"}
    assert mine.post("/opportunities", body | {"confirm": True}).status_code == 201
    edited = mine.patch(f"/opportunities/{deal}", {"amount": "99", "version": 1})
    assert (edited.json()["amount"], edited.json()["version"]) == ("99.00", 2)
    moved = mine.post(f"/opportunities/{deal}/advance", {"version": 2, "confirm": True})
    assert moved.json()["stage_id"] == made.json()["next_stage_id"]
    assert make.fetch(Opportunity, deal).stage_id == moved.json()["stage_id"]
    closed = mine.post(f"/opportunities/{deal}/advance", {"version": 2, "confirm": True})
    assert closed.status_code == 409


def test_an_opportunity_to_its_end_and_back(program: Programs) -> None:
    deal, today = make.opportunity(make.customer()), clock.today().isoformat()
    mine, head, desk = program("wangqiang"), program("zhangwei"), program("zhouting")
    way = f"/opportunities/{deal}"
    codes = mine.get("/opportunities/options").json()["fields"]
    why = {name: codes[name][0]["code"] for name in ("win_reason", "loss_reason", "competitor")}
    assert set(mine.post(f"{way}/win", {"version": 1}).json()["faults"]) == {
        "decided_on", "reason", "amount",
    }  # fmt: skip
    won = {"decided_on": today, "reason": why["win_reason"], "amount": "386000"}
    assert mine.post(f"{way}/win", won | {"version": 9}).status_code == 409
    ended = mine.post(f"{way}/win", won | {"version": 1}).json()
    assert ended["outcome"] == "won"
    assert make.fetch(Opportunity, deal).won_amount == 386_000
    back = {"reason": "客户反悔"}
    assert mine.post(f"{way}/undo_win", back | {"version": ended["version"]}).status_code == 403
    ended = head.post(f"{way}/undo_win", back | {"version": ended["version"]}).json()
    lost = {"decided_on": today, "reason": why["loss_reason"], "competitor": why["competitor"]}
    for step, who, body, outcome, is_closed in (
        ("lose", mine, lost, "lost", False),
        ("undo_loss", head, back, "open", False),
        ("lose", mine, lost | {"competitor": "", "no_competitor": True}, "lost", False),
        ("close", mine, {"summary": "价格偏高"}, "lost", True),
        ("reopen", desk, back, "lost", False),
    ):
        said = who.post(f"{way}/{step}", body | {"version": ended["version"]})
        assert said.status_code == 200, (step, said.json())
        ended = said.json()
        assert (ended["outcome"], ended["closed"]) == (outcome, is_closed), step
    events = [row.event for row in make.rows(StageHistory, opportunity_id=deal)]
    assert events == ["move", "won", "undone", "lost", "undone", "lost", "closed", "reopened"]


@pytest.mark.parametrize(
    "login", ["limin", "wangqiang", "chengang", "zhangwei", "zhouting", "sunyue"]
)
def test_amounts_are_shown_as_on_the_screen(
    cast: dict[str, Actor], program: Programs, login: str
) -> None:
    for owner in ("wangqiang", "chengang"):
        make.opportunity(make.customer(owner=owner), owner=owner)
    shown = opportunity_page(cast[login], OpportunityQuery(sort="number"))
    told = program(login).get("/opportunities", sort="number").json()
    assert [row["id"] for row in told["rows"]] == shown.rows["id"].to_list()
    amounts = [None if a is None else str(a) for a in shown.rows["amount"].to_list()]
    assert [row["amount"] for row in told["rows"]] == amounts


def test_lists_of_filters_may_have_commas(program: Programs) -> None:
    number = make.customer()
    make.opportunity(number)
    mine = program("wangqiang")
    assert mine.get("/opportunities", stages="INFO,NEED", outcomes="open").json()["total"] == 1
    assert mine.get("/opportunities", amount_from="100000.01").json()["total"] == 0
    wrong = mine.get("/opportunities", amount_from="1E+99999", close_from="2026-13-01", offices="a")
    assert set(wrong.json()["faults"]) == {"amount_from", "close_from", "offices"}


def test_activities_are_read(cast: dict[str, Actor], program: Programs) -> None:
    number = make.customer()
    activity = _activity(number, cast["wangqiang"])
    mine = program("wangqiang")
    listed = mine.get("/activities", customer_id=number).json()
    assert [row["id"] for row in listed["rows"]] == [activity]
    assert mine.get(f"/activities/{activity}").json()["subject"] == "上门拜访"
    assert program("chengang").get(f"/activities/{activity}").status_code == 404
    assert program("chengang").get("/activities").json()["total"] == 0


def test_activities_are_planned_and_completed(program: Programs) -> None:
    number = make.customer()
    deal = make.opportunity(number)
    mine, boss = program("wangqiang"), program("zhangwei")
    wrong = mine.post("/activities", {"customer_id": number, "planned_start": "明天"})
    assert set(wrong.json()["faults"]) == {
        "subject",
        "activity_type",
        "planned_start",
        "planned_end",
    }
    body = {
        "opportunity_id": deal,
        "subject": "上门拜访",
        "activity_type": mine.get("/activities/options").json()["fields"]["activity_type"][0][
            "code"
        ],
        "planned_start": "2027-01-04T10:00+08:00",
        "planned_end": "2027-01-04T03:00:00Z",
        "remind": True,
    }
    made = mine.post("/activities", body, **{"Idempotency-Key": "one"})
    again = mine.post("/activities", body, **{"Idempotency-Key": "one"})
    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    assert made.json()["customer_id"] == number
    assert made.json()["planned_end"] == "2027-01-04T11:00:00+08:00"
    path = f"/activities/{made.json()['id']}"
    edited = mine.patch(path, {"place": "现场", "version": 1})
    assert (edited.json()["place"], edited.json()["version"]) == ("现场", 2)
    assert mine.patch(path, {"place": "x", "version": 1}).status_code == 409
    assert program("chengang").patch(path, {"place": "x", "version": 2}).status_code == 404
    assert mine.post(f"{path}/start", {"version": 2}).json()["status"] == "started"
    assert set(mine.post(f"{path}/complete", {"version": 3}).json()["faults"]) == {"result"}
    done = {"result": "已面谈", "push": True, "confirm": True, "version": 3}
    assert mine.post(f"{path}/complete", done).json()["status"] == "done"
    assert mine.patch(path, {"subject": "x", "version": 4}).status_code == 409
    assert mine.post(f"{path}/reopen", {"version": 4}).status_code == 403
    assert boss.post(f"{path}/reopen", {"version": 4}).json()["status"] == "started"


def test_a_collision_tells_as_much_as_the_screen(program: Programs) -> None:
    number = make.customer("上海浦江门窗有限公司", owner="chengang")
    told = program("wangqiang").post("/collisions", {"name": "上海浦江门窗有限公司"}).json()
    assert told["verdict"] == "same"
    assert told["hits"][0]["id"] is None
    mine = program("chengang").post("/collisions", {"name": "上海浦江门窗有限公司"}).json()
    assert mine["hits"][0]["id"] == number
    empty = program("chengang").post("/collisions", {"name": "。"})
    assert set(empty.json()["faults"]) == {"name"}


def test_choices_are_those_of_the_forms(program: Programs) -> None:
    fields = program("wangqiang").get("/customers/options").json()["fields"]
    assert {"code": "B", "name": "普通客户", "parent": None} in fields["level"]
    assert "products" in program("wangqiang").get("/opportunities/options").json()["fields"]


# --- the wire --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["", "/x", "/customers/x", "/customers/1/2", "/orders/x/y", "/customers/"]
)
def test_unknown_addresses_are_told(program: Programs, path: str) -> None:
    answer = program("zhouting").get(path or "/ ")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(program: Programs, method: str) -> None:
    answer = program("zhouting").call(method, "/customers")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'"x"', b"\xff", b'{"name": "\\ud800"}', b"[" * 100_000, b'{"a": NaN}', b"1e999"],
)
def test_a_body_that_is_no_object_is_told(program: Programs, content: bytes) -> None:
    answer = program("wangqiang").call("POST", "/customers", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_a_body_of_another_kind_is_told(program: Programs) -> None:
    answer = program("wangqiang").call("POST", "/customers", data={"name": "x"})
    assert answer.status_code == 400


def test_a_large_body_is_refused(program: Programs) -> None:
    mine = program("wangqiang")
    big = b'{"name": "' + b"x" * 1_100_000 + b'"}'
    assert mine.call("POST", "/customers", content=big).status_code == 413
    streamed = mine.call("POST", "/customers", content=iter([big[:600_000], big[600_000:]]))
    assert streamed.status_code == 413


def test_a_token_that_calls_too_often_waits(
    program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_API_PER_MINUTE", "3")
    eager, calm = program("wangqiang"), program("limin")
    assert [eager.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = eager.get("/me")
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.json()["error"] == "too_many"
    assert calm.get("/me").status_code == 200


def test_asking_for_collisions_too_often_waits(
    program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COLLISIONS_PER_MINUTE", "0")
    answer = program("wangqiang").post("/collisions", {"name": "前海云帆幕墙"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")

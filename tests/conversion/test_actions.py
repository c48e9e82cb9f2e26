"""From 申请转交易 to 客户转交易成功, with everybody who may and may not."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Role
from crmlib.conversion import actions, rules
from crmlib.conversion.actions import (
    convert,
    refuse,
    request_conversion,
    undo_conversion,
    withdraw,
)
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.card import customer_card
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.review import mark_distinct
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Outcome
from crmlib.people.model import Person
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

EVERYBODY = {
    "limin",
    "wangqiang",
    "chengang",
    "zhangwei",
    "liuyang",
    "zhouting",
    "zhaolei",
    "sunyue",
}


def change(model: type[Any], key: int, **values: Any) -> None:
    with writing() as session, session.begin():
        record = session.get_one(model, key)
        for name, value in values.items():
            setattr(record, name, value)


def ready(name: str = "云岭测试门窗有限公司", **values: Any) -> int:
    """Insert a customer whose check list is in order."""
    key = make.customer(name, **values)
    make.opportunity(key, outcome=Outcome.WON, decided_on=date(2026, 4, 2))
    return key


def ask(actor: Actor, customer_id: int, **values: Any) -> int:
    given = {"title": "申请转交易", "body": "请审核"} | values
    return request_conversion(actor, customer_id, **given).request_id


def unread(actor: Actor) -> list[str]:
    copies = make.rows(MessageRecipient, person_id=actor.person_id)
    return [make.fetch(Message, copy.message_id).title for copy in copies]


def status(customer_id: int) -> CustomerStatus:
    found: CustomerStatus = make.fetch(Customer, customer_id).status
    return found


# --- who ---
@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("wangqiang", True),  # owner
        ("limin", True),  # registrant
        ("zhangwei", True),  # his manager
        ("liuyang", True),  # the manager above
        ("chengang", False),
        ("zhouting", False),
        ("zhaolei", False),
        ("sunyue", False),
    ],
)
def test_who_may_apply(cast: dict[str, Actor], who: str, may: bool) -> None:
    key = ready(registered_by_id=cast["limin"].person_id)
    if may:
        assert ask(cast[who], key)
        return
    with pytest.raises(NotAllowed):
        ask(cast[who], key)
    assert make.rows(ConversionRequest) == []


STEPS: dict[str, tuple[set[str], Callable[[Actor, int, int], object]]] = {
    "convert": ({"zhouting"}, lambda who, key, _: convert(who, key)),
    "refuse": ({"zhouting"}, lambda who, _, request: refuse(who, request, "不齐")),
    "withdraw": ({"wangqiang"}, lambda who, _, request: withdraw(who, request)),
}


@pytest.mark.parametrize("step", STEPS)
def test_who_may_answer(cast: dict[str, Actor], step: str) -> None:
    key = ready()
    request = ask(cast["wangqiang"], key)
    allowed, run = STEPS[step]
    for login in sorted(EVERYBODY - allowed):
        with pytest.raises(NotAllowed):
            run(cast[login], key, request)
        assert make.fetch(ConversionRequest, request).status is RequestStatus.PENDING
        assert status(key) is CustomerStatus.POTENTIAL
    for login in allowed:
        run(cast[login], key, request)


def test_who_may_undo(cast: dict[str, Actor]) -> None:
    for login in sorted(EVERYBODY):
        key = ready(f"云岭{login}门窗有限公司")
        convert(cast["zhouting"], key)
        if login in ("zhouting", "zhaolei"):
            undo_conversion(cast[login], key, "误操作")
            assert status(key) is CustomerStatus.POTENTIAL
        else:
            with pytest.raises(NotAllowed):
                undo_conversion(cast[login], key, "误操作")
            assert status(key) is CustomerStatus.TRADING


def test_a_clerk_who_calls_the_action_is_logged(cast: dict[str, Actor]) -> None:
    with pytest.raises(NotAllowed, match="您没有权限执行此操作"):
        convert(cast["limin"], ready())
    (row,) = make.rows(ChangeLog, kind="refused")
    assert (row.person_id, row.action) == (cast["limin"].person_id, "convert")


# --- asking ---
def test_a_request_sends_the_message(cast: dict[str, Actor]) -> None:
    key = ready()
    done = request_conversion(cast["wangqiang"], key, title=" 申请转交易 ", body="请审核")
    assert done.text == "消息发送成功"
    message = make.fetch(Message, done.message_id)
    assert (message.related_type, message.related_id) == ("customer", key)
    assert message.sender_id == cast["wangqiang"].person_id
    assert unread(cast["zhouting"]) == ["申请转交易"]
    (row,) = make.rows(ConversionRequest)
    assert (row.status, row.message_id, row.title) == (
        RequestStatus.PENDING,
        done.message_id,
        "申请转交易",
    )


def test_a_second_request_is_refused(cast: dict[str, Actor]) -> None:
    key = ready()
    ask(cast["wangqiang"], key)
    with pytest.raises(Refused, match="已有待处理的申请"):
        ask(cast["zhangwei"], key)
    assert len(make.rows(Message)) == 1


def test_a_double_click_asks_once(cast: dict[str, Actor]) -> None:
    key = ready()
    assert ask(cast["wangqiang"], key, token="t") == ask(cast["wangqiang"], key, token="t")


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"body": ""}, {"groups": ()}, {"groups": ("clerk",)}]
)
def test_a_faulty_message_is_refused(cast: dict[str, Actor], wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ask(cast["wangqiang"], ready(), **wrong)
    assert make.rows(ConversionRequest) == make.rows(Message) == []


@pytest.mark.parametrize("state", [s for s in CustomerStatus if s is not CustomerStatus.POTENTIAL])
def test_only_potential_customers_are_asked_for(
    cast: dict[str, Actor], state: CustomerStatus
) -> None:
    key = ready(status=state)
    with pytest.raises(Refused, match=r"交易客户|状态是"):
        ask(cast["wangqiang"], key)
    with pytest.raises(Refused, match=r"交易客户|状态是"):
        convert(cast["zhouting"], key)


# --- deciding ---
def test_a_conversion(cast: dict[str, Actor]) -> None:
    key = ready(owner="wangqiang")
    request = ask(cast["zhangwei"], key)
    done = convert(cast["zhouting"], key, request_id=request)
    assert (done.text, done.last_trade_on) == ("客户转交易成功", "2026-04-02")
    row = make.fetch(Customer, key)
    assert (row.status, row.last_trade_on) == (CustomerStatus.TRADING, date(2026, 4, 2))
    answered = make.fetch(ConversionRequest, request)
    assert answered.status is RequestStatus.APPROVED
    assert answered.decided_by_id == cast["zhouting"].person_id
    assert {line["key"] for line in answered.evidence} >= {"fields", "evidence"}
    assert unread(cast["zhangwei"]) == unread(cast["wangqiang"]) == ["客户转交易成功"]


def test_without_evidence_a_reason_is_needed(cast: dict[str, Actor]) -> None:
    key = make.customer("云岭测试门窗有限公司")
    with pytest.raises(Refused, match="没有交易依据"):
        convert(cast["zhouting"], key)
    with pytest.raises(Invalid):
        convert(cast["zhouting"], key, override_reason="因" * 256)
    convert(cast["zhouting"], key, override_reason="合同已签")
    (row,) = make.rows(ConversionRequest)
    assert (row.status, row.override_reason) == (RequestStatus.APPROVED, "合同已签")
    assert make.fetch(Customer, key).last_trade_on == clock.today()


@pytest.mark.parametrize("waiting", [PairStatus.OPEN, PairStatus.DEFERRED])
def test_an_open_pair_stops_it_until_decided(cast: dict[str, Actor], waiting: PairStatus) -> None:
    key, other = ready(), make.customer("云岭测式门窗有限公司")
    with writing() as session, session.begin():
        pair = DuplicatePair(
            a_id=min(key, other),
            b_id=max(key, other),
            same=0.9,
            related=0,
            source=PairSource.SCAN,
            status=waiting,
            found_at=clock.now(),
        )
        session.add(pair)
        session.flush()
        pair_id = pair.id
    with pytest.raises(Refused, match="云岭测式门窗"):
        convert(cast["zhouting"], key, override_reason="急")
    mark_distinct(cast["zhouting"], pair_id, "两家公司")
    convert(cast["zhouting"], key)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"phone": None}, "电话"),
        ({"no_fax": False}, "传真"),
        ({"name": "云岭测试门窗"}, "法定全称"),
    ],
)
def test_an_incomplete_customer_is_refused(
    cast: dict[str, Actor], wrong: dict[str, Any], words: str
) -> None:
    key = ready()
    change(Customer, key, **wrong)
    with pytest.raises(Refused, match=words):
        convert(cast["zhouting"], key, override_reason="急")
    assert status(key) is CustomerStatus.POTENTIAL


def test_a_primary_contact_is_needed(cast: dict[str, Actor]) -> None:
    key = ready()
    (contact,) = make.rows(Contact, customer_id=key)
    change(Contact, contact.id, active=False)
    with pytest.raises(Refused, match="没有联系人"):
        convert(cast["zhouting"], key)


def test_nobody_decides_on_his_own_request(cast: dict[str, Actor]) -> None:
    key = ready(owner="wangqiang")
    request = ask(cast["wangqiang"], key)
    change(Person, cast["wangqiang"].person_id, role=Role.GENERAL_OFFICE)
    for step in (
        lambda: convert(cast["wangqiang"], key),
        lambda: refuse(cast["wangqiang"], request, "不齐"),
    ):
        with pytest.raises(Refused, match="不能审批本人提交的申请"):
            step()


def test_a_request_taken_back_becomes_no_own_decision(cast: dict[str, Actor]) -> None:
    key = ready(owner="chengang")
    change(Customer, key, registered_by_id=cast["wangqiang"].person_id)
    request = ask(cast["wangqiang"], key)
    me = cast["wangqiang"].person_id
    change(Person, me, role=Role.GENERAL_OFFICE, reports_to_id=None)
    change(Customer, key, registered_by_id=cast["limin"].person_id)
    change(ConversionRequest, request, status=RequestStatus.WITHDRAWN, decided_by_id=me)
    with pytest.raises(Refused, match=rules.ASKED_BEFORE):
        convert(cast["wangqiang"], key)
    ask(cast["chengang"], key)  # somebody else's request he may decide
    convert(cast["wangqiang"], key)


def test_a_superior_in_the_general_office_converts_nothing_of_his_own(
    cast: dict[str, Actor],
) -> None:
    """周婷 with 陈刚 below her could apply for his customers: she may, but not decide it then."""
    boss = cast["zhouting"]
    change(Person, cast["chengang"].person_id, reports_to_id=boss.person_id)
    key = ready(owner="chengang")
    with pytest.raises(Refused, match=rules.OWN_CUSTOMER):
        convert(boss, key)
    own = ask(boss, key)
    with pytest.raises(Refused, match="不能审批本人提交的申请"):
        convert(boss, key, request_id=own)
    withdraw(boss, own)
    with pytest.raises(Refused, match=rules.ASKED_BEFORE):
        convert(boss, key)
    ask(cast["chengang"], key)
    with pytest.raises(Refused, match=rules.IN_LINE):
        convert(boss, key)
    assert status(key) is CustomerStatus.POTENTIAL


def test_a_clerk_of_the_general_office_does_not_approve_for_his_superior(
    cast: dict[str, Actor],
) -> None:
    boss, clerk = cast["zhouting"], cast["limin"]
    change(Person, clerk.person_id, role=Role.GENERAL_OFFICE, reports_to_id=boss.person_id)
    change(Person, cast["chengang"].person_id, reports_to_id=boss.person_id)
    key = ready(owner="chengang")
    ask(boss, key)
    with pytest.raises(Refused, match=rules.IN_LINE):
        convert(clerk, key)
    free = make.people_ids()["sunyue"]
    change(Person, free, role=Role.GENERAL_OFFICE)
    convert(cast["sunyue"], key)


def test_who_registered_a_customer_waits_for_a_request(cast: dict[str, Actor]) -> None:
    key = ready(registered_by_id=cast["zhouting"].person_id)
    with pytest.raises(Refused, match=rules.OWN_CUSTOMER):
        convert(cast["zhouting"], key)
    ask(cast["wangqiang"], key)
    convert(cast["zhouting"], key)


def test_a_refusal_says_why_and_leaves_the_way_open(cast: dict[str, Actor]) -> None:
    key = ready()
    request = ask(cast["wangqiang"], key)
    with pytest.raises(Invalid, match="原因 为必录项"):
        refuse(cast["zhouting"], request, " ")
    refuse(cast["zhouting"], request, "缺合同")
    assert status(key) is CustomerStatus.POTENTIAL
    (copy,) = make.rows(MessageRecipient, person_id=cast["wangqiang"].person_id)
    assert "缺合同" in make.fetch(Message, copy.message_id).body
    with pytest.raises(Refused, match="该申请已处理"):
        refuse(cast["zhouting"], request, "再次")
    assert ask(cast["wangqiang"], key) != request


def test_an_answered_request_cannot_be_withdrawn_or_converted(cast: dict[str, Actor]) -> None:
    key = ready()
    first = ask(cast["wangqiang"], key)
    withdraw(cast["wangqiang"], first)
    with pytest.raises(Refused, match=rules.NOT_PENDING):
        withdraw(cast["wangqiang"], first)
    with pytest.raises(Refused, match=rules.NOT_PENDING):
        convert(cast["zhouting"], key, request_id=first)


def test_stale_forms_are_refused(cast: dict[str, Actor]) -> None:
    key = ready()
    request = ask(cast["wangqiang"], key)
    for step in (
        lambda: convert(cast["zhouting"], key, version=99),
        lambda: refuse(cast["zhouting"], request, "不齐", version=99),
        lambda: withdraw(cast["wangqiang"], request, version=99),
    ):
        with pytest.raises(Stale):
            step()


def test_two_at_once_convert_once(cast: dict[str, Actor]) -> None:
    key = ready()
    change(Person, cast["sunyue"].person_id, role=Role.GENERAL_OFFICE)
    ask(cast["wangqiang"], key)
    results: list[object] = []

    def run(who: str) -> None:
        try:
            results.append(convert(cast[who], key))
        except CrmError as refused:
            results.append(refused)

    threads = [threading.Thread(target=run, args=(who,)) for who in ("zhouting", "sunyue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(r, actions.Converted) for r in results) == 1
    assert unread(cast["wangqiang"]) == ["客户转交易成功"]


def test_the_general_office_hears_of_a_request_taken_back(cast: dict[str, Actor]) -> None:
    withdraw(cast["wangqiang"], ask(cast["wangqiang"], ready()))
    assert unread(cast["zhouting"]) == ["申请转交易", "转交易申请已撤回"]


def test_undoing_opens_the_locked_fields_again(cast: dict[str, Actor]) -> None:
    key = ready()
    request = ask(cast["wangqiang"], key)
    convert(cast["zhouting"], key)
    assert "name" not in customer_card(cast["wangqiang"], key).editable
    undo_conversion(cast["zhouting"], key, "合同作废")
    assert "name" in customer_card(cast["wangqiang"], key).editable
    row = make.fetch(ConversionRequest, request)
    assert (row.status, row.undo_reason) == (RequestStatus.APPROVED, "合同作废")
    assert row.undone_at is not None
    second = ask(cast["wangqiang"], key)
    convert(cast["zhouting"], key, request_id=second)
    undo_conversion(cast["zhaolei"], key, "再次作废")
    assert make.fetch(ConversionRequest, second).undo_reason == "再次作废"
    assert make.fetch(ConversionRequest, request).undo_reason == "合同作废"


def test_undoing_has_its_time_and_its_guard(cast: dict[str, Actor]) -> None:
    key, imported = ready(), ready("云岭导入门窗有限公司", status=CustomerStatus.TRADING)
    with pytest.raises(Refused, match="没有转交易记录"):
        undo_conversion(cast["zhouting"], imported, "误操作")
    convert(cast["zhouting"], key)
    (request,) = make.rows(ConversionRequest)
    change(ConversionRequest, request.id, decided_at=clock.now() - timedelta(days=31))
    with pytest.raises(Refused, match="超过 30 天"):
        undo_conversion(cast["zhaolei"], key, "误操作")
    change(ConversionRequest, request.id, decided_at=clock.now() - timedelta(days=3))
    make.opportunity(key, outcome=Outcome.WON, decided_on=clock.today(), number="SJT-SINCE")
    with pytest.raises(Refused, match="SJT-SINCE"):
        undo_conversion(cast["zhouting"], key, "误操作")
    assert status(key) is CustomerStatus.TRADING


def test_an_undone_conversion_tells_the_owner_why(cast: dict[str, Actor]) -> None:
    key = ready()
    with pytest.raises(Refused, match=rules.NOT_TRADING):
        undo_conversion(cast["zhouting"], key, "误操作")
    convert(cast["zhouting"], key)
    with pytest.raises(Invalid):
        undo_conversion(cast["zhouting"], key, "")
    undo_conversion(cast["zhouting"], key, "合同作废")
    row = make.fetch(Customer, key)
    assert (row.status, row.last_trade_on) == (CustomerStatus.POTENTIAL, None)
    assert "客户已撤销转交易" in unread(cast["wangqiang"])
    (noted,) = make.rows(ChangeLog, kind="event", entity="customer")
    assert noted.after == {"undo_conversion": "合同作废"}

"""申请共享 and 申请转移: asked once, decided by who may, and nothing learned by asking."""

from dataclasses import asdict
from datetime import date, timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.card import customer_card
from crmlib.customers.model import Customer, CustomerShare, CustomerStatus, ShareLevel
from crmlib.customers.sharing import Parts, share_customer, unshare_customer
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.queries import pending
from crmlib.requests.actions import (
    grant_access,
    refuse_access,
    request_access,
    withdraw_access,
)
from crmlib.requests.model import AccessKind, AccessRequest, AccessStatus
from crmlib.requests.queries import access_detail
from crmlib.store import rooms
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

NAME, CODE = "上海嘉信达幕墙有限公司", "KH9001"
SHARE, TRANSFER = AccessKind.SHARE, AccessKind.TRANSFER


@pytest.fixture(autouse=True)
def rooms_known() -> None:
    """What waits for people is counted as in the product."""
    rooms.load(rooms.QUERIES)


@pytest.fixture
def theirs(cast: dict[str, Actor]) -> int:
    """A customer of 陈刚 in Shanghai."""
    return make.customer(NAME, owner="chengang", code=CODE)


def ask(actor: Actor, kind: AccessKind = SHARE, **kwargs) -> int:
    return request_access(actor, kind, CODE, NAME, "展会上谈过", **kwargs).request_id


def told(actor: Actor) -> list[str]:
    mine = {r.message_id for r in make.rows(MessageRecipient, person_id=actor.person_id)}
    return [m.title for m in make.rows(Message) if m.id in mine]


def bodies(actor: Actor) -> list[str]:
    """What the actor reads of his requests, the newest first."""
    mine = {r.message_id for r in make.rows(MessageRecipient, person_id=actor.person_id)}
    found = [m for m in make.rows(Message, related_type="access_request") if m.id in mine]
    return [m.body for m in sorted(found, key=lambda m: -m.id)]


def status(request_id: int) -> AccessStatus:
    return make.fetch(AccessRequest, request_id).status


def test_owner_shares_on_request_and_the_requester_sees_the_card(
    cast: dict[str, Actor], theirs: int
) -> None:
    wang, chen = cast["wangqiang"], cast["chengang"]
    with pytest.raises(NotAllowed):
        customer_card(wang, theirs)
    answer = request_access(wang, SHARE, CODE, NAME, " 展会上谈过 ", token="t")
    assert answer == request_access(wang, SHARE, CODE, NAME, "展会上谈过", token="t")
    assert answer.text == "申请已提交，等待陈刚处理"
    assert told(chen) == [f"申请共享：{NAME}（{CODE}）"]
    assert [(p.label, p.count, p.page) for p in pending(chen)] == [
        ("待处理客户申请", 1, "requests")
    ]
    with pytest.raises(NotAllowed):
        customer_card(wang, theirs)
    grant_access(chen, answer.request_id, level=ShareLevel.COLLABORATE, note="请先联系我")
    assert customer_card(wang, theirs).name == NAME
    (share,) = make.rows(CustomerShare)
    assert (share.person_id, share.level, share.shared_by_id) == (
        wang.person_id,
        ShareLevel.COLLABORATE,
        chen.person_id,
    )
    row = make.fetch(AccessRequest, answer.request_id)
    assert (row.status, row.decided_by_id, row.note) == (
        AccessStatus.GRANTED,
        chen.person_id,
        "请先联系我",
    )
    assert f"申请共享同意：{NAME}（{CODE}）" in told(wang)
    assert pending(chen) == []
    assert make.rows(ChangeLog, action="grant_access", entity="customer_share")


def test_a_share_on_request_may_have_a_last_day(cast: dict[str, Actor], theirs: int) -> None:
    wang, chen, boss = cast["wangqiang"], cast["chengang"], cast["zhaolei"]
    today = clock.today()
    soon, late = today + timedelta(days=7), today + timedelta(days=90)
    first = ask(wang)
    with pytest.raises(Invalid) as wrong:
        grant_access(chen, first, ends_on=today - timedelta(days=1), note="长" * 256)
    assert wrong.value.faults == {
        "ends_on": "截止日期 不能早于今天",
        "note": "处理意见 不能超过 255 个字",
    }
    assert make.rows(CustomerShare) == []
    grant_access(chen, first, ends_on=soon)
    detail = access_detail(wang, first)
    assert (detail.is_shared, detail.ends_on, detail.share_ended) == (True, soon, False)
    assert f"已同意共享给 王强（只读，至 {soon}）" in bodies(wang)[0]
    # Asked for more: the owner is told what the one above him decided.
    second = ask(wang, level=ShareLevel.COLLABORATE)
    with pytest.raises(Invalid) as wrong:
        grant_access(boss, second, ends_on=today)
    assert wrong.value.faults == {"ends_on": f"使用人已有至 {soon}的共享，截止日期不能早于它"}
    grant_access(boss, second, ends_on=late)
    (share,) = make.rows(CustomerShare)
    assert (share.level, share.ends_on) == (ShareLevel.COLLABORATE, late)
    for side in (wang, chen):
        assert any(f"已同意共享给 王强（协作，至 {late}）" in body for body in bodies(side))
    unshare_customer(chen, theirs, wang.person_id)
    assert not access_detail(wang, second).is_shared


def test_what_a_running_share_gives_already_is_left_alone(
    cast: dict[str, Actor], theirs: int
) -> None:
    wang, chen = cast["wangqiang"], cast["chengang"]
    soon = clock.today() + timedelta(days=7)
    for level, ends_on, granted, until, left in (
        ("read", None, "read", soon, ("read", None)),
        ("collaborate", soon, "read", None, ("collaborate", soon)),
        ("read", soon, "read", None, ("read", None)),
        ("read", soon, "collaborate", None, ("collaborate", None)),
    ):
        request = ask(wang)
        share_customer(
            chen, theirs, wang.person_id, ShareLevel(level), ends_on, parts=Parts(True, True, False)
        )
        grant_access(chen, request, level=ShareLevel(granted), ends_on=until)
        (share,) = make.rows(CustomerShare)
        assert (share.level.value, share.ends_on) == left
        assert (share.with_opportunities, share.with_activities) == (True, False)
        unshare_customer(chen, theirs, wang.person_id)


def test_one_open_request_of_a_kind(cast: dict[str, Actor], theirs: int) -> None:
    wang = cast["wangqiang"]
    first = ask(wang)
    with pytest.raises(Refused, match="已有待处理的申请"):
        ask(wang)
    ask(wang, TRANSFER)
    ask(cast["zhangwei"])
    withdraw_access(wang, first)
    assert status(first) is AccessStatus.WITHDRAWN
    ask(wang)


def test_the_database_keeps_a_second_one_out(
    cast: dict[str, Actor], theirs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the other request came between the look and the save.
    from sqlalchemy import false, select

    from crmlib.requests import actions

    ask(cast["wangqiang"])
    nothing = select(AccessRequest.id).where(false())
    monkeypatch.setattr(actions, "_same_open", lambda *_: nothing)
    with pytest.raises(Refused):
        ask(cast["wangqiang"])
    assert len(make.rows(AccessRequest)) == 1


@pytest.mark.parametrize(
    ("reason", "fault"),
    [("", "申请原因 为必录项"), (" \u200b", "申请原因 为必录项"), ("长" * 256, "申请原因 不能超过 255 个字")],
)  # fmt: skip
def test_reason_is_needed(cast: dict[str, Actor], theirs: int, reason: str, fault: str) -> None:
    with pytest.raises(Invalid) as found:
        request_access(cast["wangqiang"], SHARE, CODE, NAME, reason)
    assert found.value.faults == {"reason": fault}
    assert not make.rows(AccessRequest)


@pytest.mark.parametrize(("code", "name"), [(CODE, "别的公司"), ("KH9002", NAME), ("", "")])
def test_a_code_alone_tells_nobody_whose_customer_it_is(
    cast: dict[str, Actor], theirs: int, code: str, name: str
) -> None:
    with pytest.raises(Invalid) as found:
        request_access(cast["wangqiang"], SHARE, code, name, "想看")
    assert found.value.faults == {"": "找不到该客户，请从撞单分析的结果重新进入"}


@pytest.mark.parametrize("gone", [CustomerStatus.MERGED, CustomerStatus.RECYCLED])
def test_customer_out_of_use_is_not_asked_for(cast: dict[str, Actor], gone) -> None:
    make.customer(NAME, owner="chengang", code=CODE, status=gone)
    with pytest.raises(Refused, match="客户已合并或在回收站"):
        ask(cast["wangqiang"])


def test_for_whom_may_be_asked(cast: dict[str, Actor], theirs: int) -> None:
    li, wang, chen = cast["limin"], cast["wangqiang"], cast["chengang"]
    for actor, person in ((li, None), (li, chen), (wang, cast["zhangwei"])):
        with pytest.raises(Invalid) as found:
            ask(actor, person_id=person.person_id if person else None)
        assert found.value.faults == {"person": "使用人 只能选择您权限范围内的在职业务员"}
    request = ask(li, person_id=wang.person_id)
    grant_access(chen, request)
    assert customer_card(wang, theirs).code == CODE
    with pytest.raises(Invalid) as found:
        ask(wang)
    assert found.value.faults == {"person": "王强 已能使用该客户"}
    ask(wang, level=ShareLevel.COLLABORATE)


def test_wider_share_takes_the_place_of_the_narrow_one(cast: dict[str, Actor], theirs: int) -> None:
    wang, chen = cast["wangqiang"], cast["chengang"]
    share_customer(chen, theirs, wang.person_id, ShareLevel.READ, date(2099, 1, 1))
    grant_access(chen, ask(wang, level=ShareLevel.COLLABORATE))
    (share,) = make.rows(CustomerShare)
    assert (share.level, share.ends_on) == (ShareLevel.COLLABORATE, None)


@pytest.mark.parametrize("login", ["zhouting", "zhaolei", "sunyue"])
def test_who_sees_everything_need_not_ask(cast: dict[str, Actor], theirs: int, login: str) -> None:
    with pytest.raises(NotAllowed):
        ask(cast[login])


def test_transfer_waits_for_a_superior_of_both_or_for_the_admin(
    cast: dict[str, Actor], theirs: int
) -> None:
    wang, chen, zhao = cast["wangqiang"], cast["chengang"], cast["zhaolei"]
    answer = request_access(wang, TRANSFER, CODE, NAME, "客户搬到广州")
    assert answer.text == "申请已提交，等待赵磊处理"
    assert told(zhao) == [f"申请转移：{NAME}（{CODE}）"]
    assert [p.label for p in pending(zhao)] == ["待处理客户申请"]
    for other in (chen, cast["zhangwei"], cast["limin"], cast["zhouting"]):
        with pytest.raises(NotAllowed):
            grant_access(other, answer.request_id)
    grant_access(zhao, answer.request_id)
    row = make.fetch(Customer, theirs)
    assert (row.owner_id, row.office_id) == (wang.person_id, wang.office_id)
    assert f"客户分配：{NAME}（{CODE}）" in told(chen)


def test_transfer_within_a_tree_is_the_managers_to_decide(cast: dict[str, Actor]) -> None:
    key = make.customer(NAME, owner="wangqiang", code=CODE)
    boss = cast["zhangwei"]
    with writing() as session, session.begin():
        from crmlib.people.model import Person

        session.get_one(Person, cast["chengang"].person_id).reports_to_id = boss.person_id
    answer = request_access(cast["chengang"], TRANSFER, CODE, NAME, "已接手")
    assert answer.text == "申请已提交，等待张伟处理"
    assert pending(cast["wangqiang"]) == []
    grant_access(boss, answer.request_id)
    assert make.fetch(Customer, key).owner_id == cast["chengang"].person_id


def test_manager_may_refuse_but_not_give_to_strangers(cast: dict[str, Actor]) -> None:
    make.customer(NAME, owner="wangqiang", code=CODE)
    request = ask(cast["chengang"], TRANSFER)
    with pytest.raises(Refused, match="使用人不在您的权限范围内"):
        grant_access(cast["zhangwei"], request)
    refuse_access(cast["zhangwei"], request, "王强正在跟进")
    row = make.fetch(AccessRequest, request)
    assert (row.status, row.note) == (AccessStatus.REFUSED, "王强正在跟进")
    assert told(cast["chengang"]) == [f"申请转移驳回：{NAME}（{CODE}）"]


def test_refusing_needs_a_reason_and_happens_once(cast: dict[str, Actor], theirs: int) -> None:
    chen, request = cast["chengang"], ask(cast["wangqiang"])
    with pytest.raises(Invalid) as found:
        refuse_access(chen, request, " ")
    assert found.value.faults == {"note": "处理意见 为必录项"}
    with pytest.raises(Stale):
        refuse_access(chen, request, "不行", version=0)
    refuse_access(chen, request, "不行", version=1)
    for again in (
        lambda: grant_access(chen, request),
        lambda: refuse_access(chen, request, "不行"),
        lambda: withdraw_access(cast["wangqiang"], request),
    ):
        with pytest.raises(Refused, match="该申请已处理"):
            again()
    assert not make.rows(CustomerShare)


def test_nobody_decides_his_own_request(cast: dict[str, Actor]) -> None:
    make.customer(NAME, owner="chengang", code=CODE)
    request = ask(cast["liuyang"])
    with writing() as session, session.begin():
        from crmlib.people.model import Person

        session.get_one(Person, cast["chengang"].person_id).reports_to_id = cast[
            "liuyang"
        ].person_id
    with pytest.raises(Refused, match="不能审批本人提交的申请"):
        grant_access(cast["liuyang"], request)
    with pytest.raises(NotAllowed):
        withdraw_access(cast["wangqiang"], request)


def test_customer_merged_meanwhile_is_not_shared(cast: dict[str, Actor], theirs: int) -> None:
    request = ask(cast["wangqiang"])
    with writing() as session, session.begin():
        session.get_one(Customer, theirs).status = CustomerStatus.RECYCLED
    with pytest.raises(Refused, match="回收站"):
        grant_access(cast["chengang"], request)
    assert status(request) is AccessStatus.OPEN


def test_gone_owners_request_goes_to_his_superior(cast: dict[str, Actor]) -> None:
    make.customer(NAME, owner="wangqiang", code=CODE)
    with writing() as session, session.begin():
        from crmlib.people.model import Person

        session.get_one(Person, cast["wangqiang"].person_id).active = False
    answer = request_access(cast["chengang"], SHARE, CODE, NAME, "接手")
    assert answer.text == "申请已提交，等待张伟处理"
    grant_access(cast["zhangwei"], answer.request_id)
    assert len(make.rows(CustomerShare)) == 1


def test_moments_are_stored(cast: dict[str, Actor], theirs: int) -> None:
    row = make.fetch(AccessRequest, ask(cast["wangqiang"]))
    assert abs((clock.now() - row.requested_at).total_seconds()) < 60
    assert asdict(withdraw_access(cast["wangqiang"], row.id))["text"] == "申请已撤回"

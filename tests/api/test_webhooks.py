"""Webhooks end to end: a change is committed, queued, sent signed, tried again, given up."""

import hmac
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.api import deliveries, feeding, rules
from crmlib.api.model import DeliveryStatus, Webhook, WebhookDelivery, WebhookPlace
from crmlib.api.rules import EVENT_NAMES, WebhookDraft
from crmlib.api.webhooks import (
    NewWebhook,
    add_webhook,
    delete_webhook,
    deliver_again,
    deliveries_page,
    edit_webhook,
    renew_key,
    resume_webhook,
    stop_webhook,
    try_webhook,
    webhook_card,
    webhooks_frame,
)
from crmlib.customers.model import Customer
from crmlib.duplicates.entry import edit_customer
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message
from crmlib.opportunities.actions import advance_stage
from crmlib.people.model import Person
from crmlib.store.engine import engine, writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.api.receiver import Receiver, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that the settings allow."""
    monkeypatch.setenv("CRM_WEBHOOK_HOSTS", "127.0.0.1/32")
    with receiving() as opened:
        yield opened


@pytest.fixture
def hook(cast: dict[str, Actor], receiver: Receiver) -> NewWebhook:
    """A webhook with the eyes of 王强 for everything."""
    draft = WebhookDraft("ERP", receiver.url, cast["wangqiang"].person_id, tuple(EVENT_NAMES))
    return add_webhook(cast["zhaolei"], draft)


def _go_round() -> None:
    feeding.take_in()
    for letters in deliveries.due().values():
        deliveries.deliver(letters)


def _all() -> list[WebhookDelivery]:
    return make.rows(WebhookDelivery)


def _later(monkeypatch: pytest.MonkeyPatch, **time: float) -> None:
    moment = clock.now() + timedelta(**time)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_change_is_told_signed(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    number = make.customer("广州白云幕墙有限公司")
    edit_customer(cast["wangqiang"], number, {"remark": "改"}, 1)
    _go_round()
    created, contact, changed = receiver.bodies()
    assert [b["event"] for b in receiver.bodies()] == [
        "customer.created",
        "contact.created",
        "customer.changed",
    ]
    assert created["data"]["name"] == contact["data"]["name"] or contact["data"]["name"] == "何经理"
    assert (changed["changed_fields"], changed["data"]["remark"]) == (["remark"], "改")
    headers, body = receiver.came[0]
    moment, _, signed = headers["X-Sunmao-Signature"].partition(",v1=")
    moment = moment.removeprefix("t=")
    assert abs(int(moment) - clock.now().timestamp()) < 300
    wanted = hmac.new(hook.signing_key.encode(), f"{moment}.".encode() + body, "sha256")
    assert signed == wanted.hexdigest()
    assert headers["X-Sunmao-Event"] == "customer.created"
    assert {d.status for d in _all()} == {DeliveryStatus.SENT}


def test_nothing_is_told_twice_or_from_before(cast: dict[str, Actor], receiver: Receiver) -> None:
    make.customer()
    draft = WebhookDraft("ERP", receiver.url, cast["zhouting"].person_id, ("customer.created",))
    add_webhook(cast["zhaolei"], draft)
    make.customer()
    _go_round()
    _go_round()
    assert len(receiver.came) == 1


# SQLite commits one after the other.
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_late_commit_is_not_missed(cast: dict[str, Actor], hook: NewWebhook) -> None:
    slow = Session(engine())
    early = slow.get_one(Customer, make.customer(), with_for_update=True)
    early.remark = "先写后提交"
    slow.flush()
    make.customer()
    feeding.take_in()
    before = {d.change_id for d in _all()}
    slow.commit()
    slow.close()
    feeding.take_in()
    late = [d for d in _all() if d.change_id not in before]
    assert [d.event for d in late] == ["customer.changed"]
    assert late[0].change_id < max(before)


def test_only_chosen_events_are_told(cast: dict[str, Actor], receiver: Receiver) -> None:
    draft = WebhookDraft("OA", receiver.url, cast["zhouting"].person_id, ("opportunity.stage",))
    add_webhook(cast["zhaolei"], draft)
    deal = make.opportunity(make.customer())
    advance_stage(cast["wangqiang"], deal, confirm=True)
    _go_round()
    (told,) = receiver.bodies()
    assert (told["event"], told["data"]["id"]) == ("opportunity.stage", deal)


def test_what_the_person_may_not_see_is_not_told(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    make.customer(owner="chengang")
    _go_round()
    assert receiver.came == []
    assert {d.status for d in _all()} == {DeliveryStatus.SKIPPED}
    assert set(deliveries_page(cast["zhaolei"]).rows["state"]) == {"无权查看"}


def test_phones_are_told_as_the_person_sees_them(
    cast: dict[str, Actor], receiver: Receiver
) -> None:
    draft = WebhookDraft("BI", receiver.url, cast["sunyue"].person_id, tuple(EVENT_NAMES))
    add_webhook(cast["zhaolei"], draft)
    make.customer(mobile="13812345678", phone="020-87654321")
    _go_round()
    assert len(receiver.came) == 2
    assert b"13812345678" not in receiver.came[0][1] + receiver.came[1][1]
    assert b"87654321" not in receiver.came[0][1]


def test_a_failure_is_tried_again_with_growing_pauses(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500, 503]
    try_webhook(cast["zhaolei"], hook.webhook_id)
    _go_round()
    (row,) = _all()
    assert (row.status, row.answer, row.attempts) == (DeliveryStatus.WAITING, 500, 1)
    _go_round()
    assert len(receiver.came) == 1, "not before its time"
    _later(monkeypatch, seconds=11)
    _go_round()
    assert (_all()[0].attempts, _all()[0].answer) == (2, 503)
    _later(monkeypatch, seconds=11)
    _go_round()
    assert len(receiver.came) == 2, "the second pause is longer"
    _later(monkeypatch, seconds=31)
    _go_round()
    assert _all()[0].status is DeliveryStatus.SENT
    card = webhook_card(cast["zhaolei"], hook.webhook_id)
    assert (card.failures, card.failing_since) == (0, None)
    assert card.version == 1, "sending does not make the form stale"


def test_a_dead_receiver_is_given_up_and_told_of(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500] * 50
    try_webhook(cast["zhaolei"], hook.webhook_id)
    for _ in range(len(rules.PAUSES) + 1):
        _go_round()
        _later(monkeypatch, hours=11)
    (row,) = _all()
    assert row.attempts >= rules.MANY_FAILURES
    card = webhook_card(cast["zhaolei"], hook.webhook_id)
    assert not card.active
    assert card.stopped_because == deliveries.SILENT
    assert [m.title for m in make.rows(Message)] == ["变更推送已停用：ERP"]
    before = len(receiver.came)
    make.customer()
    _go_round()
    assert len(receiver.came) == before
    receiver.answers = []
    resume_webhook(cast["zhaolei"], hook.webhook_id)
    deliver_again(cast["zhaolei"], [row.id])
    _later(monkeypatch, hours=11)
    _go_round()
    assert _all()[0].status is DeliveryStatus.SENT


def test_a_receiver_that_is_down_is_not_asked_for_each_change(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500] * 50
    for _ in range(20):
        make.customer()
    for _ in range(10):
        _go_round()
    assert len(receiver.came) <= deliveries.FALTERING
    _later(monkeypatch, minutes=20)
    receiver.answers = []
    for _ in range(6):
        _go_round()
    assert len([d for d in _all() if d.status is DeliveryStatus.SENT]) == 40


def test_a_webhook_ends_with_its_person(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    make.customer()
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.login == "wangqiang").values(active=False))
    _go_round()
    assert receiver.came == []
    assert webhook_card(cast["zhaolei"], hook.webhook_id).stopped_because == deliveries.LEFT
    assert {d.status for d in _all()} == {DeliveryStatus.WAITING}


def test_two_processes_send_once(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    make.customer()
    feeding.take_in()
    first, second = deliveries.due(), deliveries.due()
    assert (len(first[hook.webhook_id]), second) == (2, {})


def test_a_crash_between_taking_and_sending_loses_nothing(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.customer()
    feeding.take_in()
    deliveries.due()  # and the process ends here
    _later(monkeypatch, minutes=6)
    _go_round()
    assert len(receiver.came) == 2


def test_redirects_are_not_followed(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    receiver.answers, receiver.redirect_to = [302], receiver.url
    try_webhook(cast["zhaolei"], hook.webhook_id)
    _go_round()
    assert len(receiver.came) == 1
    assert _all()[0].fault == "接收方返回 302"


def test_this_machine_is_out_of_reach_unless_allowed(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_HOSTS", "")
    try_webhook(cast["zhaolei"], hook.webhook_id)
    _go_round()
    assert receiver.came == []
    assert "未登记" in (_all()[0].fault or "")
    draft = WebhookDraft("x", receiver.url, cast["zhaolei"].person_id, ("customer.created",))
    with pytest.raises(Invalid) as wrong:
        add_webhook(cast["zhaolei"], draft)
    assert set(wrong.value.faults) == {"url"}


def test_the_place_of_another_database_is_left(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    for strange in ("999999999:999999999:", "999999999"):
        with writing() as session, session.begin():
            session.execute(update(WebhookPlace).values(place=strange))
        feeding.take_in()
        make.customer()
        assert feeding.take_in() == 2


# --- keeping them ----------------------------------------------------------------------------


def test_the_key_is_told_once(cast: dict[str, Actor], hook: NewWebhook) -> None:
    admin = cast["zhaolei"]
    shown = f"{webhooks_frame(admin).to_dicts()}{webhook_card(admin, hook.webhook_id)}"
    logged = "".join(str(vars(r)) for r in make.rows(ChangeLog))
    assert hook.signing_key not in shown + logged
    renewed = renew_key(admin, hook.webhook_id)
    assert renewed.signing_key != hook.signing_key
    assert renewed.signing_key not in "".join(str(vars(r)) for r in make.rows(ChangeLog))


def test_a_webhook_is_changed_stopped_and_resumed(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    admin = cast["zhaolei"]
    draft = WebhookDraft("OA", receiver.url, cast["zhouting"].person_id, ("customer.merged",))
    saved = edit_webhook(admin, hook.webhook_id, draft, 1)
    assert webhook_card(admin, hook.webhook_id).person == "周婷"
    with pytest.raises(Stale):
        edit_webhook(admin, hook.webhook_id, draft, 1)
    assert saved.version == 2
    stop_webhook(admin, hook.webhook_id)
    for step in (stop_webhook, try_webhook):
        with pytest.raises(Refused):
            step(admin, hook.webhook_id)
    assert webhooks_frame(admin)["state"].to_list() == ["已停用"]
    resume_webhook(admin, hook.webhook_id)
    with pytest.raises(Refused):
        resume_webhook(admin, hook.webhook_id)


def test_a_deleted_webhook_takes_its_deliveries_along(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver
) -> None:
    admin = cast["zhaolei"]
    draft = WebhookDraft("ERP", receiver.url, admin.person_id, ("customer.created",))
    other = add_webhook(admin, draft)
    make.customer()
    feeding.take_in()
    assert len(_all()) == 3  # 客户 and 联系人 to the one, 客户 to the other
    with pytest.raises(Stale):
        delete_webhook(admin, hook.webhook_id, 7)
    taken = deliveries.due()[hook.webhook_id]
    assert delete_webhook(admin, hook.webhook_id, 1).name == hook.name
    deliveries.deliver(taken)  # one that was on its way finds nothing to report to
    assert [row.webhook_id for row in _all()] == [other.webhook_id]
    assert webhooks_frame(admin)["name"].to_list() == ["ERP"]
    logged = make.rows(ChangeLog, action="delete_webhook")
    assert {row.kind for row in logged} == {"delete", "event"}
    assert hook.signing_key not in "".join(str(vars(row)) for row in logged)
    assert any(row.after == {"not_delivered": 2} for row in logged)
    with pytest.raises(NotAllowed):
        delete_webhook(admin, hook.webhook_id)


@pytest.mark.parametrize("login", ["limin", "zhouting", "sunyue", "zhangwei"])
def test_only_the_admin_keeps_webhooks(
    cast: dict[str, Actor], hook: NewWebhook, receiver: Receiver, login: str
) -> None:
    draft = WebhookDraft("OA", receiver.url, 1, ("customer.merged",))
    number = hook.webhook_id
    for call in (
        lambda a: add_webhook(a, draft),
        lambda a: edit_webhook(a, number, draft, 1),
        lambda a: stop_webhook(a, number),
        lambda a: resume_webhook(a, number),
        lambda a: delete_webhook(a, number),
        lambda a: renew_key(a, number),
        lambda a: try_webhook(a, number),
        lambda a: deliver_again(a, [1]),
        webhooks_frame,
        lambda a: webhook_card(a, number),
        deliveries_page,
    ):
        with pytest.raises(NotAllowed):
            call(cast[login])


def test_old_deliveries_are_forgotten(
    cast: dict[str, Actor], hook: NewWebhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_webhook(cast["zhaolei"], hook.webhook_id)
    _go_round()
    deliveries.forget_old()
    assert len(_all()) == 1
    _later(monkeypatch, days=31)
    deliveries.forget_old()
    assert _all() == []
    assert make.rows(Webhook)

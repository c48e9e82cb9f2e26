"""Quotations made, approved, handed on and copied, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Opportunity, OpportunityShare, Outcome
from crmlib.people.model import Person
from crmlib.quotes import rules
from crmlib.quotes.actions import (
    accept_quote,
    approve_quote,
    copy_quote,
    create_quote,
    edit_quote,
    recall_quote,
    return_quote,
    send_quote,
    submit_quote,
    void_quote,
)
from crmlib.quotes.model import Quotation, QuotationLine
from crmlib.quotes.states import QuoteStatus
from crmlib.store.engine import writing
from tests import make
from tests.quotes.build import LINES, draft, quote

Cast = dict[str, Actor]
S = QuoteStatus


def row(key: int) -> Any:
    return make.fetch(Quotation, key)


def lines(key: int) -> list[Any]:
    return make.rows(QuotationLine, quotation_id=key)


def told(key: int) -> dict[str, str]:
    """Return who was told of a quotation, by login: the last title."""
    logins = {number: login for login, number in make.people_ids().items()}
    found = {}
    for message in make.rows(Message, related_type="quotation", related_id=key):
        for copy in make.rows(MessageRecipient, message_id=message.id):
            found[logins[copy.person_id]] = message.title.split("：")[0]
    return found


def change(model: type[Any], key: int, **values: Any) -> None:
    with writing() as session, session.begin():
        record = session.get_one(model, key)
        for name, value in values.items():
            setattr(record, name, value)


def test_a_quotation_from_draft_to_accepted(cast: Cast) -> None:
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    deal = make.opportunity(make.customer())
    made = create_quote(wang, deal, draft(), token="t")
    assert made == create_quote(wang, deal, draft(), token="t")
    assert (made.number, made.revision) == (f"BJ{clock.today():%y%m}00001", 1)
    key = made.quote_id
    assert (row(key).status, row(key).total) == (S.DRAFT, Decimal("20270.00"))
    first, second = lines(key)
    assert (first.name, first.unit, first.subtotal) == ("执手", "套", Decimal("3550.00"))
    assert (second.discount, second.subtotal) == (Decimal(5), Decimal("16720.00"))

    sent = submit_quote(wang, key, version=made.version)
    assert (sent.status, row(key).approver_id) == ("waiting", zhang.person_id)
    assert told(key) == {"zhangwei": "报价待审批"}
    returned = return_quote(zhang, key, "第二行折扣太大", version=sent.version)
    assert (returned.status, row(key).decision_note) == ("draft", "第二行折扣太大")
    assert told(key)["wangqiang"] == "报价已退回"

    cheaper = draft(lines=(replace(LINES[0], quantity="120"),))
    edited = edit_quote(wang, key, cheaper, version=returned.version)
    assert edited.version > returned.version
    assert (row(key).total, len(lines(key))) == (Decimal("4260.00"), 1)

    submit_quote(wang, key)
    assert (row(key).decision_note, row(key).decided_by_id) == (None, None)
    assert recall_quote(wang, key).status == "draft"
    submit_quote(wang, key)
    approved = approve_quote(zhang, key, note="同意")
    assert (approved.status, row(key).decided_by_id) == ("approved", zhang.person_id)
    assert told(key)["wangqiang"] == "报价已批准"
    assert send_quote(wang, key).status == "sent"
    assert accept_quote(wang, key).status == "accepted"
    assert row(key).accepted_at >= row(key).sent_at
    assert told(key)["zhangwei"] == "报价被客户接受"


def test_every_fault_is_told_and_nothing_is_saved(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    wrong = draft(delivery=" ", lines=(replace(LINES[0], quantity="0"), LINES[1]))
    with pytest.raises(Invalid) as refused:
        create_quote(cast["wangqiang"], deal, wrong)
    assert refused.value.faults == {
        "delivery": "交货期限 为必录项",
        "lines.0.quantity": "数量 应大于 0",
    }
    assert make.rows(Quotation) == []
    key = quote(cast)
    with pytest.raises(Invalid):
        edit_quote(cast["wangqiang"], key, replace(wrong, lines=()))
    assert len(lines(key)) == 2


# login → may make, may approve 王强's quotation
WHO = {
    "limin": (False, False),
    "wangqiang": (True, False),
    "chengang": (False, False),
    "zhangwei": (True, True),
    "liuyang": (True, True),
    "zhouting": (False, False),
    "zhaolei": (False, False),
    "sunyue": (False, False),
}


def test_who_may_make_and_who_may_approve(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    for login, (makes, approves) in WHO.items():
        if makes:
            create_quote(cast[login], deal, draft())
        else:
            with pytest.raises(NotAllowed):
                create_quote(cast[login], deal, draft())
        key = quote(cast, S.WAITING, deal=deal)
        if approves:
            approve_quote(cast[login], key)
        else:
            with pytest.raises((NotAllowed, Refused)):
                approve_quote(cast[login], key)
            assert row(key).status is S.WAITING


def test_nobody_approves_his_own(cast: Cast) -> None:
    zhang, liu = cast["zhangwei"], cast["liuyang"]
    of_wang = make.opportunity(make.customer())
    his = make.opportunity(make.customer(owner="zhangwei"), owner="zhangwei")
    for deal in (of_wang, his):  # he made it; it is his deal as well
        key = create_quote(zhang, deal, draft()).quote_id
        submit_quote(zhang, key)
        assert row(key).approver_id == liu.person_id
        for step in (
            lambda key=key: approve_quote(zhang, key),
            lambda key=key: return_quote(zhang, key, "不"),
        ):
            with pytest.raises(Refused, match=rules.OWN):
                step()
        assert approve_quote(liu, key).status == "approved"
    # A colleague of his deal makes no difference.
    key = create_quote(liu, his, draft()).quote_id
    with pytest.raises(Refused, match=rules.NOBODY_ABOVE):
        submit_quote(liu, key)  # his own boss is nobody, and the owner decides nothing of his own
    assert row(key).status is S.DRAFT


def test_without_anybody_above_it_is_not_submitted(cast: Cast) -> None:
    deal = make.opportunity(make.customer(owner="chengang"), owner="chengang")
    key = create_quote(cast["chengang"], deal, draft()).quote_id
    with pytest.raises(Refused, match="没有可以审批"):
        submit_quote(cast["chengang"], key)
    assert row(key).status is S.DRAFT
    # Once he has a boss, the boss is asked; and the boss's boss when the boss has left.
    change(Person, cast["chengang"].person_id, reports_to_id=cast["zhangwei"].person_id)
    submit_quote(cast["chengang"], key)
    assert row(key).approver_id == cast["zhangwei"].person_id
    recall_quote(cast["chengang"], key)
    change(Person, cast["zhangwei"].person_id, active=False)
    submit_quote(cast["chengang"], key)
    assert row(key).approver_id == cast["liuyang"].person_id


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"closed": True}, "已经关闭！"),
        ({"outcome": Outcome.WON}, "已经完成输赢单操作！"),
        ({"outcome": Outcome.LOST}, "已经完成输赢单操作！"),
    ],
)
def test_an_ended_deal_takes_no_step(cast: Cast, state: dict[str, Any], message: str) -> None:
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    deal = make.opportunity(make.customer())
    keys = {
        status: quote(cast, status, deal=deal)
        for status in (S.DRAFT, S.WAITING, S.APPROVED, S.SENT)
    }
    change(Opportunity, deal, **state)
    steps: list[Callable[[], object]] = [
        lambda: create_quote(wang, deal, draft()),
        lambda: edit_quote(wang, keys[S.DRAFT], draft()),
        lambda: submit_quote(wang, keys[S.DRAFT]),
        lambda: recall_quote(wang, keys[S.WAITING]),
        lambda: approve_quote(zhang, keys[S.WAITING]),
        lambda: return_quote(zhang, keys[S.WAITING], "不"),
        lambda: send_quote(wang, keys[S.APPROVED]),
        lambda: accept_quote(wang, keys[S.SENT]),
        lambda: void_quote(wang, keys[S.SENT], "不做了"),
        lambda: copy_quote(wang, keys[S.SENT]),
    ]
    for step in steps:
        with pytest.raises(Refused, match=message):
            step()
    assert {row(key).status for key in keys.values()} == set(keys)


def test_a_change_after_approval_is_a_new_version(cast: Cast) -> None:
    wang = cast["wangqiang"]
    key = quote(cast, S.SENT)
    before = [(line.name, line.quantity, line.subtotal) for line in lines(key)]
    with pytest.raises(Refused, match="不能修改"):
        edit_quote(wang, key, draft(delivery="现货"))
    copy = copy_quote(wang, key, token="c")
    assert copy == copy_quote(wang, key, token="c")
    assert (copy.number, copy.revision, copy.status) == (row(key).number, 2, "draft")
    assert [(line.name, line.quantity, line.subtotal) for line in lines(copy.quote_id)] == before
    with pytest.raises(Refused, match="第 2 版尚未定稿"):
        copy_quote(wang, key)
    edit_quote(wang, copy.quote_id, draft(delivery="现货", lines=LINES[:1]))
    assert (row(key).delivery, len(lines(key)), row(key).status) == ("签约后 30 天", 2, S.SENT)
    assert row(copy.quote_id).decided_by_id is None


def test_a_copy_of_an_old_price_asks_for_a_new_date(cast: Cast) -> None:
    key = quote(cast, S.APPROVED)
    change(Quotation, key, valid_until=clock.today() - timedelta(days=1))
    for step in (send_quote, accept_quote):
        with pytest.raises(Refused):
            step(cast["wangqiang"], key)
    assert row(copy_quote(cast["wangqiang"], key).quote_id).valid_until is None


def test_a_deal_has_one_accepted_offer(cast: Cast) -> None:
    wang = cast["wangqiang"]
    deal = make.opportunity(make.customer())
    one, other = quote(cast, S.SENT, deal=deal), quote(cast, S.SENT, deal=deal)
    accept_quote(wang, one)
    with pytest.raises(Refused, match=row(one).number):
        accept_quote(wang, other)
    with pytest.raises(Invalid) as refused:
        void_quote(wang, one, " ")
    assert refused.value.faults == {"reason": "作废原因 为必录项"}
    void_quote(wang, one, "客户改变主意")
    assert accept_quote(wang, other).status == "accepted"
    assert (row(one).status, row(one).void_reason) == (S.VOID, "客户改变主意")


def test_stale_forms_and_missing_reasons_change_nothing(cast: Cast) -> None:
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    key = quote(cast)
    old = row(key).version
    edit_quote(wang, key, draft())
    for step in (
        lambda: edit_quote(wang, key, draft(), version=old),
        lambda: submit_quote(wang, key, version=old),
    ):
        with pytest.raises(Stale):
            step()
    submit_quote(wang, key)
    with pytest.raises(Invalid) as refused:
        return_quote(zhang, key, "  ")
    assert refused.value.faults == {"note": "审批意见 为必录项"}
    with pytest.raises(NotAllowed):
        submit_quote(wang, 999_999)
    assert row(key).status is S.WAITING


def test_a_partner_of_the_deal_quotes_too_and_its_manager_approves(cast: Cast) -> None:
    chen = cast["chengang"]
    deal = make.opportunity(make.customer())
    with writing() as session, session.begin():
        session.add(
            OpportunityShare(
                opportunity_id=deal,
                person_id=chen.person_id,
                shared_by_id=cast["wangqiang"].person_id,
                shared_at=clock.now(),
            )
        )
    key = create_quote(chen, deal, draft()).quote_id
    submit_quote(chen, key)
    assert row(key).approver_id == cast["zhangwei"].person_id
    approve_quote(cast["zhangwei"], key)
    assert told(key)["wangqiang"] == told(key)["chengang"] == "报价已批准"


STEP = st.tuples(
    st.sampled_from(
        [
            "create",
            "edit",
            "submit",
            "recall",
            "approve",
            "return",
            "send",
            "accept",
            "void",
            "copy",
        ]
    ),
    st.integers(0, 5),
)


def settled(deal: int) -> dict[int, tuple[Any, ...]]:
    """Return what must never change any more: versions that were approved."""
    return {
        q.id: (q.total, q.delivery, [(ln.name, ln.quantity, ln.subtotal) for ln in lines(q.id)])
        for q in make.rows(Quotation, opportunity_id=deal)
        if q.decided_by_id and q.status in {S.APPROVED, S.SENT, S.ACCEPTED}
    }


def take(step: str, people: tuple[Actor, Actor], deal: int, key: int, number: int) -> None:
    """Try one step: 王强's, or his manager's."""
    wang, zhang = people
    changed = draft(delivery=f"{number} 天", lines=LINES[:1])
    steps: dict[str, Callable[[], object]] = {
        "create": lambda: create_quote(wang, deal, draft()),
        "edit": lambda: edit_quote(wang, key, changed),
        "submit": lambda: submit_quote(wang, key),
        "recall": lambda: recall_quote(wang, key),
        "approve": lambda: approve_quote(zhang, key),
        "return": lambda: return_quote(zhang, key, "再议"),
        "send": lambda: send_quote(wang, key),
        "accept": lambda: accept_quote(wang, key),
        "void": lambda: void_quote(wang, key, "作废"),
        "copy": lambda: copy_quote(wang, key),
    }
    steps[step]()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=8, max_size=25))
def test_whatever_is_tried_the_offers_of_a_deal_stay_sound(
    sqlite_database: str, steps: list[tuple[str, int]]
) -> None:
    people = make.people_ids()
    wang, zhang = actor_of(people["wangqiang"]), actor_of(people["zhangwei"])
    deal = make.opportunity(make.customer())
    create_quote(wang, deal, draft())
    known = settled(deal)
    for number, (step, place) in enumerate(steps):
        keys = [q.id for q in make.rows(Quotation, opportunity_id=deal)]
        key = keys[place % len(keys)]
        try:
            take(step, (wang, zhang), deal, key, number)
        except CrmError:
            continue
        found = make.rows(Quotation, opportunity_id=deal)
        assert sum(q.status is S.ACCEPTED for q in found) <= 1
        for q in found:
            of_number = [o for o in found if o.number == q.number]
            assert sorted(o.revision for o in of_number) == list(range(1, len(of_number) + 1))
            assert sum(o.status in rules.UNSETTLED for o in of_number) <= 1
            assert q.total == sum(line.subtotal for line in lines(q.id))
        now = settled(deal)
        assert {k: now[k] for k in known if k in now} == {
            k: v for k, v in known.items() if k in now
        }
        known = now

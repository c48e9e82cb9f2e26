"""The form of an activity: what it offers to whom, what follows from a choice, what it saves."""

from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import create_activity, start_activity
from crmlib.activities.card import activity_card
from crmlib.activities.choices import (
    contact_choices,
    customer_choices,
    deal_choices,
    form_options,
    from_customer,
    from_deal,
)
from crmlib.activities.form import (
    asks,
    card_values,
    edit_fields,
    new_fields,
    save_changes,
    save_new,
)
from crmlib.activities.model import Activity
from crmlib.activities.steps import card_steps, place_steps, row_steps
from crmlib.customers.model import Contact, Customer
from crmlib.customers.seen import ENTITY
from crmlib.errors import Invalid
from crmlib.store.schema import ChangeLog
from crmlib.ui.form import Form
from tests import make
from tests.activities.test_actions import draft, share_deal

Cast = dict[str, Actor]


def labels(options: Any) -> list[str]:
    return [option.label for option in options]


def test_what_is_offered_to_whom(cast: Cast) -> None:
    customer = make.customer("广州明珠幕墙有限公司")
    other = make.customer("上海申江门窗有限公司", owner="chengang")
    deal = make.opportunity(customer, subject="明珠-执手-报价")
    closed = make.opportunity(customer, subject="明珠-滑撑-投标", closed=True)
    wang, chen = cast["wangqiang"], cast["chengang"]
    assert labels(customer_choices(wang, "公司")) == ["广州明珠幕墙有限公司"]
    assert labels(customer_choices(cast["zhouting"], "")) == [
        "上海申江门窗有限公司",
        "广州明珠幕墙有限公司",
    ]
    assert labels(deal_choices(wang, "明珠", None)) == ["明珠-执手-报价"]
    assert deal_choices(wang, "", other) == deal_choices(chen, "", None) == []
    assert labels(contact_choices(wang, customer)) == ["何经理"]
    assert contact_choices(chen, customer) == []
    assert labels(form_options(cast["zhangwei"]).owners)[0] == "张伟"
    assert "王强" in labels(form_options(cast["zhangwei"]).owners)
    assert labels(form_options(wang).owners) == ["王强"]
    assert from_deal(wang, closed).deal is None
    # Whom a deal is shared with finds its 主联系人 and nobody else.
    make_main(deal, customer)
    share_deal(deal, chen, wang)
    start = from_deal(chen, deal)
    assert (start.customer.label, start.contact.label) == ("广州明珠幕墙有限公司", "何经理")
    assert labels(contact_choices(chen, customer, deal)) == ["何经理"]
    assert from_customer(chen, customer).customer is None


def make_main(deal: int, customer: int) -> None:
    from crmlib.opportunities.model import Opportunity
    from crmlib.store.engine import writing

    with writing() as session, session.begin():
        (contact,) = make.rows(Contact, customer_id=customer)
        session.get(Opportunity, deal).contact_id = contact.id


def test_a_phone_filled_in_leaves_its_trace(cast: Cast) -> None:
    customer = make.customer(mobile="13812345678")
    assert from_customer(cast["wangqiang"], customer, phone=False).phone == ""
    assert make.rows(ChangeLog, entity=ENTITY) == []
    assert from_customer(cast["wangqiang"], customer).phone == "13812345678"
    (seen,) = make.rows(ChangeLog, entity=ENTITY)
    assert (seen.person_id, seen.entity_id) == (cast["wangqiang"].person_id, customer)


def test_what_follows_from_a_choice(cast: Cast) -> None:
    wang = cast["wangqiang"]
    customer, other = make.customer(), make.customer()
    deal = make.opportunity(customer)
    known = asks(wang)

    def fills(name: str, **values: object) -> dict[str, Any]:
        reply = known[name]("", values)
        return dict(reply.values or {})

    chosen = fills("of_customer", customer_id=other, opportunity_id=deal)
    assert (chosen["opportunity_id"], chosen["stage"]) == (None, "")  # another customer's deal
    kept = fills("of_customer", customer_id=customer, opportunity_id=deal)
    assert "opportunity_id" not in kept
    assert kept["contact_id"].label == "何经理"
    assert fills("of_deal", opportunity_id=deal)["customer_id"].value == customer
    assert fills("of_deal", opportunity_id="") == {"stage": ""}
    assert fills("of_contact", contact_id="") == {}
    assert fills("of_start", planned_start="2026-11-24 10:00", planned_end="") == {
        "planned_end": "2026-11-24 11:00"
    }
    late = {"planned_start": "2026-11-24 10:00", "planned_end": "2026-11-24 12:00"}
    assert fills("of_start", **late) == fills("of_start", planned_start="明天") == {}


def saved(actor: Actor, **typed: object) -> Any:
    form = Form(
        new_fields(form_options(actor)),
        lambda values, token: save_new(actor, values, token),
        key="x",
        draft=False,
    )
    return form._submit({"token": "t", "values": form.spec["blank"] | typed})


def test_saved_as_typed(cast: Cast) -> None:
    customer = make.customer()
    typed = {
        "subject": "拜访",
        "activity_type": "01",
        "customer_id": customer,
        "planned_start": "2027-01-04 10:00",
        "planned_end": "2027-01-04 11:00",
        "remind": True,
    }
    told = saved(cast["wangqiang"], **typed, status="done", result="")
    assert told["errors"] == {"result": "活动结果 为必录项"}
    told = saved(cast["wangqiang"], **typed)
    assert told["ok"], told
    (found,) = make.rows(Activity)
    assert f"{clock.local(found.planned_start):%Y-%m-%d %H:%M}" == "2027-01-04 10:00"
    assert (found.remind, found.owner_id) == (True, cast["wangqiang"].person_id)
    assert told["next"].endswith(f"id={found.id}")
    with pytest.raises(Invalid):
        save_new(cast["wangqiang"], typed | {"status": "not_started", "importance": "high", "priority": "low", "subject": ""}, "u")  # fmt: skip


def test_edited_keeps_what_may_no_longer_be_changed(cast: Cast) -> None:
    wang, customer = cast["wangqiang"], make.customer(mobile="13812345678")
    made = create_activity(wang, draft(customer, phone="13812345678")).activity_id
    card = activity_card(wang, made)
    names = {field.name for field in edit_fields(card, form_options(wang))}
    assert {"subject", "planned_start", "remind", "phone", "number"} <= names
    values = card_values(card) | {"place": "现场"}
    own = {n: values[n] for n in names if n not in {"number", "customer", "status", "stage"}}
    own |= {"contact_id": None, "opportunity_id": None}
    assert save_changes(wang, card, own, "t").ok
    after = activity_card(wang, made)
    assert (after.place, after.version) == ("现场", card.version + 1)
    start_activity(wang, made)
    begun = {field.name for field in edit_fields(activity_card(wang, made), form_options(wang))}
    assert not {"planned_start", "planned_end", "remind"} & begun


def test_steps_are_offered_to_those_who_may_take_them(cast: Cast) -> None:
    customer, wang = make.customer(), cast["wangqiang"]
    made = create_activity(wang, draft(customer)).activity_id
    steps = [action.label for action in card_steps(wang, activity_card(wang, made))]
    assert steps == ["开始", "完成", "延后", "编辑", "删除"]
    assert [a.label for a in place_steps(wang, customer)] == ["新增", "联系记录"]
    assert place_steps(cast["chengang"], customer) == place_steps(cast["zhaolei"]) == []
    assert [a.label for a in place_steps(cast["limin"])] == ["活动新增", "联系记录"]
    by_name = {action.name: action for action in row_steps(wang)}
    assert by_name["start"].call is not None
    by_name["start"].call([str(made)])
    done = (
        by_name["complete"]
        .sheet([str(made)])
        .submit({"token": "t", "values": {"result": "好", "result_note": "", "push": True}})
    )
    assert done["errors"] == {"push": "该活动没有关联商机，不能同时推进阶段"}
    done = (
        by_name["complete"]
        .sheet([str(made)])
        .submit({"token": "u", "values": {"result": "好", "result_note": "", "push": False}})
    )
    assert done["ok"]
    assert make.fetch(Customer, customer).last_contact_on == clock.today()

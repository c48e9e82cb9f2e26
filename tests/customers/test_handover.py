"""分配: what the former owner has open with the customer goes to the new one, and no more."""

from datetime import timedelta

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import create_activity, start_activity
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rules import ActivityDraft
from crmlib.audit.history import history_of
from crmlib.customers.actions import assign_customer
from crmlib.customers.bulk import assign_customers
from crmlib.inbox.queries import inbox_page, message_detail
from crmlib.opportunities.model import CustomerNeed, Opportunity, Outcome
from crmlib.opportunities.need_rules import NeedDraft
from crmlib.opportunities.needs import add_need
from crmlib.people.model import Person
from tests import make

Cast = dict[str, Actor]


def owners(model: type[Opportunity] | type[Activity], *keys: int) -> list[str]:
    """Return who owns these rows; the office must be his."""
    found = []
    for key in keys:
        row = make.fetch(model, key)
        person = make.fetch(Person, row.owner_id)
        assert row.office_id == person.office_id
        found.append(person.login)
    return found


def plan(actor: Actor, customer: int, status: ActivityStatus) -> int:
    """Enter an activity of the actor's in a state; return its id."""
    tomorrow = f"{clock.today() + timedelta(days=1)} 09:00"
    is_done = status is ActivityStatus.DONE
    draft = ActivityDraft(
        subject="拜访",
        activity_type="01",
        customer_id=customer,
        status=status if is_done else ActivityStatus.NOT_STARTED,
        planned_start=tomorrow,
        planned_end=tomorrow,
        result="已拜访" if is_done else "",
    )
    made = create_activity(actor, draft)
    if status is ActivityStatus.STARTED:
        start_activity(actor, made.activity_id)
    return made.activity_id


def test_open_work_follows_the_customer_and_both_are_told(cast: Cast) -> None:
    me, head, boss = cast["wangqiang"], cast["zhangwei"], cast["liuyang"]
    customer, other = make.customer(), make.customer()
    open_deal, elsewhere = make.opportunity(customer), make.opportunity(other)
    won = make.opportunity(customer, outcome=Outcome.WON)
    closed = make.opportunity(customer, closed=True)
    helped = make.opportunity(customer, owner="zhangwei")
    undone = [
        plan(me, customer, status)
        for status in (ActivityStatus.NOT_STARTED, ActivityStatus.STARTED)
    ]
    done = plan(me, customer, ActivityStatus.DONE)
    beside = plan(me, other, ActivityStatus.NOT_STARTED)
    mine, answered = (
        add_need(me, open_deal, NeedDraft(content="报价", answer=answer)) for answer in ("", "已报")
    )
    assign_customer(boss, customer, head.person_id, None, token="t")
    assert owners(Opportunity, open_deal, helped) == ["zhangwei", "zhangwei"]
    assert owners(Opportunity, won, closed, elsewhere) == ["wangqiang"] * 3
    assert owners(Activity, *undone) == ["zhangwei", "zhangwei"]
    assert owners(Activity, done, beside) == ["wangqiang", "wangqiang"]
    assert make.fetch(CustomerNeed, mine.note_id).owner_id == head.person_id
    assert make.fetch(CustomerNeed, answered.note_id).owner_id == me.person_id
    for person in (me, head):
        (row,) = inbox_page(person).rows.to_dicts()
        body = message_detail(person, row["id"]).body
        assert body.endswith("分配给 张伟。一并转给 张伟：2 个未完成活动、1 个进行中商机。"), body
    steps = history_of(boss, "opportunity", open_deal).entries
    assert any(entry.person == "刘洋" for entry in steps), steps


def test_a_customer_without_open_work_goes_alone(cast: Cast) -> None:
    me, head = cast["wangqiang"], cast["zhangwei"]
    customer, unowned = make.customer(), make.customer(owner=None)
    assign_customers(cast["liuyang"], [customer, unowned], head.person_id)
    for row in inbox_page(head).rows.to_dicts():
        assert "一并转给" not in message_detail(head, row["id"]).body
    assert inbox_page(me).total == 1

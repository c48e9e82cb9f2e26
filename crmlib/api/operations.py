"""The one table of everything a program may call; server, description and page are made of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crmlib.access.actor import Actor
from crmlib.activities.actions import (
    Completion,
    complete_activity,
    create_activity,
    edit_activity,
    reopen_activity,
    start_activity,
)
from crmlib.activities.card import ActivityCard
from crmlib.activities.pages import FIND_FIELDS as ACTIVITY_FINDS
from crmlib.activities.pages import SORTS as ACTIVITY_SORTS
from crmlib.activities.pages import ActivityQuery
from crmlib.activities.rules import ActivityDraft
from crmlib.api import deal_shapes, order_shapes, records, shapes
from crmlib.api.activity_shapes import ActivityFields, CompleteActivity, NewActivity
from crmlib.api.tokens import Caller
from crmlib.customers import rules
from crmlib.customers.actions import add_contact, edit_contact
from crmlib.customers.card import customer_card
from crmlib.customers.listing import FIND_FIELDS, CustomerQuery
from crmlib.customers.rules import ContactDraft, CustomerDraft
from crmlib.duplicates import asking
from crmlib.duplicates.collision import Collision
from crmlib.duplicates.entry import edit_customer, enter_customer
from crmlib.opportunities import closing, outcomes
from crmlib.opportunities.actions import advance_stage, create_opportunity, edit_opportunity
from crmlib.opportunities.outcome_rules import Closing, Ending
from crmlib.opportunities.queries import OpportunityQuery
from crmlib.opportunities.rules import OpportunityDraft
from crmlib.orders import queries as orders
from crmlib.orders.actions import add_event, record_order
from crmlib.orders.model import OrderSource
from crmlib.orders.queries import OrderCard, OrderQuery
from crmlib.orders.rules import EventDraft, LineDraft, OrderDraft
from crmlib.words import ROLES

REASON = "reason"


@dataclass(frozen=True, slots=True)
class Call:
    """What a program sent, read and checked: the record, parameters, body, version and token."""

    caller: Caller
    id: int = 0
    query: Any = None
    body: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    token: str | None = None

    @property
    def actor(self) -> Actor:
        """Return the person whose rights the token lends."""
        return self.caller.actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One address and method: what it takes, what it answers, and the function that does it.

    ``sees`` tells a record that may not be changed (403) from one that may not be seen (404).
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    run: Callable[[Call], Any]
    answer: type
    query: type | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: type | None = None
    partial: bool = False  # none of the body's fields is required
    only: frozenset[str] | None = None  # the fields of the body that are taken
    writes: bool = False
    versioned: bool = False
    status: int = 200
    sees: Callable[[Actor, int], Any] | None = None


def _me(call: Call) -> shapes.Me:
    actor, caller = call.actor, call.caller
    return shapes.Me(
        token=caller.name,
        may_write=caller.may_write,
        expires_at=caller.expires_at,
        person_id=actor.person_id,
        person=actor.name,
        role=ROLES[actor.role],
        office=actor.office,
    )


def _enter_customer(call: Call) -> shapes.Customer:
    own = {name: value for name, value in call.body.items() if name not in {REASON, "quick"}}
    made = enter_customer(
        call.actor,
        CustomerDraft(**own),
        reason=call.body.get(REASON, ""),
        quick=call.body.get("quick", False),
        token=call.token,
    )
    return records.customer(call.actor, made.customer_id)


def _edit_customer(call: Call) -> shapes.Customer:
    changes = {name: value for name, value in call.body.items() if name != REASON}
    reason = call.body.get(REASON, "")
    edit_customer(call.actor, call.id, changes, call.version, reason=reason, token=call.token)
    return records.customer(call.actor, call.id)


def _add_contact(call: Call) -> shapes.Contact:
    made = add_contact(call.actor, call.id, ContactDraft(**call.body), token=call.token)
    return records.contact(call.actor, made.contact_id)


def _edit_contact(call: Call) -> shapes.Contact:
    edit_contact(call.actor, call.id, call.body, call.version, token=call.token)
    return records.contact(call.actor, call.id)


def _create_opportunity(call: Call) -> shapes.Opportunity:
    own = {name: value for name, value in call.body.items() if name != "confirm"}
    confirm = call.body.get("confirm", False)
    draft = OpportunityDraft(**own)
    made = create_opportunity(call.actor, draft, confirm=confirm, token=call.token)
    return records.opportunity(call.actor, made.opportunity_id)


def _edit_opportunity(call: Call) -> shapes.Opportunity:
    edit_opportunity(call.actor, call.id, call.body, version=call.version, token=call.token)
    return records.opportunity(call.actor, call.id)


def _advance(call: Call) -> shapes.Opportunity:
    advance_stage(
        call.actor,
        call.id,
        call.body.get("to_stage_id"),
        reason=call.body.get(REASON, ""),
        ticked=call.body.get("ticked", ()),
        confirm=call.body.get("confirm", False),
        version=call.version,
        token=call.token,
    )
    return records.opportunity(call.actor, call.id)


def _put_order(call: Call) -> OrderCard:
    draft, code = dict(call.body), call.body.get("customer_code", "")
    draft.pop("customer_code", None)
    draft["stated"] = draft.get("stated") or ""
    if "lines" in draft:
        draft["lines"] = tuple(LineDraft(**asdict(line)) for line in draft["lines"])
    if draft.get("customer_id") is None and code:
        draft["customer_id"] = records.customer_coded(call.actor, code)
    made = record_order(call.actor, OrderDraft(**draft), source=OrderSource.API, token=call.token)
    return orders.order_card(call.actor, made.order_id)


def _add_event(call: Call) -> OrderCard:
    add_event(call.actor, call.id, EventDraft(**call.body), token=call.token)
    return orders.order_card(call.actor, call.id)


def _create_activity(call: Call) -> ActivityCard:
    made = create_activity(call.actor, ActivityDraft(**call.body), token=call.token)
    return records.activity(call.actor, made.activity_id)


def _edit_activity(call: Call) -> ActivityCard:
    edit_activity(call.actor, call.id, call.body, version=call.version, token=call.token)
    return records.activity(call.actor, call.id)


def _start_activity(call: Call) -> ActivityCard:
    start_activity(call.actor, call.id, version=call.version, token=call.token)
    return records.activity(call.actor, call.id)


def _complete_activity(call: Call) -> ActivityCard:
    done = Completion(**call.body)
    complete_activity(call.actor, call.id, done, version=call.version, token=call.token)
    return records.activity(call.actor, call.id)


def _reopen_activity(call: Call) -> ActivityCard:
    reopen_activity(call.actor, call.id, version=call.version, token=call.token)
    return records.activity(call.actor, call.id)


def _collide(call: Call) -> Collision:
    return asking.ask(call.actor, call.body["name"], call.body.get("phone") or None)


_CUSTOMER, _DEAL = "客户 customers", "商机 opportunities"
_CONTACT, _ACTIVITY, _OTHER = "联系人 contacts", "活动 activities", "其他"
_ORDER = "订单 orders"
_CUSTOMER_FIELDS = rules.EDITABLE | {"code", REASON}


def _ending(
    step: str, summary: str, act: Callable[..., object], body: type, made: Callable[..., object]
) -> Operation:
    """Return the call of a step that ends a deal, or takes its end back."""

    def run(call: Call) -> shapes.Opportunity:
        act(call.actor, call.id, made(**call.body), version=call.version, token=call.token)
        return records.opportunity(call.actor, call.id)

    return Operation(
        method="POST", path=f"/opportunities/{{id}}/{step}", name=f"{step}_opportunity",
        tag=_DEAL, summary=summary, writes=True, versioned=True, body=body, run=run,
        answer=shapes.Opportunity, sees=records.opportunity,
    )  # fmt: skip


_BECAUSE = (deal_shapes.Because, lambda reason="": reason)
_CLOSE = "关闭：赢单或输单后须有项目总结；综合部可随时关闭，须填 reason"
_ENDINGS = (
    _ending("win", "赢单", outcomes.win_opportunity, deal_shapes.Won, Ending),
    _ending("lose", "输单", outcomes.lose_opportunity, deal_shapes.Lost, Ending),
    _ending("undo_win", "反赢单", outcomes.undo_win, *_BECAUSE),
    _ending("undo_loss", "反输单", outcomes.undo_loss, *_BECAUSE),
    _ending("close", _CLOSE, closing.close_opportunity, deal_shapes.Close, Closing),
    _ending("reopen", "重开", closing.reopen_opportunity, *_BECAUSE),
)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/me", name="me", summary="令牌所代表的人员与权限", tag=_OTHER,
        run=_me, answer=shapes.Me,
    ),
    Operation(
        method="GET", path="/customers", name="list_customers", tag=_CUSTOMER,
        summary="客户列表：与「客户—维护」相同的筛选、分页、排序", query=CustomerQuery,
        choices={"sort": records.CUSTOMER_SORTS, "find_field": tuple(FIND_FIELDS)},
        run=lambda call: records.customers(call.actor, call.query), answer=shapes.CustomerList,
    ),
    Operation(
        method="GET", path="/customers/options", name="customer_options", tag=_CUSTOMER,
        summary="客户各字段可选的代码",
        run=lambda call: records.customer_choices(call.actor), answer=shapes.Choices,
    ),
    Operation(
        method="GET", path="/customers/{id}", name="get_customer", tag=_CUSTOMER,
        summary="一个客户及其联系人",
        run=lambda call: records.customer(call.actor, call.id), answer=shapes.Customer,
    ),
    Operation(
        method="POST", path="/customers", name="create_customer", tag=_CUSTOMER, writes=True,
        summary="新增客户（先撞单：相同则拒绝，相似须填 reason）", status=201,
        body=shapes.NewCustomer, run=_enter_customer, answer=shapes.Customer,
    ),
    Operation(
        method="PATCH", path="/customers/{id}", name="change_customer", tag=_CUSTOMER, writes=True,
        summary="修改客户的若干字段（须带 version 或 If-Match）", body=shapes.NewCustomer,
        partial=True, only=_CUSTOMER_FIELDS, versioned=True, run=_edit_customer,
        answer=shapes.Customer, sees=customer_card,
    ),
    Operation(
        method="GET", path="/customers/{id}/contacts", name="list_contacts", tag=_CONTACT,
        summary="一个客户的全部联系人",
        run=lambda call: records.contacts(call.actor, call.id), answer=shapes.ContactList,
    ),
    Operation(
        method="POST", path="/customers/{id}/contacts", name="create_contact", tag=_CONTACT,
        summary="添加联系人", writes=True, status=201, body=ContactDraft, run=_add_contact,
        answer=shapes.Contact, sees=customer_card,
    ),
    Operation(
        method="GET", path="/contacts/{id}", name="get_contact", tag=_CONTACT,
        summary="一个联系人",
        run=lambda call: records.contact(call.actor, call.id), answer=shapes.Contact,
    ),
    Operation(
        method="PATCH", path="/contacts/{id}", name="change_contact", tag=_CONTACT, writes=True,
        summary="修改联系人的若干字段（须带 version 或 If-Match）", body=ContactDraft,
        partial=True, versioned=True, run=_edit_contact, answer=shapes.Contact,
        sees=records.contact,
    ),
    Operation(
        method="GET", path="/opportunities", name="list_opportunities", tag=_DEAL,
        summary="商机列表：与「商机维护」相同的筛选、分页、排序", query=OpportunityQuery,
        choices={
            "sort": records.OPPORTUNITY_SORTS,
            "find_field": ("", "number", "subject", "customer", "project_name"),
        },
        run=lambda call: records.opportunities(call.actor, call.query),
        answer=shapes.OpportunityList,
    ),
    Operation(
        method="GET", path="/opportunities/options", name="opportunity_options", tag=_DEAL,
        summary="商机各字段可选的代码",
        run=lambda call: records.opportunity_choices(call.actor), answer=shapes.Choices,
    ),
    Operation(
        method="GET", path="/opportunities/{id}", name="get_opportunity", tag=_DEAL,
        summary="一个商机及其阶段历史",
        run=lambda call: records.opportunity(call.actor, call.id), answer=shapes.Opportunity,
    ),
    Operation(
        method="POST", path="/opportunities", name="create_opportunity", tag=_DEAL, writes=True,
        summary="新增商机（同一项目已有进行中的商机时须带 confirm）", status=201,
        body=shapes.NewOpportunity, run=_create_opportunity, answer=shapes.Opportunity,
    ),
    Operation(
        method="PATCH", path="/opportunities/{id}", name="change_opportunity", tag=_DEAL,
        summary="修改商机的若干字段（须带 version 或 If-Match）", writes=True,
        body=shapes.OpportunityChange, partial=True, versioned=True, run=_edit_opportunity,
        answer=shapes.Opportunity, sees=records.opportunity,
    ),
    Operation(
        method="POST", path="/opportunities/{id}/advance", name="advance_opportunity", tag=_DEAL,
        summary="推进阶段：缺省到下一阶段；跳过或退回须填 reason", writes=True,
        body=shapes.Advance, versioned=True, run=_advance, answer=shapes.Opportunity,
        sees=records.opportunity,
    ),
    *_ENDINGS,
    Operation(
        method="GET", path="/activities", name="list_activities", tag=_ACTIVITY,
        summary="活动列表：与「活动维护」相同的筛选、分页、排序", query=ActivityQuery,
        choices={"sort": ACTIVITY_SORTS, "find_field": ("", *ACTIVITY_FINDS)},
        run=lambda call: records.activity_list(call.actor, call.query),
        answer=shapes.ActivityList,
    ),
    Operation(
        method="GET", path="/activities/options", name="activity_options", tag=_ACTIVITY,
        summary="活动各字段可选的代码",
        run=lambda call: records.activity_choices(call.actor), answer=shapes.Choices,
    ),
    Operation(
        method="POST", path="/activities", name="create_activity", tag=_ACTIVITY, writes=True,
        summary="新增活动：未开始须有计划时间，已完成须有结果", status=201,
        body=NewActivity, run=_create_activity, answer=ActivityCard,
    ),
    Operation(
        method="PATCH", path="/activities/{id}", name="change_activity", tag=_ACTIVITY,
        summary="修改活动的若干字段（须带 version 或 If-Match）；已完成的只能改 result_note",
        writes=True, body=ActivityFields, partial=True, versioned=True,
        run=_edit_activity, answer=ActivityCard, sees=records.activity,
    ),
    Operation(
        method="POST", path="/activities/{id}/start", name="start_activity", tag=_ACTIVITY,
        summary="开始活动", writes=True, versioned=True, run=_start_activity,
        answer=ActivityCard, sees=records.activity,
    ),
    Operation(
        method="POST", path="/activities/{id}/complete", name="complete_activity", tag=_ACTIVITY,
        summary="完成活动：须填 result，可同时推进商机阶段", writes=True, versioned=True,
        body=CompleteActivity, run=_complete_activity, answer=ActivityCard,
        sees=records.activity,
    ),
    Operation(
        method="POST", path="/activities/{id}/reopen", name="reopen_activity", tag=_ACTIVITY,
        summary="重开已完成的活动（主管、信息部）", writes=True, versioned=True,
        run=_reopen_activity, answer=ActivityCard, sees=records.activity,
    ),
    Operation(
        method="GET", path="/activities/{id}", name="get_activity", tag=_ACTIVITY,
        summary="一个活动",
        run=lambda call: records.activity(call.actor, call.id), answer=ActivityCard,
    ),
    Operation(
        method="GET", path="/orders", name="list_orders", tag=_ORDER,
        summary="订单列表：与「订单执行情况」相同的筛选、分页、排序", query=OrderQuery,
        choices={"sort": orders.SORTS, "find_field": orders.FINDS},
        run=lambda call: records.orders(call.actor, call.query), answer=order_shapes.OrderList,
    ),
    Operation(
        method="GET", path="/orders/{id}", name="get_order", tag=_ORDER,
        summary="一个订单及其明细、执行情况",
        run=lambda call: orders.order_card(call.actor, call.id), answer=OrderCard,
    ),
    Operation(
        method="POST", path="/orders", name="put_order", tag=_ORDER, writes=True, status=201,
        summary="按 ERP单号新增或更新订单（不带 lines 则明细不变；须有订单权限）",
        body=order_shapes.NewOrder, run=_put_order, answer=OrderCard,
    ),
    Operation(
        method="POST", path="/orders/{id}/events", name="add_order_event", tag=_ORDER,
        summary="登记订单执行情况（同样的内容只登记一次）", writes=True, body=order_shapes.NewEvent,
        run=_add_event, answer=OrderCard, sees=orders.order_card,
    ),
    Operation(
        method="POST", path="/collisions", name="check_collision", tag=_CUSTOMER,
        summary="撞单分析：此名称下是否已有客户（只读令牌也可调用）",
        body=shapes.CollisionQuestion, run=_collide, answer=Collision,
    ),
)  # fmt: skip

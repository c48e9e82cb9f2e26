"""The steps of orders and contract reviews on their pages; each only where allowed."""

from typing import Any

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.orders import rules
from crmlib.orders import terms as order_terms
from crmlib.orders.actions import add_event, remove_event
from crmlib.orders.model import ReviewStatus
from crmlib.orders.queries import OrderCard
from crmlib.orders.review_queries import ReviewCard, request_state
from crmlib.orders.reviews import advance_review, enter_review, request_review
from crmlib.orders.rules import EventDraft, ReviewEntry
from crmlib.ui import format as shown
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.options import Option
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link

_STEP_NAMES = {
    ReviewStatus.SUBMITTED: "提交OA",
    ReviewStatus.APPROVED: "通过",
    ReviewStatus.REFUSED: "驳回",
    ReviewStatus.VOID: "作废",
}


def deal_options(actor: Actor, customer_id: int | None) -> list[Option]:
    """Return the deals of a customer, for an order to name."""
    if not customer_id:
        return []
    found = opportunity_page(actor, OpportunityQuery(customer_id=customer_id, size=100)).rows
    return [Option(row["id"], row["subject"], row["number"]) for row in found.to_dicts()]


def order_steps(actor: Actor, card: OrderCard) -> list[Action]:
    """Return what the actor may do with an order."""
    if not card.may_manage:
        return []
    steps = [Action(label="编辑", href=link("order_edit", card.id))]
    if card.status.value != rules.CANCELLED:
        steps.insert(0, _add_event(actor, card))
    return [*steps, _remove_event(actor, card)] if card.events else steps


def _add_event(actor: Actor, card: OrderCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        done = add_event(actor, card.id, EventDraft(**values), token=token)
        return saved(f"已登记，订单状态：{order_terms.ORDER_STATUS[done.status]}")

    label = order_terms.ORDER_EVENT
    return Action(
        label="登记执行",
        kind="primary",
        title=f"登记执行：{card.number}",
        columns=2,
        fields=[
            Field(
                name="kind",
                label=label["kind"],
                kind="select",
                options=list(order_terms.EVENT_KIND.items()),
                required=True,
            ),
            Field(
                name="happened_on",
                label=label["happened_on"],
                kind="date",
                required=True,
                default=clock.today(),
            ),
            Field(name="quantity", label=label["quantity"], kind="number", hint="发货留空为全部"),
            Field(name="remark", label=label["remark"], max_length=rules.NOTE_LENGTH),
        ],
        on_submit=save,
        submit_label="保存",
    )


def _remove_event(actor: Actor, card: OrderCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        done = remove_event(actor, values["event"], token=token)
        return saved(f"已删除，订单状态：{order_terms.ORDER_STATUS[done.status]}")

    events = [
        Option(
            event.id,
            f"{shown.day(event.happened_on)} {order_terms.EVENT_KIND[event.kind.value]}",
            shown.number(event.quantity) if event.quantity is not None else "",
        )
        for event in card.events
    ]
    field = Field(name="event", label="执行记录", kind="select", options=events, required=True)
    return Action(
        label="删除执行",
        kind="danger",
        note="只用于更正误登的记录，订单状态随之改变。",
        fields=[field],
        on_submit=save,
        submit_label="删除",
    )


def deal_steps(actor: Actor, deal_id: int) -> list[Action]:
    """Return 转合同评审, or for 信息部 录入合同评审, on the card of a deal."""
    refusal = request_state(actor, deal_id)
    if refusal is None:
        return []
    if actor.may(Permission.ORDER_MANAGE):
        return [_enter(actor, deal_id, refusal)]

    def ask(values: dict[str, Any], token: str) -> Reply:
        request_review(actor, deal_id, values["remark"], token=token)
        return saved("已通知信息部录入合同评审")

    remark = Field(
        name="remark",
        label=order_terms.REVIEW["remark"],
        kind="textarea",
        max_length=rules.NOTE_LENGTH,
    )
    return [
        Action(
            label="转合同评审",
            kind="primary",
            note="请信息部在 OA 发起合同评审，结果会在此显示。",
            fields=[remark],
            on_submit=ask,
            submit_label="提交",
            disabled=refusal,
        )
    ]


def _enter(actor: Actor, deal_id: int, refusal: str) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        enter_review(actor, deal_id, ReviewEntry(**values), token=token)
        return saved("合同评审已录入")

    return Action(
        label="录入合同评审",
        kind="primary",
        fields=_fields(ReviewStatus.SUBMITTED, None),
        on_submit=save,
        submit_label="保存",
        disabled=refusal,
    )


def review_steps(actor: Actor, card: ReviewCard) -> list[Action]:
    """Return what the actor may do with a review."""
    return [_step(actor, card, wanted) for wanted in card.steps]


def _step(actor: Actor, card: ReviewCard, wanted: ReviewStatus) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        entry = ReviewEntry(**values)
        done = advance_review(actor, card.id, wanted, entry, version=card.version, token=token)
        return saved(f"合同评审：{order_terms.REVIEW_STATUS[done.status]}")

    name = _STEP_NAMES[wanted]
    is_end = wanted in {ReviewStatus.REFUSED, ReviewStatus.VOID}
    return Action(
        label=name,
        kind="danger" if is_end else "primary",
        title=f"{name}：{card.opportunity}",
        fields=_fields(wanted, card.number),
        on_submit=save,
        submit_label=name,
    )


def _fields(wanted: ReviewStatus, number: str | None) -> list[Field]:
    label = order_terms.REVIEW
    is_sent = wanted is ReviewStatus.SUBMITTED
    day = Field(
        name="day",
        label=label["submitted_on" if is_sent else "decided_on"],
        kind="date",
        required=True,
        default=clock.today(),
    )
    if is_sent:
        return [
            Field(name="number", label=label["number"], required=True, default=number or ""),
            day,
            Field(name="file_name", label=label["file_name"], max_length=rules.PRODUCT_LENGTH),
        ]
    is_end = wanted in {ReviewStatus.REFUSED, ReviewStatus.VOID}
    note = Field(
        name="note",
        label=label["note"],
        kind="textarea",
        required=is_end,
        max_length=rules.NOTE_LENGTH,
    )
    return [day, note]

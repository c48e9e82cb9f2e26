"""What one may do with an activity: the buttons of its page, of a row, and 联系记录."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities import card as cards_of
from crmlib.activities import choices, rules
from crmlib.activities.actions import (
    ActivitySaved,
    Completion,
    complete_activity,
    delete_activity,
    edit_activity,
    postpone_activity,
    record_contact,
    reopen_activity,
    start_activity,
)
from crmlib.activities.card import ActivityCard
from crmlib.activities.form import asks, moment_text
from crmlib.activities.rules import ActivityDraft
from crmlib.errors import Invalid
from crmlib.opportunities.card import OpportunityCard, opportunity_card
from crmlib.ui.actions import Action
from crmlib.ui.choices import by_code
from crmlib.ui.fields import Field
from crmlib.ui.options import Option
from crmlib.ui.reply import Question, Reply
from crmlib.ui.route import link
from crmlib.ui.row_action import RowAction
from crmlib.words import ACTIVITY, OPPORTUNITY

PUSH_TOO = "同时推进阶段"
OTHER_TIME = "other"
_RESULT = Field(
    name="result", label=ACTIVITY["result"], required=True, max_length=rules.LENGTHS["result"]
)
_NOTE = Field(
    name="result_note",
    label=ACTIVITY["result_note"],
    kind="textarea",
    max_length=rules.LONG["result_note"],
)


def card_steps(actor: Actor, card: ActivityCard) -> list[Action]:
    """Return what the actor may do with the activity he looks at."""
    makers: dict[str, Callable[[Actor, ActivityCard], Action]] = {
        cards_of.START: _start,
        cards_of.COMPLETE: _complete,
        cards_of.POSTPONE: _postpone,
        cards_of.REOPEN: _reopen,
    }
    found = [make(actor, card) for name, make in makers.items() if name in card.steps]
    if card.editable == ("result_note",):
        found.append(_note(actor, card))
    elif card.editable:
        found.append(Action(label="编辑", href=link("activity_edit", card.id)))
    if cards_of.DELETE in card.steps:
        found.append(_delete(actor, card))
    return found


def _start(actor: Actor, card: ActivityCard) -> Action:
    def call() -> Reply:
        return _told(start_activity(actor, card.id, version=card.version), "已开始")

    return Action(label="开始", call=call)


def _complete(actor: Actor, card: ActivityCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        return _completed(actor, card.id, values, token, version=card.version)

    deal = None
    if cards_of.PUSH in card.steps and card.opportunity_id is not None:
        deal = opportunity_card(actor, card.opportunity_id)
    return Action(
        label="完成",
        kind="primary",
        title=f"完成：{card.subject}",
        fields=[
            _RESULT,
            Field(name="ended_at", label=ACTIVITY["ended_at"], kind="datetime", hint="留空为现在"),
            _NOTE,
            *(_push_fields(deal) if deal else ()),
        ],
        values={"result": card.result, "result_note": card.result_note},
        on_submit=save,
        columns=2 if deal else 1,
    )


def _push_fields(deal: OpportunityCard) -> list[Field]:
    pushed = ("push", True)
    return [
        Field(name="push", label=PUSH_TOO, kind="checkbox", hint=f"现处于「{deal.stage.name}」"),
        Field(
            name="to_stage_id",
            label=OPPORTUNITY["stage"],
            kind="select",
            options=[(s.id, s.name) for s in deal.steps if s.id != deal.stage.id],
            default=deal.next_step.id if deal.next_step else None,
            show_when=pushed,
        ),
        Field(
            name="ticked",
            label="本阶段检查项",
            kind="multiselect",
            options=list(deal.stage.checklist),
            hint="勾选已完成的检查项",
            show_when=pushed,
        ),
        Field(
            name="reason",
            label="原因",
            hint="跳过阶段或退回时须填写",
            max_length=255,
            show_when=pushed,
        ),
    ]


def _completed(
    actor: Actor,
    activity_id: int,
    values: Mapping[str, Any],
    token: str,
    *,
    version: int | None = None,
) -> Reply:
    """Complete as a dialog holds it; a question of the stage is put to the person."""
    done = Completion(
        result=values["result"],
        result_note=values["result_note"],
        ended_at=values.get("ended_at"),
        push=bool(values.get("push")),
        to_stage_id=values.get("to_stage_id"),
        reason=values.get("reason") or "",
        ticked=values.get("ticked") or (),
        confirm=values.get("confirm") == "yes",
    )
    try:
        saved = complete_activity(actor, activity_id, done, version=version, token=token)
    except Invalid as wrong:
        if set(wrong.faults) != {"confirm"}:
            raise
        asked = Question(
            text=wrong.faults["confirm"], name="confirm", ask_text=False, confirm="仍要推进"
        )
        return Reply(ok=False, question=asked)
    return _told(saved, "已完成" + (f"，商机已推进到「{saved.stage}」" if saved.stage else ""))


def _told(saved: ActivitySaved, what: str) -> Reply:
    return Reply(ok=True, message=f"活动 {saved.number} {what}")


def _postpone(actor: Actor, card: ActivityCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        return _put_off(actor, card.id, values, token, version=card.version)

    return Action(label="延后", fields=_later_fields(), on_submit=save)


def _later_fields() -> list[Field]:
    days = [(key, words) for key, (words, _) in rules.later_choices(clock.now()).items()]
    return [
        Field(
            name="day",
            label="延后到",
            kind="radio",
            options=[*days, (OTHER_TIME, "其他时间")],
            default=days[0][0],
            required=True,
        ),
        Field(
            name="to",
            label=ACTIVITY["planned_start"],
            kind="datetime",
            required=True,
            show_when=("day", OTHER_TIME),
        ),
    ]


def _put_off(
    actor: Actor,
    activity_id: int,
    values: Mapping[str, Any],
    token: str,
    *,
    version: int | None = None,
) -> Reply:
    to = values["to"] or None
    if values["day"] != OTHER_TIME:
        _, day = rules.later_choices(clock.now())[values["day"]]
        start = cards_of.activity_card(actor, activity_id).planned_start or clock.local(clock.now())
        to = day.replace(hour=start.hour, minute=start.minute)
    saved = postpone_activity(actor, activity_id, to, version=version, token=token)
    planned = cards_of.activity_card(actor, activity_id).planned_start
    return _told(saved, f"已延后到 {moment_text(planned)}")


def _reopen(actor: Actor, card: ActivityCard) -> Action:
    def call() -> Reply:
        return _told(reopen_activity(actor, card.id, version=card.version), "已重开")

    return Action(label="重开", call=call, confirm="重开后状态为已开始，最后接触日期将重新计算")


def _note(actor: Actor, card: ActivityCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        edit_activity(actor, card.id, values, version=card.version, token=token)
        return Reply(ok=True, message="保存成功")

    return Action(
        label="修改结果说明",
        fields=[_NOTE],
        values={"result_note": card.result_note},
        on_submit=save,
    )


def _delete(actor: Actor, card: ActivityCard) -> Action:
    def call() -> Reply:
        gone = delete_activity(actor, card.id, version=card.version)
        return Reply(ok=True, message=f"已删除活动 {gone.number}", next=link("activities"))

    return Action(label="删除", kind="danger", call=call, confirm="删除后不能恢复，确定删除吗？")


# --- rows of a list --------------------------------------------------------------------------
STEP_LABELS = {"start": "开始", "complete": "完成", "later": "延后"}


def row_steps(actor: Actor, here: str = "") -> list[RowAction]:
    """Return 开始, 完成 and 延后 for the rows of a list of activities.

    ``here`` is the page to show anew where more than the list follows from a step.
    """

    def start(keys: list[str]) -> Reply:
        return _told(start_activity(actor, int(keys[0])), "已开始")

    def complete(keys: list[str], values: dict[str, Any], token: str) -> Reply:
        reply = _completed(actor, int(keys[0]), values, token)
        return replace(reply, next=here) if reply.ok and here else reply

    def later(keys: list[str], values: dict[str, Any], token: str) -> Reply:
        return _put_off(actor, int(keys[0]), values, token)

    push = Field(
        name="push", label=PUSH_TOO, kind="checkbox", hint="商机推进到下一阶段；其他阶段请打开活动"
    )
    return [
        RowAction(name="start", label=STEP_LABELS["start"], call=start, in_row=True),
        RowAction(
            name="complete",
            label=STEP_LABELS["complete"],
            fields=[_RESULT, _NOTE, push],
            on_submit=complete,
            in_row=True,
        ),
        RowAction(
            name="later",
            label=STEP_LABELS["later"],
            fields=_later_fields(),
            on_submit=later,
            in_row=True,
        ),
    ]


def steps_of_row(row: Mapping[str, Any]) -> dict[str, str]:
    """Return which of the steps a row of ``queries.SCHEMA`` offers, as its cells."""
    is_new = row["editable"] and row["status"] == "not_started"
    is_open = row["editable"] and row["status"] != "done"
    may = {"start": is_new, "complete": is_open, "later": is_new}
    return {name: STEP_LABELS[name] if allowed else "" for name, allowed in may.items()}


# --- 联系记录 --------------------------------------------------------------------------------


def contact_record(
    actor: Actor, customer_id: int | None = None, opportunity_id: int | None = None
) -> Action:
    """Return 联系记录: what was just done with a customer, in one dialog."""
    start = (
        choices.from_deal(actor, opportunity_id, phone=False)
        if opportunity_id
        else choices.from_customer(actor, customer_id, phone=False)
    )

    def save(values: dict[str, Any], token: str) -> Reply:
        draft = ActivityDraft(
            customer_id=customer_id or values.get("customer_id"),
            opportunity_id=opportunity_id,
            activity_type=values["activity_type"],
            contact_id=values["contact_id"],
            result=values["result"],
            result_note=values["result_note"],
            ended_at=values["ended_at"],
        )
        made = record_contact(actor, draft, token=token)
        way = ("打开活动", link("activity", made.activity_id))
        return Reply(ok=True, message=f"已保存联系记录 {made.number}", link=way)

    return Action(
        label="联系记录",
        title="联系记录",
        fields=_record_fields(actor, is_free=customer_id is None and opportunity_id is None),
        values={"contact_id": start.contact, "ended_at": moment_text(clock.local(clock.now()))},
        on_submit=save,
        on_ask=_record_asks(actor, start.customer),
    )


def _record_fields(actor: Actor, *, is_free: bool) -> Sequence[Field]:
    customer = Field(
        name="customer_id",
        label=ACTIVITY["customer"],
        kind="picker",
        search="customers",
        fills="of_customer",
        required=True,
    )
    return [
        *([customer] if is_free else []),
        Field(
            name="activity_type",
            label=ACTIVITY["activity_type"],
            kind="select",
            options=by_code(choices.type_choices()),
            required=True,
        ),
        _RESULT,
        Field(name="ended_at", label=ACTIVITY["ended_at"], kind="datetime", hint="留空为现在"),
        Field(name="contact_id", label=ACTIVITY["contact"], kind="picker", search="contacts"),
        _NOTE,
    ]


def _record_asks(actor: Actor, customer: Option | None) -> dict[str, Any]:
    """Answer the dialog's questions; on a customer's page it is this customer."""
    known = asks(actor)
    if customer is None:
        return known

    def contacts(text: str, values: Mapping[str, object]) -> object:
        return known["contacts"](text, {**values, "customer_id": customer.value})

    return known | {"contacts": contacts}


def place_steps(
    actor: Actor, customer_id: int | None = None, opportunity_id: int | None = None
) -> list[Action]:
    """Return 新增 and 联系记录 for a customer or a deal, or for whomever one chooses in them."""
    if not actor.may(Permission.ACTIVITY_CREATE):
        return []
    if opportunity_id and choices.from_deal(actor, opportunity_id, phone=False).deal is None:
        return []
    if customer_id and choices.from_customer(actor, customer_id, phone=False).customer is None:
        return []
    way = link("activity_new", customer=customer_id, opportunity=opportunity_id)
    label = "新增" if customer_id or opportunity_id else "活动新增"
    return [
        Action(label=label, kind="primary", href=way),
        contact_record(actor, customer_id, opportunity_id),
    ]

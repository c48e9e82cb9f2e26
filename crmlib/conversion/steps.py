"""The steps of a conversion on the customer card: apply, convert, refuse."""

from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.conversion.actions import (
    convert,
    refuse,
    request_conversion,
    undo_conversion,
    withdraw,
)
from crmlib.conversion.choices import EVERYBODY, parted, receivers
from crmlib.conversion.effects import dry_run
from crmlib.conversion.model import RequestStatus
from crmlib.conversion.panel import dry_run_text
from crmlib.conversion.queries import ConversionState, RequestInfo, request_template
from crmlib.conversion.rules import UNDO_DAYS
from crmlib.customers.card import CustomerCard
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved


def conversion_steps(
    actor: Actor, card: CustomerCard, state: ConversionState, request: RequestInfo | None
) -> list[Action]:
    """Return what the actor may do about the conversion."""
    if state.trading:
        return [_undo(actor, card, state)] if actor.may(Permission.CONVERSION_UNDO) else []
    steps = []
    if actor.may(Permission.CONVERSION_REQUEST):
        steps.append(_apply(actor, card, state))
        if request and request.is_mine and request.status == RequestStatus.PENDING:
            steps.append(_withdraw(actor, request))
    if actor.may(Permission.CONVERSION_DECIDE):
        steps.append(_convert(actor, card, state, request))
        if request and request.can_decide:
            steps.append(_refuse(actor, request))
    return steps


def _apply(actor: Actor, card: CustomerCard, state: ConversionState) -> Action:
    def send(values: dict[str, Any], token: str) -> Reply:
        people, groups = parted(values["recipients"])
        title, body = values["title"], values["body"]
        return saved(
            request_conversion(actor, card.id, people, groups, title, body, token=token).text
        )

    filled = request_template(actor, card.id) if state.can_request else None
    label = words.MESSAGE
    return Action(
        label="申请转交易",
        disabled=state.request_refusal,
        fields=[
            Field(
                name="recipients",
                label=label["recipients"],
                kind="multiselect",
                options=receivers(filled) if filled else (),
                required=True,
            ),
            Field(name="title", label=label["title"], required=True, max_length=120),
            Field(name="body", label=label["body"], kind="textarea", rows=6, required=True),
        ],
        values={"recipients": (EVERYBODY,), "title": filled.title, "body": filled.body}
        if filled
        else {},
        note=dry_run_text(dry_run(actor, card.id)) if filled else "",
        on_submit=send,
        submit_label="发送",
    )


def _convert(
    actor: Actor, card: CustomerCard, state: ConversionState, request: RequestInfo | None
) -> Action:
    waiting = request if request and request.status == RequestStatus.PENDING else None

    def turn(values: dict[str, Any], token: str) -> Reply:
        done = convert(
            actor,
            card.id,
            request_id=waiting.id if waiting else None,
            override_reason=values["override_reason"],
            version=card.version,
            token=token,
        )
        return saved(done.text)

    found = dry_run(actor, card.id)
    hint = "缺少交易依据时须填写" if found.failing else "检查项全部通过，可不填"
    return Action(
        label="转交易客户",
        kind="primary",
        disabled=state.convert_refusal,
        note=dry_run_text(found),
        fields=[Field(name="override_reason", label="例外原因", kind="textarea", hint=hint)],
        on_submit=turn,
    )


def _refuse(actor: Actor, request: RequestInfo) -> Action:
    def turn_down(values: dict[str, Any], token: str) -> Reply:
        answer = refuse(actor, request.id, values["reason"], version=request.version, token=token)
        return saved(answer.text)

    return Action(
        label="驳回",
        kind="danger",
        title="驳回转交易申请",
        fields=[Field(name="reason", label="原因", kind="textarea", required=True)],
        on_submit=turn_down,
    )


def _withdraw(actor: Actor, request: RequestInfo) -> Action:
    def take_back() -> Reply:
        return saved(withdraw(actor, request.id, version=request.version).text)

    confirm = "撤回后综合部不再处理这份申请，之后可以重新申请。"
    return Action(label="撤回申请", call=take_back, confirm=confirm)


def _undo(actor: Actor, card: CustomerCard, state: ConversionState) -> Action:
    def turn_back(values: dict[str, Any], token: str) -> Reply:
        reason = values["reason"]
        done = undo_conversion(actor, card.id, reason, version=card.version, token=token)
        return saved(done.text)

    return Action(
        label="撤销转交易",
        kind="danger",
        disabled=state.undo_refusal,
        note=(
            f"转交易后 {UNDO_DAYS} 天内可以撤销。撤销后恢复为潜在客户，锁定的栏位重新可以修改，"
            "负责人和申请人会收到消息。"
        ),
        fields=[Field(name="reason", label="原因", kind="textarea", required=True)],
        on_submit=turn_back,
    )

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
from crmlib.conversion.model import RequestStatus
from crmlib.conversion.queries import (
    ConversionState,
    RequestInfo,
    check_list,
    request_template,
)
from crmlib.customers.card import CustomerCard
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved


def conversion_steps(
    actor: Actor, card: CustomerCard, state: ConversionState, request: RequestInfo | None
) -> list[Action]:
    """Return what the actor may do about the conversion."""
    if state.trading:
        return [_undo(actor, card)] if state.can_undo else []
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
        title, body = values["title"], values["body"]
        return saved(request_conversion(actor, card.id, title=title, body=body, token=token).text)

    filled = request_template(actor, card.id) if state.can_request else None
    label = words.MESSAGE
    to = filled.recipients_label if filled else ""
    return Action(
        label="申请转交易",
        disabled=state.request_refusal,
        fields=[
            Field(name="to", label=label["recipients"], kind="readonly", default=to),
            Field(name="title", label=label["title"], required=True, max_length=120),
            Field(name="body", label=label["body"], kind="textarea", rows=6, required=True),
        ],
        values={"title": filled.title, "body": filled.body} if filled else {},
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

    checks = check_list(actor, card.id)
    complete = all(check.ok for check in checks)
    hint = "检查项全部通过，可不填" if complete else "缺少交易依据时须填写"
    return Action(
        label="转交易客户",
        kind="primary",
        disabled=state.convert_refusal,
        note="\n".join(f"{'✓' if c.ok else '✗'} {c.label}：{c.detail}" for c in checks),
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


def _undo(actor: Actor, card: CustomerCard) -> Action:
    def turn_back(values: dict[str, Any], token: str) -> Reply:
        reason = values["reason"]
        done = undo_conversion(actor, card.id, reason, version=card.version, token=token)
        return saved(done.text)

    return Action(
        label="撤销转交易",
        kind="danger",
        fields=[Field(name="reason", label="原因", kind="textarea", required=True)],
        on_submit=turn_back,
    )

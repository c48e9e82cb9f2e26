"""The steps of a request on its page: grant, refuse, take back."""

from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.customers.model import ShareLevel
from crmlib.requests.actions import grant_access, refuse_access, withdraw_access
from crmlib.requests.model import AccessKind
from crmlib.requests.queries import AccessDetail
from crmlib.requests.rules import OUT_OF_REACH
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link


def request_steps(actor: Actor, asked: AccessDetail) -> list[Action]:
    """Return what the actor may do with a request."""
    steps = []
    if asked.may_refuse:
        steps += [_grant(actor, asked), _refuse(actor, asked)]
    if asked.may_withdraw:
        steps.append(_withdraw(actor, asked))
    if asked.customer_id is not None:
        steps.append(Action(label="打开客户", href=link("customer", asked.customer_id)))
    return steps


def _grant(actor: Actor, asked: AccessDetail) -> Action:
    def agree(values: dict[str, Any], token: str) -> Reply:
        level = ShareLevel(values["level"]) if values.get("level") else None
        done = grant_access(
            actor,
            asked.id,
            level=level,
            ends_on=values.get("ends_on"),
            note=values["note"],
            version=asked.version,
            token=token,
        )
        return saved(done.text)

    is_share = asked.kind is AccessKind.SHARE
    levels = Field(
        name="level",
        label=words.ACCESS["level"],
        kind="radio",
        options=list(words.SHARE_LEVELS.items()),
        default=asked.level,
        required=True,
    )
    until = Field(name="ends_on", label=words.ACCESS["ends_on"], kind="date", hint="留空为长期")
    note = Field(name="note", label=words.ACCESS["note"], kind="textarea", max_length=255)
    what = f"共享给 {asked.person}" if is_share else f"负责人由 {asked.owner} 改为 {asked.person}"
    return Action(
        name="grant",
        label="同意",
        kind="primary",
        title=f"同意{asked.kind_label}",
        note=f"{asked.customer}（{asked.code}）：{what}",
        disabled="" if asked.may_grant else OUT_OF_REACH,
        fields=[levels, until, note] if is_share else [note],
        on_submit=agree,
        submit_label="同意",
    )


def _refuse(actor: Actor, asked: AccessDetail) -> Action:
    def turn_down(values: dict[str, Any], token: str) -> Reply:
        reason = values["note"]
        return saved(
            refuse_access(actor, asked.id, reason, version=asked.version, token=token).text
        )

    return Action(
        name="refuse",
        label="驳回",
        kind="danger",
        title=f"驳回{asked.kind_label}",
        fields=[
            Field(
                name="note",
                label=words.ACCESS["note"],
                kind="textarea",
                required=True,
                max_length=255,
            )
        ],
        on_submit=turn_down,
        submit_label="驳回",
    )


def _withdraw(actor: Actor, asked: AccessDetail) -> Action:
    def take_back() -> Reply:
        return saved(withdraw_access(actor, asked.id, version=asked.version).text)

    return Action(
        name="withdraw",
        label="撤回申请",
        call=take_back,
        confirm="撤回后对方不再处理这份申请，之后可以重新申请。",
    )

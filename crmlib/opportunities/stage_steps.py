"""The steps of a version on its page: edit, 提交会签, 会签, 退回, 生效, copy."""

from collections.abc import Callable
from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import StageSetStatus
from crmlib.opportunities.stage_cards import SetCard
from crmlib.opportunities.stage_edits import (
    StagesChanged,
    disable_stages,
    enable_stages,
    move_stages,
    remove_stages,
)
from crmlib.opportunities.stage_queries import PAGE
from crmlib.opportunities.stage_sets import (
    MAP,
    SetSaved,
    copy_stage_set,
    describe_stage_set,
    discard_stage_set,
    put_in_force,
    return_stage_set,
    sign_stage_set,
    submit_stage_set,
)
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link
from crmlib.ui.row_action import RowAction

Values = dict[str, Any]
LIST = link("stage_sets")


def set_steps(actor: Actor, card: SetCard) -> list[Action]:
    """Return what the actor may do with a version."""
    back = Action(label="返回列表", href=LIST)
    if card.status is StageSetStatus.SIGNING:
        steps = [_sign(actor, card), _return(actor, card)]
        return [*steps, *([_force(actor, card)] if card.may_define else []), back]
    if not card.may_define:
        return [back]
    if card.status is StageSetStatus.DRAFT:
        add = Action(label="添加阶段", href=link("stage", "new", set=card.id))
        return [add, _submit(actor, card), _describe(actor, card), _discard(actor, card), back]
    return [_copy(actor, card), back]


def row_steps(actor: Actor, card: SetCard) -> list[RowAction]:
    """Return what the actor may do with stages of a draft."""
    if not card.may_define or card.status is not StageSetStatus.DRAFT:
        return []

    def step(name: str, label: str, do: Callable[[list[int]], StagesChanged], **more: Any) -> Any:
        def call(rows: list[str]) -> Reply:
            return saved(do([int(row) for row in rows]).text, next=link(PAGE, card.id))

        return RowAction(name=name, label=label, call=call, **more)

    return [
        step("up", "上移", lambda ids: move_stages(actor, ids, -1)),
        step("down", "下移", lambda ids: move_stages(actor, ids, 1)),
        step("disable", "停用", lambda ids: disable_stages(actor, ids)),
        step("enable", "启用", lambda ids: enable_stages(actor, ids)),
        step(
            "remove",
            "删除",
            lambda ids: remove_stages(actor, ids),
            confirm="再次点击确认",
            danger=True,
        ),
    ]


def _note(card: SetCard | None) -> Field:
    return Field(
        name="note",
        label=words.STAGE_SET["note"],
        kind="textarea",
        max_length=rules.NOTE_LENGTH,
        default=card.note if card else "",
    )


def _on_page(done: SetSaved) -> Reply:
    return saved(done.text, next=link(PAGE, done.stage_set_id))


def _copy(actor: Actor, card: SetCard) -> Action:
    def make(values: Values, token: str) -> Reply:
        return _on_page(copy_stage_set(actor, card.id, values["note"], token=token))

    return Action(
        name="copy",
        label="复制为新版本",
        kind="primary",
        fields=[_note(None)],
        on_submit=make,
        submit_label="复制",
        disabled=f"已有{card.unfinished}在制定中" if card.unfinished else "",
    )


def _describe(actor: Actor, card: SetCard) -> Action:
    def write(values: Values, token: str) -> Reply:
        return saved(
            describe_stage_set(
                actor, card.id, values["note"], version=card.version, token=token
            ).text
        )

    return Action(name="describe", label="变更说明", fields=[_note(card)], on_submit=write)


def _submit(actor: Actor, card: SetCard) -> Action:
    def send() -> Reply:
        return saved(submit_stage_set(actor, card.id, version=card.version).text)

    return Action(
        name="submit",
        label="提交会签",
        kind="primary",
        call=send,
        confirm="提交后不能再修改；综合部、信息部、区域经理会收到会签通知。",
    )


def _discard(actor: Actor, card: SetCard) -> Action:
    def drop() -> Reply:
        return saved(discard_stage_set(actor, card.id, version=card.version).text, next=LIST)

    return Action(
        name="discard",
        label="删除草稿",
        kind="danger",
        call=drop,
        confirm="删除后不能恢复；现行阶段不受影响。",
    )


def _sign(actor: Actor, card: SetCard) -> Action:
    def agree(values: Values, token: str) -> Reply:
        done = sign_stage_set(actor, card.id, values["comment"], version=card.version, token=token)
        return saved(done.text)

    return Action(
        name="sign",
        label="会签",
        kind="" if card.signing.cannot_sign else "primary",
        title=f"会签{card.title}",
        fields=[_comment("意见", required=False)],
        on_submit=agree,
        submit_label="同意",
        disabled=card.signing.cannot_sign,
    )


def _return(actor: Actor, card: SetCard) -> Action:
    def turn_down(values: Values, token: str) -> Reply:
        done = return_stage_set(
            actor, card.id, values["comment"], version=card.version, token=token
        )
        return saved(done.text)

    return Action(
        name="return",
        label="退回",
        kind="danger",
        title=f"退回{card.title}",
        fields=[_comment("退回原因", required=True)],
        on_submit=turn_down,
        submit_label="退回",
        disabled="" if card.signing.may_return else card.signing.cannot_sign,
    )


def _comment(label: str, *, required: bool) -> Field:
    return Field(
        name="comment",
        label=label,
        kind="textarea",
        required=required,
        max_length=rules.NOTE_LENGTH,
    )


def _force(actor: Actor, card: SetCard) -> Action:
    def enforce(values: Values, token: str) -> Reply:
        chosen = {
            name.removeprefix(MAP): str(value)
            for name, value in values.items()
            if name.startswith(MAP) and value
        }
        done = put_in_force(actor, card.id, chosen, version=card.version, token=token)
        return saved(done.text)

    rows = card.stages.filter(~card.stages["disabled"]).iter_rows(named=True)
    options = [(row["code"], row["name"]) for row in rows]
    return Action(
        name="force",
        label="生效",
        kind="primary" if not card.signing.cannot_force else "",
        title=f"{card.title}生效",
        note="现行版本随即失效；各阶段进行中的商机转到：",
        fields=[
            Field(
                name=f"{MAP}{s.code}",
                label=f"{s.name}（{s.count} 个）",
                kind="select",
                options=options,
                required=True,
                default=s.target or "",
            )
            for s in card.switching
        ],
        on_submit=enforce,
        submit_label="生效",
        columns=2,
        disabled=card.signing.cannot_force,
    )

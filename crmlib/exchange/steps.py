"""The steps of an import batch's page: match, import, go on, take back; each only in its state."""

from typing import Any

from crmlib.access.actor import Actor
from crmlib.exchange import batches, jobs, shelf
from crmlib.exchange.found import Options
from crmlib.exchange.model import BatchState, ImportKind
from crmlib.exchange.queries import BatchView, batch_view, state_label
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.form import Form
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link
from crmlib.ui.work import WorkState

_BRING, _LEAVE = "yes", "no"
_DROPPABLE = (BatchState.READ, BatchState.CHECKED, BatchState.FAILED)


def batch_steps(actor: Actor, batch: BatchView) -> list[Action]:
    """Return what the actor may do with a batch now."""
    if batch.interrupted:
        return [_resume(actor, batch), _give_up(actor, batch)]
    steps = []
    if batch.state is BatchState.CHECKED:
        steps += [_apply(actor, batch), _match_again(actor, batch)]
    if batch.state is BatchState.APPLIED:
        steps.append(_undo(actor, batch))
    if batch.state in _DROPPABLE:
        steps.append(_drop(actor, batch))
    return steps


def _apply(actor: Actor, batch: BatchView) -> Action:
    def begin(values: dict[str, Any], token: str) -> Reply:
        chosen = Options(similar=values["similar"] == _BRING, known=values["known"] == _BRING)
        batches.begin_apply(actor, batch.id, chosen, token=token)
        jobs.start(actor, batch.id)
        return saved("开始导入")

    counts = batch.counts
    is_customers = batch.kind is ImportKind.CUSTOMERS
    brings = [(_BRING, "导入，进入重复候选待审" if is_customers else "导入"), (_LEAVE, "不导入")]
    how = "以文件为准更新" if batch.kind is ImportKind.ORDERS else "只补充空白字段，不覆盖"
    fills = [(_BRING, how), (_LEAVE, "不更新")]
    ready = sum(counts.get(name, 0) for name in ("new", "update", "similar"))
    return Action(
        label="导入",
        kind="primary",
        title="确认导入",
        note=f"错误的 {counts.get('error', 0)} 行和已有的 {counts.get('same', 0)} 行不会导入。",
        fields=[
            Field(
                name="similar",
                label=f"疑似重复（{counts.get('similar', 0)} 行）",
                kind="radio",
                options=brings,
                default=_BRING if is_customers else _LEAVE,
                required=True,
            ),
            Field(
                name="known",
                label=f"更新（{counts.get('update', 0)} 行）",
                kind="radio",
                options=fills,
                default=_BRING,
                required=True,
            ),
        ],
        on_submit=begin,
        submit_label="开始导入",
        disabled="" if ready else "没有可以导入的行",
    )


def _match_again(actor: Actor, batch: BatchView) -> Action:
    def call() -> Reply:
        batches.match_again(actor, batch.id)
        return saved("")

    return Action(label="重新对应列", call=call)


def _undo(actor: Actor, batch: BatchView) -> Action:
    def call() -> Reply:
        batches.begin_undo(actor, batch.id)
        jobs.start(actor, batch.id)
        return saved("开始撤销")

    sure = "撤销整批？新增的删除，补充的恢复；导入后被修改或已有业务的保留"
    why_not = batch.undo_refusal or ""
    return Action(label="撤销导入", kind="danger", confirm=sure, call=call, disabled=why_not)


def _drop(actor: Actor, batch: BatchView) -> Action:
    def call() -> Reply:
        batches.drop_import(actor, batch.id)
        return saved("已放弃，文件已删除")

    return Action(label="放弃", confirm="放弃此批次并删除文件？", call=call)


def _resume(actor: Actor, batch: BatchView) -> Action:
    def call() -> Reply:
        jobs.resume(actor, batch.id)
        return saved("已继续")

    return Action(label="继续", kind="primary", call=call)


def _give_up(actor: Actor, batch: BatchView) -> Action:
    def call() -> Reply:
        batches.stop_import(actor, batch.id)
        return saved("已取消，没有写入任何数据")

    return Action(label="取消", call=call)


def stop(actor: Actor, batch: BatchView) -> Reply:
    """Ask the work on a batch to end."""
    batches.stop_import(actor, batch.id)
    return saved("正在取消…")


def work_state(actor: Actor, batch: BatchView) -> WorkState:
    """Return how far the work on a batch is; it ends when the state is another one."""
    now = batch_view(actor, batch.id)
    if now is None or now.state is not batch.state or now.interrupted:
        return WorkState(going=False)
    label = state_label(batch.state, batch.number)
    progress = shelf.progress_of(batch.number)
    if progress is None:
        return WorkState(going=True, what=label)
    what = label if progress.what in label else f"{label} · {progress.what}"
    return WorkState(going=True, what=what, done=progress.done, of=progress.of)


def column_form(actor: Actor, batch: BatchView, labels: dict[str, str]) -> Form:
    """Return the form that matches the columns of a file with our fields."""

    def submit(values: dict[str, Any], token: str) -> Reply:
        fields = {
            int(name.removeprefix(batches.COLUMN)): str(f or "") for name, f in values.items()
        }
        batches.match_columns(actor, batch.id, fields, token=token)
        jobs.start(actor, batch.id)
        return Reply(ok=True, next=link("import_batch", batch.id))

    return Form(
        [
            Field(
                name=f"{batches.COLUMN}{column.place}",
                label=column.title or f"第 {column.place + 1} 列",
                kind="select",
                options=list(labels.items()),
                default=column.field,
                hint="、".join(column.samples) or "（空列）",
            )
            for column in batch.columns
            if column.title or column.samples
        ],
        submit,
        key=f"import {batch.id}",
        submit_label="检查数据",
        columns=3,
        draft=False,
        keep=(),
    )

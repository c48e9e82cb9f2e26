import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="销售阶段 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.errors import NotAllowed
    from crmlib.opportunities.model import StageSetStatus
    from crmlib.opportunities.stage_cards import next_position, set_card, stage_card
    from crmlib.opportunities.stage_edits import add_stage, edit_stage
    from crmlib.opportunities.stage_rules import (
        NOT_A_DRAFT,
        RANGES,
        Other,
        StageDraft,
        cleaned,
        stage_faults,
    )
    from crmlib.ui import cards
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link

    NEW = "new"


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = (
        mo.query_params().get("id", ""),
        mo.query_params().to_dict(),
        0,
    )
    return params, record, visit


@app.cell
def _(actor, params, record, visit):
    visit
    try:
        stage = None if record == NEW else stage_card(actor, int(record))
        of_set = set_card(actor, stage.set_id if stage else int(params.get("set", "")))
    except (NotAllowed, ValueError):
        stage = of_set = None
    mo.stop(of_set is None, cards.notice("您没有权限查看此阶段，或阶段不存在", "warn"))
    may_edit = actor.may(Permission.STAGE_DEFINE) and of_set.status is StageSetStatus.DRAFT
    _name = stage.draft.name if stage else "添加阶段"
    _tag = cards.tag("停用", "mute") if stage and stage.draft.disabled else None
    _title = cards.page_title(
        "销售阶段",
        record=_name,
        steps=("业务资料", "销售阶段定义", of_set.title, _name),
        tags=[_tag] if _tag else [],
        links=[cards.anchor(f"返回{of_set.title}", link("stage_set", of_set.id), button=True)],
    )
    _why = NOT_A_DRAFT if actor.may(Permission.STAGE_DEFINE) else ""
    mo.vstack([_title, *([] if may_edit or not _why else [cards.notice(_why)])])
    return may_edit, of_set, stage


@app.cell
def _(may_edit, stage):
    mo.stop(may_edit or stage is None)
    _draft = stage.draft
    cards.details(
        [
            (words.STAGE["code"], _draft.code),
            (words.STAGE["name"], _draft.name),
            (words.STAGE["position"], _draft.position),
            (words.STAGE["probability"], _draft.probability),
            (words.STAGE["standard_days"], _draft.standard_days),
            (words.STAGE["disabled"], words.YES if _draft.disabled else words.NO),
            (words.STAGE["checklist"], "、".join(_draft.checklist.splitlines())),
            (words.STAGE["note"], _draft.note),
        ]
    )
    return


@app.cell
def _(actor, may_edit, of_set, stage):
    mo.stop(not may_edit)

    def field(name, **more):
        return Field(name=name, label=words.STAGE[name], **more)

    def submit(values, token):
        # The figures come as they were typed and are read by the rules.
        draft = StageDraft(**{"code": _draft.code, **values})
        if stage is None:
            done = add_stage(actor, of_set.id, draft, token=token)
        else:
            done = edit_stage(actor, stage.id, draft, version=stage.version, token=token)
        return saved(f"阶段「{done.name}」已保存", next=link("stage_set", of_set.id))

    def check(values):
        rows = of_set.stages.iter_rows(named=True)
        others = [
            Other(row["code"], row["name"], row["position"])
            for row in rows
            if stage is None or row["id"] != stage.id
        ]
        return stage_faults(cleaned(StageDraft(**{"code": _draft.code, **values})), others)

    _draft = stage.draft if stage else StageDraft(position=next_position(actor, of_set.id))
    _fixed = stage is not None and stage.is_code_fixed
    form = mo.ui.anywidget(
        Form(
            [
                field(
                    "code", kind="readonly", default=_draft.code, hint="以前的版本已使用，不能修改"
                )
                if _fixed
                else field(
                    "code", required=True, hint="大写字母、数字，例如 SEAL；报表按代码连接各版本"
                ),
                field("name", required=True),
                field(
                    "position",
                    required=True,
                    hint=f"{RANGES['position'][0]}–{RANGES['position'][1]}，不能重复",
                ),
                field("probability", required=True, hint="0–100"),
                field("standard_days", required=True, hint="超过即为停滞"),
                field("disabled", kind="checkbox", hint="停用后不能再推进到此阶段"),
                field("checklist", kind="textarea", rows=5, hint="每行一项，离开此阶段时逐项勾选"),
                field("note", kind="textarea", rows=2),
            ],
            submit,
            key=f"stage-{stage.id if stage else NEW}-{of_set.id}",
            values={
                **({} if _fixed else {"code": _draft.code}),
                "name": _draft.name,
                "position": _draft.position,
                "probability": _draft.probability,
                "standard_days": _draft.standard_days,
                "checklist": _draft.checklist,
                "note": _draft.note,
                "disabled": _draft.disabled,
            },
            version=stage.version if stage else None,
            cancel=link("stage_set", of_set.id),
            check=check,
            draft=False,
        )
    )
    form
    return


if __name__ == "__main__":
    app.run()

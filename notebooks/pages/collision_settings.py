import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="撞单参数 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.duplicates.effect import effect_of
    from crmlib.duplicates.tuning import (
        FIELDS,
        LABELS,
        RANGES,
        REASON_LENGTH,
        UNCHANGED,
        differing,
        drafted,
        parameter_faults,
        save_parameters,
        tuning_history,
        tuning_state,
    )
    from crmlib.duplicates.verdicts import defaults
    from crmlib.errors import Invalid
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.fields import Field, Section
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply

    USE = "use_"  # before the name of a field: whether it takes part
    REASON = Field(
        name="reason",
        label="原因",
        kind="textarea",
        required=True,
        max_length=REASON_LENGTH,
        rows=2,
    )


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, visit):
    visit
    mo.stop(not actor.may(Permission.COLLISION_TUNE), cards.notice("您没有权限执行此操作", "warn"))
    state = tuning_state(actor)
    # What the last trial was of; a visit begins anew.
    trials = []
    return state, trials


@app.cell
def _(actor, state):
    def restore(values, token):
        saved = save_parameters(
            actor, defaults(), values["reason"], version=state.version, token=token
        )
        return Reply(ok=True, message=saved.text)

    _lines = [
        f"{label}：{before} → {after}"
        for label, before, after in differing(state.parameters, defaults())
    ]
    back = mo.ui.anywidget(
        ActionBar(
            [
                Action(
                    label="恢复默认",
                    note="；".join(_lines),
                    fields=[REASON],
                    on_submit=restore,
                    submit_label="恢复默认",
                    disabled="现在就是默认参数" if state.is_default else "",
                )
            ]
        )
    )
    _tag = cards.tag("默认", "mute") if state.is_default else cards.tag("已修改", "info")
    mo.vstack(
        [
            cards.page_title(
                "撞单参数",
                tags=[_tag],
                steps=("数据治理", "撞单参数"),
                note="先试算，看对现有数据的影响，再填写原因保存；保存后对所有人立即生效",
            ),
            back,
        ]
    )
    return (back,)


@app.cell
def _(state, trials):
    def given(values):
        used = [name for name in FIELDS if values[f"{USE}{name}"]]
        return drafted({**values, "fields": used})

    def check(values):
        faults = parameter_faults(given(values))
        if "fields" in faults:
            faults[f"{USE}name"] = faults.pop("fields")
        return faults

    def submit(values, _token):
        draft = given(values)
        if draft == state.parameters:
            raise Invalid({"": UNCHANGED})
        trials[:] = [draft]
        return "已试算，尚未保存；影响见下方"

    _figure = {
        name: Field(
            name=name, label=f"{LABELS[name]}（%）", kind="number", required=True, hint=hint
        )
        for name, hint in (
            ("name_similarity", "两个名称像到这个程度，即为相似"),
            ("containment", "短名称占长名称的比例，达到即为相似"),
            ("overall", "名称与相同字段的平均，达到即为相似"),
            ("scan_floor", "批量扫描时，可能性达到才进入候选"),
        )
    }
    _values = {name: getattr(state.parameters, name) for name in RANGES} | {
        "may_save_similar": state.parameters.may_save_similar,
        "single_field": state.parameters.single_field,
        "contacted_within_days": state.parameters.contacted_within_days,
        **{f"{USE}{name}": name in state.parameters.fields for name in FIELDS},
    }
    form = mo.ui.anywidget(
        Form(
            [
                Section("参与分析的字段", "不勾选的字段不再使客户成为相同或相似"),
                *[
                    Field(name=f"{USE}{name}", label=label, kind="checkbox")
                    for name, label in FIELDS.items()
                ],
                Section("匹配度"),
                _figure["name_similarity"],
                _figure["containment"],
                _figure["overall"],
                Field(
                    name="single_field",
                    label=LABELS["single_field"],
                    kind="checkbox",
                    hint="不勾选时，另须达到综合匹配度",
                ),
                Section("范围与处理"),
                Field(
                    name="contacted_within_days",
                    label=f"{LABELS['contacted_within_days']}（天内）",
                    kind="number",
                    hint="空白表示不限；更久未联系的最多为关联，从未联系的照常",
                ),
                _figure["scan_floor"],
                Field(
                    name="may_save_similar",
                    label=LABELS["may_save_similar"],
                    kind="checkbox",
                    hint="勾选时填写原因后可保存，否则拦截",
                ),
            ],
            submit,
            key="collision_settings",
            values=_values,
            version=state.version,
            submit_label="试算影响",
            check=check,
            columns=3,
            draft=False,
            focus=False,
        )
    )
    form
    return (form,)


@app.cell
def _(actor, form, state, trials):
    form.value["saved"]
    mo.stop(not trials)
    (_draft,) = trials
    _effect = effect_of(actor, _draft)
    _name = words.COLLISION_VERDICT

    def _table(what, count, shifts):
        rows = [
            (_name[s.verdict], s.now, s.then, f"{s.then - s.now:+d}" if s.then != s.now else "不变")
            for s in shifts
        ]
        return mo.vstack(
            [
                cards.section(what, note=f"样本 {count} 个"),
                cards.small_table(["结论", "现在", "改后", "变化"], rows, right=(1, 2, 3)),
            ]
        )

    _saves = (
        _table("最近录入的客户，如果现在录入", _effect.save_count, _effect.saves)
        if _effect.saves
        else cards.notice("撞单数据正在加载，最近录入的客户暂未试算")
    )
    _said = f"待审候选中达到扫描下限的：现在 {_effect.floor_now} 对，改后 {_effect.floor_then} 对"
    if _effect.blocked:
        _said += f"；样本中有 {_effect.blocked} 个客户将因相似而不能保存"
    mo.vstack(
        [
            cards.section("拟改动"),
            cards.small_table(["参数", "现在", "改后"], differing(state.parameters, _draft)),
            mo.hstack(
                [_table("待审的重复候选", _effect.pair_count, _effect.pairs), _saves],
                widths="equal",
                gap=2,
                wrap=True,
            ),
            cards.notice(_said),
            cards.section("结论改变的例子", note="最多 12 个"),
            cards.small_table(
                ["客户甲", "客户乙", "现在", "改后"],
                [(e.a, e.b, _name[e.now], _name[e.then]) for e in _effect.examples],
            )
            if _effect.examples
            else cards.empty("样本中没有客户的结论改变"),
        ]
    )
    return


@app.cell
def _(actor, form, state, trials):
    form.value["saved"]
    mo.stop(not trials)
    (_draft,) = trials

    def save(values, token):
        done = save_parameters(actor, _draft, values["reason"], version=state.version, token=token)
        return Reply(ok=True, message=done.text)

    keep = mo.ui.anywidget(
        ActionBar(
            [
                Action(
                    label="保存参数",
                    kind="primary",
                    fields=[REASON],
                    on_submit=save,
                    submit_label="保存",
                    note="保存后对所有人立即生效，改动记入历史",
                )
            ]
        )
    )
    keep
    return (keep,)


@app.cell
def _(actor, state):
    state
    _rows = [
        (
            shown.moment(change.at),
            change.who,
            "；".join(f"{label}：{before} → {after}" for label, before, after in change.lines),
            change.reason,
        )
        for change in tuning_history(actor)
    ]
    mo.vstack(
        [
            cards.section("改动历史"),
            cards.small_table(["时间", "操作人", "改动", "原因"], _rows)
            if _rows
            else cards.empty("还没有人改动过参数"),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

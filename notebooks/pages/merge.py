import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="合并单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.merges import merge_detail
    from crmlib.duplicates.undoing import undo_merge
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), {}
    return params, record


@app.cell
def _(actor, record):
    try:
        merge = merge_detail(actor, int(record))
    except (NotAllowed, ValueError):
        merge = None
    mo.stop(merge is None, cards.notice("您没有权限查看此合并单，或合并单不存在", "warn"))
    return (merge,)


@app.cell
def _(merge):
    _tag = cards.tag("已撤销", "mute") if merge.undone_at else cards.tag("有效", "good")
    mo.vstack(
        [
            cards.page_title(
                "合并单", record=merge.number, tags=[_tag], steps=("数据治理", "合并单")
            ),
            cards.details(
                [
                    ("保留方", cards.anchor(merge.survivor, link("customer", merge.survivor_id))),
                    ("被合并方", cards.anchor(merge.loser, link("customer", merge.loser_id))),
                    ("原因", merge.reason),
                    ("操作人", merge.merged_by),
                    ("合并时间", shown.moment(merge.merged_at)),
                    (
                        "撤销",
                        f"{merge.undone_by} {shown.moment(merge.undone_at)}"
                        if merge.undone_at
                        else None,
                    ),
                ]
            ),
        ]
    )
    return


@app.cell
def _(actor, merge):
    def undo():
        # What stays is listed on this page, which runs again.
        return Reply(ok=True, message=undo_merge(actor, merge.merge_id).text)

    steps = mo.ui.anywidget(
        ActionBar(
            [
                Action(
                    label="撤销合并",
                    kind="danger",
                    call=undo,
                    confirm="撤销后，被合并方恢复，合并时移动的资料回到原客户；"
                    "合并后的修改留在保留方并列出。",
                    disabled="" if merge.can_undo else merge.undo_refusal,
                ),
                Action(label="返回列表", href=link("merges")),
            ]
        )
    )
    _note = None
    if merge.can_undo:
        _note = cards.h("div", f"还可撤销 {merge.days_left} 天", class_="sm-note")
    elif not merge.undone_at:
        _note = cards.h("div", f"不能撤销：{merge.undo_refusal}", class_="sm-note")
    mo.vstack([steps, cards.show(_note)]) if _note else steps
    return (steps,)


@app.cell
def _(merge):
    _stayed = []
    if merge.undone_at:
        _stayed = [
            cards.section("撤销后留在保留方的内容", note="合并后有修改或新增，不随撤销退回"),
            cards.small_table(["内容"], [(line,) for line in merge.leftovers])
            if merge.leftovers
            else cards.empty("没有，全部退回"),
        ]
    mo.vstack(
        [
            *_stayed,
            cards.section("合并时移动的资料"),
            cards.small_table(["内容"], [(line,) for line in merge.lines]),
            cards.section("保留方字段变化"),
            cards.small_table(["字段", "合并前", "合并后"], merge.changes),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

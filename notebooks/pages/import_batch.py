import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="导入批次 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.model import BatchState, Verdict
    from crmlib.exchange.queries import CARDS, INTERRUPTED, batch_view, faulty_file, rows_page
    from crmlib.exchange.steps import batch_steps, column_form, stop, work_state
    from crmlib.exchange.titles import LABELS
    from crmlib.ui import cards
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.format import moment, number
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.work import WorkWatch

    TONES = {
        BatchState.APPLIED: "good",
        BatchState.FAILED: "bad",
        BatchState.UNDONE: "mute",
        BatchState.DROPPED: "mute",
    }


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = "", mo.query_params().to_dict(), 0
    return params, record, visit


@app.cell
def _(actor, record, visit):
    visit
    batch = (
        batch_view(actor, int(record))
        if record.isdecimal() and actor.may(Permission.CUSTOMER_IMPORT)
        else None
    )
    mo.stop(
        batch is None,
        cards.notice(
            "导入批次不存在，或您没有权限查看", "warn", cards.anchor("返回列表", link("imports"))
        ),
    )
    return (batch,)


@app.cell
def _(actor, batch):
    _label = INTERRUPTED if batch.interrupted else words.IMPORT_STATES[batch.state.value]
    _tone = "warn" if batch.interrupted else TONES.get(batch.state, "info")
    _parts = [
        cards.page_title(
            "数据导入",
            record=f"{batch.number} {batch.file_name}",
            steps=("系统", "数据导入", batch.number),
            tags=[cards.tag(_label, _tone)],
            links=[cards.anchor("返回列表", link("imports"))],
        )
    ]
    _steps = batch_steps(actor, batch)
    steps = mo.ui.anywidget(ActionBar(_steps))
    if _steps:
        _parts.append(steps)
    if batch.interrupted:
        _parts.append(cards.notice("服务曾中断，没有写入一半的数据；可以继续或取消", "warn"))
    if batch.note:
        _parts.append(
            cards.notice(batch.note, "bad" if batch.state is BatchState.FAILED else "warn")
        )
    if batch.twins and batch.state in {BatchState.READ, BatchState.CHECKED}:
        _parts.append(cards.notice(f"同一文件已导入过：{'；'.join(batch.twins)}", "warn"))
    mo.vstack(_parts)
    return (steps,)


@app.cell
def _(actor, batch):
    _facts = [
        ("内容", words.IMPORT_KINDS[batch.kind.value]),
        ("上传", f"{batch.created_by} {moment(batch.created_at)}"),
        ("文件", f"{number(batch.size)} 字节，SHA-256 {batch.sha256[:16]}…"),
    ]
    if batch.applied_at:
        _facts.append(("导入", f"{batch.applied_by} {moment(batch.applied_at)}"))
        _facts.append(("可撤销至", moment(batch.undo_until)))
    if batch.undone_at:
        _facts.append(("撤销", f"{batch.undone_by} {moment(batch.undone_at)}"))
    cards.details(_facts)
    return


@app.cell
def _(actor, batch):
    _note = "可以离开此页，工作会继续；取消不会留下一半的数据" if batch.running else ""
    watch = mo.ui.anywidget(
        WorkWatch(lambda: work_state(actor, batch), lambda: stop(actor, batch), note=_note)
    )
    watch if batch.running else None
    return (watch,)


@app.cell
def _(actor, batch):
    columns = mo.ui.anywidget(column_form(actor, batch, dict(LABELS[batch.kind])))
    mo.vstack(
        [
            cards.section(
                "对应列", note=f"共 {number(batch.rows)} 行；留空的列不导入，对应关系会记住"
            ),
            columns,
        ]
    ) if batch.state is BatchState.READ else None
    return (columns,)


@app.cell
def _(actor, batch, params):
    def fetch(asked):
        chosen = asked.filters.get("verdict")
        found = rows_page(
            actor,
            batch.id,
            Verdict(chosen) if chosen else None,
            asked.find_text,
            asked.page,
            asked.size,
        )
        return Page(found.rows.to_dicts(), found.total)

    def _opened(row):
        return link(CARDS[batch.kind], row["record"]) if row["record"] else ""

    _shown = batch.state in {
        BatchState.CHECKED,
        BatchState.APPLYING,
        BatchState.APPLIED,
        BatchState.UNDOING,
        BatchState.UNDONE,
    }
    _errors = batch.counts.get("error", 0)
    _same = batch.counts.get("same", 0)
    _stats = cards.stats(
        [
            cards.Stat(
                label=words.IMPORT_VERDICTS[name],
                value=number(batch.counts.get(name, 0)),
                note=f"另有 {number(_same)} 行已有，无须更新" if name == "update" and _same else "",
            )
            for name in ("new", "update", "similar", "error")
        ]
    )
    verdicts = mo.ui.anywidget(
        Grid(
            [
                Column(name="number", label="行号", kind="number", width=72, sortable=False),
                Column(
                    name="verdict",
                    label="结论",
                    kind="tag",
                    width=84,
                    sortable=False,
                    tones={
                        words.IMPORT_VERDICTS["new"]: "good",
                        words.IMPORT_VERDICTS["update"]: "info",
                        words.IMPORT_VERDICTS["similar"]: "warn",
                        words.IMPORT_VERDICTS["error"]: "bad",
                    },
                ),
                Column(name="name", label="名称", width=280, sortable=False),
                Column(name="told", label="说明", sortable=False),
            ],
            fetch,
            key="r",
            row_id="number",
            row_href=_opened
            if batch.kind in CARDS and batch.state is not BatchState.UNDONE
            else None,
            find_fields=[("name", "名称")],
            filters=[
                Filter(name="verdict", label="结论", options=list(words.IMPORT_VERDICTS.items()))
            ],
            page_size=50,
            empty="没有这样的行",
            export=(lambda _asked: faulty_file(actor, batch.id))
            if _errors and batch.has_file
            else None,
            export_label="下载错误行",
            state=params,
        )
    )
    mo.vstack([_stats, verdicts]) if _shown else None
    return (verdicts,)


@app.cell
def _(batch):
    mo.vstack(
        [
            cards.section(f"保留的 {len(batch.kept)} 行", note="撤销时没有改动，如需要请人工处理"),
            cards.small_table(["行号", "名称", "原因"], batch.kept[:500], right=(0,)),
        ]
    ) if batch.kept else None
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="字典 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.dictionaries.queries import dictionary
    from crmlib.dictionaries.rules import NAME
    from crmlib.dictionaries.steps import entry_steps, list_steps
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = mo.query_params().get("id", ""), {}, 0
    return params, record, visit


@app.cell
def _(actor, record, visit):
    visit
    try:
        found = dictionary(actor, record)
    except NotAllowed:
        found = None
    mo.stop(found is None, cards.notice("您没有权限维护此字典，或字典不存在", "warn"))
    return (found,)


@app.cell
def _(actor, found):
    steps = mo.ui.anywidget(ActionBar(list_steps(actor, found)))
    mo.vstack(
        [
            cards.page_title("字典", record=found.name, steps=("业务资料", "字典", found.name)),
            steps,
        ]
    )
    return


@app.cell
def _(actor, found, params):
    def fetch(asked):
        frame = dictionary(actor, found.kind.value).entries
        if asked.find_text:
            frame = frame.filter(
                frame[asked.find_field].str.contains(asked.find_text, literal=True)
            )
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        rows = frame.slice(asked.offset, asked.size).to_dicts()
        for row in rows:
            row["disabled"] = "停用" if row["disabled"] else "在用"
        return Page(rows, frame.height)

    _group = [Column(name="group", label="所属类别", width=220)] if found.is_grouped else []
    entries = mo.ui.anywidget(
        Grid(
            [
                Column(name="code", label="代码", kind="code", width=110),
                Column(name="name", label=NAME),
                *_group,
                Column(name="used", label="使用次数", kind="number", width=100),
                Column(name="origin", label="来源", width=110),
                Column(
                    name="disabled",
                    label="状态",
                    kind="tag",
                    width=80,
                    tones={"在用": "good"},
                ),
            ],
            fetch,
            key="e",
            page_size=100,
            actions=entry_steps(actor),
            find_fields=[("name", NAME), ("code", "代码")],
            topics=("dict_item",),
            state=params,
        )
    )
    entries
    return


if __name__ == "__main__":
    app.run()

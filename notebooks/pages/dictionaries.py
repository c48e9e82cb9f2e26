import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="字典 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.dictionaries.queries import dictionaries_frame
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, params, visit):
    visit
    mo.stop(not actor.may(Permission.DICTIONARY_EDIT), cards.notice("您没有权限维护字典", "warn"))

    def fetch(asked):
        frame = dictionaries_frame(actor)
        if asked.find_text:
            frame = frame.filter(frame["name"].str.contains(asked.find_text, literal=True))
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        return Page(frame.slice(asked.offset, asked.size).to_dicts(), frame.height)

    lists = mo.ui.anywidget(
        Grid(
            [
                Column(name="name", label="字典", width=200),
                Column(name="side", label="类别", kind="tag", width=110, tones={"客户类": "info"}),
                Column(name="entries", label="条目数", kind="number", width=100),
                Column(name="disabled", label="已停用", kind="number", width=100),
            ],
            fetch,
            key="d",
            row_href="dictionary",
            find_fields=[("name", "字典")],
            topics=("dict_item",),
            state=params,
        )
    )
    mo.vstack(
        [
            cards.page_title(
                "字典",
                steps=("业务资料", "字典"),
                note="录入时可选择的内容；已使用或系统内置的条目只能停用，原有记录不受影响",
            ),
            lists,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="合并单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.merges import merges_page
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor):
    def fetch(asked):
        found = merges_page(actor, asked.page, asked.size)
        rows = found.rows.to_dicts()
        for row in rows:
            row["state"] = "已撤销" if row["undone_at"] else "有效"
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(fetch, params):
    merges = mo.ui.anywidget(
        Grid(
            [
                Column(name="number", label="合并单号", kind="code", width=130, sortable=False),
                Column(name="survivor", label="保留方", sortable=False),
                Column(name="loser", label="被合并方", sortable=False),
                Column(name="merged_by", label="操作人", width=84, sortable=False),
                Column(
                    name="merged_at", label="合并时间", kind="datetime", width=140, sortable=False
                ),
                Column(
                    name="state",
                    label="状态",
                    kind="tag",
                    width=84,
                    sortable=False,
                    tones={"有效": "good", "已撤销": "mute"},
                ),
            ],
            fetch,
            key="h",
            row_href="merge",
            empty="还没有合并单",
            topics=("merge",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("合并单", note="每次合并都可以在 90 天内撤销"), merges])
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="数据导入 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.queries import INTERRUPTED, batches_page
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link


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
    mo.stop(not actor.may(Permission.CUSTOMER_IMPORT), cards.notice("您没有权限执行此操作", "warn"))

    def fetch(asked):
        found = batches_page(actor, asked.page, asked.size)
        return Page(found.rows.to_dicts(), found.total)

    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    _states = words.IMPORT_STATES
    batches = mo.ui.anywidget(
        Grid(
            [
                _plain("number", "批次号", 116, kind="code"),
                _plain("kind", "内容", 72),
                _plain("file_name", "文件"),
                _plain(
                    "state",
                    "状态",
                    84,
                    kind="tag",
                    tones={
                        _states["applied"]: "good",
                        _states["checked"]: "info",
                        _states["read"]: "info",
                        _states["applying"]: "info",
                        _states["failed"]: "bad",
                        INTERRUPTED: "warn",
                    },
                ),
                _plain("rows", "行数", 72, kind="number"),
                *(
                    _plain(name, label, 76, kind="number")
                    for name, label in words.IMPORT_VERDICTS.items()
                ),
                _plain("created_by", "操作人", 76),
                _plain("created_at", "上传时间", 148, kind="datetime"),
            ],
            fetch,
            key="b",
            row_href="import_batch",
            empty="还没有导入过数据",
            new=("导入文件", link("import_new")),
            topics=("import_batch",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("数据导入", note="每个批次都可以在 90 天内整批撤销"), batches])
    return


if __name__ == "__main__":
    app.run()

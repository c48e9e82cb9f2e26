import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="重复候选 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.desk import Desk
    from crmlib.duplicates.queue import QueueQuery
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.compare import Compare
    from crmlib.ui.identity import person_id
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
        desk = Desk(actor, QueueQuery(), int(record) if record.isdecimal() else None)
    except NotAllowed:
        desk = None
    mo.stop(desk is None, cards.notice("您没有权限查看此候选，或候选不存在", "warn"))
    return (desk,)


@app.cell
def _(desk):
    compare = mo.ui.anywidget(
        Compare(
            desk.first,
            desk.load,
            desk.decide,
            on_ask={"undo": desk.undo},
            back=("返回列表", link("review")),
        )
    )
    mo.vstack([cards.page_title("重复候选", steps=("数据治理", "重复候选")), compare])
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="重复候选 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.desk import REASONS, TIES, Desk
    from crmlib.duplicates.selection import KEY, query_of
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
    record, params = mo.query_params().get("id", ""), mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, params, record):
    # The desk walks the list it was opened from: its filters and order stand in the address.
    way = {name: value for name, value in params.items() if name.startswith(f"{KEY}.")}
    try:
        desk = Desk(actor, query_of(params), int(record) if record.isdecimal() else None, way)
    except NotAllowed:
        desk = None
    mo.stop(desk is None, cards.notice("您没有权限查看此候选，或候选不存在", "warn"))
    way_back = link("review", **way)
    return desk, way_back


@app.cell
def _(desk, way_back):
    compare = mo.ui.anywidget(
        Compare(
            desk.first,
            desk.load,
            desk.decide,
            on_ask={"undo": desk.undo},
            back=("返回列表", way_back),
            reasons=REASONS,
            ties=TIES,
            weigh=desk.weigh,
        )
    )
    mo.vstack([cards.page_title("重复候选", steps=("数据治理", "重复候选")), compare])
    return


if __name__ == "__main__":
    app.run()

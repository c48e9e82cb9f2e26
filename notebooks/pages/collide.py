import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="撞单分析 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.panel import collision_panel
    from crmlib.ui import cards
    from crmlib.ui.collide import Collide
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
def _(actor, params):
    search = mo.ui.anywidget(
        Collide(
            lambda name, phone: collision_panel(actor, name, phone),
            name=params.get("name", ""),
            phone=params.get("phone", ""),
        )
    )
    mo.vstack([cards.page_title("撞单分析", note="录入客户前先查是否已存在"), search])
    return


if __name__ == "__main__":
    app.run()

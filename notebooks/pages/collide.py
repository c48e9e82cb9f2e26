import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="撞单分析 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.duplicates.lists import COLUMNS, check_list, told
    from crmlib.duplicates.panel import collision_panel
    from crmlib.duplicates.pasted import MOST_NAMES
    from crmlib.exchange.workbook import text_workbook
    from crmlib.ui import cards
    from crmlib.ui.collide import Collide, CollideList
    from crmlib.ui.identity import person_id
    from crmlib.ui.tabs import Tabs


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(params):
    tabs = mo.ui.anywidget(
        Tabs([("one", "逐个查找"), ("list", "批量撞单")], chosen=params.get("tab", ""))
    )
    mo.vstack([cards.page_title("撞单分析", note="录入客户前先查是否已存在"), tabs])
    return (tabs,)


@app.cell
def _(actor):
    def export(lines):
        name = f"批量撞单-{clock.local(clock.now()):%Y%m%d-%H%M}.xlsx"
        return name, text_workbook("批量撞单", COLUMNS, lines)

    def analyse(text):
        return told(check_list(actor, text))

    return analyse, export


@app.cell
def _(actor, analyse, export, params, tabs):
    if tabs.value["chosen"] == "list":
        search = mo.ui.anywidget(
            CollideList(
                analyse, export, COLUMNS, key=f"collide-list:{actor.person_id}", most=MOST_NAMES
            )
        )
    else:
        search = mo.ui.anywidget(
            Collide(
                lambda name, phone: collision_panel(actor, name, phone),
                name=params.get("name", ""),
                phone=params.get("phone", ""),
            )
        )
    search
    return


if __name__ == "__main__":
    app.run()

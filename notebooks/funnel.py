import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="漏斗 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Workspace
    from notebooks.pages import (
        cluster,
        conversion_board,
        duplicate_board,
        funnel,
        group,
        pair,
        review,
        unassigned,
    )

    PAGES = {
        "funnel": funnel.app,
        "duplicate_board": duplicate_board.app,
        "review": review.app,
        "pair": pair.app,
        "cluster": cluster.app,
        "conversion_board": conversion_board.app,
        "group": group.app,
        "unassigned": unassigned.app,
    }


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    workspace = Workspace(PAGES, home="funnel")
    return (workspace,)


@app.cell
def _():
    route = mo.ui.anywidget(Route("funnel"))
    route
    return (route,)


@app.cell
def _(route, workspace):
    route.value
    page = workspace.page(route.widget)
    return (page,)


@app.cell
async def _(actor, page, route, workspace):
    _shown = await page.embed(defs=workspace.given(actor, route.widget))
    _shown.output
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="试")

with app.setup:
    import marimo as mo

    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Workspace
    from tests.ui.kit import board_page, form_page, list_page

    PAGES = {"list": list_page.app, "form": form_page.app, "board": board_page.app}


@app.cell
def _():
    workspace = Workspace(PAGES, home="list")
    return (workspace,)


@app.cell
def _():
    route = mo.ui.anywidget(Route("list"))
    route  # noqa: B018
    return (route,)


@app.cell
def _(route, workspace):
    route.value  # noqa: B018
    page = workspace.page(route.widget)
    return (page,)


@app.cell
async def _(page, route, workspace):
    _shown = await page.embed(defs=workspace.given("李敏", route.widget))
    _shown.output  # noqa: B018
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full")

with app.setup:
    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Workspace
    from tests.ui.embedding.page import app as page


@app.cell
def _():
    workspace = Workspace({"page": page}, "page")
    shown = workspace.page(Route("page"))
    return (shown,)


@app.cell
async def _(shown):
    result = await shown.embed()
    result.output  # noqa: B018
    return


if __name__ == "__main__":
    app.run()

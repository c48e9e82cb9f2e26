import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full")

with app.setup:
    import marimo as mo

    from crmlib.ui.actions import Action, ActionBar


@app.cell
def _():
    bar = mo.ui.anywidget(ActionBar([Action(label="编辑", href="?page=page")]))
    bar  # noqa: B018
    return


if __name__ == "__main__":
    app.run()

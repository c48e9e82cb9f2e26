import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full")

with app.setup:
    import marimo as mo

    from crmlib.ui import cards
    from crmlib.ui.filters import Choice, FilterBar

    PEOPLE = [(number, f"王{number}") for number in range(1, 401)] + [(900, "李敏")]


@app.cell
def _():
    actor, record, params = None, "", {}
    return actor, params, record


@app.cell
def _(params):
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="owner", label="负责人", options=PEOPLE),
                Choice(name="region", label="区域", options=["华南", "华东"]),
            ],
            state=params,
        )
    )
    mo.vstack([cards.page_title("看板"), bar])
    return (bar,)


@app.cell
def _(bar):
    bar.value["chosen"]
    _told = "，".join(f"{name} {value}" for name, value in bar.widget.in_words().items())
    cards.notice(_told or "没有筛选")
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full")

with app.setup:
    import marimo as mo

    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.route import link

    ASKED = []


@app.cell
def _():
    actor, record, params = None, "", {}
    return actor, params, record


@app.cell
def _(record):
    cards.page_title("客户—维护", record=record)
    return


@app.cell
def _(params):
    def fetch(query):
        ASKED.append(query)
        if query.find_text == "炸":
            raise RuntimeError("secret")
        rows = [
            {
                "id": number,
                "code": f"K{number:03d}",
                "name": f"<i>客户</i>{len(ASKED)}",
                "amount": number,
            }
            for number in range(1, 61)
            if query.find_text in f"K{number:03d}"
        ]
        if query.sort:
            rows.sort(key=lambda row: row[query.sort], reverse=query.descending)
        return Page(rows[query.offset : query.offset + query.size], len(rows))

    grid = mo.ui.anywidget(
        Grid(
            [
                Column(name="code", label="客户代码", kind="code", width=120),
                Column(name="name", label="客户名称"),
                Column(name="amount", label="预计金额", kind="money", width=120),
            ],
            fetch,
            key="k",
            row_href="list",
            find_fields=[("code", "客户代码")],
            new=("新增", link("form")),
            topics=["customer"],
            state=params,
        )
    )
    grid  # noqa: B018
    return


if __name__ == "__main__":
    app.run()

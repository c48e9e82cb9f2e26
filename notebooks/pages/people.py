import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="业务员管理 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.people.queries import people_frame
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor):
    def fetch(asked):
        frame = people_frame(actor)
        if asked.find_text:
            frame = frame.filter(
                frame[asked.find_field].str.contains(asked.find_text, literal=True)
            )
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        rows = frame.slice(asked.offset, asked.size).to_dicts()
        for row in rows:
            row["active"] = "在用" if row["active"] else "停用"
        return Page(rows, frame.height)

    return (fetch,)


@app.cell
def _(actor, fetch, params):
    people = mo.ui.anywidget(
        Grid(
            [
                Column(
                    name="seller_code", label=words.PERSON["seller_code"], kind="code", width=90
                ),
                Column(name="name", label=words.PERSON["name"], width=110),
                Column(name="login", label=words.PERSON["login"], width=130),
                Column(name="role", label=words.PERSON["role"], width=150),
                Column(name="office", label=words.PERSON["office"], width=110),
                Column(name="reports_to", label=words.PERSON["reports_to"], width=110),
                Column(name="mobile", label=words.PERSON["mobile"], kind="phone", width=130),
                Column(name="email", label=words.PERSON["email"]),
                Column(
                    name="active",
                    label=words.PERSON["active"],
                    kind="tag",
                    width=72,
                    tones={"在用": "good", "停用": "mute"},
                ),
            ],
            fetch,
            key="p",
            row_href="person",
            find_fields=[
                ("name", words.PERSON["name"]),
                ("seller_code", words.PERSON["seller_code"]),
                ("office", words.PERSON["office"]),
            ],
            new=("添加业务员", link("person_new")) if actor.may(Permission.PERSON_MANAGE) else None,
            topics=("person",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("业务员管理"), people])
    return


if __name__ == "__main__":
    app.run()

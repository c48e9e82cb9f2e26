import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户—维护 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.queries import FIND_FIELDS, CustomerQuery, customer_page, form_options
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code, by_id
    from crmlib.ui.grid import Column, Filter, Grid, Page
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
    options = form_options(actor)
    return (options,)


@app.cell
def _(options):
    columns = [
        Column(name="code", label=words.CUSTOMER["code"], kind="code", width=130),
        Column(name="name", label=words.CUSTOMER["name"]),
        Column(name="level", label="级别", width=96),
        Column(name="owner", label=words.CUSTOMER["owner"], width=84),
        Column(name="office", label=words.CUSTOMER["office"], width=84),
        Column(name="industry", label=words.CUSTOMER["industry"], width=112),
        Column(name="region", label=words.CUSTOMER["region"], width=112),
        Column(
            name="phone", label=words.CUSTOMER["phone"], kind="phone", width=124, sortable=False
        ),
        Column(
            name="trading",
            label=words.CUSTOMER["trading"],
            kind="tag",
            width=84,
            tones={words.YES: "good", words.NO: "mute"},
        ),
        Column(name="registered_at", label=words.CUSTOMER["registered_at"], kind="date", width=98),
    ]
    filters = [
        Filter(name="region", label=words.CUSTOMER["region"], options=by_id(options.regions)),
        Filter(
            name="industry", label=words.CUSTOMER["industry"], options=by_code(options.industries)
        ),
        Filter(
            name="trading",
            label=words.CUSTOMER["trading"],
            options=[("yes", words.YES), ("no", words.NO)],
        ),
        Filter(
            name="which",
            label="范围",
            options=[
                ("mine", "我负责的"),
                ("unassigned", words.UNASSIGNED),
                ("incomplete", words.CUSTOMER["incomplete"]),
            ],
        ),
    ]
    return columns, filters


@app.cell
def _(actor):
    def fetch(asked):
        chosen = asked.filters
        found = customer_page(
            actor,
            CustomerQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                region=int(chosen["region"]) if "region" in chosen else None,
                industry=chosen.get("industry"),
                trading={"yes": True, "no": False}.get(chosen.get("trading", "")),
                mine=chosen.get("which") == "mine",
                unassigned=chosen.get("which") == "unassigned",
                incomplete=True if chosen.get("which") == "incomplete" else None,
            ),
        )
        return Page(found.rows.to_dicts(), found.total)

    return (fetch,)


@app.cell
def _(actor):
    new = (
        ("新增", link("customer_new", workspace="entry"))
        if actor.may(Permission.CUSTOMER_CREATE)
        else None
    )
    cards.page_title("客户—维护")
    return (new,)


@app.cell
def _(columns, fetch, filters, new, params):
    customers = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key="c",
            row_href="customer",
            find_fields=list(FIND_FIELDS.items()),
            filters=filters,
            sort="registered_at",
            descending=True,
            new=new,
            topics=("customer",),
            state=params,
        )
    )
    customers
    return


if __name__ == "__main__":
    app.run()

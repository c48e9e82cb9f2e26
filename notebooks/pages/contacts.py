import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="联系人—维护 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.customers.contact_listing import FIND_FIELDS, NEWEST, ContactQuery
    from crmlib.customers.contacts import contact_page
    from crmlib.customers.queries import form_options
    from crmlib.customers.seen import note_list_seen
    from crmlib.exchange.export import Listing, exporter
    from crmlib.people.schemes import keeper
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    LABEL = words.CONTACT
    YES_OR_NO = {words.YES: "good", words.NO: "mute"}


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
    columns = [
        Column(name="name", label=LABEL["name"], width=96),
        Column(name="customer", label=words.CUSTOMER["name"]),
        Column(name="role", label=LABEL["role"], width=128),
        Column(name="title", label=LABEL["title"], width=104, sortable=False),
        Column(name="mobile", label=LABEL["mobile"], kind="phone", width=128, sortable=False),
        Column(name="email", label=LABEL["email"], width=168, sortable=False),
        Column(
            name="primary",
            label=LABEL["is_primary"],
            kind="tag",
            width=84,
            sortable=False,
            tones=YES_OR_NO,
        ),
        Column(name="active", label="在职", kind="tag", width=64, sortable=False, tones=YES_OR_NO),
        Column(name="owner", label=words.CUSTOMER["owner"], width=84, sortable=False),
    ]
    _either = [("yes", words.YES), ("no", words.NO)]
    filters = [
        Filter(
            name="role", label=LABEL["role"], options=by_code(form_options(actor).contact_roles)
        ),
        Filter(name="primary", label=LABEL["is_primary"], options=_either),
        Filter(
            name="which",
            label="范围",
            options=[("mine", "我负责的客户"), ("active", "在职"), ("left", "已离职")],
        ),
    ]
    return columns, filters


@app.cell
def _(actor):
    def rows(asked):
        chosen, either = asked.filters, {"yes": True, "no": False}
        found = contact_page(
            actor,
            ContactQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                role=chosen.get("role"),
                primary=either.get(chosen.get("primary", "")),
                active={"active": True, "left": False}.get(chosen.get("which", "")),
                mine=chosen.get("which") == "mine",
            ),
        )
        return Page(found.rows.to_dicts(), found.total)

    def fetch(asked):
        page = rows(asked)
        # As on a card: whose numbers a person has read stands in 操作日志.
        note_list_seen(actor, {row["customer_id"] for row in page.rows if row["in_clear"]})
        return page

    return fetch, rows


@app.cell
def _():
    cards.page_title("联系人—维护")
    return


@app.cell
def _(actor, columns, fetch, filters, params, rows):
    _finds = list(FIND_FIELDS.items())
    contacts = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key="ct",
            row_href=lambda row: link("customer", row["customer_id"], tab="contacts"),
            find_fields=_finds,
            filters=filters,
            sort=NEWEST,
            descending=True,
            export=exporter(actor, Listing("contact", "联系人", columns, rows, filters, _finds)),
            topics=("contact", "customer"),
            schemes=keeper(actor, "contact"),
            state=params,
        )
    )
    contacts
    return


if __name__ == "__main__":
    app.run()

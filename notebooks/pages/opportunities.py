import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="商机维护 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.opportunities.choices import stage_choices
    from crmlib.opportunities.model import Outcome
    from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code
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
def _():
    columns = [
        Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=120),
        Column(name="subject", label=words.OPPORTUNITY["subject"]),
        Column(name="customer", label=words.OPPORTUNITY["customer"], width=190),
        Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
        Column(name="stage", label=words.OPPORTUNITY["stage"], width=140),
        Column(name="days", label=words.OPPORTUNITY["days"], kind="number", width=80),
        Column(name="amount", label=words.OPPORTUNITY["amount"], kind="money", width=110),
        Column(name="expected_close", label="预计成交", kind="date", width=98),
        Column(
            name="outcome",
            label=words.OPPORTUNITY["outcome"],
            kind="tag",
            width=76,
            tones={"进行中": "info", "赢单": "good", "输单": "mute"},
        ),
    ]
    filters = [
        Filter(name="stage", label=words.OPPORTUNITY["stage"], options=by_code(stage_choices())),
        Filter(
            name="outcome",
            label=words.OPPORTUNITY["outcome"],
            options=list(words.OUTCOMES.items()),
        ),
        Filter(name="which", label="范围", options=[("mine", "我负责的")]),
        Filter(name="close", label=words.OPPORTUNITY["expected_close"], kind="between"),
    ]
    return columns, filters


@app.cell
def _(actor):
    def fetch(asked):
        chosen = asked.filters
        since, _, until = chosen.get("close", "").partition("..")
        found = opportunity_page(
            actor,
            OpportunityQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                stages=(chosen["stage"],) if "stage" in chosen else (),
                outcomes=(Outcome(chosen["outcome"]),) if "outcome" in chosen else (),
                mine=chosen.get("which") == "mine",
                close_from=date.fromisoformat(since) if since else None,
                close_to=date.fromisoformat(until) if until else None,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["outcome"] = words.OUTCOMES[row["outcome"]]
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(actor):
    new = (
        ("新增", link("opportunity_new", workspace="entry"))
        if actor.may(Permission.OPPORTUNITY_CREATE)
        else None
    )
    cards.page_title("商机维护")
    return (new,)


@app.cell
def _(columns, fetch, filters, new, params):
    deals = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key="o",
            row_href="opportunity",
            find_fields=[("subject", "主题"), ("customer", "客户"), ("project_name", "项目名称")],
            filters=filters,
            sort="registered_at",
            descending=True,
            new=new,
            topics=("opportunity",),
            state=params,
        )
    )
    deals
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="漏斗 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Pages, Workspace

    PAGES = Pages(
        "notebooks.pages",
        "funnel",
        "forecast",
        "activity_board",
        "follow_up",
        "kpi",
        "win_loss",
        "customer_analysis",
        "attainment",
        "targets",
        "duplicate_board",
        "review",
        "pair",
        "cluster",
        "conversion_board",
        "group",
        "quotes",
        "quote",
        "unassigned",
        "stage_sets",
        "stage_set",
        "stage",
        "report_board",
        "work_reports",
        "work_report",
        "order",
        "orders",
        "ticket",
        "tickets",
        "contract_review",
        "contract_reviews",
        "home",
        "message",
        "message_new",
    )


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

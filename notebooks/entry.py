import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="录入 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Pages, Workspace

    PAGES = Pages(
        "notebooks.pages",
        "home",
        "collide",
        "customers",
        "customer_new",
        "customer",
        "customer_edit",
        "contacts",
        "opportunities",
        "opportunity_new",
        "opportunity",
        "requests",
        "request",
        "request_new",
        "recycle_bin",
        "quotes",
        "quote",
        "quote_new",
        "quote_edit",
        "unassigned",
        "activities",
        "activity",
        "activity_new",
        "activity_edit",
        "activity_calendar",
        "message_new",
        "message",
        "history",
        "daily_summary",
        "weekly_plan",
        "work_reports",
        "work_report",
        "stage_sets",
        "stage_set",
        "stage",
        "contract_review",
        "contract_reviews",
        "order",
        "order_edit",
        "orders",
        "ticket",
        "ticket_new",
        "tickets",
    )


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    workspace = Workspace(PAGES, home="home")
    return (workspace,)


@app.cell
def _():
    route = mo.ui.anywidget(Route("home"))
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

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="录入 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Workspace
    from notebooks.pages import (
        collide,
        customer,
        customer_edit,
        customer_new,
        customers,
        history,
        home,
        message,
        message_new,
        opportunities,
        opportunity,
        opportunity_new,
        recycle_bin,
        request,
        request_new,
        requests,
        unassigned,
    )

    PAGES = {
        "home": home.app,
        "collide": collide.app,
        "customers": customers.app,
        "customer_new": customer_new.app,
        "customer": customer.app,
        "customer_edit": customer_edit.app,
        "opportunities": opportunities.app,
        "opportunity_new": opportunity_new.app,
        "opportunity": opportunity.app,
        "requests": requests.app,
        "request": request.app,
        "request_new": request_new.app,
        "recycle_bin": recycle_bin.app,
        "unassigned": unassigned.app,
        "message_new": message_new.app,
        "message": message.app,
        "history": history.app,
    }


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

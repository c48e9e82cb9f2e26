import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="管理 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import Route
    from crmlib.ui.workspace import Workspace
    from notebooks.pages import (
        api_token_new,
        api_tokens,
        audit,
        audit_entry,
        cluster,
        collision_log,
        collision_settings,
        conversion_board,
        conversions,
        customer,
        customer_edit,
        customers,
        duplicate_board,
        group,
        history,
        home,
        import_batch,
        import_new,
        imports,
        merge,
        merges,
        message,
        message_new,
        opportunity,
        pair,
        people,
        person,
        person_new,
        recycle_bin,
        request,
        requests,
        review,
        webhook,
        webhooks,
    )

    PAGES = {
        "home": home.app,
        "message": message.app,
        "duplicate_board": duplicate_board.app,
        "review": review.app,
        "pair": pair.app,
        "cluster": cluster.app,
        "group": group.app,
        "merges": merges.app,
        "merge": merge.app,
        "conversion_board": conversion_board.app,
        "conversions": conversions.app,
        "collision_log": collision_log.app,
        "collision_settings": collision_settings.app,
        "requests": requests.app,
        "request": request.app,
        "customers": customers.app,
        "customer": customer.app,
        "customer_edit": customer_edit.app,
        "recycle_bin": recycle_bin.app,
        "opportunity": opportunity.app,
        "imports": imports.app,
        "import_new": import_new.app,
        "import_batch": import_batch.app,
        "people": people.app,
        "person": person.app,
        "person_new": person_new.app,
        "message_new": message_new.app,
        "audit": audit.app,
        "audit_entry": audit_entry.app,
        "history": history.app,
        "api_tokens": api_tokens.app,
        "api_token_new": api_token_new.app,
        "webhooks": webhooks.app,
        "webhook": webhook.app,
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

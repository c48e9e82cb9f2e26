import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报价单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.quotes.card import quote_card
    from crmlib.quotes.panels import head_panel, lines_panel, versions_panel
    from crmlib.quotes.steps import quote_steps
    from crmlib.ui import cards
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.tabs import Tabs


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, record):
    try:
        card = quote_card(actor, int(record))
    except (NotAllowed, ValueError):
        card = None
    mo.stop(card is None, cards.notice("您没有权限查看此报价单，或报价单不存在", "warn"))
    return (card,)


@app.cell
def _(actor, card):
    head_panel(actor, card)
    return


@app.cell
def _(actor, card):
    _steps = quote_steps(actor, card)
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps if _steps else None
    return (steps,)


@app.cell
def _(card, params):
    tabs = mo.ui.anywidget(
        Tabs(
            [
                ("lines", "报价明细", len(card.lines)),
                ("versions", "版本对比", len(card.versions)),
            ],
            params.get("tab"),
        )
    )
    tabs
    return (tabs,)


@app.cell
def _(actor, card, params, tabs):
    if tabs.value["chosen"] == "versions":
        _shown = versions_panel(actor, card, str(params.get("against", "")))
    else:
        _shown = lines_panel(card)
    _shown
    return


if __name__ == "__main__":
    app.run()

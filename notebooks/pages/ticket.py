import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="服务工单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.service import terms as service_terms
    from crmlib.service.panels import OVERDUE, STATUS_TONES, ticket_panel
    from crmlib.service.queries import ticket_card
    from crmlib.service.steps import ticket_steps
    from crmlib.ui import cards
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.identity import person_id


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, visit = mo.query_params().get("id", ""), 0
    return record, visit


@app.cell
def _(actor, record, visit):
    visit
    try:
        ticket = ticket_card(actor, int(record))
    except (NotAllowed, ValueError):
        ticket = None
    mo.stop(ticket is None, cards.notice("您没有权限查看此工单，或工单不存在", "warn"))
    return (ticket,)


@app.cell
def _(actor, ticket):
    _steps = ticket_steps(actor, ticket)
    steps = mo.ui.anywidget(ActionBar(_steps))
    _state = ticket.status.value
    _tags = [
        cards.tag(service_terms.TICKET_KIND[ticket.kind.value], "info"),
        cards.tag(service_terms.TICKET_STATUS[_state], STATUS_TONES[_state]),
    ]
    if ticket.overdue:
        _tags.append(cards.tag(OVERDUE, "bad"))
    mo.vstack(
        [
            cards.page_title(
                "服务工单", record=ticket.number, tags=_tags, steps=("订单与服务", "服务工单")
            ),
            *([steps] if _steps else []),
            ticket_panel(ticket),
        ]
    )
    return (steps,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="订单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.orders import terms as order_terms
    from crmlib.orders.panels import LATE, STATUS_TONES, order_panel
    from crmlib.orders.queries import order_card
    from crmlib.orders.steps import order_steps
    from crmlib.service.panels import tickets_table
    from crmlib.service.queries import of_order
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
        order = order_card(actor, int(record))
    except (NotAllowed, ValueError):
        order = None
    mo.stop(order is None, cards.notice("您没有权限查看此订单，或订单不存在", "warn"))
    return (order,)


@app.cell
def _(actor, order):
    _steps = order_steps(actor, order)
    steps = mo.ui.anywidget(ActionBar(_steps))
    _state = order.status.value
    _tags = [cards.tag(order_terms.ORDER_STATUS[_state], STATUS_TONES[_state])]
    if order.late:
        _tags.append(cards.tag(LATE, "bad"))
    _tickets = of_order(actor, order.id)
    _service = [cards.section("服务工单"), tickets_table(_tickets)] if _tickets.height else []
    mo.vstack(
        [
            cards.page_title(
                "订单", record=order.number, tags=_tags, steps=("订单与服务", "订单执行情况")
            ),
            *([steps] if _steps else []),
            order_panel(order),
            *_service,
        ]
    )
    return (steps,)


if __name__ == "__main__":
    app.run()

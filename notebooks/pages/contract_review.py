import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="合同评审 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.orders import terms as order_terms
    from crmlib.orders.panels import REVIEW_TONES, review_panel
    from crmlib.orders.review_queries import review_card
    from crmlib.orders.steps import review_steps
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
        review = review_card(actor, int(record))
    except (NotAllowed, ValueError):
        review = None
    mo.stop(review is None, cards.notice("您没有权限查看此合同评审，或记录不存在", "warn"))
    return (review,)


@app.cell
def _(actor, review):
    _steps = review_steps(actor, review)
    steps = mo.ui.anywidget(ActionBar(_steps))
    _state = review.status.value
    mo.vstack(
        [
            cards.page_title(
                "合同评审",
                record=review.number or review.opportunity,
                tags=[cards.tag(order_terms.REVIEW_STATUS[_state], REVIEW_TONES[_state])],
                steps=("订单与服务", "合同评审"),
            ),
            *([steps] if _steps else []),
            review_panel(review),
        ]
    )
    return (steps,)


if __name__ == "__main__":
    app.run()

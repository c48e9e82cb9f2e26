import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="活动—编辑 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.activities.card import activity_card
    from crmlib.activities.choices import form_options
    from crmlib.activities.form import asks, card_values, edit_fields, save_changes
    from crmlib.customers.seen import note_contacts_seen
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link


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
        card = activity_card(actor, int(record))
    except (NotAllowed, ValueError):
        card = None
    mo.stop(card is None, cards.notice("您没有权限查看此活动，或活动不存在", "warn"))
    mo.stop(
        not card.editable,
        cards.notice(
            "此活动不能修改",
            "warn",
            cards.anchor("打开活动", link("activity", card.id)),
        ),
    )
    if card.sees_phone and card.phone:
        note_contacts_seen(actor, card.customer_id)
    return (card,)


@app.cell
def _(actor, card):
    def submit(values, token):
        return save_changes(actor, card, values, token)

    activity = mo.ui.anywidget(
        Form(
            edit_fields(card, form_options(actor)),
            submit,
            key=f"activity-{card.id}",
            values=card_values(card),
            version=card.version,
            cancel=link("activity", card.id),
            on_ask=asks(actor, card),
        )
    )
    _title = cards.page_title("活动—编辑", record=card.subject, steps=("活动管理", "活动维护"))
    mo.vstack([_title, activity])
    return (activity,)


if __name__ == "__main__":
    app.run()

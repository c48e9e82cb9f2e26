import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="活动 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.activities.card import activity_card
    from crmlib.activities.panel import LATE, STATUS_TONES
    from crmlib.activities.steps import card_steps
    from crmlib.audit.view import history_tab
    from crmlib.customers.seen import note_contacts_seen
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.tabs import Tabs
    from crmlib.words import ACTIVITY, ACTIVITY_STATUS, IMPORTANCE, PRIORITY


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
    if card is not None and card.sees_phone and card.phone:
        note_contacts_seen(actor, card.customer_id)
    mo.stop(card is None, cards.notice("您没有权限查看此活动，或活动不存在", "warn"))
    return (card,)


@app.cell
def _(card):
    def _linked(text, page, key, may):
        return cards.anchor(text, link(page, key)) if text and may else text

    _status = LATE if card.overdue else ACTIVITY_STATUS[card.status]
    _tags = [cards.tag(_status, STATUS_TONES[_status])]
    _facts = {
        "number": card.number,
        "activity_type": card.activity_type_label,
        "status": ACTIVITY_STATUS[card.status],
        "customer": _linked(card.customer, "customer", card.customer_id, card.may_open_customer),
        "contact": card.contact,
        "phone": shown.phone(card.phone),
        "opportunity": _linked(
            card.opportunity, "opportunity", card.opportunity_id, card.may_open_opportunity
        ),
        "stage": card.stage,
        "importance": IMPORTANCE[card.importance],
        "priority": PRIORITY[card.priority],
        "planned_start": shown.moment(card.planned_start),
        "planned_end": shown.moment(card.planned_end),
        "started_at": shown.moment(card.started_at),
        "ended_at": shown.moment(card.ended_at),
        "remind": shown.yes_no(card.remind),
        "place": card.place,
        "owner": card.owner,
        "office": card.office,
        "created_at": shown.moment(card.created_at),
    }
    mo.vstack(
        [
            cards.page_title(
                "活动", record=card.subject, tags=_tags, steps=("活动管理", "活动维护")
            ),
            cards.details([(ACTIVITY[name], value) for name, value in _facts.items()], columns=4),
            cards.details(
                [
                    (ACTIVITY["result"], card.result),
                    (ACTIVITY["description"], card.description),
                    (ACTIVITY["result_note"], card.result_note),
                ],
                columns=1,
            ),
        ]
    )
    return


@app.cell
def _(actor, card):
    _steps = card_steps(actor, card)
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps if _steps else None
    return (steps,)


@app.cell
def _(params):
    tabs = mo.ui.anywidget(Tabs([("log", "历史")], params.get("tab")))
    tabs
    return (tabs,)


@app.cell
def _(actor, card, tabs):
    tabs.value["chosen"]
    history_tab(actor, "activity", card.id)
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="活动—新增 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.activities.choices import form_options, from_customer, from_deal
    from crmlib.activities.form import asks, new_fields, save_new
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
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, params):
    mo.stop(
        not actor.may(Permission.ACTIVITY_CREATE),
        cards.notice("您没有权限新增活动", "warn"),
    )

    def _asked(name):
        text = str(params.get(name, ""))
        return int(text) if text.isdecimal() and len(text) < 18 else None

    deal, customer = _asked("opportunity"), _asked("customer")
    start = from_deal(actor, deal) if deal else from_customer(actor, customer)
    # Back to the tab the form was opened from.
    back = ""
    if start.deal:
        back = link("opportunity", start.deal.value, tab="activities")
    elif start.customer:
        back = link("customer", start.customer.value, tab="activities")
    return back, start


@app.cell
def _(actor, back, start):
    def submit(values, token):
        return save_new(actor, values, token, back=back)

    _about = start.deal or start.customer
    _planned = {
        name: value
        for name, value in start.values().items()
        if name not in {"stage", "phone"} or value
    }
    activity = mo.ui.anywidget(
        Form(
            new_fields(form_options(actor)),
            submit,
            key=f"activity_new {_about.hint if _about else ''}".strip(),
            values=_planned,
            also_new=True,
            cancel=back or link("activities"),
            keep=("customer_id", "opportunity_id", "stage", "contact_id", "phone"),
            on_ask=asks(actor),
        )
    )
    mo.vstack([cards.page_title("活动—新增", steps=("活动管理", "活动新增")), activity])
    return (activity,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户—编辑 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.customers.card import customer_card
    from crmlib.customers.queries import form_options
    from crmlib.customers.rules import REQUIRED
    from crmlib.duplicates.entry import edit_customer
    from crmlib.duplicates.panel import collision_panel
    from crmlib.errors import Invalid, NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code, by_id
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Question, Reply
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), {}
    return params, record


@app.cell
def _(actor, record):
    try:
        card = customer_card(actor, int(record))
    except (NotAllowed, ValueError):
        card = None
    mo.stop(
        card is None or not card.editable,
        cards.notice("您没有权限修改此客户，或客户不存在", "warn"),
    )
    options = form_options(actor)
    return card, options


@app.cell
def _(card, options):
    def field(name, **more):
        if name not in card.editable:
            return Field(
                name=name,
                label=words.CUSTOMER[name],
                kind="readonly",
                default=str(card.texts.get(name) or ""),
                hint=card.locked.get(name, ""),
                width=more.get("width", 1),
            )
        tick = more.get("none_tick")
        return Field(
            name=name, label=words.CUSTOMER[name], required=bool(tick) or name in REQUIRED, **more
        )

    fields = [
        field("name", width=2, live="collision"),
        field("level", kind="select", options=by_code(options.levels)),
        field("industry", kind="select", options=by_code(options.industries)),
        field("region", kind="picker", options=by_id(options.regions)),
        field("country", kind="select", options=by_code(options.countries)),
        field("phone", kind="tel"),
        field("fax", none_tick="no_fax"),
        field("email", kind="email", none_tick="no_email"),
        field("website", kind="url", none_tick="no_website"),
        field("address", width=2),
        field("short_name"),
        field("uscc"),
        field("customer_type", kind="select", options=by_code(options.customer_types)),
        field("size", kind="select", options=by_code(options.sizes)),
        field("source", kind="select", options=by_code(options.sources)),
        field("remark", kind="textarea", width=2),
    ]
    return (fields,)


@app.cell
def _(actor, card):
    def submit(values, token):
        changes = {k: v for k, v in values.items() if k in card.editable}
        try:
            saved = edit_customer(
                actor,
                card.id,
                changes,
                card.version,
                reason=str(values.get("reason") or ""),
                token=token,
            )
        except Invalid as wrong:
            if set(wrong.faults) != {"reason"}:
                raise
            return Reply(ok=False, question=Question(text=wrong.faults["reason"]))
        return Reply(
            ok=True, message=f"保存成功，客户代码 {saved.code}", next=link("customer", card.id)
        )

    def look(text, values):
        return None if text == card.name else collision_panel(actor, text) | {"actions": []}

    return look, submit


@app.cell
def _(card, fields, look, submit):
    editing = mo.ui.anywidget(
        Form(
            fields,
            submit,
            key=f"customer-{card.id}",
            values={f.name: card.values.get(f.name) for f in fields if f.kind != "readonly"}
            | {tick: card.values.get(tick) for tick in ("no_fax", "no_email", "no_website")},
            version=card.version,
            cancel=link("customer", card.id),
            on_ask={"collision": look},
        )
    )
    _steps = ("客户管理", "客户—维护", "客户—编辑")
    mo.vstack([cards.page_title("客户—编辑", record=card.name, steps=_steps), editing])
    return


if __name__ == "__main__":
    app.run()

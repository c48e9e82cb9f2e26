import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户—新增 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Role
    from crmlib.customers.queries import form_options
    from crmlib.customers.rules import (
        REQUIRED,
        REQUIRED_QUICK,
        customer_draft,
        faults,
        normalised,
    )
    from crmlib.duplicates.entry import enter_customer
    from crmlib.duplicates.panel import collision_panel
    from crmlib.errors import Invalid
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code, by_id, people
    from crmlib.ui.fields import Field, Section
    from crmlib.ui.form import Form
    from crmlib.ui.format import moment
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Question, Reply
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
def _(actor):
    options = form_options(actor)
    return (options,)


@app.cell
def _(actor, options):
    _must = REQUIRED_QUICK if options.may_be_quick else REQUIRED
    _none = not options.may_be_quick

    def field(name, **more):
        return Field(name=name, label=words.CUSTOMER[name], required=name in _must, **more)

    fields = [
        field("name", width=2, live="collision", hint="请准确录入工商登记的全称"),
        field("code", hint="系统自动带出，可以不用录入")
        if actor.role is Role.ADMIN
        else field("code", kind="readonly", default="系统自动带出，不用录入"),
        field("level", kind="select", options=by_code(options.levels)),
        field(
            "owner",
            kind="picker",
            options=people(options.owners),
            default=options.default_owner,
            hint="" if options.may_be_quick else "留空为待分配",
        ),
        Field(
            name="office", label=words.CUSTOMER["office"], kind="readonly", default=options.office
        ),
        field("industry", kind="select", options=by_code(options.industries)),
        field(
            "region", kind="picker", options=by_id(options.regions), default=options.default_region
        ),
        field("phone", kind="tel"),
        Field(name="fax", label=words.CUSTOMER["fax"], required=_none, none_tick="no_fax"),
        Field(
            name="email",
            label=words.CUSTOMER["email"],
            kind="email",
            required=_none,
            none_tick="no_email",
        ),
        Field(
            name="website",
            label=words.CUSTOMER["website"],
            kind="url",
            required=_none,
            none_tick="no_website",
        ),
        field(
            "country",
            kind="select",
            options=by_code(options.countries),
            default=options.default_country,
        ),
        field("address"),
        Field(
            name="registered_by",
            label=words.CUSTOMER["registered_by"],
            kind="readonly",
            default=actor.name,
        ),
        Field(
            name="registered_at",
            label=words.CUSTOMER["registered_at"],
            kind="readonly",
            default=moment(clock.now()),
        ),
        Section("主联系人", "客户与第一个联系人一起保存"),
        Field(name="contact_name", label=words.CONTACT["name"], required=True),
        Field(
            name="contact_role",
            label=words.CONTACT["role"],
            kind="select",
            options=by_code(options.contact_roles),
            required=True,
        ),
        Field(name="contact_mobile", label=words.CONTACT["mobile"], kind="tel", required=True),
        Field(name="contact_title", label=words.CONTACT["title"]),
    ]
    return (fields,)


@app.cell
def _(actor, options):
    quick = options.may_be_quick

    def check(values):
        return faults(normalised(customer_draft(values)), quick=quick)

    def submit(values, token):
        try:
            saved = enter_customer(
                actor,
                customer_draft(values),
                reason=str(values.get("reason") or ""),
                quick=quick,
                token=token,
            )
        except Invalid as wrong:
            if set(wrong.faults) != {"reason"}:
                raise
            return Reply(ok=False, question=Question(text=wrong.faults["reason"]))
        return Reply(
            ok=True,
            message=f"保存成功，客户代码 {saved.code}",
            link=("打开客户", link("customer", saved.customer_id)),
            link2=("新建商机", link("opportunity_new", customer=saved.customer_id))
            if quick
            else None,
            next=link("customer", saved.customer_id),
        )

    def look(text, values):
        # Whoever is filling the form needs no way to it.
        return collision_panel(actor, text, str(values.get("phone") or "")) | {"actions": []}

    return check, look, submit


@app.cell
def _(check, fields, look, params, submit):
    # The draft of another customer must not take the place of the name just looked up.
    _name, _phone = params.get("name", ""), params.get("phone", "")
    entry = mo.ui.anywidget(
        Form(
            fields,
            submit,
            key=f"customer_new {_name}".strip(),
            values={"name": _name, "phone": _phone},
            also_new=True,
            on_ask={"collision": look},
            check=check,
        )
    )
    mo.vstack([cards.page_title("客户—新增"), entry])
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="商机—新增 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.choices import customer_option, customer_options
    from crmlib.errors import Invalid
    from crmlib.opportunities.actions import create_opportunity
    from crmlib.opportunities.queries import contact_choices, form_options
    from crmlib.opportunities.rules import SUBJECT_FORMAT, OpportunityDraft
    from crmlib.opportunities.stage_queries import flow_choices
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
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, params):
    mo.stop(
        not actor.may(Permission.OPPORTUNITY_CREATE),
        cards.notice("您没有权限新增商机", "warn"),
    )
    options = form_options(actor)
    _asked = str(params.get("customer", ""))
    customer = (
        customer_option(actor, int(_asked), Permission.OPPORTUNITY_CREATE)
        if _asked.isdecimal()
        else None
    )
    return customer, options


@app.cell
def _(actor, options):
    def field(name, **more):
        return Field(name=name, label=words.OPPORTUNITY[name.removesuffix("_id")], **more)

    fields = [
        field("customer_id", kind="picker", search="customers", required=True),
        field("contact_id", kind="picker", search="contacts", hint="留空为客户的主联系人"),
        field("project_name", required=True),
        field("project_type", kind="select", options=by_code(options.project_types)),
        field("products", kind="multiselect", options=by_code(options.products), required=True),
        field("sales_task", kind="select", options=by_code(options.sales_tasks), required=True),
        field("amount", kind="money", required=True, hint="单位：元"),
        field("expected_close", kind="date", required=True),
        field("site_address"),
        field("source", kind="select", options=by_code(options.sources)),
        field("subject", width=2, hint=f"留空自动生成。{SUBJECT_FORMAT}"),
        field("owner_id", kind="picker", options=by_id(options.owners), default=actor.person_id),
        Field(
            name="stage_set",
            label=words.STAGE_SET["name"],
            kind="select",
            options=by_code(flow_choices(options.flows)),
            required=True,
            default=options.flows[0].code if options.flows else "",
        ),
        *[
            Field(
                name=f"stage_{flow.code}",
                label=words.OPPORTUNITY["stage"],
                kind="readonly",
                default=flow.first,
                hint=" → ".join(flow.stages),
                show_when=("stage_set", flow.code),
            )
            for flow in options.flows
        ],
    ]
    return (fields,)


@app.cell
def _(actor):
    def submit(values, token):
        known = OpportunityDraft.__dataclass_fields__
        draft = OpportunityDraft(**{k: v for k, v in values.items() if k in known})
        try:
            made = create_opportunity(
                actor,
                draft,
                stage_set=values["stage_set"],
                confirm=values.get("confirm") == "yes",
                token=token,
            )
        except Invalid as wrong:
            if set(wrong.faults) != {"confirm"}:
                raise
            return Reply(
                ok=False,
                question=Question(text=wrong.faults["confirm"], name="confirm", ask_text=False),
            )
        return Reply(
            ok=True,
            message=f"保存成功，商机编号 {made.number}",
            link=("打开商机", link("opportunity", made.opportunity_id)),
            next=link("opportunity", made.opportunity_id),
        )

    asks = {
        "customers": lambda text, _values: customer_options(
            actor, text, Permission.OPPORTUNITY_CREATE
        ),
        "contacts": lambda _text, values: by_id(
            contact_choices(actor, int(values.get("customer_id") or 0))
        ),
    }
    return asks, submit


@app.cell
def _(asks, customer, fields, submit):
    deal = mo.ui.anywidget(
        Form(
            fields,
            submit,
            key=f"opportunity_new {customer.value if customer else ''}".strip(),
            values={"customer_id": customer},
            also_new=True,
            keep=("customer_id",),
            on_ask=asks,
        )
    )
    mo.vstack([cards.page_title("商机—新增"), deal])
    return


if __name__ == "__main__":
    app.run()

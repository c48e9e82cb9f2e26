import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="登记工单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.choices import customer_option, customer_options
    from crmlib.service import terms as service_terms
    from crmlib.service.actions import register_ticket
    from crmlib.service.rules import HOURS, TEXT_LENGTH, TicketDraft
    from crmlib.service.steps import handlers_of, order_options
    from crmlib.ui import cards
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = "", mo.query_params().to_dict(), 0
    return params, record, visit


@app.cell
def _(actor, params, visit):
    visit
    mo.stop(not actor.may(Permission.TICKET_REGISTER), cards.notice("您没有权限执行此操作", "warn"))
    _given, _order = str(params.get("customer", "")), str(params.get("order", ""))
    customer = customer_option(actor, int(_given)) if _given.isdecimal() else None
    _orders = order_options(actor, customer.value) if customer else []
    order = next((o for o in _orders if str(o.value) == _order), None)
    return customer, order


@app.cell
def _():
    label = service_terms.TICKET
    _limits = "；".join(
        f"{service_terms.SEVERITY[code]} {reply} 小时回复、{solve // 24} 天解决"
        for code, (reply, solve) in HOURS.items()
    )
    fields = [
        Field(
            name="customer_id",
            label=label["customer"],
            kind="picker",
            search="customers",
            required=True,
        ),
        Field(
            name="kind",
            label=label["kind"],
            kind="radio",
            options=list(service_terms.TICKET_KIND.items()),
            required=True,
        ),
        Field(name="order_id", label=label["order"], kind="picker", search="orders"),
        Field(
            name="severity",
            label=label["severity"],
            kind="radio",
            options=list(service_terms.SEVERITY.items()),
            default="normal",
            required=True,
            hint=_limits,
        ),
        Field(
            name="handler_id",
            label=label["handler"],
            kind="picker",
            search="handlers",
            hint="留空由客户负责人受理",
        ),
        Field(
            name="description",
            label=label["description"],
            kind="textarea",
            required=True,
            width=2,
            rows=5,
            max_length=TEXT_LENGTH,
        ),
    ]
    return (fields,)


@app.cell
def _(actor, customer, fields, order):
    def submit(values, token):
        done = register_ticket(actor, TicketDraft(**values), token=token)
        return Reply(
            ok=True,
            message=f"保存成功，工单编号 {done.number}",
            link=("查看工单", link("ticket", done.ticket_id)),
            next=link("ticket", done.ticket_id),
        )

    def _of(values):
        return int(values.get("customer_id") or 0)

    values = {"customer_id": customer} if customer else {}
    if order:
        values["order_id"] = order
    form = mo.ui.anywidget(
        Form(
            fields,
            submit,
            key="ticket_new",
            values=values,
            cancel=link("tickets"),
            on_ask={
                "customers": lambda text, _values: customer_options(
                    actor, text, Permission.TICKET_REGISTER
                ),
                "orders": lambda _text, values: order_options(actor, _of(values)),
                "handlers": lambda _text, values: handlers_of(actor, _of(values)),
            },
            keep=(),
        )
    )
    mo.vstack([cards.page_title("登记工单", steps=("订单与服务", "服务工单")), form])
    return (form,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="订单—编辑 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.choices import customer_option, customer_options
    from crmlib.errors import NotAllowed
    from crmlib.orders import terms as order_terms
    from crmlib.orders.actions import record_order
    from crmlib.orders.queries import order_card
    from crmlib.orders.rules import MOST_LINES, NUMBER_LENGTH, LineDraft, OrderDraft
    from crmlib.orders.steps import deal_options
    from crmlib.ui import cards
    from crmlib.ui.fields import Computed, Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.options import Option
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link

    NEW = "new"


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = mo.query_params().get("id", NEW), mo.query_params().to_dict(), 0
    return params, record, visit


@app.cell
def _(actor, record, visit):
    visit
    mo.stop(not actor.may(Permission.ORDER_MANAGE), cards.notice("您没有权限执行此操作", "warn"))
    order = None
    if record not in ("", NEW):
        try:
            order = order_card(actor, int(record))
        except (NotAllowed, ValueError):
            mo.stop(True, cards.notice("订单不存在", "warn"))
    return (order,)


@app.cell
def _(order):
    label, _line = order_terms.ORDER, order_terms.ORDER_LINE
    _columns = (
        Field(name="product", label=_line["product"], required=True, max_length=120),
        Field(name="specification", label=_line["specification"], max_length=120, width=170),
        Field(name="quantity", label=_line["quantity"], kind="number", required=True, width=100),
        Field(name="price", label=_line["price"], kind="money", required=True, width=110),
        Computed(name="subtotal", label=_line["amount"], times=("quantity", "price")),
    )
    fields = [
        Field(
            name="number",
            label=label["number"],
            required=order is None,
            kind="text" if order is None else "readonly",
            max_length=NUMBER_LENGTH,
        ),
        Field(
            name="customer_id",
            label=label["customer"],
            kind="picker",
            search="customers",
            required=True,
        ),
        Field(name="opportunity_id", label=label["opportunity"], kind="picker", search="deals"),
        Field(
            name="ordered_on",
            label=label["ordered_on"],
            kind="date",
            required=True,
            default=clock.today(),
        ),
        Field(name="due_on", label=label["due_on"], kind="date"),
        Field(name="amount", label=label["amount"], kind="money", hint="留空为明细合计"),
        Field(
            name="stated",
            label=label["stated"],
            kind="select",
            options=list(order_terms.ORDER_STATUS.items()),
            default="entered",
            hint="执行记录更进一步时，以执行记录为准",
        ),
        Field(name="remark", label=label["remark"], kind="textarea", width=2, rows=2),
        Field(name="lines", label=label["lines"], kind="lines", columns=_columns, most=MOST_LINES),
    ]
    return (fields,)


@app.cell
def _(actor, order, params):
    if order is None:
        _known = str(params.get("customer", ""))
        _customer = customer_option(actor, int(_known)) if _known.isdecimal() else None
        values = {"customer_id": _customer} if _customer else {}
    else:
        values = {
            name: getattr(order, name)
            for name in ("number", "ordered_on", "due_on", "amount", "remark")
        } | {
            "stated": order.stated.value,
            "customer_id": Option(order.customer_id, order.customer, order.customer_code),
            "lines": [
                {
                    "product": line.product,
                    "specification": line.specification or "",
                    "quantity": line.quantity,
                    "price": line.price,
                }
                for line in order.lines
            ],
        }
        if order.opportunity_id:
            values["opportunity_id"] = Option(order.opportunity_id, order.opportunity)
    return (values,)


@app.cell
def _(actor, fields, order, values):
    def submit(given, token):
        lines = tuple(
            LineDraft(**{name: row.get(name) for name in ("product", "quantity", "price")})
            if not row.get("specification")
            else LineDraft(
                **{
                    name: row.get(name)
                    for name in ("product", "specification", "quantity", "price")
                }
            )
            for row in given["lines"]
        )
        own = {name: value for name, value in given.items() if name not in {"lines", "number"}}
        number = order.number if order else given["number"]
        draft = OrderDraft(number=number, lines=lines, **own)
        done = record_order(
            actor, draft, new=order is None, version=order.version if order else None, token=token
        )
        return Reply(
            ok=True,
            message=f"保存成功，订单 {done.number}",
            link=("查看订单", link("order", done.order_id)),
            next=link("order", done.order_id),
        )

    form = mo.ui.anywidget(
        Form(
            fields,
            submit,
            key=f"order-{order.id}" if order else "order_new",
            values=values,
            version=order.version if order else None,
            cancel=link("order", order.id) if order else link("orders"),
            on_ask={
                "customers": lambda text, _values: customer_options(actor, text),
                "deals": lambda _text, values: deal_options(
                    actor, int(values.get("customer_id") or 0)
                ),
            },
            keep=(),
        )
    )
    _name = "订单—编辑" if order else "订单—新增"
    mo.vstack(
        [
            cards.page_title(
                _name, record=order.number if order else "", steps=("订单与服务", "订单执行情况")
            ),
            form,
        ]
    )
    return (form,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="订单执行情况 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.export import Listing, exporter
    from crmlib.orders import terms as order_terms
    from crmlib.orders.model import OrderStatus
    from crmlib.orders.panels import LATE, STATUS_TONES
    from crmlib.orders.queries import OrderQuery, order_page
    from crmlib.people.schemes import keeper
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.grid import Column, Filter, Grid, Page
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
def _():
    label = order_terms.ORDER
    _tones = {order_terms.ORDER_STATUS[code]: tone for code, tone in STATUS_TONES.items()}
    columns = [
        Column(name="number", label=label["number"], kind="code", width=130),
        Column(name="customer", label=label["customer"]),
        Column(name="owner", label=words.CUSTOMER["owner"], width=76),
        Column(name="ordered_on", label=label["ordered_on"], kind="date", width=98),
        Column(name="amount", label=label["amount"], kind="money", width=116),
        Column(name="status", label=label["status"], kind="tag", width=92, tones=_tones),
        Column(name="last", label="最近执行", width=130, sortable=False),
        Column(name="due_on", label=label["due_on"], kind="date", width=98),
        Column(
            name="late", label="交期", kind="tag", width=84, sortable=False, tones={LATE: "bad"}
        ),
    ]
    filters = [
        Filter(
            name="status", label=label["status"], options=list(order_terms.ORDER_STATUS.items())
        ),
        Filter(name="late", label="交期", options=[("late", LATE)]),
        Filter(name="ordered", label=label["ordered_on"], kind="between"),
    ]
    finds = [("customer", label["customer"]), ("number", label["number"])]
    return columns, filters, finds


@app.cell
def _(actor):
    def fetch(asked):
        chosen = asked.filters
        since, _, until = chosen.get("ordered", "").partition("..")
        found = order_page(
            actor,
            OrderQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                status=OrderStatus(chosen["status"]) if "status" in chosen else None,
                late=True if chosen.get("late") == "late" else None,
                ordered_from=date.fromisoformat(since) if since else None,
                ordered_to=date.fromisoformat(until) if until else None,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            _what = order_terms.EVENT_KIND.get(row["last_event"] or "", "")
            row["last"] = f"{_what} {shown.day(row['last_event_on'])}" if _what else ""
            row["status"] = order_terms.ORDER_STATUS[row["status"]]
            row["late"] = LATE if row["late"] else ""
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(actor):
    new = None
    if actor.may(Permission.ORDER_MANAGE):
        new = ("新增", link("order_edit", "new", workspace="admin"))
    cards.page_title("订单执行情况", steps=("订单与服务", "订单执行情况"))
    return (new,)


@app.cell
def _(actor, columns, fetch, filters, finds, new, params):
    orders = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key="so",
            row_href="order",
            find_fields=finds,
            filters=filters,
            sort="ordered_on",
            descending=True,
            empty="没有订单",
            new=new,
            export=exporter(actor, Listing("sales_order", "订单", columns, fetch, filters, finds)),
            topics=("sales_order", "order_event"),
            schemes=keeper(actor, "sales_order"),
            state=params,
        )
    )
    orders
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="待分配 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.queries import owner_options
    from crmlib.customers.waiting import (
        LATE,
        WaitingQuery,
        assign_waiting_customers,
        waiting_page,
    )
    from crmlib.opportunities.waiting import assign_waiting_opportunities, waiting_deals
    from crmlib.ui import cards
    from crmlib.ui.choices import people
    from crmlib.ui.fields import Field
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link
    from crmlib.ui.row_action import RowAction


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
    mo.stop(
        not actor.may(Permission.CUSTOMER_ASSIGN),
        cards.notice("只有办事处主任、区域经理和信息部可以分配", "warn"),
    )
    _owners = people(owner_options(actor, Permission.CUSTOMER_ASSIGN))

    def assigning(call, what):
        def save(rows, values, token):
            done = call(actor, [int(row) for row in rows], values["owner"], token=token)
            late = f"；另外 {done.late} 个{LATE}" if done.late else ""
            return saved(f"已将 {done.count} 个{what}分配给 {done.owner}{late}")

        return RowAction(
            name=f"assign-{what}",
            label="分配",
            fields=[
                Field(
                    name="owner",
                    label=words.CUSTOMER["owner"],
                    kind="picker",
                    options=_owners,
                    required=True,
                )
            ],
            on_submit=save,
            note="负责部门随负责人改变，负责人会收到消息",
        )

    def asked_as(asked):
        return WaitingQuery(
            page=asked.page,
            size=asked.size,
            sort=asked.sort,
            descending=asked.descending,
            find_text=asked.find_text,
        )

    return asked_as, assigning


@app.cell
def _(actor, asked_as, assigning, params):
    def fetch_customers(asked):
        found = waiting_page(actor, asked_as(asked))
        return Page(found.rows.to_dicts(), found.total)

    customers = mo.ui.anywidget(
        Grid(
            [
                Column(name="code", label=words.CUSTOMER["code"], kind="code", width=130),
                Column(name="name", label=words.CUSTOMER["name"]),
                Column(name="region", label=words.CUSTOMER["region"], width=90),
                Column(name="office", label=words.CUSTOMER["office"], width=90),
                Column(name="registered_by", label=words.CUSTOMER["registered_by"], width=84),
                Column(
                    name="registered_at",
                    label=words.CUSTOMER["registered_at"],
                    kind="date",
                    width=104,
                ),
                Column(name="why", label="原因", width=180, sortable=False),
            ],
            fetch_customers,
            key="u",
            row_href=lambda row: link("customer", row["id"], workspace="entry"),
            actions=[assigning(assign_waiting_customers, "客户")],
            find_fields=[("text", "客户名称或代码")],
            sort="registered_at",
            empty="没有待分配的客户",
            topics=("customer", "person"),
            state=params,
        )
    )
    return (customers,)


@app.cell
def _(actor, asked_as, assigning, params):
    def fetch_deals(asked):
        found = waiting_deals(actor, asked_as(asked))
        return Page(found.rows.to_dicts(), found.total)

    deals = mo.ui.anywidget(
        Grid(
            [
                Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=130),
                Column(name="subject", label=words.OPPORTUNITY["subject"]),
                Column(name="customer", label=words.OPPORTUNITY["customer"], width=200),
                Column(name="stage", label=words.OPPORTUNITY["stage"], width=120),
                Column(name="office", label=words.CUSTOMER["office"], width=90),
                Column(name="expected_close", label="预计成交", kind="date", width=104),
                Column(name="why", label="原因", width=180, sortable=False),
            ],
            fetch_deals,
            key="d",
            row_href=lambda row: link("opportunity", row["id"], workspace="entry"),
            actions=[assigning(assign_waiting_opportunities, "商机")],
            find_fields=[("text", "主题或编号")],
            sort="expected_close",
            empty="没有待分配的商机",
            topics=("opportunity", "person"),
            state=params,
        )
    )
    return (deals,)


@app.cell
def _(customers, deals):
    mo.vstack(
        [
            cards.page_title("待分配", steps=("客户管理", "待分配")),
            cards.section("客户"),
            customers,
            cards.section("商机"),
            deals,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

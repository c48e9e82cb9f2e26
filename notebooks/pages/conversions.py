import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="转交易 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.conversion.model import RequestStatus
    from crmlib.conversion.queries import RequestsQuery, ready_frame, requests_page
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
def _(actor):
    def fetch(asked):
        chosen = asked.filters.get("status")
        statuses = (RequestStatus(chosen),) if chosen else tuple(RequestStatus)
        found = requests_page(
            actor, RequestsQuery(asked.page, asked.size, statuses, asked.find_text)
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["status"] = words.REQUEST_STATUS.get(row["status"], row["status"])
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(fetch, params):
    requests = mo.ui.anywidget(
        Grid(
            [
                Column(name="code", label="客户代码", kind="code", width=130, sortable=False),
                Column(name="customer", label="客户名称", sortable=False),
                Column(name="applicant", label="申请人", width=84, sortable=False),
                Column(
                    name="requested_at",
                    label="申请时间",
                    kind="datetime",
                    width=140,
                    sortable=False,
                ),
                Column(name="age_days", label="天数", kind="number", width=64, sortable=False),
                Column(
                    name="status",
                    label="状态",
                    kind="tag",
                    width=84,
                    sortable=False,
                    tones={"待处理": "warn", "通过": "good", "驳回": "bad", "撤回": "mute"},
                ),
                Column(name="decided_by", label="处理人", width=84, sortable=False),
                Column(name="decision_note", label="处理意见", width=200, sortable=False),
            ],
            fetch,
            key="r",
            row_href=lambda row: link("customer", row["customer_id"], tab="checks"),
            find_fields=[("customer", "客户名称")],
            filters=[
                Filter(
                    name="status",
                    label="状态",
                    options=list(words.REQUEST_STATUS.items()),
                    default="pending",
                )
            ],
            empty="没有待处理的申请",
            topics=("conversion_request",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("转交易"), requests])
    return


@app.cell
def _(actor):
    _ready = ready_frame(actor).to_dicts()
    mo.vstack(
        [
            cards.section("可转交易的潜在客户", note="有赢单商机或待处理申请"),
            cards.small_table(
                ["客户代码", "客户名称", "负责人", "部门", "赢单商机", "赢单金额", "依据"],
                [
                    (
                        cards.anchor(r["code"], link("customer", r["customer_id"], tab="checks")),
                        r["name"],
                        r["owner"],
                        r["office"],
                        r["won_deals"],
                        shown.money(r["won_amount"]),
                        r["why"],
                    )
                    for r in _ready
                ],
                right=(4, 5),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

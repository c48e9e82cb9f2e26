import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="转交易 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.conversion.choices import OVERDUE, STATUSES
    from crmlib.conversion.model import RequestStatus
    from crmlib.conversion.queries import RequestsQuery, requests_page
    from crmlib.conversion.rules import DUE_DAYS
    from crmlib.ui import cards
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
        late = chosen == OVERDUE
        known = chosen in RequestStatus
        statuses = (RequestStatus(chosen),) if known else tuple(RequestStatus)
        found = requests_page(
            actor, RequestsQuery(asked.page, asked.size, statuses, asked.find_text, late)
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["status"] = "已逾期" if row["overdue"] else row["status"]
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
                Column(name="age_days", label="工作日", kind="number", width=72, sortable=False),
                Column(
                    name="status",
                    label="状态",
                    kind="tag",
                    width=84,
                    sortable=False,
                    tones={
                        "待处理": "warn",
                        "已逾期": "bad",
                        "通过": "good",
                        "驳回": "bad",
                        "撤回": "mute",
                        "已撤销": "mute",
                    },
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
                    options=STATUSES,
                    default="pending",
                )
            ],
            empty="没有符合条件的申请",
            topics=("conversion_request",),
            state=params,
        )
    )
    _board = cards.anchor("转交易看板", link("conversion_board"), button=True)
    mo.vstack(
        [
            cards.page_title(
                "转交易", links=[_board], note=f"超过 {DUE_DAYS} 个工作日未处理的为已逾期"
            ),
            requests,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

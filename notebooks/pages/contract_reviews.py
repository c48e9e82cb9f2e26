import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="合同评审 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.orders import terms as order_terms
    from crmlib.orders.model import ReviewStatus
    from crmlib.orders.panels import REVIEW_TONES
    from crmlib.orders.review_queries import ReviewQuery, review_page
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id


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
    def fetch(asked):
        chosen = asked.filters.get("status")
        found = review_page(
            actor,
            ReviewQuery(
                page=asked.page,
                size=asked.size,
                status=ReviewStatus(chosen) if chosen else None,
                find_text=asked.find_text,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["status"] = order_terms.REVIEW_STATUS[row["status"]]
        return Page(rows, found.total)

    _label = order_terms.REVIEW

    def _plain(name, width=0, **more):
        _name = _label.get(name, order_terms.ORDER.get(name))
        return Column(name=name, label=_name, width=width, sortable=False, **more)

    _tones = {order_terms.REVIEW_STATUS[code]: tone for code, tone in REVIEW_TONES.items()}
    reviews = mo.ui.anywidget(
        Grid(
            [
                _plain("number", 130, kind="code"),
                _plain("opportunity"),
                _plain("customer", 180),
                _plain("amount", 110, kind="money"),
                _plain("status", 88, kind="tag", tones=_tones),
                _plain("asked_by", 76),
                _plain("submitted_on", 98, kind="date"),
                _plain("decided_on", 98, kind="date"),
                _plain("note", 150),
            ],
            fetch,
            key="cr",
            row_href="contract_review",
            find_fields=[("any", "单号、商机、客户")],
            filters=[
                Filter(
                    name="status",
                    label=_label["status"],
                    options=list(order_terms.REVIEW_STATUS.items()),
                )
            ],
            empty="没有合同评审",
            topics=("contract_review",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("合同评审", steps=("订单与服务", "合同评审")), reviews])
    return


if __name__ == "__main__":
    app.run()

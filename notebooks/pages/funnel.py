import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="销售漏斗 · 榫卯")

with app.setup:
    from decimal import Decimal

    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.insight.charts import funnel_chart, picked_stages
    from crmlib.insight.funnel import Filters, choices, period, rows, stages, stalled, summary
    from crmlib.insight.live import funnel_data
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    WAN = Decimal(10_000)


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
    _offer = choices(funnel_data(actor))
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="office", label="部门", options=_offer.offices),
                Choice(name="owner", label="负责人", options=_offer.owners),
                Choice(name="region", label="区域", options=_offer.regions),
                Choice(name="family", label="产品", options=_offer.families),
                Choice(name="period", label="预计成交", options=list(words.PERIODS.items())),
                Choice(name="min", label="金额 ≥", kind="amount"),
                Choice(name="max", label="≤（万元）", kind="amount"),
                Choice(
                    name="by",
                    label="按",
                    options=[("amount", "金额"), ("count", "数量")],
                    default="amount",
                ),
            ],
            topics=("opportunity", "stage_history", "customer"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("销售漏斗"), bar])
    return (bar,)


@app.cell
def _(actor, bar):
    _chosen = {k: v for k, v in bar.value["chosen"].items() if v != "all"}

    def _number(name):
        text = _chosen.get(name, "")
        return Decimal(text) * WAN if text else None

    _start, _end = period(_chosen["period"], clock.today()) if "period" in _chosen else (None, None)
    filters = Filters(
        offices=(int(_chosen["office"]),) if "office" in _chosen else (),
        owners=(int(_chosen["owner"]),) if "owner" in _chosen else (),
        regions=(_chosen["region"],) if "region" in _chosen else (),
        family=_chosen.get("family", ""),
        start=_start,
        end=_end,
        min_amount=_number("min"),
        max_amount=_number("max"),
    )
    by_count = _chosen.get("by") == "count"
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    data = funnel_data(actor)
    return by_count, data, filters


@app.cell
def _(data, filters):
    _found = summary(data, filters)
    _before = f"较 {shown.day(_found.before)}"
    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="在手商机",
                        value=shown.number(_found.count.value),
                        change=_found.count.change,
                        against=_before,
                    ),
                    cards.Stat(
                        label=words.OPPORTUNITY["amount"],
                        value=shown.short_money(_found.amount.value),
                        change=_found.amount.change,
                        against=_before,
                    ),
                    cards.Stat(
                        label="加权金额",
                        value=shown.short_money(_found.weighted.value),
                        change=_found.weighted.change,
                        against=_before,
                    ),
                    cards.Stat(
                        label="停滞商机",
                        value=shown.number(_found.stalled.value),
                        change=_found.stalled.change,
                        against=_before,
                        good="down",
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(data.read_at)}，只含您可见的商机",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(by_count, data, filters):
    steps = stages(data, filters)
    mo.stop(steps.is_empty(), cards.empty("暂无数据：没有符合条件的商机"))
    chart = mo.ui.altair_chart(
        funnel_chart(steps, by_count=by_count), chart_selection=False, legend_selection=False
    )
    chart
    return chart, steps


@app.cell
def _(chart, steps):
    picked = picked_stages(chart.selections)
    _names = dict(steps.select("stage_code", "stage").rows())
    _what = "、".join(_names.get(code, code) for code in picked) or "全部阶段"
    cards.section(f"商机明细：{_what}", note="点击漏斗中的阶段可筛选，再点一次取消")
    return (picked,)


@app.cell
def _(data, filters, picked):
    from dataclasses import replace as _replace

    _frame = rows(data, _replace(filters, stages=picked) if picked else filters)

    def _page(frame, asked):
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        return Page(frame.slice(asked.offset, asked.size).to_dicts(), frame.height)

    columns = [
        Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=120),
        Column(name="subject", label=words.OPPORTUNITY["subject"]),
        Column(name="customer", label=words.OPPORTUNITY["customer"], width=200),
        Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
        Column(name="stage", label=words.OPPORTUNITY["stage"], width=140),
        Column(name="days", label=words.OPPORTUNITY["days"], kind="number", width=80),
        Column(name="amount", label=words.OPPORTUNITY["amount"], kind="money", width=120),
        Column(name="weighted", label="加权金额", kind="money", width=120),
        Column(name="expected_close", label="预计成交", kind="date", width=98),
    ]
    deals = mo.ui.anywidget(
        Grid(
            columns,
            lambda asked: _page(_frame, asked),
            key="d",
            row_id="opportunity_id",
            row_href=lambda row: link("opportunity", row["opportunity_id"], workspace="entry"),
        )
    )
    deals
    return (columns,)


@app.cell
def _(columns, data, filters):
    _late = stalled(data, filters)
    _list = mo.ui.anywidget(
        Grid(
            columns,
            lambda asked: Page(_late.slice(asked.offset, asked.size).to_dicts(), _late.height),
            key="s",
            row_id="opportunity_id",
            row_href=lambda row: link("opportunity", row["opportunity_id"], workspace="entry"),
            empty="没有停滞的商机",
        )
    )
    stalled_list = _list
    mo.vstack([cards.section("停滞商机", note="在当前阶段的停留超过标准天数"), stalled_list])
    return (stalled_list,)


if __name__ == "__main__":
    app.run()

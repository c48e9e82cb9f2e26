import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户分析 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import customer_mix as mix
    from crmlib.insight.board_rows import opens, paged
    from crmlib.insight.customer_charts import customer_chart, picked_groups
    from crmlib.insight.customer_mix import By
    from crmlib.insight.cut import cut_of, in_force, offices_of, people_of, values_of
    from crmlib.insight.live import customer_data
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet, either
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    MOST = 20  # bars; the table behind them has all groups
    SIDES = {
        By.INDUSTRY: "行业",
        By.LEVEL: "客户级别",
        By.SOURCE: "来源",
        By.REGION: "区域",
        By.OFFICE: "部门",
        By.PERSON: "负责人",
    }
    STATES = {
        "active": "活跃",
        "no_active": "不活跃",
        "trading": "交易客户",
        "complete": "资料完整",
        "no_complete": "资料待完善",
    }


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, params):
    mo.stop(not actor.may(Permission.CUSTOMER_VIEW), cards.notice("您没有权限查看客户分析", "warn"))
    _rows = customer_data(actor).rows
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="office", label="部门", options=offices_of(_rows)),
                Choice(name="owner", label="负责人", options=people_of(_rows)),
                Choice(name="region", label="区域", options=values_of(_rows["region"])),
                Choice(name="industry", label="行业", options=values_of(_rows["industry"])),
                Choice(name="level", label="级别", options=values_of(_rows["level"])),
                Choice(name="source", label="来源", options=values_of(_rows["source"])),
                Choice(
                    name="status",
                    label="状态",
                    options=[
                        (value, words.CUSTOMER_STATUS[value].removesuffix("客户"))
                        for value in values_of(_rows["status"])
                    ],
                ),
                Choice(
                    name="by",
                    label="按",
                    options=[(by.value, label) for by, label in SIDES.items()],
                    default=By.INDUSTRY.value,
                    always=True,
                ),
            ],
            topics=("customer",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("客户分析", note="点击数字或柱子查看对应的客户"), bar])
    return (bar,)


@app.cell
def _(actor, bar, params, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    data, by = customer_data(actor), By(chosen["by"])
    customers = mix.customers(
        data, cut_of(chosen), level=chosen.get("level", ""), status=chosen.get("status", "")
    )
    groups = mix.grouped(customers, by)
    stated = stated_lines(actor, bar.widget.in_words(), data.read_at, Permission.CUSTOMER_VIEW)
    state = str(params.get("state", ""))
    return by, chosen, customers, data, groups, state, stated


@app.cell
def _(chosen, customers, data):
    _now = mix.figures(customers, data)

    def _rows(state):
        return link("customer_analysis", state=state, **chosen)

    def _rest(part, state, label):
        return cards.h(
            "span", f"{label} ", cards.anchor(shown.number(_now.count - part), _rows(state))
        )

    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="客户",
                        value=shown.number(_now.count),
                        change=_now.count / _now.before - 1 if _now.before else None,
                        against="较上月末",
                        href=_rows("all"),
                    ),
                    cards.Stat(
                        label="活跃客户",
                        value=shown.number(_now.active),
                        note=f"占 {shown.percent(_now.share(_now.active))}",
                        href=_rows("active"),
                    ),
                    cards.Stat(
                        label="交易客户",
                        value=shown.number(_now.trading),
                        note=f"占 {shown.percent(_now.share(_now.trading))}",
                        href=_rows("trading"),
                    ),
                    cards.Stat(
                        label="资料完整率",
                        value=shown.percent(_now.share(_now.complete)),
                        note=f"完整 {shown.number(_now.complete)} 个",
                        href=_rows("complete"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    _rest(_now.active, "no_active", "不活跃"),
                    "，",
                    _rest(_now.complete, "no_complete", "资料待完善"),
                    f"；数据时间 {shown.moment(data.read_at)}，只含您可见的客户；"
                    f"活跃指 {mix.CONTACT_DAYS} 天内有接触或 {mix.TRADE_DAYS} 天内有交易",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(actor, by, groups, stated):
    mo.stop(groups.is_empty(), cards.empty("暂无数据：没有符合条件的客户"))
    _heads = [
        *(SIDES[by], "客户", "活跃", "交易客户", "资料完整"),
        *(
            Column(name=name, label=label, kind="percent")
            for name, label in (
                ("active", "活跃率"),
                ("trading", "交易占比"),
                ("complete", "完整率"),
            )
        ),
    ]
    tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "客户分析",
            stated,
            lambda: Sheet("客户分析", _heads, groups.drop("key").rows(), groups["key"].to_list()),
        )
    )
    chart = mo.ui.altair_chart(
        customer_chart(groups.head(MOST)), chart_selection=False, legend_selection=False
    )
    _more = f"，图中为前 {MOST} 项，全部见表格" if groups.height > MOST else ""
    mo.vstack(
        [
            cards.section(f"按{SIDES[by]}", note=f"点击可筛选下面的客户，再点一次取消{_more}"),
            tools,
            chart,
        ]
    )
    return chart, tools


@app.cell
def _(actor, by, chart, chosen, customers, groups, state, tools):
    _picked = either(picked_groups(chart.selections), tools.value["picked"])
    _labels = dict(groups.select("key", "label").rows())
    _told = [_labels.get(key, key) for key in _picked]
    _told += [STATES[state]] if state in STATES else []
    _close = [cards.anchor("显示全部", link("customer_analysis", **chosen))] if state else []
    _frame = mix.behind(customers, by, _picked, state)

    behind = mo.ui.anywidget(
        Grid(
            [
                Column(name="code", label=words.CUSTOMER["code"], kind="code", width=128),
                Column(name="customer", label=words.CUSTOMER["name"]),
                Column(name="level", label=words.CUSTOMER["level"], width=110),
                Column(name="industry", label=words.CUSTOMER["industry"], width=110),
                Column(name="source", label=words.CUSTOMER["source"], width=90),
                Column(name="province", label="省份", width=70),
                Column(name="owner", label=words.CUSTOMER["owner"], width=70),
                Column(name="active", label="活跃", width=54),
                Column(name="complete", label="资料完整", width=80),
                Column(
                    name="last_contact_on",
                    label=words.CUSTOMER["last_contact_on"],
                    kind="date",
                    width=104,
                ),
                Column(
                    name="last_trade_on",
                    label=words.CUSTOMER["last_trade_on"],
                    kind="date",
                    width=104,
                ),
            ],
            paged(_frame),
            key="d",
            row_id="customer_id",
            row_href=opens(actor, "customer", "customer_id"),
            empty="没有对应的客户",
        )
    )
    mo.vstack([cards.section(f"客户明细：{' · '.join(_told) or '全部'}", links=_close), behind])
    return (behind,)


if __name__ == "__main__":
    app.run()

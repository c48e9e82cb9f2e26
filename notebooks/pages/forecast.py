import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="销售预测 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import forecast
    from crmlib.insight.board_rows import deals_with
    from crmlib.insight.cut import in_force
    from crmlib.insight.forecast_charts import MONTH, forecast_chart
    from crmlib.insight.funnel_bar import bar_choices, filters_of
    from crmlib.insight.funnel_sheets import forecast_sheet, month_label
    from crmlib.insight.live import funnel_data
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.filters import FilterBar
    from crmlib.ui.grid import Column
    from crmlib.ui.identity import person_id
    from crmlib.ui.live_chart import Picks
    from crmlib.ui.route import link

    # Two blocks beside each other where there is room.
    BLOCK = {"flex": "1 1 400px", "min-width": "0"}
    GROUPS = {"office": "部门", "owner": "负责人"}
    OPEN, WEIGHTED, PROJECTED, LAST_YEAR = "open", "weighted", "projected", "last_year"
    HEADINGS = {
        OPEN: "全部在手商机",
        WEIGHTED: f"未来 {forecast.MONTHS} 个月按计划",
        PROJECTED: f"未来 {forecast.MONTHS} 个月按进度",
        LAST_YEAR: "上年同期赢单",
        forecast.OVERDUE: "已过预计成交日期",
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
def _(actor, params, visit):
    visit
    mo.stop(not actor.may(Permission.FUNNEL_VIEW), cards.notice("您没有权限查看销售预测", "warn"))
    bar = mo.ui.anywidget(
        FilterBar(
            bar_choices(funnel_data(actor)),
            topics=("opportunity", "stage_history", "customer"),
            state=params,
        )
    )
    mo.vstack(
        [
            cards.page_title(
                "销售预测",
                steps=("看板", "销售预测"),
                note="计划：预计成交月份的金额 × 成功率；进度：按各阶段历史天数与赢单率推算",
            ),
            bar,
        ]
    )
    return (bar,)


@app.cell
def _(actor, bar, params):
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    data = funnel_data(actor)
    filters = filters_of(chosen, data.day)
    deals = forecast.outlook_deals(data, filters)
    table = forecast.by_month(data, deals, filters)
    stated = stated_lines(actor, bar.widget.in_words(), data.read_at)
    show = params.get("show", "")

    def to(show, **more):
        """Return the address at which this page shows the rows behind a figure."""
        return link("forecast", **{**chosen, **more}, show=show or None)

    return data, deals, filters, show, stated, table, to


@app.cell
def _(data, deals, table, to):
    _now = forecast.outlook(deals, table)
    _span = f"未来 {forecast.MONTHS} 个月"

    def _against(value):
        return float(value / _now.last_year) - 1 if _now.last_year else None

    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="加权金额（按计划）",
                        value=shown.short_money(_now.weighted),
                        change=_against(_now.weighted),
                        against="较上年同期赢单",
                        note=_span,
                        href=to(WEIGHTED),
                    ),
                    cards.Stat(
                        label="进度推算",
                        value=shown.short_money(_now.projected),
                        change=_against(_now.projected),
                        against="较上年同期赢单",
                        note=_span,
                        href=to(PROJECTED),
                    ),
                    cards.Stat(
                        label="上年同期赢单",
                        value=shown.short_money(_now.last_year),
                        note="上年同样的月份",
                        href=to(LAST_YEAR),
                    ),
                    cards.Stat(
                        label="已过预计成交日期",
                        value=shown.number(_now.overdue_count),
                        note=f"{shown.short_money(_now.overdue_amount)}，不计入计划",
                        href=to(forecast.OVERDUE),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(data.read_at)}，只含您可见的商机："
                    f"在手 {shown.number(_now.count)} 个，{shown.short_money(_now.amount)}",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(actor):
    def listed(frame, columns, key, empty="暂无数据"):
        """Return a list of deals, each row opening its card."""
        return mo.ui.anywidget(deals_with(actor, frame, columns, key=key, empty=empty))

    _deal = [
        Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=120),
        Column(name="subject", label=words.OPPORTUNITY["subject"]),
        Column(name="customer", label=words.OPPORTUNITY["customer"], width=160),
        Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
    ]
    deal_columns = [
        *_deal,
        Column(name="stage", label=words.OPPORTUNITY["stage"], width=130),
        Column(name="amount", label=words.OPPORTUNITY["amount"], kind="money", width=116),
        Column(name="weighted", label="加权金额", kind="money", width=116),
        Column(name="expected_close", label="预计成交", kind="date", width=98),
        Column(name="chance", label="历史赢单率", kind="percent", width=96),
        Column(name="ends_on", label="进度推算日期", kind="date", width=106),
    ]
    won_columns = [
        *_deal,
        Column(name="office", label="部门", width=100),
        Column(name="decided_on", label="赢单日期", kind="date", width=98),
        Column(name="won", label="赢单金额", kind="money", width=120),
    ]
    return deal_columns, listed, won_columns


@app.cell
def _(data, deal_columns, deals, filters, listed, show, to, won_columns):
    mo.stop(show not in HEADINGS)
    if show == LAST_YEAR:
        behind = listed(forecast.won_before(data, filters), won_columns, "m")
    else:
        _frames = {
            OPEN: lambda: deals,
            WEIGHTED: lambda: forecast.picked(deals, tuple(forecast.months(data.day))),
            PROJECTED: lambda: forecast.ending(deals),
            forecast.OVERDUE: lambda: forecast.picked(deals, (forecast.OVERDUE,)),
        }
        behind = listed(_frames[show](), deal_columns, "m")
    _close = cards.anchor("关闭明细", to(""))
    mo.vstack([cards.section(f"明细：{HEADINGS[show]}", links=[_close]), behind])
    return (behind,)


@app.cell
def _(visit):
    # Of this visit; what others change meanwhile leaves them as they are.
    visit
    picks = Picks(MONTH)
    return (picks,)


@app.cell
def _(actor, deals, picks, stated, table):
    mo.stop(deals.is_empty(), cards.empty("暂无数据：没有符合条件的在手商机"))
    chart = picks.chart(forecast_chart(table))
    tools = picks.tools(chart_tools(actor, "销售预测", stated, lambda: forecast_sheet(table)))
    mo.vstack([tools, chart])
    return chart, tools


@app.cell
def _(chart, deal_columns, deals, listed, picks, tools):
    _months = picks.now(chart, tools)
    _what = "、".join(map(month_label, sorted(_months))) or "全部月份"
    rows = listed(forecast.picked(deals, _months), deal_columns, "d")
    mo.vstack(
        [
            cards.section(
                f"商机明细：{_what}", note="按预计成交月份；点击图中的月份可筛选，再点一次取消"
            ),
            rows,
        ]
    )
    return (rows,)


@app.cell
def _(deals, to):
    mo.stop(deals.is_empty())

    def _table(group, heading):
        def number(count, key, show):
            text = shown.number(count)
            return cards.anchor(text, to(show, **{group: key})) if count and key else text

        found = forecast.by_group(deals, group).head(20)
        return mo.vstack(
            [
                cards.section(f"按{heading}", note="加权金额前 20 名"),
                cards.small_table(
                    [heading, "商机数", "预计金额", "加权金额", "进度推算", "已过期"],
                    [
                        (
                            row["label"],
                            number(row["count"], row["key"], OPEN),
                            shown.short_money(row["amount"]),
                            shown.short_money(row["weighted"]),
                            shown.short_money(row["projected"]),
                            number(row["overdue"], row["key"], forecast.OVERDUE),
                        )
                        for row in found.iter_rows(named=True)
                    ],
                    right=(1, 2, 3, 4, 5),
                ),
            ]
        ).style(BLOCK)

    mo.hstack(
        [_table(group, heading) for group, heading in GROUPS.items()],
        gap=2,
        wrap=True,
        align="start",
    )
    return


if __name__ == "__main__":
    app.run()

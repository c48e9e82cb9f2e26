import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="销售漏斗 · 榫卯")

with app.setup:
    from dataclasses import replace
    from datetime import timedelta

    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import moved as moves
    from crmlib.insight.board_rows import deals_with
    from crmlib.insight.charts import STAGE, funnel_chart
    from crmlib.insight.cut import in_force
    from crmlib.insight.funnel import rows, stages, stalled, summary
    from crmlib.insight.funnel_bar import bar_choices, filters_of
    from crmlib.insight.funnel_sheets import funnel_sheet
    from crmlib.insight.live import funnel_data
    from crmlib.insight.past import funnel_as_of
    from crmlib.insight.stated import stated_lines
    from crmlib.people.schemes import keeper
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.filters import Choice, FilterBar, day_of
    from crmlib.ui.grid import Column
    from crmlib.ui.identity import person_id
    from crmlib.ui.live_chart import Picks
    from crmlib.ui.route import link

    MOVED_DAYS = 7  # how far 变动 looks back when nothing is chosen
    OPEN, WEIGHTED, STALLED = "open", "weighted", "stalled"
    HEADINGS = {OPEN: "在手商机", WEIGHTED: "加权金额", STALLED: "停滞商机"}


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
    bar = mo.ui.anywidget(
        FilterBar(
            [
                *bar_choices(funnel_data(actor)),
                Choice(name="as_of", label="截至", kind="day"),
                Choice(name="since", label="变动自", kind="day"),
                Choice(
                    name="by",
                    label="按",
                    options=[("amount", "金额"), ("count", "数量")],
                    default="amount",
                ),
            ],
            topics=("opportunity", "stage_history", "customer"),
            schemes=keeper(actor, "funnel"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("销售漏斗"), bar])
    return (bar,)


@app.cell
def _(actor, bar, params):
    chosen = in_force(bar.value["chosen"])
    by_count = chosen.get("by") == "count"
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    live = funnel_data(actor)
    data = funnel_as_of(live, day_of(chosen.get("as_of", "")) or live.day)
    filters = filters_of(chosen, data.day)
    stated = stated_lines(actor, bar.widget.in_words(), data.read_at)
    show = params.get("show", "")

    def to(show):
        """Return the address at which this page shows the rows behind a figure."""
        return link("funnel", **chosen, show=show or None)

    return by_count, chosen, data, filters, live, show, stated, to


@app.cell
def _(data, filters, live, to):
    _found = summary(data, filters, lambda day: funnel_as_of(live, day))
    _before = f"较 {shown.day(_found.before)}"
    _until = "" if data is live else f"截至 {shown.day(data.day)} 当日结束；"

    def _stat(label, figure, text, show, good="up"):
        return cards.Stat(
            label=label,
            value=text(figure.value),
            change=figure.change,
            against=_before,
            good=good,
            href=to(show),
        )

    mo.vstack(
        [
            cards.stats(
                [
                    _stat("在手商机", _found.count, shown.number, OPEN),
                    _stat(words.OPPORTUNITY["amount"], _found.amount, shown.short_money, OPEN),
                    _stat("加权金额", _found.weighted, shown.short_money, WEIGHTED),
                    _stat("停滞商机", _found.stalled, shown.number, STALLED, "down"),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"{_until}数据时间 {shown.moment(data.read_at)}，只含您可见的商机",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(actor):
    _deal = [
        Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=120),
        Column(name="subject", label=words.OPPORTUNITY["subject"]),
        Column(name="customer", label=words.OPPORTUNITY["customer"], width=200),
        Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
    ]
    deal_columns = [
        *_deal,
        Column(name="stage", label=words.OPPORTUNITY["stage"], width=140),
        Column(name="days", label=words.OPPORTUNITY["days"], kind="number", width=80),
        Column(name="amount", label=words.OPPORTUNITY["amount"], kind="money", width=120),
        Column(name="weighted", label="加权金额", kind="money", width=120),
        Column(name="expected_close", label="预计成交", kind="date", width=98),
    ]
    moved_columns = [
        *_deal,
        Column(name="stage_before", label="原阶段", width=120),
        Column(name="stage", label="现阶段", width=120),
        Column(name="amount_before", label="原预计金额", kind="money", width=120),
        Column(name="amount", label=words.OPPORTUNITY["amount"], kind="money", width=120),
        Column(name="worth", label="变动金额", kind="money", width=120),
    ]

    def listed(frame, columns, key, empty="暂无数据"):
        """Return a list of deals, each row opening its card."""
        return mo.ui.anywidget(deals_with(actor, frame, columns, key=key, empty=empty))

    return deal_columns, listed, moved_columns


@app.cell
def _(chosen, data, filters, live):
    import polars as _pl

    since = day_of(chosen.get("since", "")) or data.day - timedelta(days=MOVED_DAYS)
    changes = moves.moved(funnel_as_of(live, since), data, filters)

    def of_move(move):
        """Return the deals that made a move."""
        return changes.filter(_pl.col("move") == move)

    return changes, of_move, since


@app.cell
def _(data, deal_columns, filters, listed, moved_columns, of_move, show, since, to):
    _move = {move.value: label for move, label in moves.LABELS.items()}.get(show)
    _heading = f"变动：{_move}（{shown.day(since)} 以来）" if _move else HEADINGS.get(show)
    mo.stop(not _heading)
    if _move:
        behind = listed(of_move(show), moved_columns, "m")
    elif show == STALLED:
        behind = listed(stalled(data, filters), deal_columns, "m", "没有停滞的商机")
    else:
        _frame = rows(data, filters)
        behind = listed(
            _frame.sort("weighted", descending=True) if show == WEIGHTED else _frame,
            deal_columns,
            "m",
        )
    mo.vstack(
        [cards.section(f"明细：{_heading}", links=[cards.anchor("关闭明细", to(""))]), behind]
    )
    return (behind,)


@app.cell
def _(visit):
    # Of this visit; what others change meanwhile leaves them as they are.
    visit
    picks = Picks(STAGE)
    return (picks,)


@app.cell
def _(actor, by_count, data, filters, picks, stated):
    steps = stages(data, filters)
    mo.stop(steps.is_empty(), cards.empty("暂无数据：没有符合条件的商机"))
    chart = picks.chart(funnel_chart(steps, by_count=by_count))
    tools = picks.tools(chart_tools(actor, "销售漏斗", stated, lambda: funnel_sheet(steps)))
    mo.vstack([tools, chart])
    return chart, steps, tools


@app.cell
def _(chart, picks, steps, tools):
    picked = picks.now(chart, tools)
    _names = dict(steps.select("stage_code", "stage").rows())
    _what = "、".join(_names.get(code, code) for code in picked) or "全部阶段"
    cards.section(f"商机明细：{_what}", note="点击漏斗中的阶段可筛选，再点一次取消")
    return (picked,)


@app.cell
def _(data, deal_columns, filters, listed, picked):
    deals = listed(
        rows(data, replace(filters, stages=picked) if picked else filters), deal_columns, "d"
    )
    deals
    return (deals,)


@app.cell
def _(changes, data, since, to):
    _table = cards.small_table(
        ["变动", "商机数", "金额"],
        [
            (
                moves.LABELS[figure.move],
                cards.anchor(shown.number(figure.count), to(figure.move.value))
                if figure.count
                else "0",
                shown.short_money(figure.worth),
            )
            for figure in moves.figures(changes)
        ],
        right=(1, 2),
    )
    _between = f"{shown.day(since)} 至 {shown.day(data.day)}"
    mo.vstack(
        [
            cards.section(
                f"变动：{_between}", note="调增、调减为差额，赢单为赢单金额，其余为预计金额"
            ),
            _table,
        ]
    ).style({"max-width": "640px"})
    return


@app.cell
def _(data, deal_columns, filters, listed):
    stalled_list = listed(stalled(data, filters), deal_columns, "s", "没有停滞的商机")
    mo.vstack([cards.section("停滞商机", note="在当前阶段的停留超过标准天数"), stalled_list])
    return (stalled_list,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="目标达成 · 榫卯")

with app.setup:
    import marimo as mo
    import polars as pl

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import aims, attainment, papers, spans, units
    from crmlib.insight.aims import By
    from crmlib.insight.attainment_charts import (
        attainment_chart,
        calendar_chart,
        picked_subjects,
    )
    from crmlib.insight.board_rows import deals_with
    from crmlib.insight.cut import in_force
    from crmlib.insight.live import customer_data, funnel_data
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet, either
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    BLOCK = {"flex": "1 1 400px", "min-width": "0"}  # two beside each other where there is room
    SIDES = {By.PERSON: "业务员", By.OFFICE: "部门", By.AREA: "大区"}
    STATES = {"won": "赢单", "open": "在手"}


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
    mo.stop(not actor.may(Permission.TARGET_VIEW), cards.notice("您没有权限查看目标达成", "warn"))
    reach = units.reach_of(actor, Permission.TARGET_VIEW)
    _names = customer_data(actor).names
    _offices = units.office_options(_names, reach)
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="office", label="部门", options=_offices),
                Choice(
                    name="owner",
                    label="负责人",
                    options=units.owner_options(_names, units.Part(reach)),
                ),
                Choice(
                    name="period",
                    label="期间",
                    options=spans.options(clock.today()),
                    default="year",
                    always=True,
                ),
                Choice(
                    name="by",
                    label="按",
                    options=[(by.value, label) for by, label in SIDES.items()],
                    default=(By.OFFICE if len(_offices) > 1 else By.PERSON).value,
                    always=True,
                ),
            ],
            topics=("opportunity", "customer", "target", "service_ticket"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("目标达成", note="实际为成交金额，按赢单日期计"), bar])
    return bar, reach


@app.cell
def _(actor, bar, params, reach, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    by = By(chosen["by"])
    _customers = customer_data(actor)
    _office = chosen.get("office", "")
    _part = units.Part(
        reach,
        units.offices_below(_customers.names, int(_office)) if _office.isdecimal() else (),
        (int(chosen["owner"]),) if chosen.get("owner", "").isdecimal() else (),
    )
    period = aims.period_of(chosen["period"], clock.today())
    _deals = funnel_data(actor)
    board = attainment.Board(
        _deals, _customers, papers.issued_targets(actor), _part, papers.tickets(actor)
    )
    _span = spans.before(chosen["period"], clock.today())
    rows = attainment.rows(board, by, period)
    totals = attainment.totals(rows)
    earlier = (_span, attainment.won_amount(board, _span))
    stated = stated_lines(actor, bar.widget.in_words(), _deals.read_at, Permission.TARGET_VIEW)
    state = str(params.get("state", ""))
    return board, by, chosen, earlier, period, rows, stated, state, totals


@app.cell
def _(board, chosen, earlier, period, totals):
    def _deals(state):
        return link("attainment", state=state, **chosen)

    _span, _before = earlier
    _grown = float(totals.actual / _before) - 1 if _before else None
    _passed = shown.percent(period.passed(board.deals.day))
    _gap = "还没有下达目标"
    if totals.gap is not None:
        _gap = f"{'还差' if totals.gap > 0 else '超出'} {shown.short_money(abs(totals.gap))}"
    _expected = totals.actual + totals.forecast
    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="销售额目标",
                        value=shown.short_money(totals.target),
                        note=f"{period.span.start:%Y-%m-%d} 至 {period.span.end:%m-%d}",
                        href=link("targets", year=period.year, kind=period.kind.value),
                    ),
                    cards.Stat(
                        label=f"实际（赢单 {shown.number(totals.won)} 个）",
                        value=shown.short_money(totals.actual),
                        change=_grown,
                        against=f"较 {_span.start:%Y-%m-%d} 至 {_span.end:%m-%d}",
                        href=_deals("won"),
                    ),
                    cards.Stat(
                        label="达成率",
                        value=shown.percent(totals.rate),
                        note=f"{_gap}；时间已过 {_passed}",
                        href=_deals("won"),
                    ),
                    cards.Stat(
                        label="预计完成（实际 + 在手加权）",
                        value=shown.short_money(_expected),
                        note=f"目标的 {shown.percent(totals.expected_rate)}；"
                        f"期内预计成交 {shown.number(totals.open)} 个",
                        href=_deals("open"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(board.deals.read_at)}，只含您可见的目标与商机；"
                    "目标只计已下达的；在手加权为期内预计成交的进行中商机",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(actor, by, rows, stated):
    _some = rows["target"].count() or rows.select(pl.sum_horizontal("won", "open").sum()).item()
    mo.stop(not _some, cards.empty("暂无数据：没有目标，也没有赢单或预计成交的商机"))
    _heads = [
        *(SIDES[by], "目标", "实际", "赢单（个）", "在手加权", "在手（个）"),
        Column(name="rate", label="达成率", kind="percent"),
        *("新增客户目标", "新增客户", "满意度目标", "满意度"),
    ]
    _order = (
        *("label", "target", "actual", "won", "forecast", "open", "rate"),
        *("customers_target", "customers", "satisfaction_target", "satisfaction"),
    )
    tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "目标达成",
            stated,
            lambda: Sheet(
                "目标达成",
                _heads,
                rows.select(_order).rows(),
                [str(key) for key in rows["key"]],
            ),
        )
    )
    chart = mo.ui.altair_chart(
        attainment_chart(rows), chart_selection=False, legend_selection=False
    )
    mo.vstack(
        [
            cards.section(f"按{SIDES[by]}", note="点击可筛选下面的商机，再点一次取消"),
            tools,
            chart,
        ]
    )
    return chart, tools


@app.cell
def _(actor, board, by, chart, chosen, period, rows, state, tools):
    _picked = either(picked_subjects(chart.selections), tools.value["picked"])
    _frame = attainment.behind(board, by, period, [int(key) for key in _picked], state)
    _labels = {str(key): label for key, label in rows.select("key", "label").rows()}
    _told = [_labels.get(key, key) for key in _picked]
    _told += [STATES[state]] if state in STATES else []
    _close = [cards.anchor("显示全部", link("attainment", **chosen))] if state else []
    _shown = _frame.with_columns(result=_frame["state"].replace(STATES))

    behind = mo.ui.anywidget(
        deals_with(
            actor,
            _shown,
            [
                Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=112),
                Column(name="subject", label=words.OPPORTUNITY["subject"]),
                Column(name="customer", label=words.OPPORTUNITY["customer"], width=190),
                Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
                Column(name="office", label="部门", width=76),
                Column(
                    name="result",
                    label="状态",
                    kind="tag",
                    tones={"赢单": "good", "在手": "info"},
                    width=64,
                ),
                Column(name="amount", label="金额", kind="money", width=116),
                Column(name="weighted", label="加权金额", kind="money", width=116),
                Column(name="day", label="赢单／预计成交", kind="date", width=112),
            ],
            key="d",
            empty="没有对应的商机",
        )
    )
    mo.vstack(
        [
            cards.section(
                f"商机明细：{' · '.join(_told) or '全部'}",
                note="赢单为成交金额，在手为预计金额",
                links=_close,
            ),
            behind,
        ]
    )
    return (behind,)


@app.cell
def _(actor, board, by, chosen, period, stated):
    _year = attainment.calendar(board, by, period.year)
    _months = {name for name, _ in spans.options(clock.today())}
    _this = clock.today().strftime("%Y-%m")

    def _name(row):
        name = "month" if row["month"] == _this else row["month"]
        if name not in _months:
            return row["label"]
        return cards.anchor(row["label"], link("attainment", **(chosen | {"period": name})))

    def _gap(row):
        return shown.short_money(None if row["target"] is None else row["target"] - row["actual"])

    _some = _year["target"].count() or _year["actual"].sum()
    _heads = ["期间", "目标", "实际", Column(name="rate", label="达成率", kind="percent")]
    month_tools = mo.ui.anywidget(
        chart_tools(
            actor,
            f"{period.year} 年逐月达成",
            stated,
            lambda: Sheet(
                "逐月达成", _heads, _year.select("label", "target", "actual", "rate").rows()
            ),
        )
    )
    _chart = mo.vstack(
        [
            cards.section(f"{period.year} 年逐月", note="没有设月目标的月份只显示实际"),
            *([month_tools, calendar_chart(_year)] if _some else [cards.empty()]),
        ]
    ).style(BLOCK)
    _table = mo.vstack(
        [
            cards.section("月、季、年"),
            cards.small_table(
                ["期间", "目标", "实际", "差额", "达成率"],
                [
                    (
                        _name(row),
                        shown.short_money(row["target"]),
                        shown.short_money(row["actual"]),
                        _gap(row),
                        shown.percent(row["rate"]),
                    )
                    for row in _year.iter_rows(named=True)
                ],
                right=(1, 2, 3, 4),
            ),
        ]
    ).style(BLOCK)
    mo.hstack([_chart, _table], gap=2, wrap=True, align="start")
    return (month_tools,)


if __name__ == "__main__":
    app.run()

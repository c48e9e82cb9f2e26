import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="活动看板 · 榫卯")

with app.setup:
    from dataclasses import replace

    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import activity_board as figures
    from crmlib.insight import board_charts as charts
    from crmlib.insight import spans, units
    from crmlib.insight.board_rows import activity_grid, customer_grid, paged
    from crmlib.insight.cut import in_force
    from crmlib.insight.live import activity_data, customer_data
    from crmlib.insight.stated import stated_lines
    from crmlib.reference.kinds import DictKind
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid
    from crmlib.ui.identity import person_id
    from crmlib.ui.live_chart import LiveChart, Picks
    from crmlib.ui.route import link

    # Two blocks beside each other where there is room.
    BLOCK = {"flex": "1 1 400px", "min-width": "0"}
    SHOWS = {
        "overdue": "逾期的活动",
        "planned": "计划的活动",
        "done": "完成的活动",
        "on_time": "到期的活动",
        "untouched": "未接触客户",
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
    mo.stop(not actor.may(Permission.ACTIVITY_VIEW), cards.notice("您没有权限查看活动看板", "warn"))
    seen = units.reach_of(actor, Permission.ACTIVITY_VIEW)
    _names = activity_data(actor).names
    _regions = _names.regions["region"].unique().cast(str).sort().to_list()
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="office", label="部门", options=units.office_options(_names, seen)),
                Choice(
                    name="owner",
                    label="负责人",
                    options=units.owner_options(_names, units.Part(seen)),
                ),
                Choice(name="region", label="区域", options=_regions),
                Choice(
                    name="period",
                    label="期间",
                    options=spans.options(clock.today()),
                    default="month",
                ),
                Choice(
                    name="days",
                    label="未接触超过",
                    options=[(str(n), f"{n} 天") for n in figures.UNTOUCHED],
                    default=str(figures.UNTOUCHED[0]),
                ),
            ],
            topics=("activity", "customer"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("活动看板", steps=("看板", "活动看板")), bar])
    return bar, seen


@app.cell
def _(actor, bar, seen, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    data, customers = activity_data(actor), customer_data(actor)
    _now = clock.local(clock.now()).replace(tzinfo=None)
    _period = chosen.get("period", "month")
    earlier = spans.before(_period, _now.date())
    days = int(chosen.get("days", figures.UNTOUCHED[0]))
    _office = chosen.get("office")
    asked = figures.Asked(
        units.Part(
            seen,
            units.offices_below(data.names, int(_office)) if _office else (),
            (int(chosen["owner"]),) if "owner" in chosen else (),
        ),
        spans.span_of(_period, _now.date()),
        _now,
        customers=figures.in_region(customers, chosen.get("region", "")),
    )
    stated = stated_lines(actor, bar.widget.in_words(), data.read_at, Permission.ACTIVITY_VIEW)
    rows = figures.counted(data.rows, asked, earlier)
    left = figures.untouched(customers.rows, asked, days)
    people = units.named(figures.by_person(rows, left, asked), data.names).with_columns(
        share=figures.pl.col("on_time") / figures.pl.col("judged"),
    )
    return asked, chosen, customers, data, days, earlier, left, people, rows, stated


@app.cell
def _(asked, chosen, data, days, earlier, left, rows):
    _now = figures.totals(rows, asked)
    _then = figures.totals_before(rows, asked, earlier)
    _against = f"较 {earlier.start:%m-%d} 至 {earlier.end:%m-%d}"

    def _to(show):
        return link("activity_board", **{**chosen, "show": show})

    def _growth(now, then):
        return now / then - 1 if then else None

    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="完成活动",
                        value=shown.number(_now.done),
                        change=_growth(_now.done, _then.done),
                        against=_against,
                        note=f"计划 {shown.number(_now.planned)}",
                        href=_to("done"),
                    ),
                    cards.Stat(
                        label="按时完成率",
                        value=shown.percent(_now.share),
                        note=f"到期 {shown.number(_now.judged)}，上期 {shown.percent(_then.share)}",
                        href=_to("on_time"),
                    ),
                    cards.Stat(
                        label="已逾期",
                        value=shown.number(_now.overdue),
                        change=_growth(_now.overdue, _then.overdue),
                        against=f"较 {earlier.end:%m-%d}",
                        good="down",
                        href=_to("overdue"),
                    ),
                    cards.Stat(
                        label=f"超过 {days} 天未接触的客户",
                        value=shown.number(left.height),
                        note="只含有负责人的客户",
                        href=_to("untouched"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(data.read_at)}，{asked.part.whose}的活动",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(visit):
    # Of this visit; what others change meanwhile leaves them as they are.
    visit
    person_picks, type_picks = Picks(charts.KEY), Picks(charts.KEY)
    return person_picks, type_picks


@app.cell
def _(actor, asked, data, person_picks, rows, stated):
    _counts = figures.fates(rows, asked)
    _called = dict(data.names.people.select("owner_id", "owner").cast({"owner": str}).rows())
    _bars = charts.stacked(_counts, _called, figures.FATES)
    mo.stop(_bars.is_empty(), cards.empty("暂无数据：这一期间没有活动"))

    def _sheet():
        wide = _bars.pivot("part", index=["key", "label"], values="count")
        parts = [part for part in figures.FATES if part in wide.columns]
        wide = wide.fill_null(0)
        return Sheet(
            "活动",
            ["负责人", *parts],
            wide.select("label", *parts).rows(),
            wide["key"].to_list(),
        )

    person_chart = person_picks.chart(
        charts.bars(_bars, unit="活动数", parts=figures.FATES, colours=charts.FATE_COLOURS)
    )
    person_tools = person_picks.tools(chart_tools(actor, "活动看板-按人员", stated, _sheet))
    mo.vstack(
        [
            cards.section(
                "活动完成得怎样",
                note=f"按负责人，前 {charts.MOST_BARS} 名；点击一人可筛选，再点一次取消",
            ),
            person_tools,
            person_chart,
        ]
    )
    return person_chart, person_tools


@app.cell
def _(asked, person_chart, person_picks, person_tools):
    _chosen = person_picks.now(person_chart, person_tools)
    narrowed = asked
    if _chosen:
        narrowed = replace(asked, part=replace(asked.part, owners=tuple(map(int, _chosen))))
    return (narrowed,)


@app.cell
def _(actor, data, narrowed, rows, stated, type_picks):
    _called = data.names.items[DictKind.ACTIVITY_TYPE]
    _types = figures.by_type(rows, narrowed)
    _bars = _types.select(
        key="activity_type",
        label=figures.pl.col("activity_type").replace(_called),
        count="count",
    )
    type_chart = type_picks.chart(charts.bars(_bars, unit="完成活动数"))
    type_tools = type_picks.tools(
        chart_tools(
            actor,
            "活动看板-按类型",
            stated,
            lambda: Sheet(
                "完成的活动",
                ["活动类型", "完成"],
                _bars.select("label", "count").rows(),
                _bars["key"].to_list(),
            ),
        )
    )
    _weeks = figures.by_week(rows, narrowed)
    week_tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "活动看板-按周",
            stated,
            lambda: Sheet(
                "每周活动",
                ["周一", "计划", "完成"],
                _weeks.pivot("what", index="week", values="count")
                .select("week", "计划", "完成")
                .rows(),
            ),
        )
    )
    mo.hstack(
        [
            mo.vstack(
                [
                    cards.section("完成的活动按类型", note="点击一类可筛选"),
                    type_tools,
                    cards.empty() if _bars.is_empty() else type_chart,
                ]
            ).style(BLOCK),
            mo.vstack(
                [
                    cards.section("每周计划与完成", note=f"最近 {figures.WEEKS} 周"),
                    week_tools,
                    LiveChart(charts.week_lines(_weeks, unit="活动数")),
                ]
            ).style(BLOCK),
        ],
        gap=2,
        wrap=True,
        align="start",
    )
    return type_chart, type_tools, week_tools


@app.cell
def _(
    actor,
    chosen,
    customers,
    data,
    days,
    narrowed,
    params,
    rows,
    type_chart,
    type_picks,
    type_tools,
):
    _show = params.get("show", "")
    _show = _show if _show in SHOWS else "overdue"
    _types = type_picks.now(type_chart, type_tools)
    _asked = replace(narrowed, types=_types)
    if _show == "untouched":
        _grid = customer_grid(
            actor,
            figures.untouched(customers.rows, _asked, days),
            key="b",
            empty=f"没有超过 {days} 天未接触的客户",
        )
    else:
        _grid = activity_grid(
            actor,
            figures.listed(rows, _asked, _show),
            data.names,
            key="b",
            empty=f"没有{SHOWS[_show]}",
        )
    behind = mo.ui.anywidget(_grid)
    _others = [
        cards.anchor(label, link("activity_board", **{**chosen, "show": show}))
        for show, label in SHOWS.items()
        if show != _show
    ]
    _note = "未按时的在前" if _show == "on_time" else ""
    mo.vstack(
        [
            cards.section(f"明细：{SHOWS[_show]}", note=_note),
            cards.show(cards.h("div", "另看：", *_others, class_="sm-kinds")),
            behind,
        ]
    )
    return (behind,)


@app.cell
def _(chosen, days, params, people):
    _columns = [
        Column(name="owner", label="负责人"),
        Column(name="office", label="部门", width=120),
        Column(name="planned", label="计划", kind="number", width=84),
        Column(name="done", label="完成", kind="number", width=84),
        Column(name="visits", label="其中拜访", kind="number", width=92),
        Column(name="share", label="按时完成率", kind="percent", width=104),
        Column(name="overdue", label="已逾期", kind="number", width=84),
        Column(name="untouched", label=f"超过 {days} 天未接触客户", kind="number", width=150),
    ]
    _show = {"show": params["show"]} if params.get("show") in SHOWS else {}
    persons = mo.ui.anywidget(
        Grid(
            _columns,
            paged(people),
            key="p",
            row_id="owner_id",
            row_href=lambda row: link(
                "activity_board", **{**chosen, **_show, "owner": row["owner_id"]}
            ),
            state=params,
        )
    )
    mo.vstack([cards.section("每个人的活动", note="点击一行只看这个人"), persons])
    return (persons,)


if __name__ == "__main__":
    app.run()

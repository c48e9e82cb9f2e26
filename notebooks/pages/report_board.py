import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报告提交情况 · 榫卯")

with app.setup:
    from datetime import date, timedelta

    import marimo as mo
    import polars as pl

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import hand_in_charts as charts
    from crmlib.insight import hand_ins, units
    from crmlib.insight.cut import in_force
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet, either
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.work_reports.board import HAND_INS, MOST_SHOWN, TONES, week_rows, weeks
    from crmlib.work_reports.kinds import ReportKind
    from crmlib.work_reports.naming import period_text
    from crmlib.work_reports.rules import days_of

    SHOWS = {"handed_in": "已交", "late": "有迟交", "missing": "有未交"}
    HEADS = ["应交", "已交", "迟交", "未交", "提交率", "及时率"]


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
    mo.stop(
        not actor.may(Permission.REPORT_BOARD),
        cards.notice("您没有权限查看报告提交情况", "warn"),
    )
    offered = weeks(clock.today(), 13)  # the next one, and twelve
    _board = hand_ins.board(actor, offered)
    _names, _part = _board.names, _board.part
    _offices = units.office_options(_names, _part.reach)
    _people = [
        Choice(name="owner", label="报告人", options=units.owner_options(_names, _part)),
        Choice(name="show", label="只看", options=list(SHOWS.items())),
    ]
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(
                    name="week",
                    label="周一",
                    options=[(f"{day}", f"{day:%m-%d}") for day in offered],
                    default=f"{offered[1]}",
                    always=True,
                ),
                Choice(name="office", label="部门", options=_offices),
                *(_people if _board.is_named else []),
            ],
            topics=("work_report", "person"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("报告提交情况", steps=("工作报告", "报告提交情况")), bar])
    return bar, offered


@app.cell
def _(actor, bar, offered, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    found = hand_ins.board(actor, offered).narrowed(
        int(chosen["office"]) if "office" in chosen else None,
        int(chosen["owner"]) if "owner" in chosen else None,
    )
    stated = stated_lines(actor, bar.widget.in_words(), found.read_at, Permission.REPORT_BOARD)
    return chosen, found, stated


@app.cell
def _(actor, found, offered, stated):
    _counts = dict(hand_ins.grouped(found.rows, "period"))
    # The next week has nothing due yet.
    _weeks = [(day, _counts.get(day, hand_ins.Tally())) for day in reversed(offered[1:])]
    _heads = [
        *("周一", "应交", "及时", "迟交", "未交"),
        Column(name="share", label="提交率", kind="percent"),
        Column(name="in_time", label="及时率", kind="percent"),
    ]
    tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "报告提交情况",
            stated,
            lambda: Sheet(
                "每周提交",
                _heads,
                [
                    (day, n.due, n.punctual, n.late, n.missing, n.share, n.in_time)
                    for day, n in _weeks
                ],
                [f"{day}" for day, _ in _weeks],
            ),
        )
    )
    chart = mo.ui.altair_chart(
        charts.week_shares(_weeks), chart_selection=False, legend_selection=False
    )
    return chart, tools


@app.cell
def _(chart, chosen, found, tools):
    _picked = either(charts.chosen_weeks(chart.selections), tools.value["picked"])
    asked_weeks = sorted(date.fromisoformat(day) for day in _picked or (chosen["week"],))
    rows = found.rows.filter(pl.col("period").is_in(asked_weeks))
    told_weeks = (
        f"所选 {len(asked_weeks)} 周"
        if len(asked_weeks) > 1
        else period_text(ReportKind.PLAN, asked_weeks[0])
    )
    return asked_weeks, rows, told_weeks


@app.cell
def _(asked_weeks, chart, chosen, found, rows, told_weeks, tools):
    _all, _stat = hand_ins.total(rows), cards.Stat
    _is_one = len(asked_weeks) == 1
    _then = dict(hand_ins.grouped(found.rows, "period")).get(
        asked_weeks[0] - timedelta(days=7), hand_ins.Tally()
    )

    def _to(show=""):
        # Several weeks have no address; their people stand below.
        if not (found.is_named and _is_one):
            return ""
        asked = {**chosen, "week": asked_weeks[0], "show": show or None}
        return link("report_board", **asked)

    def _than(share, mark=""):
        return f"{mark}上周 {shown.percent(share)}" if _is_one and share is not None else ""

    mo.vstack(
        [
            cards.stats(
                [
                    _stat(
                        label="应交",
                        value=shown.number(_all.due),
                        note=f"已交 {shown.number(_all.handed_in)}，已阅 {shown.number(_all.read)}",
                        href=_to(),
                    ),
                    _stat(
                        label="未交",
                        value=shown.number(_all.missing),
                        note="已过截止时间，含已退回",
                        href=_to("missing"),
                    ),
                    _stat(
                        label="提交率",
                        value=shown.percent(_all.share),
                        note=_than(_then.share),
                        href=_to("handed_in"),
                    ),
                    _stat(
                        label="及时率",
                        value=shown.percent(_all.in_time),
                        note=f"迟交 {shown.number(_all.late)}{_than(_then.in_time, '，')}",
                        href=_to("late"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"{told_weeks}；数据时间 {shown.moment(found.read_at)}，{found.part.whose}；"
                    "总结截至下一工作日 12:00，周计划截至本周首个工作日 18:00",
                    class_="sm-note",
                )
            ),
            cards.section("最近 12 周", note="点击一周看当周，再点一次取消"),
            tools,
            chart,
        ]
    )
    return


@app.cell
def _(actor, asked_weeks, chosen, found, rows, told_weeks):
    mo.stop(not found.is_named)
    _show = chosen.get("show", "")
    _people = hand_ins.by_person(found, rows, _show)
    _total = _people.height
    # Too many for one table: those who owe most.
    _people = _people.head(MOST_SHOWN).sort("office", "person_id")
    _keys = _people["person_id"].to_list()
    _counts = dict(hand_ins.grouped(_people, "person_id"))

    def _shown(cell):
        late = "（迟）" if cell.was_late and cell.state == "read" else ""
        tag = cards.tag(f"{HAND_INS[cell.state]}{late}", TONES[cell.state])
        if cell.report_id is None:
            return tag if cell.state != "none" else "—"
        return cards.h("a", tag, href=link("work_report", cell.report_id))

    def _figures(count):
        return (
            *(shown.number(n) for n in (count.due, count.handed_in, count.late, count.missing)),
            shown.percent(count.share),
            shown.percent(count.in_time),
        )

    def _one_week(monday):
        days = days_of(ReportKind.PLAN, monday)
        heads = [f"{day:%m-%d} 周{shown.WEEKDAYS[day.weekday()]}" for day in days]
        return cards.small_table(
            ["报告人", "部门", "周计划", *heads, "已交 / 应交", "未交"],
            [
                (
                    *(row.name, row.office),
                    *(_shown(cell) for cell in (row.plan, *row.days)),
                    f"{count.handed_in} / {count.due}",
                    shown.number(count.missing),
                )
                for row in week_rows(actor, monday, _keys, found.begun)
                for count in [_counts[row.person_id]]
            ],
            right=(10, 11),
        )

    def _sums():
        return cards.small_table(
            ["报告人", "部门", *HEADS],
            [
                (name, office, *_figures(_counts[key]))
                for key, name, office in _people.select("person_id", "name", "office").rows()
            ],
            right=(2, 3, 4, 5, 6, 7),
        )

    _period = f"{asked_weeks[0]}..{days_of(ReportKind.PLAN, asked_weeks[-1])[-1]}"
    _links = [
        cards.anchor("报告与导出", link("work_reports", **{"tab": "team", "t.f.period": _period}))
    ]
    if _show:
        _back = {k: v for k, v in chosen.items() if k != "show"} | {"week": asked_weeks[-1]}
        _links.insert(0, cards.anchor("显示全部", link("report_board", **_back)))
    _only = f"：{SHOWS[_show]}" if _show else ""
    _many = f"{'' if _show else '；'}共 {shown.number(_total)} 人，这里是未交最多的 {MOST_SHOWN} 人"
    mo.vstack(
        [
            cards.section(
                f"按报告人{_only}",
                note=("" if _show else told_weeks) + (_many if _total > MOST_SHOWN else ""),
                links=_links,
            ),
            (_one_week(asked_weeks[0]) if len(asked_weeks) == 1 else _sums())
            if _keys
            else cards.empty("暂无数据：没有符合条件的报告人"),
        ]
    )
    return


@app.cell
def _(asked_weeks, chosen, found, rows, told_weeks):
    _called = dict(found.people.select("office_id", "office").unique().rows())
    _offices = sorted(
        (_called.get(key, "—"), key, count) for key, count in hand_ins.grouped(rows, "office_id")
    )

    _week = {"week": asked_weeks[-1]}

    def _row(name, key, n):
        return (
            cards.anchor(name, link("report_board", **{**chosen, **_week, "office": key})),
            *(shown.number(each) for each in (n.due, n.handed_in, n.late, n.missing)),
            shown.percent(n.share),
            shown.percent(n.in_time),
        )

    mo.vstack(
        [
            cards.section("按部门", note=f"{told_weeks}；点击部门看它的 12 周"),
            cards.small_table(
                ["部门", *HEADS],
                [_row(*each) for each in _offices],
                right=(1, 2, 3, 4, 5, 6),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

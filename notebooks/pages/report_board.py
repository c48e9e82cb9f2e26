import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报告提交情况 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.work_reports.board import HAND_INS, MOST_SHOWN, TONES, board, weeks
    from crmlib.work_reports.kinds import ReportKind
    from crmlib.work_reports.naming import period_text
    from crmlib.work_reports.rules import days_of


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
    _today = clock.today()
    _weeks = [(f"{day}", f"{day:%m-%d}") for day in weeks(_today)]
    _offices = [(str(key), name) for key, name, _ in board(actor, _today).offices]
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="week", label="周一", options=_weeks, default=_weeks[1][0]),
                Choice(name="office", label="部门", options=_offices),
            ],
            topics=("work_report",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("报告提交情况", steps=("工作报告", "报告提交情况")), bar])
    return (bar,)


@app.cell
def _(actor, bar, visit):
    visit
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    chosen = {k: v for k, v in bar.value["chosen"].items() if v and v != "all"}
    _week = chosen.get("week")
    found = board(
        actor,
        date.fromisoformat(_week) if _week else clock.today(),
        int(chosen["office"]) if "office" in chosen else None,
    )
    return chosen, found


@app.cell
def _(found):
    _all = found.total
    _stat = cards.Stat
    mo.vstack(
        [
            cards.stats(
                [
                    _stat(label="应交", value=shown.number(_all.due), note="到截止时间或已交"),
                    _stat(
                        label="已交",
                        value=shown.number(_all.handed_in),
                        note=f"迟交 {_all.late}，已阅 {_all.read}",
                    ),
                    _stat(label="未交", value=shown.number(_all.missing), note="含已退回"),
                    _stat(
                        label="提交率",
                        value=shown.percent(_all.share),
                        note=f"及时率 {shown.percent(_all.in_time)}",
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(clock.now())}。"
                    "总结截至下一工作日 12:00，周计划截至本周首个工作日 18:00",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(chosen, found):
    def _shown(cell):
        late = "（迟）" if cell.was_late and cell.state == "read" else ""
        tag = cards.tag(f"{HAND_INS[cell.state]}{late}", TONES[cell.state])
        if cell.report_id is None:
            return tag if cell.state != "none" else "—"
        return cards.h("a", tag, href=link("work_report", cell.report_id))

    _days = [f"{day:%m-%d} 周{shown.WEEKDAYS[day.weekday()]}" for day in found.days]
    _sunday = days_of(ReportKind.PLAN, found.monday)[-1]
    _week = {"tab": "team", "t.f.period": f"{found.monday}..{_sunday}"}
    _links = [cards.anchor("本周报告与导出", link("work_reports", **_week))]
    if found.rows and len(found.rows) <= MOST_SHOWN:
        _table = cards.small_table(
            ["报告人", "部门", "周计划", *_days],
            [
                (row.name, row.office, *(_shown(cell) for cell in (row.plan, *row.days)))
                for row in found.rows
            ],
        )
    elif found.rows:
        _table = cards.notice(f"共 {len(found.rows)} 人，请先选择部门查看每个人的提交情况")
    else:
        _table = cards.empty("暂无数据")
    _persons = [
        cards.section("按报告人", note=period_text(ReportKind.PLAN, found.monday), links=_links),
        _table,
    ]
    _offices = cards.small_table(
        ["部门", "应交", "已交", "迟交", "未交", "提交率", "及时率"],
        [
            (
                cards.anchor(name, link("report_board", **{**chosen, "office": key})),
                shown.number(part.due),
                shown.number(part.handed_in),
                shown.number(part.late),
                shown.number(part.missing),
                shown.percent(part.share),
                shown.percent(part.in_time),
            )
            for key, name, part in found.offices
        ],
        right=(1, 2, 3, 4, 5, 6),
    )
    mo.vstack(
        [
            *(_persons if found.is_named else []),
            cards.section("按部门"),
            _offices,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="工作报告 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.reports import report_exporter
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.row_action import RowAction
    from crmlib.ui.tabs import Tabs
    from crmlib.work_reports.actions import read_reports
    from crmlib.work_reports.kinds import ReportKind, ReportStatus
    from crmlib.work_reports.labels import REPORT_KINDS, REPORT_STATUS, WORK_REPORT
    from crmlib.work_reports.queries import ReportQuery, report_page


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
    _tabs = []
    if actor.may(Permission.REPORT_WRITE):
        _tabs.append(("mine", "我的报告"))
    if actor.may(Permission.REPORT_REVIEW):
        _tabs.insert(0, ("team", "下属报告"))
    elif actor.may(Permission.REPORT_BOARD):
        _tabs.insert(0, ("team", "全部报告"))
    mo.stop(
        not _tabs or not actor.may(Permission.REPORT_VIEW),
        cards.notice("您没有权限查看工作报告", "warn"),
    )
    tabs = mo.ui.anywidget(Tabs(_tabs, chosen=params.get("tab", "")))
    mo.vstack([cards.page_title("工作报告", steps=("工作报告", "报告列表")), tabs])
    return (tabs,)


@app.cell
def _(actor, tabs):
    mine = tabs.value["chosen"] == "mine"

    def query_of(asked):
        chosen = asked.filters
        since, _, until = chosen.get("period", "").partition("..")
        return ReportQuery(
            page=asked.page,
            size=asked.size,
            mine=mine,
            waiting=chosen.get("which") == "waiting",
            kind=ReportKind(chosen["kind"]) if "kind" in chosen else None,
            status=ReportStatus(chosen["status"]) if "status" in chosen else None,
            late=chosen.get("late") == "1",
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) if until else None,
            text=asked.find_text,
        )

    def fetch(asked):
        found = report_page(actor, query_of(asked))
        return Page(found.rows.to_dicts(), found.total)

    def mark_read(rows):
        done = read_reports(actor, [int(row) for row in rows])
        return Reply(ok=True, message=f"已阅 {done.count} 份报告")

    return fetch, mark_read, mine, query_of


@app.cell
def _(actor, fetch, mark_read, mine, params, query_of):
    def _column(name, width=0, **more):
        return Column(name=name, label=WORK_REPORT[name], width=width, sortable=False, **more)

    _who = [] if mine else [_column("person", 70), _column("office", 76)]
    _columns = [
        _column("kind", 72),
        Column(name="period", label=WORK_REPORT["starts_on"], width=150, sortable=False),
        *_who,
        _column("subject"),
        _column("customers", 150),
        _column(
            "status",
            74,
            kind="tag",
            tones={"草稿": "mute", "已退回": "bad", "已提交": "info", "已阅": "good"},
        ),
        _column("late", 62, kind="tag", tones={"迟交": "warn"}),
        _column("submitted_at", 146, kind="datetime"),
        _column("reviewed_by", 68),
    ]
    _reviews = not mine and actor.may(Permission.REPORT_REVIEW)
    _which = [Filter(name="which", label="范围", options=[("waiting", "待我批阅")])]
    _states = [pair for pair in REPORT_STATUS.items() if mine or pair[0] != "draft"]
    reports = mo.ui.anywidget(
        Grid(
            _columns,
            fetch,
            key="m" if mine else "t",
            row_href="work_report",
            actions=[RowAction(name="read", label="标为已阅", call=mark_read)] if _reviews else [],
            find_fields=[("text", "主题、姓名或客户")],
            filters=[
                *(_which if _reviews else []),
                Filter(name="kind", label=WORK_REPORT["kind"], options=list(REPORT_KINDS.items())),
                Filter(name="status", label=WORK_REPORT["status"], options=_states),
                Filter(name="late", label=WORK_REPORT["late"], options=[("1", "迟交")]),
                Filter(name="period", label="日期", kind="between"),
            ],
            empty="还没有工作报告" if mine else "没有符合条件的工作报告",
            export=report_exporter(actor, query_of),
            export_label="导出报告",
            topics=("work_report",),
            state=params,
        )
    )
    reports
    return (reports,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="转交易看板 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission, Role
    from crmlib.conversion import figures
    from crmlib.conversion.board import DECIDED_DAYS, LATE, WAITS
    from crmlib.conversion.live import TOPICS, board_of
    from crmlib.conversion.rules import DUE_DAYS
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight.cut import in_force
    from crmlib.insight.duplicate_charts import bar_chart
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    # Two blocks beside each other where there is room.
    BLOCK = {"flex": "1 1 340px", "min-width": "0"}
    GROUPS = {"region": "区域", "office": "部门", "owner": "负责人"}
    MOST = 200  # choices of a filter


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
        not actor.may(Permission.CONVERSION_BOARD),
        cards.notice("您没有权限查看转交易看板", "warn"),
    )

    def _offered(group):
        found = figures.by_group(board_of(actor).due, group).head(MOST)
        return found.select("key", "label").sort("label").rows()

    bar = mo.ui.anywidget(
        FilterBar(
            [
                *(Choice(name=g, label=label, options=_offered(g)) for g, label in GROUPS.items()),
                Choice(name="wait", label="等待", options=list(WAITS.items())),
            ],
            topics=TOPICS,
            state=params,
        )
    )
    mo.vstack(
        [
            cards.page_title(
                "转交易看板", steps=("数据治理", "转交易看板"), note="点击数字查看对应的客户"
            ),
            bar,
        ]
    )
    return (bar,)


@app.cell
def _(actor, bar, params, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    _board = board_of(actor)
    due = figures.kept(_board.due, **chosen)
    decided = figures.kept(_board.decided, **chosen)
    show = params.get("show", "")

    def to(show, **more):
        """Return the address at which this page shows the rows behind a number."""
        return link("conversion_board", **{**chosen, **more, "show": show})

    def number(count, show, **more):
        """Return a number that opens its rows."""
        text = shown.number(count)
        return cards.anchor(text, to(show, **more)) if count else text

    return chosen, decided, due, number, show, to


@app.cell
def _(decided, due, to):
    _now = figures.totals(due, decided)
    _median = "—" if _now.median_days is None else f"{_now.median_days:g} 个工作日"
    _past = f"最近 {DECIDED_DAYS} 天"
    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="待处理申请",
                        value=shown.number(_now.pending),
                        href=to(figures.PENDING),
                    ),
                    cards.Stat(
                        label="已逾期",
                        value=shown.number(_now.late),
                        note=f"超过 {DUE_DAYS} 个工作日",
                        href=to(LATE),
                    ),
                    cards.Stat(
                        label="可转交易",
                        value=shown.number(_now.ready),
                        note="检查项全部通过",
                        href=to(figures.READY),
                    ),
                    cards.Stat(
                        label="只差一项", value=shown.number(_now.one), href=to(figures.ONE)
                    ),
                    cards.Stat(
                        label="通过",
                        value=shown.number(_now.approved),
                        note=_past,
                        href=to(figures.APPROVED),
                    ),
                    cards.Stat(
                        label="驳回",
                        value=shown.number(_now.refused),
                        note=_past,
                        href=to(figures.REFUSED),
                    ),
                    cards.Stat(
                        label="申请到处理（中位）",
                        value=_median,
                        note=_past,
                        href=to(figures.ANSWERED),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(clock.now())}，只含您可见的潜在客户："
                    "有赢单商机或待处理的申请",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(actor, chosen, decided, due, show):
    _workspace = "admin" if actor.role in (Role.GENERAL_OFFICE, Role.ADMIN) else "entry"

    def _frame(frame):
        def fetch(asked):
            rows = frame
            if asked.sort:
                rows = rows.sort(asked.sort, descending=asked.descending, nulls_last=True)
            return Page(rows.slice(asked.offset, asked.size).to_dicts(), frame.height)

        return fetch

    _code = Column(name="code", label="客户代码", kind="code", width=120)
    _name = Column(name="name", label="客户名称")
    if figures.is_decided(show):
        _rows = figures.picked_decisions(decided, show).with_columns(
            status=figures.state_text(words.REQUEST_STATUS)
        )
        _columns = [
            _code,
            _name,
            Column(name="applicant", label="申请人", width=84),
            Column(name="requested_at", label="申请时间", kind="datetime", width=136),
            Column(
                name="status",
                label="状态",
                kind="tag",
                width=84,
                tones={"通过": "good", "驳回": "bad"},
            ),
            Column(name="decided_by", label="处理人", width=84),
            Column(name="decided_at", label="处理时间", kind="datetime", width=136),
            Column(name="age_days", label="用时（工作日）", kind="number", width=110),
            Column(name="note", label="说明", width=160),
        ]
    else:
        _rows = figures.picked(due, show).with_columns(
            wait=figures.wait_text(), passes=figures.pass_text()
        )
        _columns = [
            _code,
            _name,
            Column(name="owner", label="负责人", width=76),
            Column(name="office", label="部门", width=80),
            Column(
                name="passes",
                label="检查",
                kind="tag",
                width=78,
                tones={"可转": "good", "差 1 项": "warn"},
            ),
            Column(name="lacking", label="缺少", width=180),
            Column(name="won_deals", label="赢单", kind="number", width=64),
            Column(name="applicant", label="申请人", width=76),
            Column(name="requested_at", label="申请日期", kind="date", width=98),
            Column(
                name="wait",
                label="工作日",
                kind="tag",
                width=92,
                tones=figures.late_tones(due),
                sortable=False,
            ),
        ]
    rows = mo.ui.anywidget(
        Grid(
            _columns,
            _frame(_rows),
            key="b",
            row_id="customer_id",
            row_href=lambda row: link(
                "customer", row["customer_id"], workspace=_workspace, tab="checks"
            ),
            empty="没有符合条件的客户",
        )
    )
    _links = [cards.anchor("显示全部", link("conversion_board", **chosen))] if show else []
    mo.vstack([cards.section(f"客户明细：{figures.label_of(show)}", links=_links), rows])
    return (rows,)


@app.cell
def _(actor, bar, due, number):
    mo.stop(due.is_empty(), cards.empty("暂无数据：没有符合条件的潜在客户"))
    _ages = figures.by_age(due)
    _stated = stated_lines(
        actor, bar.widget.in_words(), clock.now(), permission=Permission.CONVERSION_BOARD
    )
    _bars = [(f"{label} 个工作日", count) for _, label, count in _ages]
    tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "转交易申请（按工作日）",
            _stated,
            lambda: Sheet("按工作日", ["工作日", "待处理申请"], _bars),
        )
    )
    _waiting = mo.vstack(
        [
            cards.section("按等待时间", note=f"超过 {DUE_DAYS} 个工作日为逾期"),
            tools,
            bar_chart(_bars, "工作日", "待处理申请（个）"),
            cards.small_table(
                ["工作日", "待处理申请"],
                [(label, number(count, key)) for key, label, count in _ages],
                right=(1,),
            ),
        ]
    ).style(BLOCK)
    _lacks = mo.vstack(
        [
            cards.section("还差什么"),
            cards.small_table(
                ["检查项", "只差这一项", "缺这一项"],
                [
                    (label, number(only, f"only:{key}"), number(count, f"lack:{key}"))
                    for key, label, only, count in figures.by_lack(due)
                ],
                right=(1, 2),
            ),
        ]
    ).style(BLOCK)
    mo.hstack([_waiting, _lacks], gap=2, wrap=True, align="start")
    return (tools,)


@app.cell
def _(due, number):
    mo.stop(due.is_empty())

    def _table(group, heading):
        found = figures.by_group(due, group).head(10)
        return mo.vstack(
            [
                cards.section(f"按{heading}", note="前 10 名"),
                cards.small_table(
                    [heading, "待处理", "已逾期", "可转交易", "只差一项"],
                    [
                        (
                            row["label"],
                            *(
                                number(row[state], state, **{group: row["key"]})
                                for state in (
                                    figures.PENDING,
                                    LATE,
                                    figures.READY,
                                    figures.ONE,
                                )
                            ),
                        )
                        for row in found.iter_rows(named=True)
                    ],
                    right=(1, 2, 3, 4),
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

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="绩效指标 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import export_figures
    from crmlib.insight import kpi, kpi_papers, spans, units
    from crmlib.insight.board_rows import activity_grid, customer_grid, deal_grid, opens, paged
    from crmlib.insight.live import activity_data
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid, shown_columns
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    GROUPS = {"office": "部门", "owner": "人员", "area": "区域（大区）", "month": "月份"}
    FIRST = ("new", "visits", "amount", "win")

    def told(key, value):
        """Return a figure as people read it."""
        match kpi.KPIS[key].unit:
            case "percent":
                return shown.percent(value)
            case "money":
                return shown.short_money(value)
            case "days":
                return "—" if value is None else f"{value:g} 天"
            case _:
                return shown.number(None if value is None else round(value, 1))


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
    mo.stop(not actor.may(Permission.FUNNEL_VIEW), cards.notice("您没有权限查看绩效指标", "warn"))
    seen = units.reach_of(actor, Permission.FUNNEL_VIEW)
    names = activity_data(actor).names
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="office", label="部门", options=units.office_options(names, seen)),
                Choice(
                    name="owner",
                    label="负责人",
                    options=units.owner_options(names, units.Part(seen)),
                ),
                Choice(
                    name="period",
                    label="期间",
                    options=spans.options(clock.today()),
                    default=spans.MONTH,
                ),
                Choice(name="by", label="按", options=list(GROUPS.items()), default="office"),
            ],
            topics=(
                "activity",
                "customer",
                "opportunity",
                "stage_history",
                "conversion_request",
                "service_ticket",
            ),
            state=params,
        )
    )
    mo.vstack([cards.page_title("绩效指标", steps=("看板", "绩效指标")), bar])
    return bar, names, seen


@app.cell
def _(actor, bar, names, seen, visit):
    visit
    chosen = {k: v for k, v in bar.value["chosen"].items() if v and v != "all"}
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    source = kpi_papers.source_of(actor)
    _period = chosen.get("period", "")
    span, earlier = spans.span_of(_period, source.today), spans.before(_period, source.today)
    _office = chosen.get("office")
    part = units.Part(
        seen,
        units.offices_below(names, int(_office)) if _office else (),
        (int(chosen["owner"]),) if "owner" in chosen else (),
    )
    now = kpi.figures(source, part, span)
    then = kpi.figures_before(source, part, earlier)
    stated = stated_lines(actor, bar.widget.in_words(), clock.now())
    return chosen, earlier, now, part, source, span, stated, then


@app.cell
def _(actor, chosen, earlier, now, part, source, span, then):
    _against = f"较 {earlier.start:%m-%d} 至 {earlier.end:%m-%d}"

    def _to(key):
        return link("kpi", **{**chosen, "show": key})

    def _change(key):
        if now[key] is None or not then[key]:
            return None
        return now[key] / then[key] - 1

    def _direction(key):
        if now[key] is None or then[key] is None:
            return "—"
        if now[key] == then[key]:
            return cards.tag("→ 持平")
        up = now[key] > then[key]
        good = up == (kpi.KPIS[key].good == "up")
        return cards.tag("↑ 上升" if up else "↓ 下降", "good" if good else "bad")

    _elsewhere = [
        cards.anchor(label, link(page, workspace=workspace))
        for label, page, workspace, permission in (
            ("重复率", "duplicate_board", "", Permission.DUPLICATE_VIEW),
            ("报告提交率、及时率", "report_board", "", Permission.REPORT_BOARD),
            ("阶段停留与转化", "funnel", "funnel", Permission.FUNNEL_VIEW),
            ("输单原因", "win_loss", "", Permission.FUNNEL_VIEW),
            ("目标达成率", "attainment", "", Permission.TARGET_VIEW),
        )
        if actor.may(permission)
    ]
    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label=kpi.KPIS[key].label,
                        value=told(key, now[key]),
                        change=_change(key),
                        against=_against,
                        href=_to(key),
                    )
                    for key in FIRST
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(clock.now())}，{part.whose}的数据；"
                    f"{span.start} 至 {span.until(source.today).end}",
                    class_="sm-note",
                )
            ),
            cards.section("全部指标", note="点击数字查看明细；期间未结束时与上期同样天数相比"),
            cards.small_table(
                ["指标", "本期", "上期", "方向"],
                [
                    (
                        cards.h("span", each.label, title=each.what),
                        cards.anchor(told(key, now[key]), _to(key)),
                        told(key, then[key]),
                        _direction(key),
                    )
                    for key, each in kpi.KPIS.items()
                ],
                right=(1, 2),
            ),
            cards.show(
                cards.h(
                    "details",
                    cards.h("summary", "指标口径"),
                    *(
                        cards.h("div", f"{each.label}：{each.what}", class_="sm-note")
                        for each in kpi.KPIS.values()
                    ),
                ),
                cards.h("div", "另见：", *_elsewhere, class_="sm-kinds"),
            ),
        ]
    )
    return


@app.cell
def _(actor, chosen, names, params, part, source, span):
    _key = params.get("show", "")
    mo.stop(_key not in kpi.KPIS)
    _kpi = kpi.KPIS[_key]
    _ids = kpi.behind(source, part, span, _key).select("id").unique(maintain_order=True)

    def _of(frame, name):
        """Return the records behind the figure, those that count first."""
        keys = _ids.select(_ids["id"].cast(frame.schema[name]).alias(name))
        return keys.join(frame, on=name, how="inner", maintain_order="left")

    match _kpi.opens:
        case "customer":
            _grid = customer_grid(actor, _of(source.customers, "customer_id"), key="b")
        case "opportunity":
            _grid = deal_grid(actor, _of(source.deals, "opportunity_id"), key="b")
        case "activity":
            _grid = activity_grid(actor, _of(source.activities, "activity_id"), names, key="b")
        case _:
            _grid = Grid(
                [
                    Column(name="number", label="工单编号", kind="code", width=130),
                    Column(name="customer", label="客户名称"),
                    Column(name="handler", label="受理人", width=90),
                    Column(name="score", label="满意度", kind="number", width=80),
                ],
                paged(_of(source.tickets, "ticket_id")),
                key="b",
                row_id="ticket_id",
                row_href=opens(actor, "ticket", "ticket_id"),
            )
    behind = mo.ui.anywidget(_grid)
    _close = cards.anchor("关闭明细", link("kpi", **chosen))
    mo.vstack([cards.section(f"明细：{_kpi.label}", note=_kpi.what, links=[_close]), behind])
    return (behind,)


@app.cell
def _(actor, chosen, names, params, part, source, span, stated):
    _by = chosen.get("by", "office")
    if _by == "month":
        _rows = kpi.by_month(source, part, spans.months(source.today)).rename({"month": "label"})
        _rows = _rows.with_columns(key=_rows["label"])
    else:
        _areas = units.areas(names)
        _rows = kpi.grouped(source, part, span, f"{_by}_id", _areas if _by == "area" else None)
        _called = {
            "owner": names.people.select("owner_id", "owner"),
            "office": names.offices.select("office_id", "office"),
            "area": _areas.select("area_id", "area").unique(),
        }[_by]
        _called = dict(_called.cast({_by: str}).rows())
        _rows = _rows.with_columns(
            key=_rows[f"{_by}_id"].cast(str),
            label=_rows[f"{_by}_id"].replace_strict(_called, default="—", return_dtype=str),
        )
    _kinds = {"number": "number", "money": "money", "percent": "percent", "days": "number"}
    _columns = [
        Column(name="label", label=GROUPS[_by], width=120),
        *(
            Column(name=key, label=each.label, kind=_kinds[each.unit], width=116)
            for key, each in kpi.KPIS.items()
        ),
    ]
    _narrows = {"month": "period", "area": "office"}.get(_by, _by)

    def _export(asked):
        """Return the table as it is sorted and arranged."""
        columns = shown_columns(_columns, asked)
        rows = _rows
        if asked.sort:
            rows = rows.sort(asked.sort, descending=asked.descending, nulls_last=True)
        sheet = Sheet("绩效指标", columns, rows.select(c.name for c in columns).rows())
        return export_figures(actor, "绩效指标", stated, sheet)

    groups = mo.ui.anywidget(
        Grid(
            _columns,
            paged(_rows, ["key", *(c.name for c in _columns)]),
            key="g",
            row_id="key",
            row_href=lambda row: link("kpi", **{**chosen, _narrows: row["key"]}),
            export=_export if actor.may(Permission.LIST_EXPORT) else None,
            state=params,
        )
    )
    mo.vstack([cards.section(f"按{GROUPS[_by]}", note="点击一行只看这一项"), groups])
    return (groups,)


if __name__ == "__main__":
    app.run()

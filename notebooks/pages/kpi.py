import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="绩效指标 · 榫卯")

with app.setup:
    import marimo as mo
    import polars as pl

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import export_figures
    from crmlib.insight import kpi, kpi_blocks, kpi_papers, kpi_records, spans, units
    from crmlib.insight.board_rows import paged
    from crmlib.insight.cut import in_force
    from crmlib.insight.live import activity_data
    from crmlib.insight.stated import stated_lines
    from crmlib.people.schemes import keeper
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid, shown_columns
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    GROUPS = {"office": "部门", "owner": "人员", "area": "区域（大区）", "month": "月份"}
    FIRST = ("new", "visits", "amount", "win")
    MOST_REASONS = 5
    BLOCK = {"flex": "1 1 400px", "min-width": "0"}  # two beside each other where there is room

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

    def aim(key, value):
        """Return a target as people read it: of 目标达成率 it is an amount."""
        if value is None:
            return "—"
        return shown.short_money(value) if key == kpi.ATTAINED else told(key, value)


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
                "work_report",
                "duplicate_pair",
                "target",
            ),
            state=params,
        )
    )
    mo.vstack([cards.page_title("绩效指标", steps=("看板", "绩效指标")), bar])
    return bar, names, seen


@app.cell
def _(actor, bar, names, seen, visit):
    visit
    chosen = in_force(bar.value["chosen"])
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
    aims = kpi.aimed(source, part, span)
    now = kpi.figures(source, part, span)
    then = kpi.figures_before(source, part, earlier)
    stated = stated_lines(actor, bar.widget.in_words(), clock.now())
    return aims, chosen, earlier, now, part, source, span, stated, then


@app.cell
def _(actor, aims, chosen, earlier, now, part, source, span, then):
    _against = f"较 {earlier.start:%m-%d} 至 {earlier.end:%m-%d}"

    def _to(key):
        return link("kpi", **{**chosen, "show": key})

    def _figure(key):
        figure = told(key, now[key])
        opens = now[key] is not None and kpi_records.may_open(actor, key)
        return cards.anchor(figure, _to(key)) if opens else figure

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
            ("重复候选看板", "duplicate_board", "", Permission.DUPLICATE_VIEW),
            ("报告提交情况", "report_board", "", Permission.REPORT_BOARD),
            ("销售漏斗", "funnel", "funnel", Permission.FUNNEL_VIEW),
            ("输赢分析", "win_loss", "", Permission.FUNNEL_VIEW),
            ("目标达成", "attainment", "", Permission.TARGET_VIEW),
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
                ["指标", "本期", "目标（整期）", "上期", "方向"],
                [
                    (
                        cards.h(
                            "span",
                            kpi.KPIS[key].label,
                            title=kpi.KPIS[key].what,
                            class_="sm-keep",
                        ),
                        _figure(key),
                        aim(key, aims.get(key)),
                        told(key, then[key]),
                        _direction(key),
                    )
                    for key in source.keys
                ],
                right=(1, 2, 3),
            ),
            cards.show(
                cards.h(
                    "details",
                    cards.h("summary", "指标口径"),
                    *(
                        cards.h(
                            "div",
                            f"{kpi.KPIS[key].label}：{kpi.KPIS[key].what}",
                            class_="sm-note",
                        )
                        for key in source.keys
                    ),
                ),
                cards.h("div", "另见：", *_elsewhere, class_="sm-kinds"),
            ),
        ]
    )
    return


@app.cell
def _(chosen, earlier, part, source, span):
    _now = kpi_blocks.by_stage(source, part, span)
    _then = {r["stage_code"]: r for r in kpi_blocks.by_stage(source, part, earlier).to_dicts()}

    def _left(row):
        to = link("kpi", **{**chosen, "show": kpi_records.STAGE, "of": row["stage_code"]})
        return cards.anchor(shown.number(row["left"]), to) if row["left"] else "0"

    _stages = cards.small_table(
        ["销售阶段", "离开（次）", "停留天数", "上期", "转化率", "上期"],
        [
            (
                row["stage"],
                _left(row),
                told("stay", row["days"]),
                told("stay", _then[row["stage_code"]]["days"]),
                told("passage", row["passage"]),
                told("passage", _then[row["stage_code"]]["passage"]),
            )
            for row in _now.iter_rows(named=True)
        ],
        right=(1, 2, 3, 4, 5),
    )
    _why = kpi_blocks.reasons(source, part, span)

    def _count(row):
        to = link("kpi", **{**chosen, "show": kpi_records.LOST, "of": row["reason"]})
        return cards.anchor(shown.number(row["count"]), to)

    _reasons = cards.small_table(
        ["输单原因", "商机", "金额", "占比", "累计"],
        [
            (
                row["reason"],
                _count(row),
                shown.short_money(row["amount"]),
                shown.percent(row["share"]),
                shown.percent(row["running"]),
            )
            for row in _why.head(MOST_REASONS).iter_rows(named=True)
        ],
        right=(1, 2, 3, 4),
    )
    _rest = _why.height - MOST_REASONS
    _all = "" if _rest <= 0 else f"，另有 {_rest} 种原因"
    _same = {name: chosen[name] for name in ("office", "owner", "period") if name in chosen}
    _more = [cards.anchor("输赢分析", link("win_loss", **_same))]
    mo.hstack(
        [
            mo.vstack(
                [cards.section("各销售阶段", note="期间内离开该阶段的停留，天数取中位数"), _stages]
            ).style(BLOCK),
            mo.vstack(
                [
                    cards.section(
                        "输单原因", note=f"期间内输单 {_why['count'].sum()} 个{_all}", links=_more
                    ),
                    _reasons,
                ]
            ).style(BLOCK),
        ],
        gap=2,
        wrap=True,
        align="start",
    )
    return


@app.cell
def _(actor, chosen, names, params, part, source, span):
    _found = kpi_records.records(
        actor,
        source,
        names,
        kpi_records.Asked(part, span, str(params.get("show", "")), str(params.get("of", ""))),
    )
    mo.stop(_found is None)
    behind = mo.ui.anywidget(_found.grid)
    _close = cards.anchor("关闭明细", link("kpi", **chosen))
    mo.vstack([cards.section(f"明细：{_found.label}", note=_found.note, links=[_close]), behind])
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
    _rows = _rows.with_columns(pl.col(key).round(2) for key in ("score", "stay") if key in _rows)
    _kinds = {"number": "number", "money": "money", "percent": "percent", "days": "number"}
    _columns = [
        Column(name="label", label=GROUPS[_by], width=120),
        *(
            Column(name=key, label=each.label, kind=_kinds[each.unit], width=116)
            for key, each in ((key, kpi.KPIS[key]) for key in source.keys)
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
            schemes=keeper(actor, "kpi"),
            state=params,
        )
    )
    mo.vstack([cards.section(f"按{GROUPS[_by]}", note="点击一行只看这一项"), groups])
    return (groups,)


if __name__ == "__main__":
    app.run()

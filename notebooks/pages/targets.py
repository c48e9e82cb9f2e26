import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="目标设定 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.target_sheets import MOST_BYTES, SUFFIXES, export_targets, import_targets
    from crmlib.targets import rules
    from crmlib.targets.actions import issue_targets, save_targets
    from crmlib.targets.form import draft_of, sheet_fields, values_of
    from crmlib.targets.kinds import Measure, TargetKind
    from crmlib.targets.labels import MEASURE_NAMES, MEASURES, TARGET_KINDS, TARGET_STATUS
    from crmlib.targets.queries import target_offices_of, target_sheet
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link
    from crmlib.ui.swap import Swap


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
    mo.stop(not actor.may(Permission.TARGET_VIEW), cards.notice("您没有权限查看目标", "warn"))
    _offices = target_offices_of(actor)
    mo.stop(not _offices, cards.empty("暂无数据：没有您可以查看目标的部门"))
    _keys = [key for key, _ in _offices]
    _home = actor.office_id if actor.office_id in _keys else _keys[0]
    _year = clock.today().year
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(
                    name="office",
                    label="部门",
                    options=_offices,
                    default=str(_home),
                    always=True,
                ),
                Choice(
                    name="year",
                    label="年份",
                    options=[(str(y), str(y)) for y in range(_year + 1, _year - 3, -1)],
                    default=str(_year),
                    always=True,
                ),
                Choice(
                    name="kind",
                    label="期间",
                    options=list(TARGET_KINDS.items()),
                    default=TargetKind.MONTH.value,
                    always=True,
                ),
                Choice(
                    name="measure",
                    label="指标",
                    options=list(MEASURE_NAMES.items()),
                    default=Measure.SALES.value,
                    always=True,
                ),
            ],
            topics=(),
            state=params,
        )
    )
    names = {str(key): name for key, name in _offices}
    _note = "季度与年度没有单独填写时，按所含月份合计"
    mo.vstack([cards.page_title("目标设定", note=_note), bar])
    return bar, names


@app.cell
def _(actor, bar, visit):
    visit
    _chosen = bar.value["chosen"]
    asked = {name: _chosen[name] for name in ("office", "year", "kind", "measure")}
    kind, measure = TargetKind(asked["kind"]), Measure(asked["measure"])

    def read():
        """Return the sheet as it is now."""
        return target_sheet(actor, int(asked["year"]), kind, measure, int(asked["office"]))

    sheet = read()
    settable = [row.subject for row in sheet.rows if row.settable]
    unit = MEASURES[measure]
    return asked, kind, measure, read, settable, sheet, unit


@app.cell
def _(actor, asked, kind, names, read, settable, sheet):
    def _issue():
        done = issue_targets(actor, sheet.year, kind, settable)
        return Reply(
            ok=True,
            message=f"已下达 {done.targets} 个目标，涉及 {done.subjects} 个业务员和部门",
            next=link("targets", **asked),
        )

    _what = f"{sheet.year} 年{TARGET_KINDS[kind]}目标"
    steps = mo.ui.anywidget(
        ActionBar(
            [
                Action(
                    label=f"下达（{sheet.drafts} 个草稿）",
                    name="issue",
                    kind="primary",
                    call=_issue,
                    confirm=f"下达这里的 {sheet.drafts} 个{_what}？下达后业务员可以看到，期末自动锁定。",
                )
            ]
            if sheet.drafts
            else []
        )
    )

    def _give():
        return export_targets(actor, read(), names[asked["office"]])

    def _take(name, content, token):
        done = import_targets(actor, read(), names[asked["office"]], name, content, token=token)
        count = done.changed + done.removed
        message = f"导入成功，更新 {count} 个目标" if count else "文件与现有目标一致，没有改动"
        return Reply(ok=True, message=message, next=link("targets", **asked) if count else None)

    swap = mo.ui.anywidget(
        Swap(
            _give if actor.may(Permission.LIST_EXPORT) and sheet.rows else None,
            _take if settable else None,
            suffixes=SUFFIXES,
            most_bytes=MOST_BYTES,
        )
    )
    _told = []
    if sheet.own is not None and sheet.parts is not None:
        _gap = sheet.parts - sheet.own
        _side = "一致" if not _gap else f"{'多' if _gap > 0 else '少'} {shown.number(abs(_gap))}"
        _told.append(
            f"部门全年 {shown.number(sheet.own)}，人员与下级部门合计 "
            f"{shown.number(sheet.parts)}：{_side}"
        )
    for _row in sheet.rows:
        _told += [
            f"{_row.name} {name} {shown.number(own)}，所含期间合计 {shown.number(parts)}"
            for name, own, parts in _row.gaps
        ]
    _states = [c.state for row in sheet.rows for c in row.cells if c.state]
    _counts = [
        f"{name} {_states.count(state)}"
        for state, name in TARGET_STATUS.items()
        if state in _states
    ]
    _line = f"{_what}：{'，'.join(_counts)}" if _counts else f"还没有 {_what}"
    mo.vstack(
        [
            *([steps] if sheet.drafts else []),
            mo.hstack(
                [cards.show(cards.h("div", _line, class_="sm-note")), swap],
                justify="space-between",
                wrap=True,
            ),
            *([cards.notice("；".join(_told[:4]), "info")] if _told else []),
        ]
    )
    return steps, swap


@app.cell
def _(actor, asked, kind, measure, settable, sheet, unit):
    mo.stop(not sheet.rows, cards.empty("暂无数据：该部门没有销售人员"))
    _heads = [rules.period_name(kind, number) for number in rules.periods(kind)]

    def _state(row):
        names = list(dict.fromkeys(TARGET_STATUS[c.state] for c in row.cells if c.state))
        return "、".join(names)

    _rows = [
        (row.name, *(shown.plain(c.value) for c in row.cells), shown.plain(row.total), _state(row))
        for row in sheet.rows
    ]
    _only = cards.small_table(
        [unit, *_heads, "合计", "状态"], _rows, right=tuple(range(1, len(_heads) + 2))
    )

    def _save(values, token):
        saved = save_targets(
            actor,
            draft_of(sheet, values),
            seen={
                (row.subject, number): cell.version
                for row in sheet.rows
                for number, cell in zip(rules.periods(kind), row.cells, strict=True)
            },
            token=token,
        )
        count = saved.changed + saved.removed
        message = f"保存成功，更新 {count} 个目标" if count else "没有改动"
        return Reply(ok=True, message=message, next=link("targets", **asked) if count else None)

    form = mo.ui.anywidget(
        Form(
            sheet_fields(kind, measure),
            _save,
            key=f"targets {' '.join(asked.values())}",
            values=values_of(sheet),
            keep=(),
            columns=1,
            draft=False,
        )
    )
    form if settable else _only
    return (form,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="工作日历 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.people.workdays import (
        NAME_LENGTH,
        OWN,
        calendar_years,
        keep_days,
        remove_days,
        year_calendar,
    )
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.fields import Field
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Filter, Grid, Page, RowAction
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, visit):
    visit
    try:
        years = calendar_years(actor)
    except NotAllowed:
        years = None
    mo.stop(years is None, cards.notice("您没有权限维护工作日历", "warn"))
    return (years,)


@app.cell
def _(actor, years):
    # Named so that nobody without the right gets as far as this.
    years

    def keep(values, token):
        kept = keep_days(
            actor, values["since"], values["until"], values["kind"], values["name"], token=token
        )
        return Reply(ok=True, message=kept.text)

    steps = mo.ui.anywidget(
        ActionBar(
            [
                Action(
                    label="登记日期",
                    kind="primary",
                    note="登记的日子优先于国家公布的安排；同一天再次登记会替换",
                    fields=[
                        Field(
                            name="since", label=words.DAY_OFF["since"], kind="date", required=True
                        ),
                        Field(
                            name="until",
                            label=words.DAY_OFF["until"],
                            kind="date",
                            hint="只有一天时可以不填",
                        ),
                        Field(
                            name="kind",
                            label=words.DAY_OFF["kind"],
                            kind="radio",
                            required=True,
                            options=list(words.DAY_KINDS.items()),
                        ),
                        Field(
                            name="name",
                            label=words.DAY_OFF["name"],
                            required=True,
                            max_length=NAME_LENGTH,
                        ),
                    ],
                    values={"kind": "rest"},
                    on_submit=keep,
                    submit_label="登记",
                )
            ]
        )
    )
    _title = cards.page_title(
        "工作日历",
        steps=("系统", "工作日历"),
        note="转交易逾期等按工作日计算的时限以此为准",
    )
    mo.vstack([_title, steps])
    return (steps,)


@app.cell
def _(params, years):
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(
                    name="year",
                    label="年份",
                    options=[str(year) for year in years],
                    default=str(clock.today().year),
                )
            ],
            topics=("day_off",),
            state=params,
        )
    )
    bar
    return (bar,)


@app.cell
def _(actor, bar):
    # The change feed's version is read so that what another admin enters appears here.
    bar.value["version"]
    _chosen = bar.value["chosen"].get("year", "")
    year = int(_chosen) if _chosen.isdecimal() else clock.today().year
    found = year_calendar(actor, year)
    _worked = [worked for worked, _ in found.months]
    _notes = []
    if not found.published:
        _notes.append(
            cards.notice(
                f"{year} 年的节假日安排尚未公布，暂按周一至周五计算；公布后请登记，或升级系统",
                "warn",
            )
        )
    _months = cards.small_table(
        ["月份", *(f"{month} 月" for month in range(1, 13)), "全年"],
        [
            ("工作日", *_worked, sum(_worked)),
            ("休息日", *(free for _, free in found.months), sum(f for _, f in found.months)),
        ],
        right=tuple(range(1, 14)),
    )
    mo.vstack([*_notes, _months, cards.section(f"{year} 年的节假日与调休")])
    return (found,)


@app.cell
def _(actor, found, params):
    def fetch(asked):
        frame = found.days
        for name in ("kind", "source"):
            if value := asked.filters.get(name):
                frame = frame.filter(frame[name] == value)
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending)
        rows = frame.slice(asked.offset, asked.size).to_dicts()
        for row in rows:
            row["weekday"] = shown.day(row["day"], weekday=True)
        return Page(rows, frame.height)

    def remove(keys):
        done = remove_days(actor, [date.fromisoformat(key) for key in keys])
        return Reply(ok=True, message=done.text)

    days = mo.ui.anywidget(
        Grid(
            [
                Column(name="weekday", label=words.DAY_OFF["day"], width=170, sortable=False),
                Column(
                    name="kind",
                    label=words.DAY_OFF["kind"],
                    kind="tag",
                    width=90,
                    tones={"休": "good", "班": "warn"},
                ),
                Column(name="name", label=words.DAY_OFF["name"]),
                Column(name="source", label="来源", width=120),
            ],
            fetch,
            key="d",
            page_size=50,
            actions=[
                RowAction(
                    name="remove",
                    label="删除登记",
                    call=remove,
                    confirm="删除后恢复国家公布的安排；再次点击确认",
                    danger=True,
                )
            ],
            filters=[
                Filter(name="kind", label="类型", options=["休", "班"]),
                Filter(name="source", label="来源", options=["国家公布", OWN]),
            ],
            empty="没有登记的日子",
            state=params,
        )
    )
    days
    return (days,)


if __name__ == "__main__":
    app.run()

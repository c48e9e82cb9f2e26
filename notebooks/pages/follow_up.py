import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="业务员销售跟进 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import export_figures
    from crmlib.insight import activity_board, follow_up, spans, units
    from crmlib.insight.board_rows import activity_grid, customer_grid, deal_grid, paged
    from crmlib.insight.cut import in_force
    from crmlib.insight.live import activity_data
    from crmlib.insight.stated import stated_lines
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid, shown_columns
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    CUSTOMERS, DEALS, DONE, NEXT = "customers", "deals", "contacts", "next"
    SHOWS = {
        CUSTOMERS: "客户",
        "new_customers": "新增客户",
        "untouched": "未接触客户",
        DONE: "联系记录",
        DEALS: "在手商机",
        "won": "赢单商机",
        NEXT: "待办活动",
    }
    OF_CUSTOMERS, OF_DEALS = (CUSTOMERS, "new_customers", "untouched"), (DEALS, "won")


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
        not actor.may(Permission.PERSON_VIEW),
        cards.notice("您没有权限查看业务员销售跟进", "warn"),
    )
    seen = units.reach_of(actor, Permission.PERSON_VIEW)
    _names = activity_data(actor).names
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="office", label="部门", options=units.office_options(_names, seen)),
                Choice(
                    name="owner",
                    label="负责人",
                    options=units.owner_options(_names, units.Part(seen)),
                ),
                Choice(
                    name="period",
                    label="期间",
                    options=spans.options(clock.today()),
                    default=spans.MONTH,
                ),
                Choice(
                    name="days",
                    label="未接触超过",
                    options=[(str(n), f"{n} 天") for n in activity_board.UNTOUCHED],
                    default=str(activity_board.UNTOUCHED[0]),
                ),
            ],
            topics=("activity", "customer", "opportunity", "quotation", "sales_order"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("业务员销售跟进", steps=("看板", "业务员销售跟进")), bar])
    return bar, seen


@app.cell
def _(actor, bar, params, seen, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    _now = clock.local(clock.now()).replace(tzinfo=None)
    span = spans.span_of(chosen.get("period", ""), _now.date())
    days = int(chosen.get("days", activity_board.UNTOUCHED[0]))
    data = follow_up.frames_of(actor, span)
    _office = chosen.get("office")
    _part = units.Part(
        seen,
        units.offices_below(data.names, int(_office)) if _office else (),
        (int(chosen["owner"]),) if "owner" in chosen else (),
    )
    asked = activity_board.Asked(_part, span, _now)
    people = follow_up.overview(data, asked, days)
    _person = params.get("person", "")
    person = int(_person) if _person in set(people["owner_id"].cast(str)) else None
    return asked, chosen, data, days, people, person


@app.cell
def _(asked, chosen, data, people):
    _all = follow_up.totals(people)
    _span = f"{asked.span.start:%m-%d} 至 {asked.span.until(asked.today).end:%m-%d}"

    def _to(show):
        return link("follow_up", **{**chosen, "show": show})

    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="客户",
                        value=shown.number(_all["potential"] + _all["trading"]),
                        note=f"潜在 {shown.number(_all['potential'])}，"
                        f"交易 {shown.number(_all['trading'])}，"
                        f"新增 {shown.number(_all['new_customers'])}",
                        href=_to(CUSTOMERS),
                    ),
                    cards.Stat(
                        label="联系记录",
                        value=shown.number(_all["contacts"]),
                        note=f"{_span}，其中拜访 {shown.number(_all['visits'])}",
                        href=_to(DONE),
                    ),
                    cards.Stat(
                        label="在手商机",
                        value=shown.short_money(_all["open_amount"]),
                        note=f"{shown.number(_all['open_deals'])} 个，"
                        f"加权 {shown.short_money(_all['open_weighted'])}",
                        href=_to(DEALS),
                    ),
                    cards.Stat(
                        label="成交金额",
                        value=shown.short_money(_all["won_amount"]),
                        note=f"{_span}，赢单 {shown.number(_all['won_deals'])} 个",
                        href=_to("won"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"数据时间 {shown.moment(data.read_at)}，{asked.part.whose}的客户、活动与商机",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(actor, asked, chosen, data, days, params, people, person):
    from dataclasses import replace as _replace

    _show = params.get("show", "")
    _show = _show if _show in SHOWS else ""
    mo.stop(person is None and not _show)
    _asked = asked
    if person is not None:
        _asked = _replace(asked, part=_replace(asked.part, owners=(person,)))
    _shows = [_show] if _show else [DEALS, NEXT]

    def _grid(show):
        """Return the rows behind a figure."""
        if show in OF_CUSTOMERS:
            rows = follow_up.customers_behind(data, _asked, days, show)
            return customer_grid(actor, rows, key=show)
        if show in OF_DEALS:
            return deal_grid(actor, follow_up.deals_behind(data, _asked, show), key=show)
        if show == NEXT:
            rows = follow_up.next_activities(data, _asked)
        else:
            rows = activity_board.listed(data.activities, _asked, "done")
        return activity_grid(actor, rows, data.names, key=show)

    _who = {"person": person} if person is not None else {}
    _others = [
        cards.anchor(label, link("follow_up", **{**chosen, **_who, "show": show}))
        for show, label in SHOWS.items()
        if show not in _shows
    ]
    _close = cards.anchor("关闭明细", link("follow_up", **chosen))
    _title, _facts = "明细", []
    if person is not None:
        _his = people.filter(owner_id=person).row(0, named=True)
        _title = _his["owner"]
        _facts = [
            cards.details(
                [
                    ("部门", _his["office"]),
                    ("潜在客户", shown.number(_his["potential"])),
                    ("交易客户", shown.number(_his["trading"])),
                    (f"超过 {days} 天未接触", shown.number(_his["untouched"])),
                    ("联系记录", shown.number(_his["contacts"])),
                    ("其中拜访", shown.number(_his["visits"])),
                    ("最后跟进", shown.day(_his["last_on"])),
                    ("在手商机", shown.number(_his["open_deals"])),
                    ("在手金额", shown.money(_his["open_amount"])),
                    ("成交金额", shown.money(_his["won_amount"])),
                    ("报价单", shown.number(_his["quotes"])),
                    ("订单金额", shown.money(_his["order_amount"])),
                ],
                columns=4,
            )
        ]
    behind = mo.ui.anywidget(_grid(_shows[0]))
    also = mo.ui.anywidget(_grid(_shows[1])) if len(_shows) > 1 else None
    _tables = [cards.section(SHOWS[_shows[0]]), behind]
    if also is not None:
        _tables += [cards.section(SHOWS[_shows[1]]), also]
    mo.vstack(
        [
            cards.section(_title, links=[_close]),
            *_facts,
            cards.show(cards.h("div", "查看：", *_others, class_="sm-kinds")),
            *_tables,
        ]
    )
    return also, behind


@app.cell
def _(actor, bar, chosen, data, days, params, people):
    def _count(name, label, width):
        return Column(name=name, label=label, kind="number", width=width)

    def _money(name, label):
        return Column(name=name, label=label, kind="money", width=104)

    columns = [
        Column(name="owner", label="业务员"),
        Column(name="office", label="部门", width=70),
        _count("potential", "潜在", 56),
        _count("trading", "交易", 56),
        _count("new_customers", "新增", 56),
        _count("untouched", f"{days} 天未接触", 100),
        _count("contacts", "联系", 56),
        _count("visits", "拜访", 56),
        _count("open_deals", "商机", 56),
        _money("open_amount", "在手金额"),
        _money("open_weighted", "加权金额"),
        _money("won_amount", "成交金额"),
        *([_count("quotes", "报价", 56)] if actor.may(Permission.QUOTE_VIEW) else []),
        _count("orders", "订单", 56),
        Column(name="last_on", label="最后跟进", kind="date", width=98),
    ]

    def _export(asked):
        """Return the table as it is sorted and arranged."""
        told = shown_columns(columns, asked)
        rows = people
        if asked.sort:
            rows = rows.sort(asked.sort, descending=asked.descending, nulls_last=True)
        stated = stated_lines(actor, bar.widget.in_words(), data.read_at, Permission.PERSON_VIEW)
        sheet = Sheet("销售跟进", told, rows.select(c.name for c in told).rows())
        return export_figures(actor, "业务员销售跟进", stated, sheet)

    persons = mo.ui.anywidget(
        Grid(
            columns,
            paged(people, ["owner_id", *(c.name for c in columns)]),
            key="p",
            row_id="owner_id",
            row_href=lambda row: link("follow_up", **chosen, person=row["owner_id"]),
            export=_export if actor.may(Permission.LIST_EXPORT) else None,
            state=params,
        )
    )
    mo.vstack(
        [
            cards.section("每个业务员", note="点击一行查看这个人；金额单位为元，成交按赢单日期"),
            persons,
        ]
    )
    return (persons,)


if __name__ == "__main__":
    app.run()

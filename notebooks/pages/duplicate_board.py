import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="重复候选看板 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import duplicates as figures
    from crmlib.insight.cut import in_force
    from crmlib.insight.duplicate_charts import bar_chart, week_chart
    from crmlib.insight.pairs import pair_data
    from crmlib.insight.stated import stated_lines
    from crmlib.reference.queries import region_choices
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    BLOCK = {"flex": "1 1 400px", "min-width": "0"}  # two beside each other where there is room


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
        not actor.may(Permission.DUPLICATE_VIEW), cards.notice("您没有权限查看重复候选", "warn")
    )
    # By name as on all dashboards, so that a region can be carried from one to the next.
    region_ids = {o.name: str(o.code) for o in region_choices() if o.parent is None}
    bar = mo.ui.anywidget(
        FilterBar(
            [
                Choice(name="region", label="区域", options=list(region_ids)),
                Choice(name="source", label="来源", options=list(words.PAIR_SOURCE.items())),
                Choice(name="kind", label="类型", options=[("same", "重复"), ("related", "关联")]),
            ],
            topics=("duplicate_pair", "merge"),
            state=params,
        )
    )
    mo.vstack(
        [
            cards.page_title(
                "重复候选看板",
                steps=("数据治理", "重复候选看板"),
                note="点击数字查看对应的候选",
            ),
            bar,
        ]
    )
    return bar, region_ids


@app.cell
def _(actor, bar, params, region_ids, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    data = pair_data(actor)
    pairs = figures.kept(
        data.rows,
        region_id=int(region_ids[chosen["region"]]) if "region" in chosen else None,
        source=chosen.get("source", ""),
        kind=chosen.get("kind", ""),
    )

    # The queue knows regions by their numbers.
    _asked = {**chosen, "region": region_ids[chosen["region"]]} if "region" in chosen else chosen
    stated = stated_lines(
        actor, bar.widget.in_words(), data.read_at, permission=Permission.DUPLICATE_VIEW
    )

    def tools(title, heads, rows):
        """Return 表格, 下载图片 and 下载 Excel for the chart below them."""
        made = chart_tools(actor, title, stated, lambda: Sheet(title, heads, rows))
        return mo.ui.anywidget(made)

    def queue(count, status="open", **filters):
        """Return a number that opens its rows in the queue."""
        if not count:
            return str(count)
        more = {k: v for k, v in filters.items() if v is not None}
        asked = {**_asked, "status": status, **more}
        return cards.anchor(
            shown.number(count), link("review", **{f"q.f.{k}": v for k, v in asked.items()})
        )

    def place(dimension, key="", state=""):
        """Return the address at which this page shows the rows behind a number."""
        return link("duplicate_board", by=dimension, of=key, state=state or None, **chosen)

    def here(count, dimension, key, state=""):
        """Return a number that opens its rows on this page."""
        if not count:
            return str(count)
        return cards.anchor(shown.number(count), place(dimension, key, state))

    view = tuple(params.get(name, "") for name in ("by", "of", "state"))
    return chosen, data, here, pairs, place, queue, tools, view


@app.cell
def _(chosen, data, pairs, place, queue, region_ids):
    _now = figures.totals(pairs)
    _judged = _now.merged + _now.refused

    def _of(status):
        asked = {**chosen, "status": status}
        if "region" in asked:
            asked["region"] = region_ids[asked["region"]]
        return link("review", **{f"q.f.{k}": v for k, v in asked.items()})

    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(label="待审", value=shown.number(_now.open), href=_of("open")),
                    cards.Stat(label="已合并", value=shown.number(_now.merged), href=_of("merged")),
                    cards.Stat(
                        label="判为重复的比例",
                        value=shown.percent(_now.precision),
                        note=f"已判定 {shown.number(_judged)} 对",
                        href=place("judged"),
                    ),
                    cards.Stat(
                        label="发现到处理（中位）",
                        value="—" if _now.median_days is None else f"{_now.median_days:g} 天",
                        href=place("judged"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    "暂缓 ",
                    queue(_now.deferred, "deferred"),
                    f" 对；数据时间 {shown.moment(data.read_at)}，只含您可见的候选",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(chosen, pairs, view):
    mo.stop(not view[0])
    _rows = figures.picked(pairs, *view)
    _labels = {
        "person": "登记人 " + (_rows["person"].first() or ""),
        "source": "来源 " + words.PAIR_SOURCE.get(view[1], ""),
        "channel": f"客户来源 {view[1]}",
        "week": f"周 {view[1]}",
        "judged": "已判定",
    }
    _label = _labels.get(view[0], view[1])
    _shown = _rows.with_columns(
        state=_rows["state"].replace_strict(words.PAIR_STATUS, default=""),
        source=_rows["source"].replace_strict(words.PAIR_SOURCE, default=""),
    )

    def _page(asked):
        frame = _shown
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        return Page(frame.slice(asked.offset, asked.size).to_dicts(), frame.height)

    behind = mo.ui.anywidget(
        Grid(
            [
                Column(name="same", label="相似度", kind="percent", width=84),
                Column(name="a_name", label="客户甲"),
                Column(name="b_name", label="客户乙"),
                Column(name="state", label="状态", width=84),
                Column(name="origin", label="放行原因", width=150),
                Column(name="person", label="登记人", width=84),
                Column(name="found_on", label="发现日期", kind="date", width=98),
                Column(name="wait_days", label="处理用时（天）", kind="number", width=110),
            ],
            _page,
            key="b",
            row_id="pair_id",
            row_href=lambda row: link("pair", row["pair_id"]),
            empty="没有对应的候选",
        )
    )
    _close = cards.anchor("关闭明细", link("duplicate_board", **chosen))
    mo.vstack([cards.section(f"候选明细：{_label}", links=[_close]), behind])
    return (behind,)


@app.cell
def _(pairs, queue, tools):
    mo.stop(pairs.is_empty(), cards.empty("暂无数据：没有符合条件的重复候选"))
    _bands, _ages = figures.bands(pairs), figures.ages(pairs)
    _heads = [
        "相似度",
        "待审",
        "合并",
        "不同",
        "关联",
        Column(name="precision", label="判为重复", kind="percent"),
    ]
    score_tools = tools(
        "重复候选（按相似度）",
        _heads,
        [(b.label, b.open, b.merged, b.distinct, b.affiliated, b.precision) for b in _bands],
    )
    age_tools = tools(
        "重复候选（按等待天数）", ["等待天数", "待审"], [(b.label, b.open) for b in _ages]
    )
    _scores = mo.vstack(
        [
            cards.section("按相似度"),
            score_tools,
            bar_chart([(b.label, b.open) for b in _bands], "相似度"),
            cards.small_table(
                ["相似度", "待审", "合并", "不同", "关联", "判为重复"],
                [
                    (
                        cards.h("span", b.label, class_="sm-keep"),
                        queue(b.open, min=b.low or None, max=b.high),
                        queue(b.merged, "merged", min=b.low or None, max=b.high),
                        queue(b.distinct, "distinct", min=b.low or None, max=b.high),
                        queue(b.affiliated, "affiliated", min=b.low or None, max=b.high),
                        shown.percent(b.precision),
                    )
                    for b in _bands
                ],
                right=(1, 2, 3, 4, 5),
            ),
        ]
    ).style(BLOCK)
    _found = mo.vstack(
        [
            cards.section("按等待天数"),
            age_tools,
            bar_chart([(b.label, b.open) for b in _ages], "等待天数"),
            cards.small_table(
                ["等待天数", "待审"],
                [
                    (
                        b.label,
                        queue(b.open, age=f"{b.low or ''}..{'' if b.high is None else b.high}"),
                    )
                    for b in _ages
                ],
                right=(1,),
            ),
        ]
    ).style(BLOCK)
    mo.hstack([_scores, _found], gap=2, wrap=True, align="start")
    return age_tools, score_tools


@app.cell
def _(here, pairs, queue, tools):
    mo.stop(pairs.is_empty())
    _regions = figures.by_region(pairs)
    _weeks = figures.by_week(pairs, clock.today())
    _wide = _weeks.pivot("what", index="week", values="count").sort("week", descending=True)
    _names = _wide.columns[1:]
    region_tools = tools(
        "重复候选（按区域）",
        ["区域", "待审", "已合并"],
        _regions.select("label", "open", "merged").rows(),
    )
    week_tools = tools("重复候选（每周发现与处理）", ["周一", *_names], _wide.rows())
    _places = mo.vstack(
        [
            cards.section("按区域", note="跨区域的候选在两边各计一次"),
            region_tools,
            bar_chart(_regions.select("label", "open").rows(), "区域"),
            cards.small_table(
                ["区域", "待审", "已合并"],
                [
                    (
                        r["label"],
                        queue(r["open"], region=r["key"]) if r["key"] else shown.number(r["open"]),
                        queue(r["merged"], "merged", region=r["key"])
                        if r["key"]
                        else shown.number(r["merged"]),
                    )
                    for r in _regions.iter_rows(named=True)
                ],
                right=(1, 2),
            ),
        ]
    ).style(BLOCK)
    _times = mo.vstack(
        [
            cards.section("每周发现与处理", note=f"最近 {figures.WEEKS} 周"),
            week_tools,
            week_chart(_weeks),
            cards.small_table(
                ["周一", *_names],
                [
                    (
                        f"{row[0]:%m-%d}",
                        *(
                            here(count, "week", f"{row[0]} {what}")
                            for what, count in zip(_names, row[1:], strict=True)
                        ),
                    )
                    for row in _wide.rows()
                ],
                right=tuple(range(1, len(_names) + 1)),
            ),
        ]
    ).style(BLOCK)
    mo.hstack([_places, _times], gap=2, wrap=True, align="start")
    return region_tools, week_tools


@app.cell
def _(here, pairs):
    mo.stop(pairs.is_empty())

    def _table(title, heading, rows, dimension, note=""):
        return mo.vstack(
            [
                cards.section(title, note=note),
                cards.small_table(
                    [heading, "全部", "待审", "已合并", "判为不同"],
                    [
                        (
                            r["label"],
                            here(r["total"], dimension, r["key"]),
                            *(
                                here(r[state], dimension, r["key"], state)
                                for state in ("open", "merged", "refused")
                            ),
                        )
                        for r in rows.head(10).iter_rows(named=True)
                    ],
                    right=(1, 2, 3, 4),
                ),
            ]
        ).style(BLOCK)

    mo.hstack(
        [
            _table(
                "怎样进来的",
                "放行原因",
                figures.by_origin(pairs),
                "origin",
                "后登记的一方",
            ),
            _table(
                "在哪里发现",
                "来源",
                figures.by_source(pairs),
                "source",
            ),
            _table(
                "谁登记的",
                "登记人",
                figures.by_person(pairs),
                "person",
                "后登记的一方，前 10 名",
            ),
            _table(
                "客户来源",
                "客户来源",
                figures.by_channel(pairs),
                "channel",
                "后登记的一方",
            ),
        ],
        gap=2,
        wrap=True,
        align="start",
    )
    return


if __name__ == "__main__":
    app.run()

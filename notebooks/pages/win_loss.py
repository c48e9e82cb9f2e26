import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="输赢分析 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.figures import chart_tools
    from crmlib.insight import spans, win_loss
    from crmlib.insight.board_rows import deals_with
    from crmlib.insight.cut import cut_of, in_force
    from crmlib.insight.funnel_bar import common_choices
    from crmlib.insight.live import funnel_data
    from crmlib.insight.stated import stated_lines
    from crmlib.insight.win_loss import By
    from crmlib.insight.win_loss_charts import REASON, month_chart, pareto_chart, rate_chart
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart_tools import Sheet
    from crmlib.ui.filters import Choice, FilterBar
    from crmlib.ui.grid import Column
    from crmlib.ui.identity import person_id
    from crmlib.ui.live_chart import LiveChart, Picks
    from crmlib.ui.route import link

    BLOCK = {"flex": "1 1 400px", "min-width": "0"}  # two beside each other where there is room
    MOST = 10  # rows of a table
    STATES = {"won": "赢单", "lost": "输单"}
    DIMENSIONS = {
        By.COMPETITOR: "输给谁",
        By.RIVAL: "遇到的竞争对手",
        By.LOSS_REASON: "输单原因",
        By.WIN_REASON: "赢单原因",
        By.STAGE: "输在哪个阶段",
        By.INDUSTRY: "行业",
        By.FAMILY: "产品系列",
        By.REGION: "区域",
        By.OFFICE: "部门",
        By.PERSON: "负责人",
        By.SOURCE: "来源",
    }


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
    mo.stop(not actor.may(Permission.FUNNEL_VIEW), cards.notice("您没有权限查看输赢分析", "warn"))
    bar = mo.ui.anywidget(
        FilterBar(
            [
                *common_choices(funnel_data(actor).deals),
                Choice(
                    name="period",
                    label="输赢日期",
                    options=spans.options(clock.today()),
                    default="year",
                    always=True,
                ),
                Choice(
                    name="by",
                    label="按",
                    options=[("count", "数量"), ("amount", "金额")],
                    default="count",
                    always=True,
                ),
            ],
            topics=("opportunity", "competitor_entry", "customer"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("输赢分析", note="点击数字或柱子查看对应的商机"), bar])
    return (bar,)


@app.cell
def _(actor, bar, params, visit):
    visit
    chosen = in_force(bar.value["chosen"])
    # The change feed's version is read so that what others did appears here.
    bar.value["version"]
    data, cut = funnel_data(actor), cut_of(chosen)
    by_count = chosen.get("by") != "amount"
    span = spans.span_of(chosen.get("period", "year"), data.day).until(data.day)
    earlier = spans.before(chosen.get("period", "year"), data.day)
    deals = win_loss.decided(data, cut, span)
    stated = stated_lines(actor, bar.widget.in_words(), data.read_at)
    view = tuple(str(params.get(name, "")) for name in ("dim", "of", "state"))

    def here(count, dim, key="", state=""):
        """Return a number that opens its deals on this page."""
        address = link("win_loss", dim=dim or None, of=key, state=state or None, **chosen)
        return cards.anchor(shown.number(count), address) if count else "0"

    return by_count, chosen, cut, data, deals, earlier, here, span, stated, view


@app.cell
def _(chosen, cut, data, deals, earlier, span):
    _now = win_loss.figures(deals)
    _then = win_loss.figures(win_loss.decided(data, cut, earlier))
    _against = f"较 {earlier.start:%Y-%m-%d} 至 {earlier.end:%m-%d}"

    def _grown(now, then):
        return float(now / then) - 1 if then else None

    def _points(now, then):
        if now is None or then is None:
            return f"{_against} 无可比"
        return f"{_against} {(now - then) * 100:+.1f} 个百分点"

    def _rows(state=""):
        return link("win_loss", state=state or "all", **chosen)

    mo.vstack(
        [
            cards.stats(
                [
                    cards.Stat(
                        label="赢单率（按数量）",
                        value=shown.percent(_now.rate),
                        note=_points(_now.rate, _then.rate),
                        href=_rows(),
                    ),
                    cards.Stat(
                        label="赢单率（按金额）",
                        value=shown.percent(_now.amount_rate),
                        note=_points(_now.amount_rate, _then.amount_rate),
                        href=_rows(),
                    ),
                    cards.Stat(
                        label=f"赢单 {shown.number(_now.won)} 个",
                        value=shown.short_money(_now.won_amount),
                        change=_grown(_now.won_amount, _then.won_amount),
                        against=_against,
                        note="从登记到赢单（中位）"
                        + ("—" if _now.median_days is None else f" {_now.median_days:g} 天"),
                        href=_rows("won"),
                    ),
                    cards.Stat(
                        label=f"输单 {shown.number(_now.lost)} 个",
                        value=shown.short_money(_now.lost_amount),
                        change=_grown(_now.lost_amount, _then.lost_amount),
                        against=_against,
                        good="down",
                        href=_rows("lost"),
                    ),
                ]
            ),
            cards.show(
                cards.h(
                    "div",
                    f"输赢日期 {shown.day(span.start)} 至 {shown.day(span.end)}；"
                    f"数据时间 {shown.moment(data.read_at)}，只含您可见的商机；"
                    "未定输赢就关闭的不计",
                    class_="sm-note",
                )
            ),
        ]
    )
    return


@app.cell
def _(visit):
    # Of this visit; what others change meanwhile leaves them as they are.
    visit
    picks = Picks(REASON)
    return (picks,)


@app.cell
def _(actor, by_count, deals, picks, stated):
    mo.stop(deals.is_empty(), cards.empty("暂无数据：该期间没有赢单或输单"))
    _reasons = win_loss.pareto(deals, by_count=by_count)
    _heads = ["输单原因", "输单（个）", "预计金额"]
    _shares = [
        Column(name=name, label=label, kind="percent")
        for name, label in (("share", "占比"), ("running", "累计占比"))
    ]
    reason_chart = picks.chart(pareto_chart(_reasons, by_count=by_count))
    reason_tools = picks.tools(
        chart_tools(
            actor,
            "输单原因",
            stated,
            lambda: Sheet(
                "输单原因", [*_heads, *_shares], _reasons.rows(), _reasons["reason"].to_list()
            ),
        )
    )
    _none = cards.empty("该期间没有输单")
    mo.vstack(
        [
            cards.section("输单原因", note="从多到少；点击可筛选下面的商机，再点一次取消"),
            *([_none] if _reasons.is_empty() else [reason_tools, reason_chart]),
        ]
    )
    return reason_chart, reason_tools


@app.cell
def _(actor, by_count, cut, data, deals, stated):
    mo.stop(deals.is_empty())
    _months = win_loss.by_month(data, cut)
    _heads = [
        *("月份", "赢单（个）", "输单（个）", "赢单金额", "输单金额"),
        Column(name="rate", label="赢单率（按数量）", kind="percent"),
        Column(name="amount_rate", label="赢单率（按金额）", kind="percent"),
    ]
    month_tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "输赢趋势",
            stated,
            lambda: Sheet("输赢趋势", _heads, _months.drop("key").rows()),
        )
    )
    _both = mo.vstack(
        [
            cards.section("每月趋势", note="近 12 个月"),
            month_tools,
            LiveChart(month_chart(_months, by_count=by_count)),
        ]
    ).style(BLOCK)
    _rates = ("label", "won", "lost", "rate", "amount_rate")
    rate_tools = mo.ui.anywidget(
        chart_tools(
            actor,
            "赢单率趋势",
            stated,
            lambda: Sheet("赢单率趋势", [*_heads[:3], *_heads[5:]], _months.select(_rates).rows()),
        )
    )
    _rate = mo.vstack(
        [
            cards.section("每月赢单率", note="按数量" if by_count else "按金额"),
            rate_tools,
            LiveChart(rate_chart(_months, by_count=by_count)),
        ]
    ).style(BLOCK)
    mo.hstack([_both, _rate], gap=2, wrap=True, align="start")
    return month_tools, rate_tools


@app.cell
def _(actor, chosen, deals, picks, reason_chart, reason_tools, view):
    _picked = picks.now(reason_chart, reason_tools)
    _frame = win_loss.with_reasons(win_loss.behind(deals, *view), _picked)
    _dim, _key, _state = view
    _told = [STATES[_state]] if _state in STATES else []
    if _dim in set(By):
        _groups = dict(win_loss.grouped(deals, By(_dim)).select("key", "label").rows())
        _told.insert(0, f"{DIMENSIONS[By(_dim)]} {_groups.get(_key, _key or win_loss.UNKNOWN)}")
    _told += ["、".join(_picked)] if _picked else []
    _close = [cards.anchor("显示全部", link("win_loss", **chosen))] if any(view) else []
    _shown = _frame.with_columns(result=_frame["outcome"].cast(str).replace(STATES))

    behind = mo.ui.anywidget(
        deals_with(
            actor,
            _shown,
            [
                Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=112),
                Column(name="subject", label=words.OPPORTUNITY["subject"]),
                Column(name="customer", label=words.OPPORTUNITY["customer"], width=150),
                Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
                Column(
                    name="result",
                    label="结果",
                    kind="tag",
                    tones={"赢单": "good", "输单": "mute"},
                    width=64,
                ),
                Column(name="reason", label="原因", width=100),
                Column(name="competitor", label="输给谁", width=92),
                Column(name="stage", label="结束时阶段", width=104),
                Column(name="amount", label="金额", kind="money", width=116),
                Column(name="decided_on", label="输赢日期", kind="date", width=98),
            ],
            key="d",
            empty="没有对应的商机",
        )
    )
    mo.vstack(
        [
            cards.section(
                f"商机明细：{' · '.join(_told) or '全部'}",
                note="赢单为成交金额，输单为预计金额",
                links=_close,
            ),
            behind,
        ]
    )
    return (behind,)


@app.cell
def _(deals, here):
    mo.stop(deals.is_empty())
    _lost_only = (By.COMPETITOR, By.STAGE)

    def _table(by):
        rows = win_loss.grouped(deals, by)
        if by in _lost_only or by is By.WIN_REASON:
            state = "won" if by is By.WIN_REASON else "lost"
            heads = [DIMENSIONS[by], STATES[state], "金额"]
            cells = [
                (r["label"], here(r[state], by, r["key"]), shown.short_money(r[f"{state}_amount"]))
                for r in rows.head(MOST).iter_rows(named=True)
            ]
        else:
            heads = [DIMENSIONS[by], "赢单", "输单", "赢单金额", "赢单率"]
            cells = [
                (
                    r["label"],
                    here(r["won"], by, r["key"], "won"),
                    here(r["lost"], by, r["key"], "lost"),
                    shown.short_money(r["won_amount"]),
                    shown.percent(r["rate"]),
                )
                for r in rows.head(MOST).iter_rows(named=True)
            ]
        more = f"前 {MOST} 名，共 {rows.height}" if rows.height > MOST else ""
        return mo.vstack(
            [
                cards.section(DIMENSIONS[by], note=more),
                cards.small_table(heads, cells, right=tuple(range(1, len(heads)))),
            ]
        ).style(BLOCK)

    _shown = [by for by in DIMENSIONS if by is not By.LOSS_REASON]
    mo.hstack([_table(by) for by in _shown], gap=2, wrap=True, align="start")
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="拜访与销售阶段 · 榫卯")

with app.setup:
    from datetime import timedelta

    import altair as alt
    import marimo as mo
    import polars as pl

    from crmlib import clock
    from crmlib.analysis.exporting import download
    from crmlib.analysis.frames import reader
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart import STAGES, styled

    TITLE = "拜访与销售阶段"
    DAYS = {"近 90 天": 90, "近 180 天": 180, "近一年": 365, "近三年": 1096}
    BOUNDS, GROUPS = (0, 2, 5), ("无拜访", "1–2 次", "3–5 次", "5 次以上")


@app.cell
def _():
    data = reader()
    deals = data.opportunities()
    return data, deals


@app.cell
def _():
    days = mo.ui.dropdown(DAYS, value="近一年", label="活动创建于")
    mo.vstack([cards.page_title(TITLE, note="已完成的活动，按商机当前的阶段"), days])
    return (days,)


@app.cell
def _(data, days, deals):
    _text = pl.col("activity_type", "stage", "status").cast(pl.String)
    _since = clock.today() - timedelta(days=days.value)
    done = (
        data.activities(since=_since)
        .with_columns(_text)
        .filter(pl.col("status") == "已完成", pl.col("opportunity_id").is_not_null())
        .select("opportunity_id", pl.col("activity_type").fill_null("未填写"))
        .join(
            deals.select("opportunity_id", pl.col("stage").cast(pl.String), "position", "outcome"),
            on="opportunity_id",
        )
    )
    cells = done.group_by("stage", "position", "activity_type").agg(count=pl.len())
    return cells, done


@app.cell
def _(cells):
    mo.stop(cells.is_empty(), cards.empty("暂无数据：没有您可见的已完成的商机活动"))
    _order = cells.sort("position")["stage"].unique(maintain_order=True).to_list()
    _base = alt.Chart(cells).encode(
        x=alt.X("stage:N", sort=_order, title="销售阶段", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("activity_type:N", title=None),
        tooltip=[
            alt.Tooltip("stage:N", title="销售阶段"),
            alt.Tooltip("activity_type:N", title="活动类型"),
            alt.Tooltip("count:Q", title="已完成"),
        ],
    )
    _half = cells["count"].max() / 2
    _chart = alt.layer(
        _base.mark_rect().encode(
            color=alt.Color("count:Q", legend=None, scale=alt.Scale(range=["#eef5f4", STAGES[-1]]))
        ),
        _base.mark_text().encode(
            text="count:Q",
            color=alt.when(alt.datum.count > _half)
            .then(alt.value("#ffffff"))
            .otherwise(alt.value("#1d2529")),
        ),
    ).properties(width="container", height={"step": 34}, description="活动类型与销售阶段的次数")
    chart = mo.ui.altair_chart(styled(_chart), chart_selection=False, legend_selection=False)
    chart
    return (chart,)


@app.cell
def _(deals, done):
    _visits = (
        done.filter(pl.col("activity_type").str.contains("拜访"))
        .group_by("opportunity_id")
        .agg(visits=pl.len())
    )
    _outcome = pl.col("outcome").cast(pl.String)
    rows = (
        deals.join(_visits, on="opportunity_id", how="left")
        .with_columns(pl.col("visits").fill_null(0))
        .with_columns(place=sum((pl.col("visits") > bound).cast(pl.Int64) for bound in BOUNDS))
        .group_by("place")
        .agg(
            deals=pl.len(),
            decided=(_outcome != "进行中").sum(),
            won=(_outcome == "赢单").sum(),
        )
        .sort("place")
        .with_columns(
            group=pl.col("place").replace_strict(dict(enumerate(GROUPS)), return_dtype=pl.String),
            rate=pl.col("won") / pl.col("decided"),
        )
    )
    return (rows,)


@app.cell
def _(rows):
    mo.stop(rows.is_empty())
    mo.vstack(
        [
            cards.section("拜访次数与赢单", note="所选时间内的拜访"),
            cards.small_table(
                ["拜访次数", "商机数", "已有结果", "赢单", "转化率"],
                [
                    (
                        r["group"],
                        shown.number(r["deals"]),
                        shown.number(r["decided"]),
                        shown.number(r["won"]),
                        shown.percent(r["rate"] if r["decided"] else None),
                    )
                    for r in rows.to_dicts()
                ],
                right=(1, 2, 3, 4),
            ),
        ]
    )
    return


@app.cell
def _(cells, data):
    mo.stop(cells.is_empty())
    _named = {
        "stage": "销售阶段",
        "position": "阶段顺序",
        "activity_type": "活动类型",
        "count": "已完成",
    }
    export = download(data, cells.sort("position", "activity_type").rename(_named), TITLE)
    export
    return (export,)


if __name__ == "__main__":
    app.run()

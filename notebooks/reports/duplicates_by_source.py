import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="重复候选（按来源） · 榫卯")

with app.setup:
    import altair as alt
    import marimo as mo
    import polars as pl

    from crmlib.analysis.exporting import download
    from crmlib.analysis.frames import reader
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart import CATEGORIES, amount_axis, styled

    TITLE = "重复候选（按来源）"
    STATES = ["待审", "暂缓", "已合并", "不是重复", "关联公司"]


@app.cell
def _():
    data = reader()
    pairs = data.duplicates().with_columns(
        pl.col("source", "channel", "status").cast(pl.String).fill_null("未填写")
    )
    return data, pairs


@app.cell
def _():
    by = mo.ui.dropdown({"发现方式": "source", "客户来源": "channel"}, value="发现方式", label="按")
    mo.vstack([cards.page_title(TITLE), by])
    return (by,)


@app.cell
def _(by, pairs):
    mo.stop(pairs.is_empty(), cards.empty("暂无数据：没有您可见的重复候选"))
    rows = pairs.group_by(pl.col(by.value).alias("name"), "status").agg(count=pl.len())
    _order = rows.group_by("name").agg(pl.col("count").sum()).sort("count", descending=True)
    _colours = alt.Scale(domain=STATES, range=list(CATEGORIES[: len(STATES)]))
    _chart = (
        alt.Chart(rows)
        .mark_bar(height=16)
        .encode(
            y=alt.Y("name:N", sort=_order["name"].to_list(), title=None),
            x=alt.X("count:Q", axis=amount_axis("候选（对）", grid=True, tickMinStep=1)),
            color=alt.Color("status:N", scale=_colours, legend=alt.Legend(title=None)),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("name:N", title=by.selected_key),
                alt.Tooltip("status:N", title="状态"),
                alt.Tooltip("count:Q", title="候选"),
            ],
        )
        .transform_calculate(place=f"indexof({STATES}, datum.status)")
        .properties(width="container", height={"step": 30}, description="重复候选按来源和状态")
    )
    chart = mo.ui.altair_chart(styled(_chart), chart_selection=False, legend_selection=False)
    chart
    return chart, rows


@app.cell
def _(by, pairs):
    _judged = pl.col("status").is_in(STATES[2:])
    _same = pl.col("status") == STATES[2]
    table = (
        pairs.group_by(pl.col(by.value).alias("name"))
        .agg(
            count=pl.len(),
            waiting=(pl.col("status") == STATES[0]).sum(),
            judged=_judged.sum(),
            merged=_same.sum(),
            score=pl.col("same").median(),
        )
        .sort("count", descending=True)
    )
    mo.stop(table.is_empty())
    cards.small_table(
        [by.selected_key, "候选", "待审", "已判定", "判为重复", "相似度（中位）"],
        [
            (
                r["name"],
                shown.number(r["count"]),
                shown.number(r["waiting"]),
                shown.number(r["judged"]),
                shown.percent(r["merged"] / r["judged"] if r["judged"] else None),
                shown.percent(r["score"]),
            )
            for r in table.to_dicts()
        ],
        right=(1, 2, 3, 4, 5),
    )
    return (table,)


@app.cell
def _(data, table):
    mo.stop(table.is_empty())
    _named = {
        "name": "来源",
        "count": "候选",
        "waiting": "待审",
        "judged": "已判定",
        "merged": "已合并",
        "score": "相似度中位",
    }
    export = download(data, table.rename(_named), TITLE)
    export
    return (export,)


if __name__ == "__main__":
    app.run()

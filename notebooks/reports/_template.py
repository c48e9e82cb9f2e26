import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="模板 · 榫卯")

with app.setup:
    import altair as alt
    import marimo as mo
    import polars as pl

    from crmlib.analysis.exporting import download
    from crmlib.analysis.frames import reader, titled
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart import BRAND, amount_axis, styled

    # 与文件开头的 app_title 一致：菜单和页面的标题
    TITLE = "模板"


@app.cell
def _():
    # 第一个单元格取得数据入口：在编辑器里是脱敏的全公司数据，发布后是读者有权看的数据
    data = reader()
    deals = data.opportunities()
    return data, deals


@app.cell
def _():
    by = mo.ui.dropdown(
        {"行业": "industry", "区域": "region", "负责部门": "office", "销售阶段": "stage"},
        value="行业",
        label="按",
    )
    mo.vstack([cards.page_title(TITLE), by])
    return (by,)


@app.cell
def _(by, deals):
    rows = (
        deals.filter("is_open")
        .group_by(pl.col(by.value).cast(pl.String).fill_null("未填写").alias("name"))
        .agg(count=pl.len(), amount=pl.col("amount").sum())
        .sort("amount", descending=True, nulls_last=True)
    )
    return (rows,)


@app.cell
def _(by, rows):
    mo.stop(rows.is_empty(), cards.empty("暂无数据：没有您可见的在手商机"))
    _chart = (
        alt.Chart(rows.with_columns(pl.col("amount").cast(pl.Float64)))
        .mark_bar(color=BRAND)
        .encode(
            y=alt.Y("name:N", sort=None, title=by.selected_key),
            x=alt.X("amount:Q", axis=amount_axis("预计金额（元）", grid=True)),
            tooltip=[
                alt.Tooltip("name:N", title=by.selected_key),
                alt.Tooltip("count:Q", title="商机数"),
                alt.Tooltip("amount:Q", title="预计金额", format=",.0f"),
            ],
        )
        .properties(width="container", height={"step": 26}, description="在手商机的预计金额")
    )
    chart = mo.ui.altair_chart(styled(_chart), chart_selection=False, legend_selection=False)
    chart
    return (chart,)


@app.cell
def _(by, rows):
    cards.small_table(
        [by.selected_key, "商机数", "预计金额"],
        [(r["name"], shown.number(r["count"]), shown.money(r["amount"])) for r in rows.to_dicts()],
        right=(1, 2),
    )
    return


@app.cell
def _(data, rows):
    export = download(data, titled(rows.rename({"name": "分组", "count": "商机数"})), TITLE)
    export
    return (export,)


if __name__ == "__main__":
    app.run()

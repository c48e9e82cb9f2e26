import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="转化率（按行业） · 榫卯")

with app.setup:
    import altair as alt
    import marimo as mo
    import polars as pl

    from crmlib.analysis.exporting import download
    from crmlib.analysis.frames import reader
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.chart import BRAND, styled

    TITLE = "转化率（按行业）"
    ALL = "全部年份"


@app.cell
def _():
    data = reader()
    decided = data.opportunities().filter(pl.col("outcome").cast(pl.String).is_in(["赢单", "输单"]))
    return data, decided


@app.cell
def _(decided):
    _years = decided["decided_on"].dt.year().unique().drop_nulls().sort(descending=True)
    year = mo.ui.dropdown([ALL, *(str(y) for y in _years)], value=ALL, label="输赢日期")
    mo.vstack([cards.page_title(TITLE), year])
    return (year,)


@app.cell
def _(decided, year):
    _kept = decided
    if year.value != ALL:
        _kept = decided.filter(pl.col("decided_on").dt.year() == int(year.value))
    _won = pl.col("outcome").cast(pl.String) == "赢单"
    rows = (
        _kept.group_by(industry=pl.col("industry").cast(pl.String).fill_null("未填写"))
        .agg(
            count=pl.len(),
            won=_won.sum(),
            rate=_won.mean(),
            amount=pl.col("won_amount").fill_null(pl.col("amount")).filter(_won).sum(),
        )
        .sort("rate", "count", descending=True)
    )
    return (rows,)


@app.cell
def _(rows):
    mo.stop(rows.is_empty(), cards.empty("暂无数据：没有您可见的已赢或已输的商机"))
    _count, _won = rows["count"].sum(), rows["won"].sum()
    cards.stats(
        [
            cards.Stat(label="已有结果的商机", value=shown.number(_count)),
            cards.Stat(label="赢单", value=shown.number(_won)),
            cards.Stat(label="转化率", value=shown.percent(_won / _count)),
            cards.Stat(label="赢单金额", value=shown.short_money(rows["amount"].sum())),
        ]
    )
    return


@app.cell
def _(rows):
    mo.stop(rows.is_empty())
    _base = alt.Chart(rows.drop("amount")).encode(
        y=alt.Y("industry:N", sort=None, title=None),
        x=alt.X(
            "rate:Q",
            title="转化率",
            axis=alt.Axis(format="%", tickCount=5),
            scale=alt.Scale(domain=[0, 1]),
        ),
        tooltip=[
            alt.Tooltip("industry:N", title="行业"),
            alt.Tooltip("rate:Q", title="转化率", format=".1%"),
            alt.Tooltip("won:Q", title="赢单"),
            alt.Tooltip("count:Q", title="已有结果"),
        ],
    )
    _chart = alt.layer(
        _base.mark_bar(color=BRAND, height=14),
        _base.mark_text(align="left", dx=4).encode(text=alt.Text("rate:Q", format=".0%")),
    ).properties(width="container", height=26 * rows.height, description="各行业的转化率")
    chart = mo.ui.altair_chart(styled(_chart), chart_selection=False, legend_selection=False)
    chart
    return (chart,)


@app.cell
def _(rows):
    mo.stop(rows.is_empty())
    cards.small_table(
        ["行业", "已有结果", "赢单", "转化率", "赢单金额"],
        [
            (
                r["industry"],
                shown.number(r["count"]),
                shown.number(r["won"]),
                shown.percent(r["rate"]),
                shown.money(r["amount"]),
            )
            for r in rows.to_dicts()
        ],
        right=(1, 2, 3, 4),
    )
    return


@app.cell
def _(data, rows):
    mo.stop(rows.is_empty())
    _named = {
        "industry": "行业",
        "count": "已有结果",
        "won": "赢单",
        "rate": "转化率",
        "amount": "赢单金额",
    }
    export = download(data, rows.rename(_named), TITLE)
    export
    return (export,)


if __name__ == "__main__":
    app.run()

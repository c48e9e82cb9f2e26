import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="回收站 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.recycling.queries import BinQuery, bin_page, reason_options
    from crmlib.recycling.rules import KEPT_DAYS
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor):
    mo.stop(
        not actor.may(Permission.CUSTOMER_RECYCLE),
        cards.notice("您没有权限查看回收站", "warn"),
    )

    def fetch(asked):
        found = bin_page(
            actor,
            BinQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                text=asked.find_text,
                reason=asked.filters.get("reason", ""),
            ),
        )
        return Page(found.rows.to_dicts(), found.total)

    return (fetch,)


@app.cell
def _(fetch, params):
    bin_list = mo.ui.anywidget(
        Grid(
            [
                Column(name="code", label=words.CUSTOMER["code"], kind="code", width=120),
                Column(name="name", label=words.CUSTOMER["name"]),
                Column(name="owner", label=words.CUSTOMER["owner"], width=84),
                Column(name="office", label=words.CUSTOMER["office"], width=90),
                Column(name="reason", label=words.RECYCLED["reason"], width=120),
                Column(name="note", label=words.RECYCLED["note"], width=150, sortable=False),
                Column(name="recycled_by", label=words.RECYCLED["recycled_by"], width=84),
                Column(
                    name="recycled_at",
                    label=words.RECYCLED["recycled_at"],
                    kind="datetime",
                    width=140,
                ),
                Column(
                    name="may_go_on", label="可彻底删除日期", kind="date", width=116, sortable=False
                ),
            ],
            fetch,
            key="r",
            row_href="customer",
            find_fields=[("text", "客户名称或代码")],
            filters=[
                Filter(
                    name="reason",
                    label=words.RECYCLED["reason"],
                    options=[(o.code, o.name) for o in reason_options()],
                )
            ],
            sort="recycled_at",
            descending=True,
            empty="回收站是空的",
            topics=("customer",),
            state=params,
        )
    )
    _note = f"打开客户后可以恢复；满 {KEPT_DAYS} 天且没有关联记录的客户可由信息部彻底删除"
    mo.vstack(
        [
            cards.page_title("回收站", note=_note, steps=("客户管理", "客户分类", "回收站")),
            bin_list,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

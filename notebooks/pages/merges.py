import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="合并单 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.merges import MergesQuery, mergers, merges_page
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
    def day(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None

    def fetch(asked):
        chosen = asked.filters
        first, _, last = chosen.get("day", "..").partition("..")
        found = merges_page(
            actor,
            MergesQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                text=asked.find_text,
                person_id=int(chosen["person"]) if chosen.get("person", "").isdecimal() else None,
                first_day=day(first),
                last_day=day(last),
                undone={"yes": True, "no": False}.get(chosen.get("undone", "")),
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["state"] = "已撤销" if row["undone_at"] else "有效"
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(actor, fetch, params):
    merges = mo.ui.anywidget(
        Grid(
            [
                Column(name="number", label="合并单号", kind="code", width=130),
                Column(name="survivor", label="保留方"),
                Column(name="loser", label="被合并方"),
                Column(name="reason", label="原因", width=160, sortable=False),
                Column(name="merged_by", label="操作人", width=84),
                Column(name="merged_at", label="合并时间", kind="datetime", width=140),
                Column(
                    name="state",
                    label="状态",
                    kind="tag",
                    width=84,
                    sortable=False,
                    tones={"有效": "good", "已撤销": "mute"},
                ),
            ],
            fetch,
            key="h",
            row_href="merge",
            find_fields=[("text", "单号、名称或代码")],
            filters=[
                Filter(name="person", label="操作人", options=mergers(actor)),
                Filter(name="day", label="合并日期", kind="between"),
                Filter(name="undone", label="状态", options=[("no", "有效"), ("yes", "已撤销")]),
            ],
            sort="merged_at",
            descending=True,
            empty="还没有合并单",
            topics=("merge",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("合并单", note="每次合并都可以在 90 天内撤销"), merges])
    return


if __name__ == "__main__":
    app.run()

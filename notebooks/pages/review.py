import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="重复候选 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.duplicates.model import PairSource, PairStatus
    from crmlib.duplicates.queue import QueueQuery, queue_page
    from crmlib.reference.queries import region_choices
    from crmlib.ui import cards
    from crmlib.ui.choices import by_id
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
    def fetch(asked):
        chosen = asked.filters
        found = queue_page(
            actor,
            QueueQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                statuses=(PairStatus(chosen.get("status", PairStatus.OPEN)),),
                min_same=float(chosen.get("min", 0)),
                region_id=int(chosen["region"]) if "region" in chosen else None,
                sources=(PairSource(chosen["source"]),) if "source" in chosen else (),
                text=asked.find_text,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["source"] = words.PAIR_SOURCE.get(row["source"], row["source"])
            row["owners"] = f"{row['a_owner'] or '—'} / {row['b_owner'] or '—'}"
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(fetch, params):
    queue = mo.ui.anywidget(
        Grid(
            [
                Column(name="same", label="相似度", kind="percent", width=84),
                Column(
                    name="kind",
                    label="类型",
                    kind="tag",
                    width=70,
                    sortable=False,
                    tones={"重复": "warn", "关联": "info"},
                ),
                Column(name="a_name", label="客户甲"),
                Column(name="b_name", label="客户乙"),
                Column(name="reasons", label="依据", width=240, sortable=False),
                Column(name="a_region", label="区域", width=104, sortable=False),
                Column(name="owners", label="负责人", width=130, sortable=False),
                Column(name="source", label="来源", width=84),
                Column(name="age_days", label="天数", kind="number", width=60, sortable=False),
            ],
            fetch,
            key="q",
            row_href="pair",
            find_fields=[("text", "名称或代码")],
            filters=[
                Filter(
                    name="status",
                    label="状态",
                    options=list(words.PAIR_STATUS.items()),
                    default=PairStatus.OPEN.value,
                ),
                Filter(
                    name="min",
                    label="相似度",
                    options=[("0.9", "≥ 90%"), ("0.7", "≥ 70%"), ("0.5", "≥ 50%")],
                ),
                Filter(name="region", label="区域", options=by_id(region_choices())),
                Filter(name="source", label="来源", options=list(words.PAIR_SOURCE.items())),
            ],
            sort="same",
            descending=True,
            empty="没有待审的重复候选",
            topics=("duplicate_pair",),
            state=params,
        )
    )
    mo.vstack([cards.page_title("重复候选", note="点击一行，左右对比后决定"), queue])
    return


if __name__ == "__main__":
    app.run()

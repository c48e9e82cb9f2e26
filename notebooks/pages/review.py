import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="重复候选 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.duplicates.model import PairStatus
    from crmlib.duplicates.queue import decided_today, queue_page, responsible, threshold_counts
    from crmlib.duplicates.selection import KEY, asked
    from crmlib.reference.queries import region_choices
    from crmlib.ui import cards
    from crmlib.ui.choices import by_id
    from crmlib.ui.grid import Column, Filter, Grid, Page, address
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.threshold import Stop, Threshold


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
    def fetch(wanted):
        found = queue_page(
            actor,
            asked(
                wanted.filters,
                sort=wanted.sort,
                descending=wanted.descending,
                text=wanted.find_text,
                page=wanted.page,
                size=wanted.size,
            ),
        )
        # The desk follows the filters and the order of the list it was opened from.
        way = address(KEY, wanted)
        rows = found.rows.to_dicts()
        for row in rows:
            row["owners"] = f"{row['a_owner'] or '—'} / {row['b_owner'] or '—'}"
            row["way"] = link("pair", row["id"], **way)
        return Page(rows, found.total, f"今天您已处理 {decided_today(actor)} 对")

    def stops():
        return [
            Stop(
                at=row["threshold"],
                waiting=row["open"],
                judged=row["decided"],
                wrong=row["wrong_share"],
            )
            for row in threshold_counts(actor).to_dicts()
        ]

    return fetch, stops


@app.cell
def _(actor):
    people = responsible(actor)
    _ages = [
        ("7..", "7 天以上"),
        ("30..", "30 天以上"),
        ("90..", "90 天以上"),
        ("..7", "7 天以内"),
        ("7..30", "7–29 天"),
        ("30..90", "30–89 天"),
    ]
    filters = [
        Filter(
            name="status",
            label="状态",
            options=list(words.PAIR_STATUS.items()),
            default=PairStatus.OPEN.value,
        ),
        Filter(name="kind", label="类型", options=[("same", "重复"), ("related", "关联")]),
        Filter(name="region", label="区域", options=by_id(region_choices())),
        Filter(name="office", label="部门", options=list(people.offices)),
        Filter(name="owner", label="负责人", options=list(people.owners)),
        Filter(name="source", label="来源", options=list(words.PAIR_SOURCE.items())),
        Filter(name="age", label="天数", options=_ages),
        Filter(name="cluster", label="同组", options=[("3", "≥ 3 家"), ("5", "≥ 5 家")]),
        Filter(name="min", label="相似度", kind="hidden"),
        Filter(name="max", label="相似度", kind="hidden"),
    ]
    return (filters,)


@app.cell
def _(fetch, filters, params, stops):
    queue = mo.ui.anywidget(
        Grid(
            [
                Column(name="same", label="相似度", kind="percent", width=76),
                Column(
                    name="kind",
                    label="类型",
                    kind="tag",
                    width=62,
                    tones={"重复": "warn", "关联": "info"},
                ),
                Column(name="a_name", label="客户甲"),
                Column(name="b_name", label="客户乙"),
                Column(name="reasons", label="依据", width=210, sortable=False),
                Column(name="a_region", label="区域", width=110),
                Column(name="owners", label="负责人", width=130),
                Column(name="cluster", label="同组", kind="number", width=58),
                Column(name="source", label="来源", width=76),
                Column(name="age_days", label="天数", kind="number", width=58),
            ],
            fetch,
            key=KEY,
            row_href=lambda row: row["way"],
            find_fields=[("text", "名称或代码")],
            filters=filters,
            sort="same",
            descending=True,
            empty="没有待审的重复候选",
            topics=("duplicate_pair",),
            state=params,
        )
    )
    slider = mo.ui.anywidget(Threshold(stops, key=KEY, topics=("duplicate_pair",)))
    mo.vstack(
        [
            cards.page_title("重复候选", note="↑ ↓ 选行，回车打开，左右对比后决定"),
            slider,
            queue,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

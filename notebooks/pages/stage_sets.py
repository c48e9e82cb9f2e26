import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="销售阶段定义 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.opportunities.stage_queries import flows_shown, sets_frame, stages_frame
    from crmlib.people.schemes import keeper
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, visit):
    visit
    mo.stop(
        not actor.may(Permission.STAGE_SIGN), cards.notice("您没有权限查看销售阶段定义", "warn")
    )
    cards.page_title(
        "销售阶段定义",
        steps=("业务资料", "销售阶段定义"),
        note="修改时先复制为新版本，经综合部、信息部、区域经理会签后生效",
    )
    return


@app.cell
def _(actor):
    def page(frame, asked):
        for name, value in asked.filters.items():
            frame = frame.filter(frame[name] == value)
        if asked.find_text:
            frame = frame.filter(
                frame[asked.find_field].str.contains(asked.find_text, literal=True)
            )
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        return Page(frame.slice(asked.offset, asked.size).to_dicts(), frame.height)

    def fetch_stages(asked):
        found = page(stages_frame(actor), asked)
        for row in found.rows:
            row["disabled"] = words.STAGE["disabled"] if row["disabled"] else "在用"
        return found

    def fetch_sets(asked):
        found = page(sets_frame(actor), asked)
        for row in found.rows:
            row["number"] = f"第{row['number']}版"
            row["status"] = words.STAGE_SET_STATUS[row["status"]]
        return found

    return fetch_sets, fetch_stages


@app.cell
def _(actor, fetch_stages, params):
    stages = mo.ui.anywidget(
        Grid(
            [
                Column(name="flow", label=words.STAGE_SET["name"], width=96),
                Column(name="code", label=words.STAGE["code"], kind="code", width=104),
                Column(name="name", label=words.STAGE["name"], width=170),
                Column(name="position", label=words.STAGE["position"], kind="number", width=64),
                Column(
                    name="probability", label=words.STAGE["probability"], kind="number", width=92
                ),
                Column(
                    name="standard_days",
                    label=words.STAGE["standard_days"],
                    kind="number",
                    width=84,
                ),
                Column(name="checklist", label=words.STAGE["checklist"]),
                Column(name="deals", label="进行中商机", kind="number", width=96),
                Column(
                    name="disabled",
                    label="状态",
                    kind="tag",
                    width=72,
                    tones={"在用": "good"},
                ),
            ],
            fetch_stages,
            key="s",
            row_href="stage",
            find_fields=[("name", words.STAGE["name"]), ("code", words.STAGE["code"])],
            filters=[
                Filter(name="flow", label=words.STAGE_SET["name"], options=flows_shown(actor))
            ],
            empty="还没有生效的阶段",
            topics=("stage", "stage_set"),
            schemes=keeper(actor, "stage"),
            state=params,
        )
    )
    mo.vstack([cards.section("现行阶段"), stages])
    return


@app.cell
def _(actor, fetch_sets, params):
    versions = mo.ui.anywidget(
        Grid(
            [
                Column(name="name", label=words.STAGE_SET["name"], width=110),
                Column(name="number", label=words.STAGE_SET["number"], width=76),
                Column(
                    name="status",
                    label=words.STAGE_SET["status"],
                    kind="tag",
                    width=84,
                    tones={"生效": "good", "会签中": "warn", "草稿": "info"},
                ),
                Column(
                    name="effective_on",
                    label=words.STAGE_SET["effective_on"],
                    kind="date",
                    width=110,
                ),
                Column(name="stages", label="阶段数", kind="number", width=76),
                Column(name="drafted", label=words.STAGE_SET["drafted"], width=84),
                Column(name="agreed", label=words.STAGE_SET["agreed"], width=180),
                Column(name="approved", label=words.STAGE_SET["approved"], width=84),
                Column(name="note", label=words.STAGE_SET["note"]),
            ],
            fetch_sets,
            key="v",
            row_href="stage_set",
            empty="还没有版本",
            topics=("stage", "stage_set", "stage_signature"),
            state=params,
        )
    )
    mo.vstack([cards.section("版本", note="点击版本查看阶段、会签与生效"), versions])
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="销售阶段定义 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.opportunities.model import StageSetStatus
    from crmlib.opportunities.stage_cards import set_card
    from crmlib.opportunities.stage_steps import row_steps, set_steps
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.grid import Column, Grid, Page
    from crmlib.ui.identity import person_id

    TONES = {"draft": "info", "signing": "warn", "active": "good", "retired": "mute"}
    ACTS = {
        "drafted": "制定",
        "submitted": "提交会签",
        "agreed": "会签",
        "returned": "退回",
        "approved": "批准生效",
    }


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = mo.query_params().get("id", ""), {}, 0
    return params, record, visit


@app.cell
def _(actor, record, visit):
    visit
    try:
        card = set_card(actor, int(record))
    except (NotAllowed, ValueError):
        card = None
    mo.stop(card is None, cards.notice("您没有权限查看此版本，或版本不存在", "warn"))
    return (card,)


@app.cell
def _(actor, card):
    steps = mo.ui.anywidget(ActionBar(set_steps(actor, card)))
    _by = {name: "、".join(dict.fromkeys(card.people(name))) for name in ACTS}
    _is_open = card.status in (StageSetStatus.DRAFT, StageSetStatus.SIGNING)
    _left = "、".join(card.signing.missing) if _is_open else ""
    mo.vstack(
        [
            cards.page_title(
                "销售阶段定义",
                record=card.title,
                steps=("业务资料", "销售阶段定义", card.title),
                tags=[cards.tag(words.STAGE_SET_STATUS[card.status], TONES[card.status])],
            ),
            steps,
            cards.details(
                [
                    (words.STAGE_SET["drafted"], _by["drafted"]),
                    (words.STAGE_SET["agreed"], _by["agreed"]),
                    (words.STAGE_SET["approved"], _by["approved"]),
                    (words.STAGE_SET["effective_on"], shown.day(card.effective_on)),
                    ("还缺会签", _left),
                    (words.STAGE_SET["note"], card.note),
                ]
            ),
        ]
    )
    return


@app.cell
def _(actor, card, params):
    def fetch(asked):
        frame = card.stages
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        rows = frame.slice(asked.offset, asked.size).to_dicts()
        for row in rows:
            row["disabled"] = words.STAGE["disabled"] if row["disabled"] else "在用"
        return Page(rows, frame.height)

    stages = mo.ui.anywidget(
        Grid(
            [
                Column(name="position", label=words.STAGE["position"], kind="number", width=64),
                Column(name="code", label=words.STAGE["code"], kind="code", width=110),
                Column(name="name", label=words.STAGE["name"], width=180),
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
                Column(name="note", label=words.STAGE["note"], width=150),
                Column(name="deals", label="进行中商机", kind="number", width=96),
                Column(
                    name="disabled",
                    label="状态",
                    kind="tag",
                    width=72,
                    tones={"在用": "good"},
                ),
            ],
            fetch,
            key="s",
            row_href="stage",
            page_size=50,
            actions=row_steps(actor, card),
            empty="还没有阶段",
            state=params,
        )
    )
    mo.vstack([cards.section("阶段"), stages])
    return


@app.cell
def _(card):
    _rows = [
        (
            shown.moment(act.at),
            f"{act.person}（{act.party}）" if act.party else act.person,
            ACTS[act.act],
            act.comment,
        )
        for act in reversed(card.acts)
    ]
    mo.vstack(
        [
            cards.section("制定、审核、批准"),
            cards.small_table(["时间", "人员", "事项", "意见"], _rows)
            if _rows
            else cards.empty("随系统提供，没有会签记录"),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

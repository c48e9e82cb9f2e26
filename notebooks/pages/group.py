import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="关联公司 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.card import customer_card
    from crmlib.duplicates.group_card import group_table
    from crmlib.duplicates.groups import companies, group_of
    from crmlib.duplicates.links import link_companies, unlink
    from crmlib.duplicates.model import LinkKind
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.fields import Field
    from crmlib.ui.identity import person_id
    from crmlib.ui.options import Option
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), {}
    return params, record


@app.cell
def _(actor, record):
    try:
        card = customer_card(actor, int(record))
    except (NotAllowed, ValueError):
        card = None
    mo.stop(card is None, cards.notice("您没有权限查看此客户，或客户不存在", "warn"))
    members = group_of(actor, card.id)
    mo.vstack(
        [
            cards.page_title(
                "关联公司",
                record=f"{card.name} 的关联公司",
                steps=("数据治理", "关联公司"),
                links=[
                    cards.anchor("打开客户", link("customer", card.id, tab="group"), button=True)
                ],
            ),
            group_table(members, card.id),
        ]
    )
    return card, members


@app.cell
def _(actor, card, members):
    def add(values, token):
        here, there = int(values["base"] or card.id), values["other"]
        done = link_companies(
            actor,
            here,
            there,
            kind=LinkKind(values["kind"]),
            parent_id={"here": here, "there": there}.get(values["above"]),
            note=values["note"],
            token=token,
        )
        return saved(done.text)

    def remove(values, token):
        return saved(unlink(actor, int(values["link"]), token=token).text)

    def search(text, _values):
        return [Option(key, name, code) for key, name, code in companies(actor, text)]

    _within = [(str(m.customer_id), m.name) for m in members] or [(str(card.id), card.name)]
    _links = [
        (str(m.link_id), f"「{m.name}」— {m.relation} —「{m.tied_to}」")
        for m in members
        if m.link_id is not None
    ]
    _bar = ActionBar(
        [
            Action(
                name="add",
                label="添加关联公司",
                kind="primary",
                fields=[
                    Field(name="base", label="本组客户", kind="select", options=_within),
                    Field(
                        name="other", label="关联客户", kind="picker", search="other", required=True
                    ),
                    Field(
                        name="kind",
                        label="关系",
                        kind="radio",
                        options=list(words.LINK_KIND.items()),
                        default="group",
                        required=True,
                        width=2,
                    ),
                    Field(
                        name="above",
                        label="上级",
                        kind="radio",
                        options=[
                            ("here", "本组客户在上"),
                            ("there", "关联客户在上"),
                            ("none", "不分上下级"),
                        ],
                        default="none",
                        width=2,
                    ),
                    Field(name="note", label="说明", max_length=255, width=2),
                ],
                values={"base": str(card.id)},
                columns=2,
                on_submit=add,
                on_ask={"other": search},
            ),
            Action(
                name="remove",
                label="删除关联",
                kind="danger",
                fields=[
                    Field(name="link", label="关联", kind="select", options=_links, required=True)
                ],
                note="由重复候选判定的关联，删除后这一对重新待审。",
                on_submit=remove,
                disabled="" if _links else "没有可以删除的关联",
            ),
        ]
    )
    bar = mo.ui.anywidget(_bar)
    bar if actor.may(Permission.DUPLICATE_REVIEW) else None
    return (bar,)


if __name__ == "__main__":
    app.run()

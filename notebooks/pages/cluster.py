import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="同组候选 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.duplicates.cluster_detail import cluster_of
    from crmlib.duplicates.cluster_merge import merge_cluster, undo_cluster
    from crmlib.duplicates.desk import REASONS
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.cluster import Candidate, ClusterDesk
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, params, record):
    try:
        group = cluster_of(actor, int(record))
    except (NotAllowed, ValueError):
        group = None
    way_back = link("pair", record, **{k: v for k, v in params.items() if k.startswith("q.")})
    _list = cards.anchor("返回列表", link("review"), button=True)
    mo.stop(group is None, cards.notice("您没有权限查看此候选，或候选不存在", "warn", _list))
    mo.stop(len(group.members) < 2, cards.notice("这一组已经处理完了", "good", _list))
    return group, way_back


@app.cell
def _(actor, group, way_back):
    def told(member):
        mine = {}
        apart = []
        for bond in group.bonds:
            if member.id in (bond.a_id, bond.b_id):
                other = str(bond.b_id if bond.a_id == member.id else bond.a_id)
                mine[other] = bond.text
                apart += [] if bond.waits else [other]
        return Candidate(
            id=str(member.id),
            name=member.name,
            code=member.code,
            href=link("customer", member.id),
            tags=(member.status,),
            bonds=mine,
            apart=apart,
        )

    def decide(choice):
        done = merge_cluster(
            actor,
            int(choice.survivor),
            [int(key) for key in choice.losers],
            others=[int(key) for key in choice.others],
            reason=choice.reason,
            others_reason=choice.others_reason,
            confirm_erp=choice.confirmed,
            versions={member.id: member.version for member in group.members},
            token=choice.token,
        )
        return Reply(
            ok=True,
            message=done.text,
            undo="undo_cluster",
            data={"merges": done.merge_ids},
            next=link("review"),
        )

    def undo(_text, values):
        done = undo_cluster(actor, [int(key) for key in values.get("merges", ())])
        return Reply(ok=True, message=done.text)

    desk = mo.ui.anywidget(
        ClusterDesk(
            [told(member) for member in group.members],
            group.fields,
            decide,
            survivor=str(group.survivor_id),
            why=group.survivor_why,
            can_decide=group.can_decide,
            reasons=REASONS,
            on_ask={"undo_cluster": undo},
            back=("返回", way_back),
        )
    )
    mo.vstack(
        [
            cards.page_title(
                "同组候选",
                steps=("数据治理", "重复候选"),
                note="可能是同一家的客户放在一起：选保留方，勾选并入的，一次合并",
            ),
            desk,
        ]
    )
    return


if __name__ == "__main__":
    app.run()

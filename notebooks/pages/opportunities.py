import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="商机维护 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.export import Listing, exporter
    from crmlib.opportunities.choices import stage_choices
    from crmlib.opportunities.model import Outcome
    from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
    from crmlib.opportunities.sharing import partner_options, share_opportunities
    from crmlib.opportunities.tab_steps import share_fields
    from crmlib.people.schemes import keeper
    from crmlib.reference.queries import region_choices
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code, by_id, people
    from crmlib.ui.grid import Column, Filter, Grid, Page, figure
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import refused, saved
    from crmlib.ui.route import link
    from crmlib.ui.row_action import RowAction

    TEN_THOUSAND = 10_000


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _():
    columns = [
        Column(name="number", label=words.OPPORTUNITY["number"], kind="code", width=120),
        Column(name="subject", label=words.OPPORTUNITY["subject"]),
        Column(name="customer", label=words.OPPORTUNITY["customer"], width=160),
        Column(name="owner", label=words.OPPORTUNITY["owner"], width=76),
        Column(name="stage", label=words.OPPORTUNITY["stage"], width=120),
        Column(name="days", label=words.OPPORTUNITY["days"], kind="number", width=80),
        Column(name="amount", label=words.OPPORTUNITY["amount"], kind="money", width=110),
        Column(name="expected_close", label="预计成交", kind="date", width=98),
        Column(
            name="outcome",
            label=words.OPPORTUNITY["outcome"],
            kind="tag",
            width=76,
            tones={"进行中": "info", "赢单": "good", "输单": "mute"},
        ),
        Column(name="closed", label=words.OPPORTUNITY["closed"], kind="bool", width=60),
    ]
    _stages = by_code(stage_choices())
    filters = [
        Filter(name="region", label=words.CUSTOMER["region"], options=by_id(region_choices())),
        Filter(name="stage", label=words.OPPORTUNITY["stage"], options=_stages),
        Filter(name="from", label="阶段不早于", options=_stages),
        Filter(
            name="outcome",
            label=words.OPPORTUNITY["outcome"],
            options=list(words.OUTCOMES.items()),
        ),
        Filter(
            name="closed",
            label=words.OPPORTUNITY["closed"],
            options=[("yes", words.YES), ("no", words.NO)],
        ),
        Filter(name="amount", label="金额不低于（万元）", kind="number"),
        Filter(name="which", label="范围", options=[("mine", "我负责的")]),
        Filter(name="close", label=words.OPPORTUNITY["expected_close"], kind="between"),
    ]
    return columns, filters


@app.cell
def _(actor):
    def fetch(asked):
        chosen = asked.filters
        _least = figure(asked, "amount")
        since, _, until = chosen.get("close", "").partition("..")
        found = opportunity_page(
            actor,
            OpportunityQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                region_id=int(chosen["region"]) if "region" in chosen else None,
                from_stage=chosen.get("from", ""),
                amount_from=None if _least is None else _least * TEN_THOUSAND,
                stages=(chosen["stage"],) if "stage" in chosen else (),
                outcomes=(Outcome(chosen["outcome"]),) if "outcome" in chosen else (),
                closed={"yes": True, "no": False}.get(chosen.get("closed", "")),
                mine=chosen.get("which") == "mine",
                close_from=date.fromisoformat(since) if since else None,
                close_to=date.fromisoformat(until) if until else None,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["outcome"] = words.OUTCOMES[row["outcome"]]
        return Page(rows, found.total)

    return (fetch,)


@app.cell
def _(actor):
    def share(rows, values, token):
        keys = [int(row) for row in rows]
        done = share_opportunities(actor, keys, values["person"], values["ends_on"], token=token)
        if not done.count:
            return refused(done.refused)
        rest = f"；未共享：{done.refused}" if done.refused else ""
        return saved(f"已将 {done.count} 个商机共享给 {done.person}{rest}")

    steps = []
    if actor.may(Permission.OPPORTUNITY_SHARE):
        steps.append(
            RowAction(
                name="share",
                label="共享",
                menu="编辑",
                note="对方可查看所选商机、登记活动、推进阶段；看不到客户的其他商机，不能赢单、输单、关闭。",
                fields=share_fields(people(partner_options(actor))),
                on_submit=share,
                submit_label="添加",
            )
        )
    return (steps,)


@app.cell
def _(actor):
    new = (
        ("新增", link("opportunity_new", workspace="entry"))
        if actor.may(Permission.OPPORTUNITY_CREATE)
        else None
    )
    cards.page_title("商机维护")
    return (new,)


@app.cell
def _(actor, columns, fetch, filters, new, params, steps):
    _finds = [("subject", "主题"), ("customer", "客户"), ("project_name", "项目名称")]
    deals = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key="o",
            row_href="opportunity",
            actions=steps,
            find_fields=_finds,
            filters=filters,
            sort="registered_at",
            descending=True,
            new=new,
            export=exporter(actor, Listing("opportunity", "商机", columns, fetch, filters, _finds)),
            topics=("opportunity",),
            schemes=keeper(actor, "opportunity"),
            state=params,
        )
    )
    deals
    return


if __name__ == "__main__":
    app.run()

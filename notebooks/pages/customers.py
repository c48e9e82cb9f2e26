import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户—维护 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.customers.bulk import (
        assign_customers,
        assign_outlook,
        recycle_customers,
        recycle_outlook,
    )
    from crmlib.customers.listing import FIND_FIELDS, CustomerQuery
    from crmlib.customers.queries import customer_page, form_options, owner_options
    from crmlib.customers.shared import has_shares, shared_levels
    from crmlib.exchange.export import Listing, exporter
    from crmlib.people.schemes import keeper
    from crmlib.recycling.queries import reason_options
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code, by_id, people
    from crmlib.ui.fields import Field
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link
    from crmlib.ui.row_action import RowAction

    SHOWN = 8  # names told one by one


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
    options = form_options(actor)
    return (options,)


@app.cell
def _(actor, options):
    columns = [
        Column(name="code", label=words.CUSTOMER["code"], kind="code", width=130),
        Column(name="name", label=words.CUSTOMER["name"]),
        Column(name="level", label="级别", width=96),
        Column(name="owner", label=words.CUSTOMER["owner"], width=84),
        Column(name="office", label=words.CUSTOMER["office"], width=84),
        Column(name="industry", label=words.CUSTOMER["industry"], width=112),
        Column(name="region", label=words.CUSTOMER["region"], width=112),
        Column(
            name="phone", label=words.CUSTOMER["phone"], kind="phone", width=124, sortable=False
        ),
        Column(
            name="trading",
            label=words.CUSTOMER["trading"],
            kind="tag",
            width=84,
            tones={words.YES: "good", words.NO: "mute"},
        ),
        Column(name="registered_at", label=words.CUSTOMER["registered_at"], kind="date", width=98),
    ]
    if has_shares(actor):
        columns.insert(
            2,
            Column(
                name="shared",
                label="共享",
                kind="tag",
                width=60,
                sortable=False,
                tones=dict.fromkeys(words.SHARE_LEVELS.values(), "info"),
            ),
        )
    filters = [
        Filter(name="region", label=words.CUSTOMER["region"], options=by_id(options.regions)),
        Filter(
            name="industry", label=words.CUSTOMER["industry"], options=by_code(options.industries)
        ),
        Filter(
            name="trading",
            label=words.CUSTOMER["trading"],
            options=[("yes", words.YES), ("no", words.NO)],
        ),
        Filter(
            name="which",
            label="范围",
            options=[
                ("mine", "我负责的"),
                ("unassigned", words.UNASSIGNED),
                ("incomplete", words.CUSTOMER["incomplete"]),
            ],
        ),
    ]
    return columns, filters


@app.cell
def _(actor):
    def fetch(asked):
        chosen = asked.filters
        found = customer_page(
            actor,
            CustomerQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                region=int(chosen["region"]) if "region" in chosen else None,
                industry=chosen.get("industry"),
                trading={"yes": True, "no": False}.get(chosen.get("trading", "")),
                mine=chosen.get("which") == "mine",
                unassigned=chosen.get("which") == "unassigned",
                incomplete=True if chosen.get("which") == "incomplete" else None,
            ),
        )
        rows = found.rows.to_dicts()
        shared = shared_levels(actor, [row["id"] for row in rows])
        return Page([row | {"shared": shared.get(row["id"])} for row in rows], found.total)

    return (fetch,)


@app.cell
def _(actor):
    def told(outlook, verb):
        lines = [f"将{verb} {len(outlook.names)} 个客户：{cut(outlook.names)}"]
        if outlook.refused:
            lines.append(f"不能{verb} {len(outlook.refused)} 个：")
            lines += [f"　{name}：{why}" for name, why in list(outlook.refused.items())[:SHOWN]]
        if len(outlook.refused) > SHOWN:
            lines.append("　…")
        return "\n".join(lines)

    def cut(names):
        return "、".join(names[:SHOWN]) + ("…" if len(names) > SHOWN else "") or "无"

    def done(found, verb):
        left = "；".join(f"{name}：{why}" for name, why in list(found.refused.items())[:SHOWN])
        more = f"；{len(found.refused)} 个未处理（{left}）" if found.refused else ""
        return saved(f"已{verb} {found.count} 个客户{more}")

    def give(rows, values, token):
        keys = [int(row) for row in rows]
        return done(assign_customers(actor, keys, values["owner"], token=token), "分配")

    def recycle(rows, values, token):
        keys = [int(row) for row in rows]
        found = recycle_customers(
            actor, keys, values["reason"] or "", note=values["note"] or "", token=token
        )
        return done(found, "移入回收站")

    steps = []
    if actor.may(Permission.CUSTOMER_ASSIGN):
        _owner = Field(
            name="owner",
            label=words.CUSTOMER["owner"],
            kind="picker",
            options=people(owner_options(actor, Permission.CUSTOMER_ASSIGN)),
            required=True,
        )
        steps.append(
            RowAction(
                name="assign",
                label="分配",
                fields=[_owner],
                on_submit=give,
                preview=lambda rows: told(assign_outlook(actor, [int(r) for r in rows]), "分配"),
            )
        )
    if actor.may(Permission.CUSTOMER_RECYCLE):
        _reasons = [(o.code, o.name) for o in reason_options()]
        steps.append(
            RowAction(
                name="recycle",
                label="移入回收站",
                fields=[
                    Field(
                        name="reason",
                        label=words.RECYCLED["reason"],
                        kind="select",
                        options=_reasons,
                        required=True,
                    ),
                    Field(name="note", label=words.RECYCLED["note"]),
                ],
                on_submit=recycle,
                preview=lambda rows: told(
                    recycle_outlook(actor, [int(r) for r in rows]), "移入回收站"
                ),
            )
        )
    return (steps,)


@app.cell
def _(actor):
    new = (
        ("新增", link("customer_new", workspace="entry"))
        if actor.may(Permission.CUSTOMER_CREATE)
        else None
    )
    cards.page_title("客户—维护")
    return (new,)


@app.cell
def _(actor, columns, fetch, filters, new, params, steps):
    _finds = list(FIND_FIELDS.items())
    customers = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key="c",
            row_href="customer",
            actions=steps,
            find_fields=_finds,
            filters=filters,
            sort="registered_at",
            descending=True,
            new=new,
            export=exporter(actor, Listing("customer", "客户", columns, fetch, filters, _finds)),
            topics=("customer",),
            schemes=keeper(actor, "customer"),
            state=params,
        )
    )
    customers
    return


if __name__ == "__main__":
    app.run()

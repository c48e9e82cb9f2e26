import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报价单 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.export import Listing, exporter
    from crmlib.people.schemes import keeper
    from crmlib.quotes.queries import QuoteQuery, count_waiting, quote_page
    from crmlib.quotes.states import QuoteStatus
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.tabs import Tabs

    TONES = {
        "草稿": "mute",
        "待批": "warn",
        "已批": "info",
        "已发": "info",
        "被接受": "good",
        "作废": "bad",
    }


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, params):
    mo.stop(not actor.may(Permission.QUOTE_VIEW), cards.notice("您没有权限查看报价单", "warn"))
    _kinds = [("all", "全部报价")]
    if actor.may(Permission.QUOTE_EDIT):
        _kinds.append(("mine", "我编制的"))
    if actor.may(Permission.QUOTE_APPROVE):
        # What waits comes first, so that the way from 待办 ends at it.
        _count = count_waiting(actor)
        _kinds.insert(0 if _count else len(_kinds), ("waiting", "待我审批", _count))
    tabs = mo.ui.anywidget(Tabs(_kinds, chosen=params.get("tab", "")))
    mo.vstack([cards.page_title("报价单"), tabs])
    return (tabs,)


@app.cell
def _():
    _label = words.QUOTE
    columns = [
        Column(name="number", label=_label["number"], kind="code", width=124),
        Column(name="revision", label=_label["revision"], kind="number", width=60),
        Column(name="customer", label=_label["customer"], width=200),
        Column(name="subject", label=_label["opportunity"]),
        Column(name="owner", label=words.OPPORTUNITY["owner"], width=70),
        Column(name="total", label=_label["total"], kind="money", width=116),
        Column(name="valid_until", label=_label["valid_until"], kind="date", width=98),
        Column(name="status", label=_label["status"], kind="tag", width=76, tones=TONES),
        Column(name="approver", label=_label["approver"], width=84, sortable=False),
        Column(name="created_by", label=_label["created_by"], width=70),
        Column(name="created_at", label="编制日期", kind="date", width=98),
    ]
    return (columns,)


@app.cell
def _(actor, columns, params, tabs):
    _chosen_tab = tabs.value["chosen"]
    _filters = [
        Filter(
            name="status",
            label=words.QUOTE["status"],
            options=[(s.value, words.QUOTE_STATUS[s.value]) for s in QuoteStatus],
        ),
        Filter(name="created", label=words.QUOTE["created_at"], kind="between"),
        Filter(name="versions", label="版本", options=[("all", "含旧版本")]),
    ]
    _filters = [] if _chosen_tab == "waiting" else _filters

    def fetch(asked):
        chosen = asked.filters
        since, _, until = chosen.get("created", "").partition("..")
        found = quote_page(
            actor,
            QuoteQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                statuses=(QuoteStatus(chosen["status"]),) if "status" in chosen else (),
                created_from=date.fromisoformat(since) if since else None,
                created_to=date.fromisoformat(until) if until else None,
                mine=_chosen_tab == "mine",
                waiting=_chosen_tab == "waiting",
                every_version=chosen.get("versions") == "all",
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["status"] = words.QUOTE_STATUS[row["status"]]
        return Page(rows, found.total)

    _finds = [("number", "报价单号"), ("customer", "客户"), ("subject", "商机")]
    _new = (
        ("新增", link("quote_new", workspace="entry")) if actor.may(Permission.QUOTE_EDIT) else None
    )
    quotes = mo.ui.anywidget(
        Grid(
            columns,
            fetch,
            key=f"q{_chosen_tab[0]}",
            row_href="quote",
            find_fields=_finds,
            filters=_filters,
            sort="created_at",
            descending=True,
            new=_new,
            empty="没有待您审批的报价" if _chosen_tab == "waiting" else "暂无数据",
            export=exporter(
                actor, Listing("quotation", "报价单", columns, fetch, _filters, _finds)
            ),
            topics=("quotation",),
            schemes=keeper(actor, "quotation") if _chosen_tab == "all" else None,
            state=params,
        )
    )
    quotes
    return (quotes,)


if __name__ == "__main__":
    app.run()

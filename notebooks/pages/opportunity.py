import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="商机 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.activities.panel import tab_grid
    from crmlib.activities.planned import planned_of
    from crmlib.activities.steps import place_steps
    from crmlib.attachments.panel import files_panel
    from crmlib.attachments.queries import count_files
    from crmlib.audit.view import history_tab
    from crmlib.customers.seen import note_contacts_seen
    from crmlib.customers.why_panel import access_form, access_panel
    from crmlib.errors import NotAllowed
    from crmlib.inbox.panel import messages_panel
    from crmlib.opportunities import panels
    from crmlib.opportunities.card import opportunity_card
    from crmlib.opportunities.dossier import dossier
    from crmlib.opportunities.labels import NEEDS_TAB
    from crmlib.opportunities.need_tab import NEEDS, need_steps, needs_panel
    from crmlib.opportunities.needs import needs_of
    from crmlib.opportunities.steps import NOTHING_PLANNED, deal_steps
    from crmlib.opportunities.tab_steps import tab_steps
    from crmlib.orders.panels import deal_panel
    from crmlib.orders.queries import of_opportunity as orders_of
    from crmlib.orders.review_queries import ReviewQuery, review_page
    from crmlib.orders.steps import deal_steps as review_asks
    from crmlib.quotes.panels import deal_tab as quotes_tab
    from crmlib.ui import cards
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.tabs import Tabs


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, record):
    try:
        deal = opportunity_card(actor, int(record))
        papers = dossier(actor, int(record))
        needs = needs_of(actor, int(record))
    except (NotAllowed, ValueError):
        deal = papers = needs = None
    if deal is not None and "*" not in (deal.contact_mobile or "*"):
        note_contacts_seen(actor, deal.customer_id)
    mo.stop(deal is None, cards.notice("您没有权限查看此商机，或商机不存在", "warn"))
    return deal, needs, papers


@app.cell
def _(actor, deal):
    _parts = [panels.head_panel(deal)]
    if deal.outcome == "won" and deal.is_potential and actor.may(Permission.CONVERSION_REQUEST):
        _way = cards.anchor("申请转交易", link("customer", deal.customer_id, tab="checks"))
        _told = "商机已赢单，客户还是潜在客户"
        _parts.append(cards.notice(_told, "good", _way if deal.may_open_customer else None))
    mo.vstack(_parts)
    return


@app.cell
def _(actor, deal):
    _planned = planned_of(actor, deal.id) if "decide" in deal.steps_open else NOTHING_PLANNED
    _steps = deal_steps(actor, deal, _planned)
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps if _steps else None
    return (steps,)


@app.cell
def _(actor, deal, needs, papers, params):
    _trade = [("orders", "评审与订单")] if actor.may(Permission.ORDER_VIEW) else []
    _count = count_files(actor, "opportunity", deal.id)
    _files = [] if _count is None else [("files", "附件", _count)]
    _papers = [
        (NEEDS, NEEDS_TAB, len(needs)),
        ("rivals", "竞争分析", len(papers.competitors)),
        ("diary", "处理过程", len(papers.log)),
    ] * papers.readable
    tabs = mo.ui.anywidget(
        Tabs(
            [
                ("activities", "活动"),
                *_papers,
                *([("quotes", "报价")] if actor.may(Permission.QUOTE_VIEW) else []),
                *([("summary", "项目总结")] if papers.readable else []),
                ("parties", "参与方", len(papers.parties)),
                ("shares", "共享", len(papers.shares)),
                *_trade,
                ("history", "阶段历史", len(deal.history)),
                ("messages", "消息"),
                *_files,
                ("log", "历史"),
                ("access", "权限"),
            ],
            params.get("tab"),
        )
    )
    tabs
    return (tabs,)


@app.cell
def _(actor, deal, tabs):
    trade_bar = None
    if tabs.value["chosen"] == "orders" and (_asks := review_asks(actor, deal.id)):
        trade_bar = mo.ui.anywidget(ActionBar(_asks))
    trade_bar
    return (trade_bar,)


@app.cell
def _(actor, deal, needs, papers, params, tabs):
    # What a tab shows; one with a widget of its own has a cell below instead.
    _views = {
        NEEDS: lambda: needs_panel(needs),
        "rivals": lambda: panels.rivals_panel(papers),
        "diary": lambda: panels.diary_panel(papers),
        "quotes": lambda: quotes_tab(actor, deal.id),
        "summary": lambda: panels.summary_panel(deal),
        "parties": lambda: panels.parties_panel(papers),
        "shares": lambda: panels.shares_panel(papers),
        "orders": lambda: deal_panel(
            review_page(actor, ReviewQuery(opportunity_id=deal.id, size=100)).rows,
            orders_of(actor, deal.id),
        ),
        "history": lambda: panels.history_panel(deal),
        "messages": lambda: messages_panel(actor, ("opportunity", deal.id)),
        "log": lambda: history_tab(actor, "opportunity", deal.id),
        "access": lambda: access_panel(
            panels.OF_DEAL, actor, deal.id, str(params.get("person", ""))
        ),
    }
    _views.get(tabs.value["chosen"], lambda: None)()
    return


@app.cell
def _(actor, deal, needs, papers, tabs):
    tab_bar, _tab = None, tabs.value["chosen"]
    _is_needs = _tab == NEEDS
    _steps = need_steps(actor, deal, needs) if _is_needs else tab_steps(actor, deal, papers, _tab)
    if _steps:
        tab_bar = mo.ui.anywidget(ActionBar(_steps))
    tab_bar
    return (tab_bar,)


@app.cell
def _(actor, deal, tabs):
    files = None
    if tabs.value["chosen"] == "files":
        files = mo.ui.anywidget(files_panel(actor, "opportunity", deal.id))
    files
    return (files,)


@app.cell
def _(actor, deal, tabs):
    activity_bar = None
    if tabs.value["chosen"] == "activities" and (_steps := place_steps(actor, None, deal.id)):
        activity_bar = mo.ui.anywidget(ActionBar(_steps))
    activity_bar
    return (activity_bar,)


@app.cell
def _(actor, deal, params, tabs):
    activities = None
    if tabs.value["chosen"] == "activities":
        activities = mo.ui.anywidget(tab_grid(actor, params, opportunity_id=deal.id))
    activities
    return (activities,)


@app.cell
def _(actor, deal, params, tabs):
    why_form = None
    if tabs.value["chosen"] == "access":
        _form = access_form(panels.OF_DEAL, actor, deal.id, str(params.get("person", "")))
        why_form = mo.ui.anywidget(_form) if _form else None
    why_form
    return (why_form,)


if __name__ == "__main__":
    app.run()

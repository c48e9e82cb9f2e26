import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.activities.panel import tab_grid
    from crmlib.activities.steps import place_steps
    from crmlib.attachments.panel import files_panel
    from crmlib.attachments.queries import count_files
    from crmlib.audit.timeline_view import timeline_tab
    from crmlib.conversion.panel import checks_panel
    from crmlib.conversion.queries import conversion_state, request_of
    from crmlib.conversion.steps import conversion_steps
    from crmlib.customers.card import customer_card
    from crmlib.customers.choices import customer_option
    from crmlib.customers.panels import contacts_panel, facts_panel, names_panel, shares_panel
    from crmlib.customers.seen import note_contacts_seen
    from crmlib.customers.steps import card_steps, share_ends
    from crmlib.customers.why_panel import OF_CUSTOMER, access_form, access_panel
    from crmlib.duplicates.group_card import group_table
    from crmlib.duplicates.groups import group_of
    from crmlib.errors import NotAllowed
    from crmlib.inbox.panel import messages_panel
    from crmlib.opportunities.queries import of_customer as deals_of
    from crmlib.orders.panels import orders_table
    from crmlib.orders.queries import of_customer as orders_of
    from crmlib.quotes.panels import customer_tab as quotes_tab
    from crmlib.recycling.queries import recycling_of
    from crmlib.recycling.steps import bin_steps
    from crmlib.service.panels import tickets_table
    from crmlib.service.queries import of_customer as tickets_of
    from crmlib.service.steps import new_ticket
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
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
        card = customer_card(actor, int(record))
    except (NotAllowed, ValueError):
        card = None
    if card is not None and card.sees_phones:
        note_contacts_seen(actor, card.id)
    mo.stop(card is None, cards.notice("您没有权限查看此客户，或客户不存在", "warn"))
    return (card,)


@app.cell
def _(actor, card):
    state = conversion_state(actor, card.id)
    request = request_of(actor, card.id)
    return request, state


@app.cell
def _(actor, card, request):
    _tags = [cards.tag(card.texts["status"], "good" if card.status == "trading" else "info")]
    if card.texts["incomplete"] == words.YES:
        _tags.append(cards.tag(words.CUSTOMER["incomplete"], "warn"))
    if request and request.status == "pending":
        _tags.append(cards.tag(f"转交易申请{request.status_label}", "warn"))
    if card.shared_with_me:
        _tags.append(cards.tag(f"共享：{card.shared_with_me}", "info"))
    _notes = []
    if card.merged_into:
        _key, _code, _name = card.merged_into
        _way = cards.anchor("打开保留方", link("customer", _key))
        _notes.append(cards.notice(f"此客户已并入 {_code} {_name}", "warn", _way))
    if _bin := recycling_of(actor, card.id):
        _why = f"{_bin.reason}，{_bin.note}" if _bin.note else _bin.reason
        _told = f"{_bin.recycled_by} {shown.moment(_bin.recycled_at)} 移入回收站：{_why}"
        _notes.append(cards.notice(_told, "warn"))
    if request and request.status == "refused":
        _notes.append(
            cards.notice(
                f"转交易申请被驳回（{request.decided_by}）：{request.decision_note}", "warn"
            )
        )
    mo.vstack(
        [
            cards.page_title("客户", record=card.name, tags=_tags, steps=("客户管理", "客户—维护")),
            *_notes,
            facts_panel(card),
        ]
    )
    return


@app.cell
def _(actor, card, request, state):
    _steps = card_steps(actor, card) + conversion_steps(actor, card, state, request)
    _steps += bin_steps(actor, card)
    if customer_option(actor, card.id, Permission.OPPORTUNITY_CREATE):
        _steps.append(Action(label="新建商机", href=link("opportunity_new", customer=card.id)))
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps if _steps else None
    return (steps,)


@app.cell
def _(actor, card, params):
    deals = deals_of(actor, card.id)
    _count = count_files(actor, "customer", card.id)
    _trade = [("orders", "订单")] if actor.may(Permission.ORDER_VIEW) else []
    _trade += [("service", "服务")] if actor.may(Permission.TICKET_VIEW) else []
    _former = len(card.former_names)
    _names = [("names", "曾用名", _former)] if _former else []
    _files = [] if _count is None else [("files", "附件", _count)]
    tabs = mo.ui.anywidget(
        Tabs(
            [
                ("contacts", "联系人", len(card.contacts)),
                ("deals", "商机", deals.height),
                *([("quotes", "报价")] if actor.may(Permission.QUOTE_VIEW) else []),
                ("activities", "活动"),
                *_trade,
                ("checks", "转交易检查"),
                ("shares", "共享", len(card.shares)),
                ("group", "关联公司"),
                *_names,
                *_files,
                ("messages", "消息"),
                ("history", "历史"),
                ("access", "权限"),
            ],
            params.get("tab"),
        )
    )
    tabs
    return deals, tabs


@app.cell
def _(actor, card, tabs):
    service_bar = None
    if tabs.value["chosen"] == "service" and (_ways := new_ticket(actor, card.id)):
        service_bar = mo.ui.anywidget(ActionBar(_ways))
    service_bar
    return (service_bar,)


@app.cell
def _(actor, card, deals, params, request, tabs):
    def _deals():
        return cards.small_table(
            ["编号", "主题", "销售阶段", "状态", "预计金额", "预计成交日期", "负责人"],
            [
                (
                    cards.anchor(d["number"], link("opportunity", d["id"])),
                    d["subject"],
                    d["stage"],
                    words.OUTCOMES[d["outcome"]],
                    shown.money(d["amount"]),
                    shown.day(d["expected_close"]),
                    d["owner"],
                )
                for d in deals.to_dicts()
            ],
            right=(4,),
        )

    def _checks():
        return checks_panel(actor, card, request)

    def _group():
        _way = None
        if actor.may(Permission.DUPLICATE_REVIEW):
            _way = cards.anchor(
                "维护关联公司", link("group", card.id, workspace="admin"), button=True
            )
        _found = group_of(actor, card.id)
        _tree = group_table(_found, card.id, way_on=_way)
        return mo.vstack([_tree, cards.show(_way)]) if _found and _way else _tree

    _views = {
        "contacts": lambda: contacts_panel(card),
        "deals": _deals,
        "quotes": lambda: quotes_tab(actor, card.id),
        "activities": lambda: None,
        "orders": lambda: orders_table(orders_of(actor, card.id)),
        "service": lambda: tickets_table(tickets_of(actor, card.id)),
        "checks": _checks,
        "shares": lambda: shares_panel(card),
        "group": _group,
        "names": lambda: names_panel(card),
        "files": lambda: None,
        "access": lambda: access_panel(OF_CUSTOMER, actor, card.id, str(params.get("person", ""))),
        "messages": lambda: messages_panel(actor, ("customer", card.id)),
        "history": lambda: timeline_tab(actor, card.id, str(params.get("show", ""))),
    }
    _views[tabs.value["chosen"]]()
    return


@app.cell
def _(actor, card, tabs):
    files = None
    if tabs.value["chosen"] == "files":
        files = mo.ui.anywidget(files_panel(actor, "customer", card.id))
    files
    return (files,)


@app.cell
def _(actor, card, tabs):
    activity_bar = None
    if tabs.value["chosen"] == "activities" and (_steps := place_steps(actor, card.id)):
        activity_bar = mo.ui.anywidget(ActionBar(_steps))
    activity_bar
    return (activity_bar,)


@app.cell
def _(actor, card, params, tabs):
    activities = None
    if tabs.value["chosen"] == "activities":
        activities = mo.ui.anywidget(tab_grid(actor, params, customer_id=card.id))
    activities
    return (activities,)


@app.cell
def _(actor, card, tabs):
    share_bar = None
    if tabs.value["chosen"] == "shares" and (_ends := share_ends(actor, card)):
        share_bar = mo.ui.anywidget(ActionBar(_ends))
    share_bar
    return (share_bar,)


@app.cell
def _(actor, card, params, tabs):
    why_form = None
    if tabs.value["chosen"] == "access":
        _form = access_form(OF_CUSTOMER, actor, card.id, str(params.get("person", "")))
        why_form = mo.ui.anywidget(_form) if _form else None
    why_form
    return (why_form,)


if __name__ == "__main__":
    app.run()

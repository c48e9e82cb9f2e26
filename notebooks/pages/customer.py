import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.activities.queries import of_customer as activities_of
    from crmlib.conversion.queries import check_list, conversion_state, request_of
    from crmlib.conversion.steps import conversion_steps
    from crmlib.customers.card import customer_card
    from crmlib.customers.steps import card_steps
    from crmlib.duplicates.merges import affiliates
    from crmlib.errors import NotAllowed
    from crmlib.opportunities.choices import customer_choice
    from crmlib.opportunities.queries import of_customer as deals_of
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
    mo.stop(card is None, cards.notice("您没有权限查看此客户，或客户不存在", "warn"))
    return (card,)


@app.cell
def _(actor, card):
    state = conversion_state(actor, card.id)
    request = request_of(actor, card.id)
    return request, state


@app.cell
def _(card, request):
    _facts = (
        "code", "level", "trading", "owner", "office", "registered_at", "phone", "fax", "email",
        "website", "country", "industry", "region", "address", "registered_by", "value_score",
        "last_contact_on", "last_trade_on", "uscc", "source",
    )  # fmt: skip

    def _text(name):
        value = card.texts.get(name)
        return shown.phone(value) if name == "phone" else shown.plain(value)

    _tags = [cards.tag(card.texts["status"], "good" if card.status == "trading" else "info")]
    if card.texts["incomplete"] == words.YES:
        _tags.append(cards.tag(words.CUSTOMER["incomplete"], "warn"))
    if request and request.status == "pending":
        _tags.append(cards.tag(f"转交易申请{request.status_label}", "warn"))
    _notes = []
    if card.merged_into:
        _key, _code, _name = card.merged_into
        _way = cards.anchor("打开保留方", link("customer", _key))
        _notes.append(cards.notice(f"此客户已并入 {_code} {_name}", "warn", _way))
    if request and request.status == "refused":
        _notes.append(
            cards.notice(
                f"转交易申请被驳回（{request.decided_by}）：{request.decision_note}", "warn"
            )
        )
    _missing = f"，待补：{'、'.join(card.missing)}" if card.missing else ""
    mo.vstack(
        [
            cards.page_title("客户", record=card.name, tags=_tags, steps=("客户管理", "客户—维护")),
            *_notes,
            cards.details([(words.CUSTOMER[name], _text(name)) for name in _facts], columns=4),
            cards.show(
                cards.h("div", f"资料完整度 {card.completeness}%{_missing}", class_="sm-note")
            ),
        ]
    )
    return


@app.cell
def _(actor, card, request, state):
    _steps = card_steps(actor, card) + conversion_steps(actor, card, state, request)
    if customer_choice(actor, card.id):
        _steps.append(Action(label="新建商机", href=link("opportunity_new", customer=card.id)))
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps if _steps else None
    return (steps,)


@app.cell
def _(actor, card, params):
    deals = deals_of(actor, card.id)
    tabs = mo.ui.anywidget(
        Tabs(
            [
                ("contacts", "联系人", len(card.contacts)),
                ("deals", "商机", deals.height),
                ("activities", "活动"),
                ("checks", "转交易检查"),
                ("shares", "共享", len(card.shares)),
                ("group", "关联公司"),
                ("names", "曾用名", len(card.former_names)),
            ],
            params.get("tab"),
        )
    )
    tabs
    return deals, tabs


@app.cell
def _(actor, card, deals, request, tabs):
    def _contacts():
        return cards.small_table(
            ["姓名", "人员角色", "移动电话", "主联系人", "职务", "邮箱"],
            [
                (
                    c.name,
                    c.role_text,
                    shown.phone(c.mobile),
                    shown.yes_no(c.is_primary),
                    c.title,
                    c.email,
                )
                for c in card.contacts
            ],
        )

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

    def _activities():
        return cards.small_table(
            ["完成时间", "主题", "活动类型", "状态", "负责人", "活动结果"],
            [
                (
                    shown.moment(a["ended_at"]),
                    a["subject"],
                    a["activity_type"],
                    words.ACTIVITY_STATUS[a["status"]],
                    a["owner"],
                    a["result"],
                )
                for a in activities_of(actor, card.id).to_dicts()
            ],
        )

    def _checks():
        table = cards.small_table(
            ["检查项", "结果", "说明"],
            [
                (
                    c.label,
                    cards.tag("通过", "good") if c.ok else cards.tag("未通过", "bad"),
                    c.detail,
                )
                for c in check_list(actor, card.id)
            ],
        )
        if not request:
            return table
        facts = [
            ("申请人", request.applicant),
            ("申请时间", shown.moment(request.requested_at)),
            ("状态", request.status_label),
            ("处理人", request.decided_by),
            ("处理意见", request.decision_note),
            ("例外原因", request.override_reason),
            (words.MESSAGE["body"], request.body),
        ]
        return mo.vstack([table, cards.section("转交易申请"), cards.details(facts)])

    def _shares():
        return cards.small_table(
            ["用户", "共享方式", "截止日期", "共享人"],
            [(s.person, s.level_text, shown.day(s.ends_on), s.shared_by) for s in card.shares],
        )

    def _group():
        return cards.small_table(
            ["客户代码", "客户名称", "说明"],
            [
                (cards.anchor(g["code"], link("customer", g["id"])), g["name"], g["note"])
                for g in affiliates(actor, card.id).to_dicts()
            ],
        )

    def _names():
        return cards.small_table(["曾用名"], [(name,) for name in card.former_names])

    _views = {
        "contacts": _contacts,
        "deals": _deals,
        "activities": _activities,
        "checks": _checks,
        "shares": _shares,
        "group": _group,
        "names": _names,
    }
    _views[tabs.value["chosen"]]()
    return


if __name__ == "__main__":
    app.run()

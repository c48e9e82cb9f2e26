import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="商机 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.activities.queries import of_opportunity
    from crmlib.attachments.panel import files_panel
    from crmlib.attachments.queries import count_files
    from crmlib.audit.view import history_tab
    from crmlib.customers.seen import note_contacts_seen
    from crmlib.errors import Invalid, NotAllowed
    from crmlib.opportunities.actions import advance_stage
    from crmlib.opportunities.card import opportunity_card
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.fields import Field
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Question, Reply
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
    except (NotAllowed, ValueError):
        deal = None
    if deal is not None and "*" not in (deal.contact_mobile or "*"):
        note_contacts_seen(actor, deal.customer_id)
    mo.stop(deal is None, cards.notice("您没有权限查看此商机，或商机不存在", "warn"))
    return (deal,)


@app.cell
def _(deal):
    _tags = [cards.tag(words.OUTCOMES[deal.outcome.value], "info")]
    if deal.closed:
        _tags.append(cards.tag("已关闭", "mute"))
    if deal.is_stalled:
        _tags.append(cards.tag(f"停滞 {deal.days} 天", "bad"))
    _customer = (
        cards.anchor(deal.customer, link("customer", deal.customer_id))
        if deal.may_open_customer
        else deal.customer
    )
    _facts = [
        (words.OPPORTUNITY["number"], deal.number),
        (words.OPPORTUNITY["customer"], _customer),
        (words.OPPORTUNITY["contact"], f"{deal.contact or '—'} {shown.phone(deal.contact_mobile)}"),
        (words.OPPORTUNITY["project_name"], deal.project_name),
        (words.OPPORTUNITY["project_type"], deal.project_type_label),
        (words.OPPORTUNITY["site_address"], deal.site_address),
        (words.OPPORTUNITY["products"], "、".join(p.name for p in deal.products)),
        (words.OPPORTUNITY["sales_task"], deal.sales_task_label),
        (words.OPPORTUNITY["amount"], shown.money(deal.amount) if deal.may_see_amount else "—"),
        (words.OPPORTUNITY["stage"], deal.stage.name),
        (words.OPPORTUNITY["probability"], f"{deal.probability}%"),
        (words.OPPORTUNITY["days"], f"{deal.days} 天（标准 {deal.stage.standard_days} 天）"),
        (words.OPPORTUNITY["expected_close"], shown.day(deal.expected_close, weekday=True)),
        (words.OPPORTUNITY["owner"], deal.owner),
        (words.OPPORTUNITY["office"], deal.office),
        (words.OPPORTUNITY["source"], deal.source_label),
        (words.OPPORTUNITY["registered_by"], deal.registered_by),
        (words.OPPORTUNITY["registered_at"], shown.moment(deal.registered_at)),
    ]
    _title = cards.page_title(
        "商机", record=deal.subject, tags=_tags, steps=("商业机会", "商机维护")
    )
    mo.vstack([_title, cards.details(_facts)])
    return


@app.cell
def _(actor, deal):
    def advance(values, token):
        try:
            moved = advance_stage(
                actor,
                deal.id,
                values["to_stage"],
                reason=values["reason"],
                ticked=values["ticked"],
                confirm=values.get("confirm") == "yes",
                version=deal.version,
                token=token,
            )
        except Invalid as wrong:
            if set(wrong.faults) != {"confirm"}:
                raise
            return Reply(
                ok=False,
                question=Question(
                    text=wrong.faults["confirm"], name="confirm", ask_text=False, confirm="仍要推进"
                ),
            )
        return Reply(
            ok=True,
            message=f"已推进到「{moved.to_stage}」，赢率 {moved.probability}%，"
            f"上一阶段停留 {moved.days} 天",
        )

    return (advance,)


@app.cell
def _(advance, deal):
    _steps = []
    if deal.may_advance:
        _steps.append(
            Action(
                label="推进阶段",
                kind="primary",
                title=f"推进阶段：{deal.stage.name}",
                note="跳过阶段或退回时须填写原因。",
                fields=[
                    Field(
                        name="to_stage",
                        label=words.OPPORTUNITY["stage"],
                        kind="select",
                        required=True,
                        options=[(s.id, s.name) for s in deal.steps if s.id != deal.stage.id],
                        default=deal.next_step.id if deal.next_step else None,
                    ),
                    Field(
                        name="ticked",
                        label="本阶段检查项",
                        kind="multiselect",
                        options=list(deal.stage.checklist),
                        hint="勾选已完成的检查项",
                    ),
                    Field(name="reason", label="原因", kind="textarea", max_length=255),
                ],
                on_submit=advance,
            )
        )
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps if _steps else None
    return (steps,)


@app.cell
def _(actor, deal, params):
    _count = count_files(actor, "opportunity", deal.id)
    _files = [] if _count is None else [("files", "附件", _count)]
    tabs = mo.ui.anywidget(
        Tabs(
            [
                ("history", "阶段历史", len(deal.history)),
                ("activities", "活动"),
                *_files,
                ("log", "历史"),
            ],
            params.get("tab"),
        )
    )
    tabs
    return (tabs,)


@app.cell
def _(actor, deal, tabs):
    if tabs.value["chosen"] == "activities":
        _shown = cards.small_table(
            ["完成时间", "主题", "活动类型", "状态", "负责人", "活动结果"],
            [
                (
                    shown.moment(row["ended_at"]),
                    row["subject"],
                    row["activity_type"],
                    words.ACTIVITY_STATUS[row["status"]],
                    row["owner"],
                    row["result"],
                )
                for row in of_opportunity(actor, deal.id).to_dicts()
            ],
        )
    elif tabs.value["chosen"] == "log":
        _shown = history_tab(actor, "opportunity", deal.id)
    elif tabs.value["chosen"] == "files":
        _shown = None
    else:
        _shown = cards.small_table(
            ["时间", "操作人", "从", "到", "停留天数", "原因"],
            [
                (
                    shown.moment(move.moved_at),
                    move.moved_by,
                    move.from_stage,
                    move.to_stage,
                    move.days if move.from_stage else None,
                    move.reason,
                )
                for move in deal.history
            ],
            right=(4,),
        )
    _shown
    return


@app.cell
def _(actor, deal, tabs):
    files = None
    if tabs.value["chosen"] == "files":
        files = mo.ui.anywidget(files_panel(actor, "opportunity", deal.id))
    files
    return (files,)


if __name__ == "__main__":
    app.run()

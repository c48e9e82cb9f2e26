import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="变更推送 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.api.rules import (
        EVENT_NAMES,
        EVENTS,
        NAME,
        NAME_LENGTH,
        PERSON,
        URL,
        URL_LENGTH,
        WebhookDraft,
    )
    from crmlib.api.webhooks import (
        add_webhook,
        delete_webhook,
        edit_webhook,
        renew_key,
        resume_webhook,
        stop_webhook,
        try_webhook,
        webhook_card,
    )
    from crmlib.errors import NotAllowed
    from crmlib.people.queries import colleagues
    from crmlib.ui import cards
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.choices import people
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply, saved
    from crmlib.ui.route import link

    NEW = "new"


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
        hook = None if record == NEW else webhook_card(actor, int(record))
        _refused = not actor.may(Permission.API_MANAGE)
    except (NotAllowed, ValueError):
        hook, _refused = None, True
    mo.stop(_refused, cards.notice("您没有权限管理变更推送，或推送不存在", "warn"))
    return (hook,)


@app.cell
def _(actor, hook):
    # What the last save answered: the key is shown once and never read again.
    made = []

    def submit(values, token):
        draft = WebhookDraft(**values)
        if hook is None:
            made[:] = [add_webhook(actor, draft)]
            return saved(f"推送「{draft.name}」已启用", ("查看推送", link("webhooks")))
        done = edit_webhook(actor, hook.id, draft, hook.version, token=token)
        return saved(f"推送「{done.name}」已保存", next=link("webhooks"))

    return made, submit


@app.cell
def _(actor, hook, submit):
    _tags = []
    if hook is not None:
        _tags = [cards.tag("启用", "good") if hook.active else cards.tag("已停用", "bad")]
    form = mo.ui.anywidget(
        Form(
            [
                Field(name="name", label=NAME, required=True, max_length=NAME_LENGTH),
                Field(
                    name="person_id",
                    label=PERSON,
                    kind="picker",
                    required=True,
                    options=people(colleagues(actor)),
                    hint="只推送此人有权查看的记录，电话按此人的权限隐藏",
                ),
                Field(
                    name="url",
                    label=URL,
                    required=True,
                    max_length=URL_LENGTH,
                    width=2,
                    hint="https://…；内网主机须先由运维登记（CRM_WEBHOOK_HOSTS）",
                ),
                Field(
                    name="events",
                    label=EVENTS,
                    kind="multiselect",
                    required=True,
                    width=2,
                    options=list(EVENT_NAMES.items()),
                ),
            ],
            submit,
            key=f"webhook-{hook.id if hook else NEW}",
            values={
                "name": hook.name,
                "person_id": hook.person_id,
                "url": hook.url,
                "events": hook.events,
            }
            if hook
            else None,
            version=hook.version if hook else None,
            submit_label="保存" if hook else "启用",
            cancel=link("webhooks"),
            draft=False,
        )
    )
    _title = cards.page_title(
        "变更推送" if hook else "新建推送",
        record=hook.name if hook else "",
        tags=_tags,
        steps=("系统", "变更推送"),
    )
    _why = hook.stopped_because if hook else None
    mo.vstack([_title, *([cards.notice(f"{_why}。", "warn")] if _why else []), form])
    return (form,)


@app.cell
def _(form, made):
    form.value["saved"]
    mo.vstack(
        [
            cards.notice(
                f"「{each.name}」的签名密钥，只显示这一次，请立即交给接收方保存：{each.signing_key}",
                "good",
            )
            for each in made
        ]
    ) if made else None
    return


@app.cell
def _(actor, hook):
    mo.stop(hook is None)
    keys = []

    def test():
        try_webhook(actor, hook.id)
        return Reply(ok=True, message="已发出测试推送，结果见投递记录")

    def stop():
        return Reply(ok=True, message=f"「{stop_webhook(actor, hook.id).name}」已停用")

    def resume():
        return Reply(ok=True, message=f"「{resume_webhook(actor, hook.id).name}」已启用")

    def remove():
        done = delete_webhook(actor, hook.id, hook.version)
        return saved(f"推送「{done.name}」已删除", next=link("webhooks"))

    def renew():
        keys[:] = [renew_key(actor, hook.id)]
        return Reply(ok=True, message="密钥已更换")

    _change = (
        Action(label="停用", kind="danger", call=stop, confirm="停用期间的变更不会推送。")
        if hook.active
        else Action(label="启用", kind="primary", call=resume)
    )
    _test = Action(label="发送测试", call=test, disabled="" if hook.active else "已停用")
    _renew = Action(
        label="更换密钥",
        call=renew,
        confirm="更换后，原密钥的签名不再有效；新密钥只显示一次。",
    )
    _remove = Action(
        label="删除",
        kind="danger",
        call=remove,
        confirm="删除推送及其投递记录，未送达的变更不再推送，不能恢复。",
    )
    steps = mo.ui.anywidget(ActionBar([_test, _change, _remove]))
    # The page must not run again, or the new key would go unread.
    renewal = mo.ui.anywidget(ActionBar([_renew], refresh=False))
    mo.hstack([steps, renewal], justify="start")
    return keys, renewal


@app.cell
def _(keys, renewal):
    renewal.value["saved"]
    mo.vstack(
        [cards.notice(f"新的签名密钥，只显示这一次：{each.signing_key}", "good") for each in keys]
    ) if keys else None
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="消息 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.inbox.actions import (
        archive_message,
        mark_read,
        snooze_message,
        unarchive_message,
    )
    from crmlib.inbox.queries import message_detail
    from crmlib.inbox.rules import SNOOZES
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.fields import Field
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link


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
        message = message_detail(actor, int(record))
    except (NotAllowed, ValueError):
        message = None
    mo.stop(message is None, cards.notice("消息不存在，或您没有权限查看", "warn"))
    if message.is_mine and message.read_at is None:
        mark_read(actor, message.id)
    return (message,)


@app.cell
def _(message):
    _more = message.recipient_count - len(message.recipients)
    _whom = "、".join(message.recipients) + (f" 等 {message.recipient_count} 人" if _more else "")
    _tags = [cards.tag("已归档", "mute")] if message.is_archived else []
    _facts = [
        (words.MESSAGE["sender"], message.sender),
        (words.MESSAGE["sent_at"], shown.moment(message.sent_at)),
        (words.MESSAGE["recipients"], _whom),
    ]
    if message.snoozed_until and message.snoozed_until > clock.now():
        _facts.append(("稍后提醒", shown.moment(message.snoozed_until)))
    mo.vstack(
        [
            cards.page_title("消息", record=message.title, steps=("信息中心",), tags=_tags),
            cards.details(_facts),
            cards.show(cards.h("div", message.body, class_="sm-body")),
        ]
    )
    return


@app.cell
def _(actor, message):
    def archive():
        archive_message(actor, message.id)
        return Reply(ok=True, message="已归档", next=link("home"))

    def back():
        unarchive_message(actor, message.id)
        return Reply(ok=True, message="已移回收件箱")

    def snooze(values, _token):
        snooze_message(actor, values["until"], message.id)
        return Reply(ok=True, message=f"{SNOOZES[values['until']]}再提醒", next=link("home"))

    _steps = []
    if message.related:
        _steps.append(
            Action(
                label=f"{message.step}：{message.related.label}",
                href=link(message.related.page, message.related.id),
                kind="primary",
            )
        )
    if message.sender_id not in {None, actor.person_id}:
        _steps.append(Action(label="回复", href=link("message_new", reply=message.id)))
    if len(message.everybody) > 1:
        _steps.append(
            Action(label="全部回复", href=link("message_new", reply=message.id, to="all"))
        )
    _steps.append(Action(label="转发", href=link("message_new", forward=message.id)))
    if message.is_mine:
        _steps.append(
            Action(
                label="稍后提醒",
                note="到时间之前不再显示，到时间后重新成为未读",
                fields=[
                    Field(
                        name="until",
                        label="提醒时间",
                        kind="radio",
                        options=list(SNOOZES.items()),
                        required=True,
                    )
                ],
                on_submit=snooze,
            )
        )
        _steps.append(
            Action(label="移回收件箱", call=back)
            if message.is_archived
            else Action(label="归档", call=archive)
        )
    _steps.append(Action(label="返回信息中心", href=link("home")))
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps
    return (steps,)


if __name__ == "__main__":
    app.run()

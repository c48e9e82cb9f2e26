import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="消息 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.inbox.actions import archive_message, mark_read
    from crmlib.inbox.queries import message_detail
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), {}
    return params, record


@app.cell
def _(actor, record):
    try:
        message = message_detail(actor, int(record))
    except (NotAllowed, ValueError):
        message = None
    mo.stop(message is None, cards.notice("消息不存在，或您没有权限查看", "warn"))
    if message.read_at is None and message.sender_id != actor.person_id:
        mark_read(actor, message.id)
    return (message,)


@app.cell
def _(message):
    mo.vstack(
        [
            cards.page_title("消息", record=message.title, steps=("信息中心",)),
            cards.details(
                [
                    (words.MESSAGE["sender"], message.sender),
                    (words.MESSAGE["sent_at"], shown.moment(message.sent_at)),
                    (words.MESSAGE["recipients"], "、".join(message.recipients)),
                ]
            ),
            cards.show(cards.h("div", message.body, class_="sm-body")),
        ]
    )
    return


@app.cell
def _(actor, message):
    def archive():
        archive_message(actor, message.id)
        return Reply(ok=True, message="已归档", next=link("home"))

    _steps = [Action(label="返回信息中心", href=link("home"))]
    if message.related:
        _steps.insert(
            0,
            Action(
                label=f"打开：{message.related.label}",
                href=link(message.related.page, message.related.id),
                kind="primary",
            ),
        )
    if not message.is_archived:
        _steps.append(Action(label="归档", call=archive))
    steps = mo.ui.anywidget(ActionBar(_steps))
    steps
    return


if __name__ == "__main__":
    app.run()

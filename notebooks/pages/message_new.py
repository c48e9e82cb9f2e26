import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="发送消息 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.inbox.actions import send_message
    from crmlib.inbox.queries import message_detail
    from crmlib.inbox.receivers import chosen, find_receivers, person_key, receivers_named
    from crmlib.inbox.rules import (
        BODY_LENGTH,
        FORWARD,
        REPLY,
        TITLE_LENGTH,
        answer_title,
        quoted,
    )
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = "", mo.query_params().to_dict(), 0
    return params, record, visit


@app.cell
def _(actor, params, visit):
    visit
    # The message that is answered or passed on, if the person may read it.
    _key = str(params.get("reply") or params.get("forward") or "")
    try:
        older = message_detail(actor, int(_key)) if _key else None
    except (NotAllowed, ValueError):
        older = None
    about = older.related_key if older else None
    if older:
        _prefix = REPLY if params.get("reply") else FORWARD
        _to = []
        if params.get("reply"):
            _sender = [older.sender_id] if older.sender_id else []
            _to = older.everybody if params.get("to") == "all" else _sender
        filled = {
            "recipients": receivers_named(actor, {person_key(key) for key in _to}),
            "title": answer_title(_prefix, older.title),
            "body": quoted(older.sender, shown.moment(older.sent_at), older.body),
        }
    else:
        filled = {
            "recipients": receivers_named(actor, {params["to"]}) if params.get("to") else (),
            "title": params.get("title", ""),
            "body": params.get("body", ""),
        }
    return about, filled, older


@app.cell
def _(about, actor):
    def submit(values, token):
        sent = send_message(
            actor,
            *chosen(values["recipients"]),
            values["title"],
            values["body"],
            about,
            token=token,
        )
        return saved(sent.text, next=link("home"))

    return (submit,)


@app.cell
def _(actor, filled, older, params, submit):
    _way = "reply" if params.get("reply") else "forward"
    message = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="recipients",
                    label=words.MESSAGE["recipients"],
                    kind="multiselect",
                    search="receivers",
                    required=True,
                    width=2,
                    hint="可输入姓名、拼音、编号或部门查找，也可选择接收组",
                ),
                Field(
                    name="title",
                    label=words.MESSAGE["title"],
                    required=True,
                    max_length=TITLE_LENGTH,
                    width=2,
                ),
                Field(
                    name="body",
                    label=words.MESSAGE["body"],
                    kind="textarea",
                    rows=10 if older else 8,
                    required=True,
                    max_length=BODY_LENGTH,
                    width=2,
                ),
            ],
            submit,
            key=f"message-{_way}-{older.id}" if older else "message_new",
            values=filled,
            on_ask={"receivers": lambda text, _values: find_receivers(actor, text)},
            submit_label="发送",
            focus="body" if params.get("reply") and older else True,
            cancel=link("message", older.id) if older else link("home"),
        )
    )
    _what = "发送消息"
    if older:
        _what = "回复消息" if params.get("reply") else "转发消息"
    _about = older.related.label if older and older.related else ""
    mo.vstack(
        [
            cards.page_title(
                _what, steps=("信息中心", _what), note=f"关联：{_about}" if _about else ""
            ),
            message,
        ]
    )
    return (message,)


if __name__ == "__main__":
    app.run()

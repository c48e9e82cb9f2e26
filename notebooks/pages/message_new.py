import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="发送消息 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.inbox.actions import send_message
    from crmlib.inbox.rules import BODY_LENGTH, GROUPS, TITLE_LENGTH
    from crmlib.people.queries import colleagues
    from crmlib.ui import cards
    from crmlib.ui.choices import people
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.options import Option
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link


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
    team = people(colleagues(actor))
    groups = [Option(f"group:{key}", label, "接收组") for key, label in GROUPS.items()]
    receivers = [*groups, *(Option(f"person:{o.value}", o.label, o.hint) for o in team)]
    return (receivers,)


@app.cell
def _(actor):
    def submit(values, token):
        chosen = [str(each).split(":") for each in values["recipients"]]
        sent = send_message(
            actor,
            [int(key) for kind, key in chosen if kind == "person"],
            [key for kind, key in chosen if kind == "group"],
            values["title"],
            values["body"],
            token=token,
        )
        return saved(sent.text, next=link("home"))

    return (submit,)


@app.cell
def _(params, receivers, submit):
    _to = tuple(o.value for o in receivers if o.label == params.get("to"))
    message = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="recipients",
                    label=words.MESSAGE["recipients"],
                    kind="multiselect",
                    options=receivers,
                    required=True,
                    width=2,
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
                    rows=8,
                    required=True,
                    max_length=BODY_LENGTH,
                    width=2,
                ),
            ],
            submit,
            key="message_new",
            values={
                "recipients": _to,
                "title": params.get("title", ""),
                "body": params.get("body", ""),
            },
            submit_label="发送",
        )
    )
    mo.vstack([cards.page_title("发送消息"), message])
    return


if __name__ == "__main__":
    app.run()

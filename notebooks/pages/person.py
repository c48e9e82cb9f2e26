import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="业务员 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission, Role
    from crmlib.errors import NotAllowed
    from crmlib.people.actions import deactivate_person, edit_person
    from crmlib.people.queries import colleagues, offices, person_card
    from crmlib.people.rules import PersonDraft
    from crmlib.ui import cards
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.choices import people
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.options import Option
    from crmlib.ui.reply import Reply, saved
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
        person = person_card(actor, int(record))
    except (NotAllowed, ValueError):
        person = None
    mo.stop(
        person is None or not actor.may(Permission.PERSON_MANAGE),
        cards.notice("您没有权限查看此业务员", "warn"),
    )
    return (person,)


@app.cell
def _(actor, person):
    def submit(values, token):
        draft = PersonDraft(**values)
        edit_person(actor, person.id, draft, version=person.version, token=token)
        return saved("保存成功", next=link("people"))

    def stop():
        deactivate_person(actor, person.id, version=person.version)
        return Reply(ok=True, message=f"{person.name} 的帐号已停用")

    return stop, submit


@app.cell
def _(actor, person, submit):
    _others = [p for p in colleagues(actor) if p.id != person.id]
    editing = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="seller_code",
                    label=words.PERSON["seller_code"],
                    kind="readonly",
                    default=person.seller_code or "",
                ),
                Field(
                    name="login",
                    label=words.PERSON["login"],
                    kind="readonly",
                    default=person.login,
                ),
                Field(name="name", label=words.PERSON["name"], required=True, max_length=40),
                Field(
                    name="role",
                    label=words.PERSON["role"],
                    kind="select",
                    required=True,
                    options=[(role.value, words.ROLES[role.value]) for role in Role],
                ),
                Field(
                    name="office_id",
                    label=words.PERSON["office"],
                    kind="picker",
                    required=True,
                    options=[Option(o.id, o.name, o.prefix or "") for o in offices(actor)],
                ),
                Field(
                    name="reports_to_id",
                    label=words.PERSON["reports_to"],
                    kind="picker",
                    options=people(_others),
                ),
                Field(name="mobile", label=words.PERSON["mobile"], kind="tel"),
                Field(name="email", label=words.PERSON["email"], kind="email"),
            ],
            submit,
            key=f"person-{person.id}",
            values={
                "name": person.name,
                "role": person.role.value,
                "office_id": person.office_id,
                "reports_to_id": person.reports_to_id,
                "mobile": person.mobile,
                "email": person.email,
            },
            version=person.version,
            cancel=link("people"),
        )
    )
    _tag = cards.tag("在用", "good") if person.active else cards.tag("停用", "mute")
    mo.vstack(
        [
            cards.page_title(
                "业务员", record=person.name, tags=[_tag], steps=("系统", "业务员管理")
            ),
            editing,
        ]
    )
    return


@app.cell
def _(person, stop):
    steps = mo.ui.anywidget(
        ActionBar(
            [
                Action(
                    label="停用帐号",
                    kind="danger",
                    call=stop,
                    confirm="停用后不能登录；名下有客户、商机或下属时不能停用。",
                    disabled="" if person.active else "帐号已停用",
                )
            ]
        )
    )
    steps
    return


if __name__ == "__main__":
    app.run()

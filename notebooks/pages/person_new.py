import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="添加业务员 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission, Role
    from crmlib.people.actions import add_person
    from crmlib.people.queries import colleagues, offices
    from crmlib.people.rules import PersonDraft
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
    record, params = "", {}
    return params, record


@app.cell
def _(actor):
    mo.stop(not actor.may(Permission.PERSON_MANAGE), cards.notice("您没有权限执行此操作", "warn"))
    # What the last save answered: the password is shown once and kept nowhere.
    accounts = []

    def submit(values, token):
        draft = PersonDraft(**{k: v for k, v in values.items() if k != "login"})
        account = add_person(actor, values["login"], draft)
        accounts[:] = [account]
        return saved(f"已添加 {draft.name}", ("查看业务员", link("person", account.person_id)))

    return accounts, submit


@app.cell
def _(actor, submit):
    _offices = [
        Option(o.id, o.name, f"编号前缀 {o.prefix}" if o.prefix else "无编号")
        for o in offices(actor)
    ]
    account = mo.ui.anywidget(
        Form(
            [
                Field(name="name", label=words.PERSON["name"], required=True, max_length=40),
                Field(name="login", label=words.PERSON["login"], required=True, max_length=40),
                Field(
                    name="role",
                    label=words.PERSON["role"],
                    kind="select",
                    required=True,
                    options=[(role.value, words.ROLES[role.value]) for role in Role],
                    default=Role.SALES.value,
                ),
                Field(
                    name="office_id",
                    label=words.PERSON["office"],
                    kind="picker",
                    required=True,
                    options=_offices,
                    hint="编号 = 部门的前缀 + 下一个序号，由系统分配",
                ),
                Field(
                    name="reports_to_id",
                    label=words.PERSON["reports_to"],
                    kind="picker",
                    options=people(colleagues(actor)),
                ),
                Field(name="mobile", label=words.PERSON["mobile"], kind="tel"),
                Field(name="email", label=words.PERSON["email"], kind="email"),
            ],
            submit,
            key="person_new",
            submit_label="添加",
            cancel=link("people"),
            keep=("office_id", "reports_to_id", "role"),
        )
    )
    mo.vstack([cards.page_title("添加业务员", steps=("系统", "业务员管理", "添加")), account])
    return (account,)


@app.cell
def _(account, accounts):
    account.value["saved"]
    mo.vstack(
        [
            cards.notice(
                f"登录名 {made.login}，编号 {made.seller_code or '—'}，"
                f"初始密码 {made.password}（只显示这一次，首次登录须修改）",
                "good",
            )
            for made in accounts
        ]
    ) if accounts else None
    return


if __name__ == "__main__":
    app.run()

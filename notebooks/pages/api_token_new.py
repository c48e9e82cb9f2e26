import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="新建令牌 · 榫卯")

with app.setup:
    from datetime import timedelta

    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.api.rules import EXPIRES, NAME, NAME_LENGTH, PERSON, TokenDraft
    from crmlib.api.tokens import issue_token
    from crmlib.people.queries import colleagues
    from crmlib.ui import cards
    from crmlib.ui.choices import people
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
    record, params, visit = "", {}, 0
    return params, record, visit


@app.cell
def _(actor, visit):
    visit
    mo.stop(not actor.may(Permission.API_MANAGE), cards.notice("您没有权限管理接口令牌", "warn"))
    # What the last save answered: the secret is shown once and kept nowhere.
    made = []

    def submit(values, token):
        draft = TokenDraft(
            values["name"],
            values["person_id"],
            may_write=values["rights"] == "write",
            expires_on=values["expires_on"],
        )
        made[:] = [issue_token(actor, draft)]
        return saved(f"令牌「{draft.name}」已开通", ("查看令牌", link("api_tokens")))

    return made, submit


@app.cell
def _(actor, submit):
    program = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="name",
                    label=NAME,
                    required=True,
                    max_length=NAME_LENGTH,
                    hint="哪个程序使用，例如：ERP 客户同步",
                ),
                Field(
                    name="person_id",
                    label=PERSON,
                    kind="picker",
                    required=True,
                    options=people(colleagues(actor)),
                    hint="程序看到的、能做的，与此人登录后相同；此人会收到消息",
                ),
                Field(
                    name="rights",
                    label="权限",
                    kind="radio",
                    required=True,
                    options=[("read", "只读"), ("write", "读写")],
                    default="read",
                ),
                Field(
                    name="expires_on",
                    label=EXPIRES,
                    kind="date",
                    required=True,
                    default=clock.today() + timedelta(days=180),
                ),
            ],
            submit,
            key="api_token_new",
            submit_label="开通",
            cancel=link("api_tokens"),
            draft=False,
        )
    )
    mo.vstack([cards.page_title("新建令牌", steps=("系统", "接口令牌", "新建")), program])
    return (program,)


@app.cell
def _(made, program):
    program.value["saved"]
    mo.vstack(
        [
            cards.notice(
                f"「{each.name}」的令牌（{each.person}的权限），只显示这一次，请立即交给程序保存："
                f" {each.secret}",
                "good",
            )
            for each in made
        ]
    ) if made else None
    return


if __name__ == "__main__":
    app.run()

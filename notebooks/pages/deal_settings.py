import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="商机参数 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.opportunities.settings import deal_settings, save_deal_settings
    from crmlib.ui import cards
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
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, visit):
    visit
    mo.stop(
        not actor.may(Permission.OPPORTUNITY_SETTINGS),
        cards.notice("您没有权限执行此操作", "warn"),
    )
    state = deal_settings(actor)

    def submit(values, token):
        save_deal_settings(
            actor, values["required"], values["reason"], version=state.version, token=token
        )
        return saved("商机参数已保存，立即生效", next=link("deal_settings"))

    settings = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="required",
                    label="赢单须合同评审通过",
                    kind="checkbox",
                    hint="勾选后，合同评审未通过的商机只有办事处主任或区域经理填写例外原因才能赢单",
                ),
                Field(
                    name="reason",
                    label="原因",
                    kind="textarea",
                    required=True,
                    max_length=255,
                    rows=2,
                    width=2,
                ),
            ],
            submit,
            key="deal_settings",
            values={"required": state.review_required},
            version=state.version,
            draft=False,
        )
    )
    _tag = cards.tag("须评审", "info") if state.review_required else cards.tag("不要求", "mute")
    mo.vstack([cards.page_title("商机参数", tags=[_tag], steps=("系统", "商机参数")), settings])
    return (settings,)


if __name__ == "__main__":
    app.run()

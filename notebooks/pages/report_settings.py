import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报告参数 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.ui import cards
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link
    from crmlib.work_reports.settings import (
        REASON_LENGTH,
        report_settings,
        save_report_settings,
    )


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
        not actor.may(Permission.REPORT_SETTINGS),
        cards.notice("您没有权限执行此操作", "warn"),
    )
    state = report_settings(actor)

    def submit(values, token):
        save_report_settings(
            actor, values["internal"], values["reason"], version=state.version, token=token
        )
        return Reply(ok=True, message="报告参数已保存，立即生效", next=link("report_settings"))

    settings = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="internal",
                    label="允许内部事务",
                    kind="checkbox",
                    hint="允许后，报告可勾选内部事务而不选择相关联客户",
                ),
                Field(
                    name="reason",
                    label="原因",
                    kind="textarea",
                    required=True,
                    max_length=REASON_LENGTH,
                    rows=2,
                    width=2,
                ),
            ],
            submit,
            key="report_settings",
            values={"internal": state.internal_allowed},
            version=state.version,
            draft=False,
        )
    )
    _tag = cards.tag("已允许", "info") if state.internal_allowed else cards.tag("不允许", "mute")
    mo.vstack([cards.page_title("报告参数", tags=[_tag], steps=("系统", "报告参数")), settings])
    return (settings,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="申请客户 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission, Role
    from crmlib.customers.model import ShareLevel
    from crmlib.requests.actions import request_access
    from crmlib.requests.model import AccessKind
    from crmlib.requests.queries import person_options
    from crmlib.ui import cards
    from crmlib.ui.choices import people
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
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
def _(actor, params):
    _known = {kind.value for kind in AccessKind}
    kind = params.get("kind", "")
    kind = AccessKind(kind if kind in _known else AccessKind.SHARE)
    code, name = params.get("code", ""), params.get("name", "")
    mo.stop(
        not actor.may(Permission.ACCESS_REQUEST),
        cards.notice("您能查看全部客户，不需要申请", "info"),
    )
    mo.stop(not (code and name), cards.notice("请从撞单分析的结果中选择客户后再申请", "warn"))
    return code, kind, name


@app.cell
def _(actor, code, kind, name):
    label = words.ACCESS
    options = person_options(actor)
    own = actor.person_id if actor.role is not Role.CLERK else None
    only = options[0].id if len(options) == 1 else None
    levels = Field(
        name="level",
        label=label["level"],
        kind="radio",
        options=list(words.SHARE_LEVELS.items()),
        default=ShareLevel.READ.value,
        required=True,
    )
    fields = [
        Field(name="code", label=words.CUSTOMER["code"], kind="readonly", default=code),
        Field(name="customer", label=words.CUSTOMER["name"], kind="readonly", default=name),
        Field(
            name="person",
            label=label["person"],
            kind="picker",
            options=people(options),
            default=own if own is not None else only,
            required=True,
            hint="共享给谁" if kind is AccessKind.SHARE else "转移后由谁负责",
        ),
        *([levels] if kind is AccessKind.SHARE else []),
        Field(
            name="reason",
            label=label["reason"],
            kind="textarea",
            required=True,
            max_length=255,
            width=2,
        ),
    ]
    return (fields,)


@app.cell
def _(actor, code, fields, kind, name):
    def submit(values, token):
        done = request_access(
            actor,
            kind,
            code,
            name,
            values["reason"],
            person_id=values["person"],
            level=ShareLevel(values.get("level") or ShareLevel.READ),
            token=token,
        )
        return Reply(
            ok=True,
            message=done.text,
            link=("查看申请", link("request", done.request_id)),
            next=link("requests", tab="mine"),
        )

    asking = mo.ui.anywidget(
        Form(
            fields,
            submit,
            key=f"request {kind.value} {code}",
            submit_label="提交申请",
            cancel=link("collide", name=name),
        )
    )
    _title = words.ACCESS_KINDS[kind.value]
    _steps = ("客户管理", "撞单分析", _title)
    _note = (
        "由负责人或其上级处理；同意后即可查看该客户"
        if kind is AccessKind.SHARE
        else "由负责人的上级或信息部处理；同意后更换负责人"
    )
    mo.vstack([cards.page_title(_title, record=name, steps=_steps, note=_note), asking])
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户申请 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.customers.panels import share_end
    from crmlib.errors import NotAllowed
    from crmlib.requests.model import AccessKind, AccessStatus
    from crmlib.requests.queries import access_detail
    from crmlib.requests.steps import request_steps
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, visit = mo.query_params().get("id", ""), 0
    return record, visit


@app.cell
def _(actor, record, visit):
    visit
    try:
        asked = access_detail(actor, int(record))
    except (NotAllowed, ValueError):
        asked = None
    mo.stop(asked is None, cards.notice("您没有权限查看此申请，或申请不存在", "warn"))
    return (asked,)


@app.cell
def _(actor, asked):
    steps = mo.ui.anywidget(ActionBar(request_steps(actor, asked)))
    _label, _customer = words.ACCESS, words.CUSTOMER
    _tones = {"open": "warn", "granted": "good", "refused": "bad", "withdrawn": "mute"}
    _name = (
        cards.anchor(asked.customer, link("customer", asked.customer_id))
        if asked.customer_id
        else asked.customer
    )
    _level = [(_label["level"], asked.level_label)] if asked.level_label else []
    _until = share_end(asked.ends_on, asked.share_ended) if asked.is_shared else "共享已取消"
    _was_shared = (asked.kind, asked.status) == (AccessKind.SHARE, AccessStatus.GRANTED)
    _share = [(_label["ends_on"], _until)] if _was_shared else []
    _decided = (
        [
            *_share,
            (_label["decided_by"], asked.decided_by),
            (_label["decided_at"], shown.moment(asked.decided_at)),
            (_label["note"], asked.note),
        ]
        if asked.decided_at
        else []
    )
    mo.vstack(
        [
            cards.page_title(
                asked.kind_label,
                record=asked.customer,
                steps=("客户管理", "客户申请", asked.kind_label),
                tags=[cards.tag(asked.status_label, _tones[asked.status.value])],
            ),
            steps,
            cards.details(
                [
                    (_customer["code"], asked.code),
                    (_customer["name"], _name),
                    (_customer["owner"], f"{asked.owner}（{asked.office}）"),
                    (_label["requester"], f"{asked.requester}（{asked.requester_office}）"),
                    (_label["person"], asked.person),
                    *_level,
                    (_label["requested_at"], shown.moment(asked.requested_at)),
                    (_label["reason"], asked.reason),
                    *_decided,
                ]
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

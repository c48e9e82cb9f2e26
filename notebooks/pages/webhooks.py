import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="变更推送 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.api.model import DeliveryStatus
    from crmlib.api.webhooks import (
        DELIVERY_STATES,
        deliver_again,
        deliveries_page,
        webhooks_frame,
    )
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page, RowAction
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
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
def _(actor):
    mo.stop(not actor.may(Permission.API_MANAGE), cards.notice("您没有权限管理变更推送", "warn"))
    cards.page_title(
        "变更推送",
        steps=("系统", "变更推送"),
        note="客户、联系人、商机、活动的变更送往其他系统（OA、ERP），按所选人员的权限读取",
        links=[cards.anchor("接口说明", "/api/v1/docs", button=True)],
    )
    return


@app.cell
def _(actor, params):
    def fetch(asked):
        frame = webhooks_frame(actor)
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        return Page(frame.slice(asked.offset, asked.size).to_dicts(), frame.height)

    hooks = mo.ui.anywidget(
        Grid(
            [
                Column(name="name", label="名称", width=160),
                Column(name="url", label="地址"),
                Column(name="person", label="人员", width=84),
                Column(name="events", label="事件", width=240, sortable=False),
                Column(name="waiting", label="待投递", kind="number", width=80),
                Column(name="succeeded_at", label="最近送达", kind="datetime", width=150),
                Column(
                    name="state",
                    label="状态",
                    kind="tag",
                    width=96,
                    tones={"启用": "good", "已停用": "bad", "连续失败": "warn"},
                ),
            ],
            fetch,
            key="w",
            row_href="webhook",
            new=("新建推送", link("webhook", "new")),
            empty="还没有推送",
            topics=("webhook", "person"),
            state=params,
        )
    )
    hooks
    return


@app.cell
def _(actor, params):
    _codes = {label: status for status, label in DELIVERY_STATES.items()}

    def fetch_deliveries(asked):
        state = asked.filters.get("state")
        status = DeliveryStatus(_codes[state]) if state in _codes else None
        found = deliveries_page(actor, asked.page, asked.size, status=status)
        return Page(found.rows.to_dicts(), found.total)

    def again(keys):
        deliver_again(actor, [int(key) for key in keys])
        return Reply(ok=True, message="已重新排队投递")

    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    sent = mo.ui.anywidget(
        Grid(
            [
                _plain("id", "编号", 64, kind="code"),
                _plain("webhook", "推送", 110),
                _plain("event", "事件", 120),
                _plain("record", "记录", 100),
                _plain("occurred_at", "变更时间", 150, kind="datetime"),
                _plain(
                    "state",
                    "状态",
                    84,
                    kind="tag",
                    tones={"已送达": "good", "待投递": "info", "已放弃": "bad"},
                ),
                _plain("attempts", "次数", 56, kind="number"),
                _plain("answer", "应答", 64, kind="number"),
                _plain("fault", "原因"),
                _plain("next_at", "下次投递", 150, kind="datetime"),
            ],
            fetch_deliveries,
            key="d",
            actions=[RowAction(name="again", label="重新投递", call=again)],
            filters=[Filter(name="state", label="状态", options=list(DELIVERY_STATES.values()))],
            empty="还没有投递",
            state=params,
        )
    )
    mo.vstack([cards.section("投递记录", note="送达后保留 30 天"), sent])
    return


if __name__ == "__main__":
    app.run()

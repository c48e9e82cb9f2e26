import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="接口令牌 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.api.tokens import calls_page, revoke_token, tokens_frame
    from crmlib.errors import CrmError
    from crmlib.settings import settings
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page, RowAction
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply, refused
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
    mo.stop(not actor.may(Permission.API_MANAGE), cards.notice("您没有权限管理接口令牌", "warn"))
    cards.page_title(
        "接口令牌",
        steps=("系统", "接口令牌"),
        note=f"程序凭令牌按一个人员的权限读写数据；每个令牌每分钟最多 {settings().api_per_minute} 次",
        links=[cards.anchor("接口说明", "/api/v1/docs", button=True)],
    )
    return


@app.cell
def _(actor, params):
    def fetch(asked):
        frame = tokens_frame(actor)
        if asked.find_text:
            column = frame[asked.find_field]
            frame = frame.filter(column.str.contains(asked.find_text, literal=True))
        if state := asked.filters.get("state"):
            frame = frame.filter(frame["state"] == state)
        if asked.sort:
            frame = frame.sort(asked.sort, descending=asked.descending, nulls_last=True)
        return Page(frame.slice(asked.offset, asked.size).to_dicts(), frame.height)

    def revoke(keys):
        done, refusals = [], []
        for key in keys:
            try:
                done.append(revoke_token(actor, int(key)).name)
            except CrmError as refusal:
                refusals.append(refusal.message)
        if not done:
            return refused("；".join(refusals))
        return Reply(ok=True, message="；".join([f"已吊销：{'、'.join(done)}", *refusals]))

    tokens = mo.ui.anywidget(
        Grid(
            [
                Column(name="name", label="程序"),
                Column(name="person", label="人员", width=84),
                Column(
                    name="rights",
                    label="权限",
                    kind="tag",
                    width=72,
                    tones={"只读": "info", "读写": "warn"},
                ),
                Column(name="hint", label="令牌", kind="code", width=160, sortable=False),
                Column(name="created_by", label="开通人", width=84),
                Column(name="created_at", label="开通时间", kind="datetime", width=150),
                Column(name="expires_at", label="有效期至", kind="datetime", width=150),
                Column(name="last_used_at", label="最近使用", kind="datetime", width=150),
                Column(
                    name="state",
                    label="状态",
                    kind="tag",
                    width=96,
                    tones={"有效": "good", "已吊销": "bad", "人员已停用": "warn"},
                ),
            ],
            fetch,
            key="t",
            actions=[
                RowAction(
                    name="revoke",
                    label="吊销",
                    call=revoke,
                    confirm="吊销后立即失效，不能恢复；再次点击确认",
                    danger=True,
                )
            ],
            find_fields=[("name", "程序"), ("person", "人员")],
            filters=[
                Filter(
                    name="state",
                    label="状态",
                    options=["有效", "已过期", "已吊销", "人员已停用"],
                )
            ],
            new=("新建令牌", link("api_token_new")),
            empty="还没有令牌",
            topics=("api_token", "person"),
            state=params,
        )
    )
    tokens
    return


@app.cell
def _(actor, params):
    def fetch_calls(asked):
        found = calls_page(actor, asked.page, asked.size)
        return Page(found.rows.to_dicts(), found.total)

    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    calls = mo.ui.anywidget(
        Grid(
            [
                _plain("at", "时间", 150, kind="datetime"),
                _plain("token", "程序", 200),
                _plain("person", "人员", 84),
                _plain("method", "方法", 80, kind="code"),
                _plain("path", "地址", kind="code"),
                _plain("status", "结果", 72, kind="number"),
                _plain("milliseconds", "毫秒", 72, kind="number"),
            ],
            fetch_calls,
            key="c",
            empty="还没有调用",
            state=params,
        )
    )
    mo.vstack([cards.section("调用记录", note="保留 180 天"), calls])
    return


if __name__ == "__main__":
    app.run()

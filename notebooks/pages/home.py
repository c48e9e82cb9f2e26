import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="信息中心 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.activities.queries import pending_of
    from crmlib.inbox.actions import mark_all_read
    from crmlib.inbox.queries import Folder, InboxQuery, counts, inbox_page, pending
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.grid import Column, Filter, Grid, Page
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
def _(actor):
    _unread = counts(actor).unread
    _waiting = [
        cards.Stat(label=item.label, value=shown.number(item.count), href=link(item.page))
        for item in pending(actor)
    ]
    _figures = [cards.Stat(label="未读消息", value=shown.number(_unread)), *_waiting]
    mo.vstack([cards.page_title("信息中心"), cards.stats(_figures)])
    return


@app.cell
def _(actor):
    _todo = pending_of(actor)
    _rows = [
        (
            shown.moment(row["planned_start"]),
            row["subject"],
            row["customer"],
            row["activity_type"],
            cards.tag("已逾期", "bad") if row["overdue"] else cards.tag("待处理", "info"),
        )
        for row in _todo.to_dicts()
    ]
    mo.vstack(
        [
            cards.section("我的待处理活动"),
            cards.small_table(["计划开始", "主题", "客户", "活动类型", "状态"], _rows)
            if _rows
            else cards.empty("没有待处理的活动"),
        ]
    )
    return


@app.cell
def _(actor):
    def fetch(asked):
        found = inbox_page(
            actor,
            InboxQuery(
                page=asked.page,
                size=asked.size,
                folder=Folder(asked.filters.get("folder", Folder.INBOX)),
                find_text=asked.find_text,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["state"] = "已读" if row["is_read"] else "未读"
        return Page(rows, found.total)

    def read_all():
        mark_all_read(actor)
        return Reply(ok=True, message="已全部标为已读")

    return fetch, read_all


@app.cell
def _(read_all):
    steps = mo.ui.anywidget(
        ActionBar(
            [
                Action(label="发送消息", href=link("message_new", workspace="entry")),
                Action(label="全部标为已读", call=read_all),
            ]
        )
    )
    mo.vstack([cards.section("消息"), steps])
    return


@app.cell
def _(fetch, params):
    messages = mo.ui.anywidget(
        Grid(
            [
                Column(
                    name="state",
                    label="状态",
                    kind="tag",
                    width=72,
                    sortable=False,
                    tones={"未读": "warn", "已读": "mute"},
                ),
                Column(name="title", label=words.MESSAGE["title"], sortable=False),
                Column(name="sender", label=words.MESSAGE["sender"], width=120, sortable=False),
                Column(
                    name="sent_at",
                    label=words.MESSAGE["sent_at"],
                    kind="datetime",
                    width=150,
                    sortable=False,
                ),
            ],
            fetch,
            key="m",
            row_href="message",
            find_fields=[("text", "标题或正文")],
            filters=[
                Filter(
                    name="folder",
                    label="文件夹",
                    options=[("unread", "未读"), ("archived", "已归档"), ("sent", "已发送")],
                )
            ],
            empty="没有消息",
            topics=("message",),
            state=params,
        )
    )
    messages
    return


if __name__ == "__main__":
    app.run()

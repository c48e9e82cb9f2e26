import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="信息中心 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.activities.panel import pending_grid
    from crmlib.activities.steps import place_steps
    from crmlib.inbox.actions import (
        archive_message,
        mark_all_read,
        mark_read,
        snooze_message,
        unarchive_message,
    )
    from crmlib.inbox.queries import (
        Folder,
        InboxQuery,
        folder_counts,
        inbox_page,
        message_detail,
        pending,
    )
    from crmlib.inbox.rules import SNOOZES
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.actions import Action, ActionBar
    from crmlib.ui.fields import Field
    from crmlib.ui.filters import FilterBar
    from crmlib.ui.grid import Column, Filter, Grid, Page, RowAction
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply, refused
    from crmlib.ui.route import link

    # What a change of makes the figures, or the activities, other ones.
    WATCHED = (
        "message",
        "message_recipient",
        "activity",
        "customer",
        "opportunity",
        "access_request",
        "conversion_request",
        "duplicate_pair",
        "import_batch",
        "stage_set",
        "quotation",
        "contract_review",
        "work_report",
        "service_ticket",
    )


@app.function
def beside(heading, bar):
    """Return a heading with a bar in its line, which takes no more room than it needs."""
    if bar is None:
        return heading
    narrow = bar.style({"min-width": "max-content"})
    return mo.hstack([heading, narrow], widths=[1, 0], align="end")


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = "", mo.query_params().to_dict(), 0
    return params, record, visit


@app.cell
def _(visit):
    visit
    live = mo.ui.anywidget(FilterBar([], topics=WATCHED))
    beside(cards.page_title("信息中心"), live)
    return (live,)


@app.cell
def _(actor, live):
    # The change feed's version is read so that what others did is counted without a reload.
    live.value["version"]
    _counts = folder_counts(actor)
    _unread = link("home", **{"m.f.folder": Folder.UNREAD.value})
    _figures = [
        cards.Stat(label="未读消息", value=shown.number(_counts[Folder.UNREAD]), href=_unread)
    ]
    if _later := _counts[Folder.SNOOZED]:
        _figures.append(cards.Stat(label="稍后提醒", value=shown.number(_later)))
    _figures += [
        cards.Stat(label=item.label, value=shown.number(item.count), href=link(item.page))
        for item in pending(actor)
    ]
    cards.stats(_figures)
    return


@app.cell
def _(actor):
    _steps = place_steps(actor)
    activity_bar = mo.ui.anywidget(ActionBar(_steps, refresh=False))
    beside(cards.section("我的待处理活动"), activity_bar if _steps else None)
    return (activity_bar,)


@app.cell
def _(actor, params):
    activities = mo.ui.anywidget(pending_grid(actor, params))
    activities
    return (activities,)


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
        return Page(found.rows.to_dicts(), found.total)

    def read_all():
        mark_all_read(actor)
        return Reply(ok=True, message="已全部标为已读")

    def step(keys):
        found = message_detail(actor, int(keys[0]))
        mark_read(actor, found.id)
        if found.related:
            return Reply(ok=True, next=link(found.related.page, found.related.id))
        return Reply(ok=True, next=link("message_new", reply=found.id))

    def told(count, text):
        # What one only sent has no copy in one's own inbox.
        return Reply(ok=True, message=text) if count else refused("所选消息不在您的收件箱中")

    def read(keys):
        count = mark_read(actor, *map(int, keys))
        return told(count, f"已将 {count} 条标为已读")

    def archive(keys):
        count = archive_message(actor, *map(int, keys))
        return told(count, f"已归档 {count} 条")

    def back(keys):
        count = unarchive_message(actor, *map(int, keys))
        return told(count, f"已移回 {count} 条")

    def snooze(keys, values, _token):
        count = snooze_message(actor, values["until"], *map(int, keys))
        return told(count, f"已暂时收起 {count} 条，{SNOOZES[values['until']]}再提醒")

    row_steps = [
        RowAction(name="step", label="打开", call=step, in_row=True),
        RowAction(name="read", label="标为已读", call=read),
        RowAction(
            name="snooze",
            label="稍后提醒",
            note="到时间之前不再显示，到时间后重新成为未读",
            fields=[
                Field(
                    name="until",
                    label="提醒时间",
                    kind="radio",
                    options=list(SNOOZES.items()),
                    required=True,
                )
            ],
            on_submit=snooze,
        ),
        RowAction(name="archive", label="归档", call=archive),
        RowAction(name="back", label="移回收件箱", call=back),
    ]
    return fetch, read_all, row_steps


@app.cell
def _(read_all):
    steps = mo.ui.anywidget(
        ActionBar(
            [
                Action(label="发送消息", href=link("message_new"), kind="primary"),
                Action(label="全部标为已读", call=read_all),
            ]
        )
    )
    beside(cards.section("消息"), steps)
    return (steps,)


@app.cell
def _(fetch, params, row_steps):
    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    messages = mo.ui.anywidget(
        Grid(
            [
                _plain("state", "状态", 90, kind="tag", tones={"未读": "warn", "稍后": "info"}),
                _plain("title", words.MESSAGE["title"]),
                _plain("sender", "发件人 / 发给", 160),
                _plain("sent_at", words.MESSAGE["sent_at"], 150, kind="datetime"),
                _plain("back_at", "提醒时间", 150, kind="datetime"),
                _plain("step", "下一步", 84, kind="step"),
            ],
            fetch,
            key="m",
            row_href="message",
            actions=row_steps,
            find_fields=[("text", "标题、正文或发件人")],
            filters=[
                Filter(
                    name="folder",
                    label="显示",
                    options=[
                        ("unread", "未读"),
                        ("snoozed", "稍后提醒"),
                        ("archived", "已归档"),
                        ("sent", "已发送"),
                    ],
                )
            ],
            empty="没有消息",
            topics=("message", "message_recipient"),
            state=params,
        )
    )
    messages
    return (messages,)


if __name__ == "__main__":
    app.run()

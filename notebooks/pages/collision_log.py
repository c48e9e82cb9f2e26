import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="撞单查询记录 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.duplicates.model import Channel
    from crmlib.duplicates.watch import LogQuery, askers, busiest, collision_log
    from crmlib.errors import NotAllowed
    from crmlib.settings import settings
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id


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
    try:
        people = askers(actor)
    except NotAllowed:
        people = None
    mo.stop(people is None, cards.notice("您没有权限查看撞单查询记录", "warn"))
    return (people,)


@app.cell
def _(actor, people):
    # Named so that it is made anew with the choice of people.
    people
    _rows = [
        (
            row["person"],
            row["office"],
            row["names"],
            row["refused"] or "",
            cards.tag("超出上限", "bad") if row["over"] else cards.tag("正常", "good"),
        )
        for row in busiest(actor).to_dicts()
    ]
    _limits = settings()
    _note = (
        f"每人每分钟最多 {_limits.collisions_per_minute} 次、"
        f"每天最多 {_limits.collisions_per_day} 个名称；能查看全部客户的人不受限"
    )
    mo.vstack(
        [
            cards.page_title("撞单查询记录", note=_note),
            cards.section("今日查询最多的人"),
            cards.small_table(["姓名", "部门", "名称数", "受限次数", "状态"], _rows, right=(2, 3))
            if _rows
            else cards.empty("今天还没有人查询"),
        ]
    )
    return


@app.cell
def _(actor, params, people):
    def _day(text):
        return date.fromisoformat(text) if text else None

    def fetch(asked):
        chosen = asked.filters
        since, _, until = chosen.get("day", "").partition("..")
        person, channel = chosen.get("person", ""), chosen.get("channel")
        found = collision_log(
            actor,
            LogQuery(
                page=asked.page,
                size=asked.size,
                person_id=int(person) if person.isdecimal() else None,
                since=_day(since),
                until=_day(until),
                channel=Channel(channel) if channel else None,
                limited=True if chosen.get("limited") else None,
                text=asked.find_text,
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["state"] = "受限" if row["limited"] else "正常"
        return Page(rows, found.total)

    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    log = mo.ui.anywidget(
        Grid(
            [
                _plain("at", "时间", 140, kind="datetime"),
                _plain("person", "姓名", 84),
                _plain("office", "部门", 100),
                _plain("name", "查询内容"),
                _plain("with_phone", "含电话", 72, kind="bool"),
                _plain(
                    "verdict",
                    "结论",
                    80,
                    kind="tag",
                    tones={
                        "相同": "bad",
                        "相似": "warn",
                        "关联": "info",
                        "无": "good",
                        "已拒绝": "bad",
                    },
                ),
                _plain("hits", "命中数", 72, kind="number"),
                _plain("channel", "方式", 96),
                _plain("state", "状态", 72, kind="tag", tones={"受限": "bad", "正常": "mute"}),
            ],
            fetch,
            key="q",
            find_fields=[("name", "查询内容")],
            filters=[
                Filter(name="person", label="姓名", options=people),
                Filter(name="day", label="日期", kind="between"),
                Filter(
                    name="channel",
                    label="方式",
                    options=list(words.COLLISION_CHANNELS.items()),
                ),
                Filter(name="limited", label="状态", options=[("1", "受限")]),
            ],
            page_size=50,
            empty="没有查询记录",
            state=params,
        )
    )
    log
    return


if __name__ == "__main__":
    app.run()

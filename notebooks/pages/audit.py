import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="操作日志 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.audit.queries import (
        KIND_CHOICES,
        MOST_COUNTED,
        AuditQuery,
        AuditReader,
        audit_people,
        table_choices,
    )
    from crmlib.errors import NotAllowed
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
        people = audit_people(actor)
    except NotAllowed:
        people = None
    mo.stop(people is None, cards.notice("您没有权限查看操作日志", "warn"))
    return (people,)


@app.cell
def _(actor, params, people):
    _reader = AuditReader(actor)

    def _day(text):
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            return None

    def fetch(asked):
        chosen = asked.filters
        since, _, until = chosen.get("day", "").partition("..")
        person = chosen.get("person", "")
        found = _reader.page(
            AuditQuery(
                page=asked.page,
                size=asked.size,
                person_id=int(person) if person.isdecimal() else None,
                kind=chosen.get("kind", ""),
                table=chosen.get("table", ""),
                record=chosen.get("record", ""),
                text=asked.find_text,
                since=_day(since),
                until=_day(until),
            )
        )
        rows = [
            {
                "id": e.id,
                "at": e.at,
                "person": e.person,
                "step": e.step,
                "entity": e.entity_label,
                "record": e.record,
                "summary": e.summary[:300],
            }
            for e in found.entries
        ]
        note = f"只计前 {MOST_COUNTED:,} 条，可按时间缩小范围" if found.is_more else ""
        return Page(rows, found.total, note)

    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    log = mo.ui.anywidget(
        Grid(
            [
                _plain("at", "时间", 140, kind="datetime"),
                _plain("person", "操作人", 84),
                _plain("step", "操作", 130),
                _plain("entity", "对象", 100),
                _plain("record", "记录", 190),
                _plain("summary", "内容"),
            ],
            fetch,
            key="a",
            row_href="audit_entry",
            find_fields=[("record", "记录编号或名称")],
            filters=[
                Filter(name="person", label="操作人", options=people),
                Filter(name="kind", label="类型", options=list(KIND_CHOICES.items())),
                Filter(name="table", label="对象", options=table_choices()),
                Filter(name="day", label="日期", kind="between"),
                Filter(name="record", label="记录", kind="hidden"),
            ],
            page_size=50,
            empty="没有符合条件的操作记录",
            state=params,
        )
    )
    mo.vstack([cards.page_title("操作日志"), log])
    return


if __name__ == "__main__":
    app.run()

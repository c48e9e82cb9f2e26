import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="活动维护 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.activities.choices import type_choices
    from crmlib.activities.pages import ActivityQuery, activity_page
    from crmlib.activities.panel import STATUS_TONES, shown_row
    from crmlib.activities.states import ActivityStatus, Importance, Priority
    from crmlib.activities.steps import row_steps
    from crmlib.exchange.export import Listing, exporter
    from crmlib.people.schemes import keeper
    from crmlib.ui import cards
    from crmlib.ui.choices import by_code
    from crmlib.ui.grid import PAGE_SIZES, Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.words import ACTIVITY, ACTIVITY_STATUS, IMPORTANCE, PRIORITY

    IMPORTANCE_TONES = {"很重要": "warn", "一般": "mute", "不重要": "mute"}


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _():
    def _column(name, width=0, **more):
        return Column(name=name, label=ACTIVITY[name], width=width, **more)

    columns = [
        _column("number", 118, kind="code"),
        _column("subject"),
        _column("customer", 160),
        _column("activity_type", 80),
        _column("status", 76, kind="tag", tones=STATUS_TONES),
        _column("planned_start", 148, kind="datetime"),
        _column("ended_at", 98, kind="date"),
        _column("importance", 72, kind="tag", tones=IMPORTANCE_TONES),
        _column("priority", 64),
        _column("owner", 70),
    ]
    step = Column(name="complete", label="", kind="step", width=68, sortable=False)
    filters = [
        Filter(name="type", label=ACTIVITY["activity_type"], options=by_code(type_choices())),
        Filter(
            name="status",
            label=ACTIVITY["status"],
            options=[*ACTIVITY_STATUS.items(), ("overdue", "已逾期")],
        ),
        Filter(name="weight", label=ACTIVITY["importance"], options=list(IMPORTANCE.items())),
        Filter(name="priority", label=ACTIVITY["priority"], options=list(PRIORITY.items())),
        Filter(name="which", label="范围", options=[("mine", "我负责的")]),
        Filter(name="day", label="日期", kind="between"),
    ]
    return columns, filters, step


@app.cell
def _(actor):
    def fetch(asked):
        chosen = asked.filters
        since, _, until = chosen.get("day", "").partition("..")
        status = chosen.get("status", "")
        found = activity_page(
            actor,
            ActivityQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_field=asked.find_field,
                find_text=asked.find_text,
                activity_type=chosen.get("type", ""),
                status=ActivityStatus(status) if status not in {"", "overdue"} else None,
                overdue=status == "overdue",
                importance=Importance(chosen["weight"]) if "weight" in chosen else None,
                priority=Priority(chosen["priority"]) if "priority" in chosen else None,
                mine=chosen.get("which") == "mine",
                day_from=date.fromisoformat(since) if since else None,
                day_to=date.fromisoformat(until) if until else None,
            ),
            exact=asked.size > PAGE_SIZES[-1],  # an export asks for larger pieces
        )
        rows = [shown_row(row) for row in found.rows.to_dicts()]
        for row in rows:
            row["importance"] = IMPORTANCE[row["importance"]]
            row["priority"] = PRIORITY[row["priority"]]
        note = f"最近 {found.total:,} 条，更早的请按日期或状态筛选" if found.has_more else ""
        return Page(rows, found.total, note)

    return (fetch,)


@app.cell
def _(actor):
    new = None
    if actor.may(Permission.ACTIVITY_CREATE):
        new = ("新增", link("activity_new"))
    cards.page_title(
        "活动维护",
        steps=("活动管理", "活动维护"),
        links=[cards.anchor("活动日历", link("activity_calendar"), button=True)],
    )
    return (new,)


@app.cell
def _(actor, columns, fetch, filters, new, params, step):
    _finds = [(name, ACTIVITY[name]) for name in ("subject", "customer", "number", "result")]
    activities = mo.ui.anywidget(
        Grid(
            [*columns, step],
            fetch,
            key="a",
            row_href="activity",
            find_fields=_finds,
            filters=filters,
            actions=row_steps(actor),
            sort="when",
            descending=True,
            new=new,
            export=exporter(actor, Listing("activity", "活动", columns, fetch, filters, _finds)),
            topics=("activity",),
            schemes=keeper(actor, "activity"),
            state=params,
        )
    )
    activities
    return (activities,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="活动日历 · 榫卯")

with app.setup:
    from datetime import date

    import marimo as mo

    from crmlib import clock
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.activities.board import week_page
    from crmlib.activities.week import calendar_people, calendar_person, monday_of
    from crmlib.exchange.calendar import export_calendar
    from crmlib.ui import cards
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.week import WeekBoard


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
    _asked = str(params.get("person", ""))
    _key = int(_asked) if _asked.isdecimal() and len(_asked) < 18 else actor.person_id
    person = calendar_person(actor, _key)
    mo.stop(person is None, cards.notice("您没有权限查看此人的活动日历", "warn"))
    try:
        monday = monday_of(date.fromisoformat(str(params.get("week", ""))))
    except (ValueError, OverflowError):
        monday = monday_of(clock.today())
    return monday, person


@app.cell
def _(actor, monday, person):
    def fetch(who, week):
        return week_page(actor, who, week)

    def people(text):
        return calendar_people(actor, text)

    def export(who, week, later):
        return export_calendar(actor, who, week, later=later)

    calendar = mo.ui.anywidget(
        WeekBoard(
            fetch,
            person,
            today=clock.today(),
            monday=monday,
            people=people if len(calendar_people(actor)) > 1 else None,
            export=export if actor.may(Permission.LIST_EXPORT) else None,
            new=link("activity_new") if actor.may(Permission.ACTIVITY_CREATE) else "",
            topics=("activity",),
        )
    )
    mo.vstack([cards.page_title("活动日历", steps=("活动管理", "活动日历")), calendar])
    return (calendar,)


if __name__ == "__main__":
    app.run()

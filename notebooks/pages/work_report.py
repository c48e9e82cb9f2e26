import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="工作报告 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.actions import ActionBar
    from crmlib.ui.identity import person_id
    from crmlib.work_reports.card import report_card
    from crmlib.work_reports.view import report_body, report_steps, report_title


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
        report = report_card(actor, int(record))
    except (NotAllowed, ValueError):
        report = None
    mo.stop(report is None, cards.notice("您没有权限查看此报告，或报告不存在", "warn"))
    return (report,)


@app.cell
def _(actor, report):
    steps = mo.ui.anywidget(ActionBar(report_steps(actor, report)))
    mo.vstack([report_title(report), steps, report_body(report)])
    return (steps,)


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="每周计划 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.ui.identity import person_id
    from crmlib.work_reports.editing import editing
    from crmlib.work_reports.form import report_form
    from crmlib.work_reports.kinds import ReportKind


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    params, visit = mo.query_params().to_dict(), 0
    return params, visit


@app.cell
def _(actor, params, visit):
    visit
    _page = editing(actor, ReportKind.PLAN, params)
    mo.stop(_page.opened is None, _page.head)
    report = mo.ui.anywidget(report_form(actor, _page.opened))
    mo.vstack([_page.head, report])
    return (report,)


if __name__ == "__main__":
    app.run()

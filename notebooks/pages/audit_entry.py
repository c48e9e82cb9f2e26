import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="操作记录 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.audit.queries import audit_entry
    from crmlib.audit.view import changes_table
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui import format as shown
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record = mo.query_params().get("id", "")
    return (record,)


@app.cell
def _(actor, record):
    try:
        entry = audit_entry(actor, int(record))
    except (NotAllowed, ValueError, OverflowError):
        entry = None
    mo.stop(entry is None, cards.notice("您没有权限查看此操作记录，或记录不存在", "warn"))
    return (entry,)


@app.cell
def _(entry):
    _links = []
    if entry.link:
        _page, _key = entry.link
        _links.append(cards.anchor("打开记录", link(_page, _key), button=True))
        if _page in {"customer", "opportunity"}:
            _links.append(cards.anchor("完整历史", link("history", f"{_page}.{_key}"), button=True))
    mo.vstack(
        [
            cards.page_title(
                "操作记录", record=entry.step, steps=("系统", "操作日志"), links=_links
            ),
            cards.details(
                [
                    ("时间", shown.moment(entry.at)),
                    ("操作人", entry.person),
                    ("类型", entry.kind_label),
                    ("对象", entry.entity_label),
                    ("记录", entry.record),
                    ("流水号", entry.id),
                ]
            ),
            changes_table(entry),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

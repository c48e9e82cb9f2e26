import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="历史 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.audit.history import history_of
    from crmlib.audit.timeline import KINDS
    from crmlib.audit.view import history_list
    from crmlib.errors import NotAllowed
    from crmlib.ui import cards
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link

    SIZE = 50


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params, visit = mo.query_params().get("id", ""), mo.query_params().to_dict(), 0
    return params, record, visit


@app.cell
def _(actor, params, record, visit):
    visit
    _entity, _, _key = record.partition(".")
    _asked = str(params.get("p", "1"))
    show = str(params.get("show", "")) if params.get("show") in KINDS else ""
    at = int(_asked) if _asked.isdecimal() and int(_asked[:6]) > 0 else 1
    try:
        _tables = KINDS[show][1] if show else None
        found = history_of(actor, _entity, int(_key[:18]), page=at, size=SIZE, tables=_tables)
    except (NotAllowed, ValueError):
        found = None
    mo.stop(found is None, cards.notice("您没有权限查看此记录的历史，或记录不存在", "warn"))
    return at, found, show


@app.cell
def _(at, found, record, show):
    _entity, _, _key = record.partition(".")
    _kind = {"show": show} if show else {}
    _pages = max(1, -(-found.total // SIZE))
    _ways = [cards.h("span", f"共 {found.total} 条，第 {at}/{_pages} 页", class_="sm-note")]
    if at > 1:
        _ways.append(cards.anchor("较新", link("history", record, p=at - 1, **_kind), button=True))
    if at < _pages:
        _ways.append(cards.anchor("较早", link("history", record, p=at + 1, **_kind), button=True))
    _back = [cards.anchor("返回", link(_entity, _key), button=True)] if _entity != "contact" else []
    mo.vstack(
        [
            cards.page_title(
                "历史",
                record=f"{found.name} 的历史" + (f"：{KINDS[show][0]}" if show else ""),
                links=_back,
            ),
            history_list(found),
            cards.show(cards.h("div", *_ways, class_="sm-pages")),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="客户申请 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.requests.model import AccessStatus
    from crmlib.requests.queries import AccessQuery, access_page
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.tabs import Tabs


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
    _kinds = []
    if actor.may(Permission.CUSTOMER_SHARE):
        _kinds.append(("decide", "待我处理的"))
    if actor.may(Permission.ACCESS_REQUEST):
        _kinds.append(("mine", "我提出的"))
    mo.stop(not _kinds, cards.notice("您没有需要处理的客户申请", "info"))
    tabs = mo.ui.anywidget(Tabs(_kinds, chosen=params.get("tab", "")))
    mo.vstack([cards.page_title("客户申请", note="申请共享、申请转移"), tabs])
    return (tabs,)


@app.cell
def _(actor, params, tabs):
    mine = tabs.value["chosen"] == "mine"

    def fetch(asked):
        chosen = asked.filters.get("status")
        found = access_page(
            actor,
            AccessQuery(
                page=asked.page,
                size=asked.size,
                mine=mine,
                status=AccessStatus(chosen) if chosen else None,
                text=asked.find_text,
            ),
        )
        return Page(found.rows.to_dicts(), found.total)

    _label = words.ACCESS

    def _plain(name, label, width=0, **more):
        return Column(name=name, label=label, width=width, sortable=False, **more)

    _who = [] if mine else [_plain("requester", _label["requester"], 84)]
    requests = mo.ui.anywidget(
        Grid(
            [
                _plain("code", words.CUSTOMER["code"], 130, kind="code"),
                _plain("customer", words.CUSTOMER["name"]),
                _plain(
                    "kind",
                    _label["kind"],
                    96,
                    kind="tag",
                    tones={"申请共享": "info", "申请转移": "warn"},
                ),
                *_who,
                _plain("person", _label["person"], 84),
                _plain("owner", words.CUSTOMER["owner"], 84),
                _plain("reason", _label["reason"], 150),
                _plain("requested_at", _label["requested_at"], 140, kind="datetime"),
                _plain(
                    "status",
                    _label["status"],
                    80,
                    kind="tag",
                    tones={"待处理": "warn", "同意": "good", "驳回": "bad", "撤回": "mute"},
                ),
                _plain("decided_by", _label["decided_by"], 80),
                _plain("note", _label["note"], 130),
            ],
            fetch,
            key="m" if mine else "d",
            row_href="request",
            find_fields=[("customer", "客户名称")],
            filters=[
                Filter(
                    name="status",
                    label=_label["status"],
                    options=list(words.ACCESS_STATUS.items()),
                    default="" if mine else "open",
                )
            ],
            empty="您没有提出过申请" if mine else "没有待处理的申请",
            topics=("access_request",),
            state=params,
        )
    )
    requests
    return


if __name__ == "__main__":
    app.run()

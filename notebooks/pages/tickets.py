import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="服务工单 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.people.schemes import keeper
    from crmlib.service import terms as service_terms
    from crmlib.service.model import Severity, TicketKind, TicketStatus
    from crmlib.service.panels import OVERDUE, STATUS_TONES
    from crmlib.service.queries import TicketQuery, ticket_page
    from crmlib.ui import cards
    from crmlib.ui.grid import Column, Filter, Grid, Page
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link


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
    def fetch(asked):
        chosen = asked.filters
        found = ticket_page(
            actor,
            TicketQuery(
                page=asked.page,
                size=asked.size,
                sort=asked.sort,
                descending=asked.descending,
                find_text=asked.find_text,
                kind=TicketKind(chosen["kind"]) if "kind" in chosen else None,
                status=TicketStatus(chosen["status"]) if "status" in chosen else None,
                severity=Severity(chosen["severity"]) if "severity" in chosen else None,
                mine=chosen.get("which") == "mine",
                overdue=chosen.get("overdue") == "overdue",
            ),
        )
        rows = found.rows.to_dicts()
        for row in rows:
            row["kind"] = service_terms.TICKET_KIND[row["kind"]]
            row["severity"] = service_terms.SEVERITY[row["severity"]]
            row["status"] = service_terms.TICKET_STATUS[row["status"]]
            row["overdue"] = OVERDUE if row["overdue"] else ""
            row["handler"] = row["handler"] or words.UNASSIGNED
        return Page(rows, found.total)

    _label = service_terms.TICKET
    _tones = {service_terms.TICKET_STATUS[code]: tone for code, tone in STATUS_TONES.items()}
    _kinds = {"投诉": "bad", "报修": "warn", "咨询": "info", "反馈": "info"}
    tickets = mo.ui.anywidget(
        Grid(
            [
                Column(name="number", label=_label["number"], kind="code", width=120),
                Column(name="customer", label=_label["customer"], width=190),
                Column(
                    name="kind",
                    label=_label["kind"],
                    kind="tag",
                    width=84,
                    sortable=False,
                    tones=_kinds,
                ),
                Column(name="description", label=_label["description"], sortable=False),
                Column(name="severity", label=_label["severity"], width=70, sortable=False),
                Column(name="status", label=_label["status"], kind="tag", width=88, tones=_tones),
                Column(name="handler", label=_label["handler"], width=76, sortable=False),
                Column(name="solve_due", label=_label["solve_due"], kind="datetime", width=140),
                Column(
                    name="overdue",
                    label="时限",
                    kind="tag",
                    width=76,
                    sortable=False,
                    tones={OVERDUE: "bad"},
                ),
                Column(name="score", label=_label["score"], kind="number", width=70),
            ],
            fetch,
            key="fw",
            row_href="ticket",
            find_fields=[("any", "编号、客户、问题")],
            filters=[
                Filter(
                    name="kind",
                    label=_label["kind"],
                    options=list(service_terms.TICKET_KIND.items()),
                ),
                Filter(
                    name="status",
                    label=_label["status"],
                    options=list(service_terms.TICKET_STATUS.items()),
                ),
                Filter(
                    name="severity",
                    label=_label["severity"],
                    options=list(service_terms.SEVERITY.items()),
                ),
                Filter(name="which", label="范围", options=[("mine", "我受理的")]),
                Filter(name="overdue", label="时限", options=[("overdue", OVERDUE)]),
            ],
            empty="没有服务工单",
            new=("登记工单", link("ticket_new", workspace="entry"))
            if actor.may(Permission.TICKET_REGISTER)
            else None,
            topics=("service_ticket",),
            schemes=keeper(actor, "service_ticket"),
            state=params,
        )
    )
    mo.vstack([cards.page_title("服务工单", steps=("订单与服务", "服务工单")), tickets])
    return


if __name__ == "__main__":
    app.run()

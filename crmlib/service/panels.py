"""服务工单 on cards: the table of a customer or an order, and one ticket with its clock."""

from datetime import datetime

import marimo as mo
import polars as pl

from crmlib import words
from crmlib.service import rules
from crmlib.service import terms as service_terms
from crmlib.service.queries import TicketCard
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.route import link

OVERDUE = "已超时"
STATUS_TONES: dict[str, cards.Tone] = {
    "new": "warn",
    "accepted": "info",
    "working": "info",
    "solved": "good",
    "revisited": "good",
    "closed": "mute",
}
SHOWN_TEXT = 40


def tickets_table(tickets: pl.DataFrame) -> mo.Html:
    """Return tickets (columns: queries.SCHEMA) as the tab of a card shows them."""
    label = service_terms.TICKET
    return cards.small_table(
        [
            label["number"],
            label["kind"],
            label["description"],
            label["severity"],
            label["status"],
            label["handler"],
            label["solve_due"],
            label["score"],
        ],
        [
            (
                cards.anchor(row["number"], link("ticket", row["id"])),
                service_terms.TICKET_KIND[row["kind"]],
                _short(row["description"]),
                service_terms.SEVERITY[row["severity"]],
                cards.tag(service_terms.TICKET_STATUS[row["status"]], STATUS_TONES[row["status"]]),
                row["handler"] or words.UNASSIGNED,
                _moment(row["solve_due"], late=row["overdue"]),
                row["score"],
            )
            for row in tickets.to_dicts()
        ],
        right=(7,),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_TEXT else f"{line[:SHOWN_TEXT]}…"


def _moment(moment: datetime, *, late: bool) -> object:
    if not late:
        return shown.moment(moment)
    return cards.h("span", shown.moment(moment), " ", cards.tag(OVERDUE, "bad"))


def ticket_panel(card: TicketCard) -> mo.Html:
    """Return a ticket: whose it is, its clock, and what was done about it."""
    label = service_terms.TICKET
    customer = (
        cards.anchor(card.customer, link("customer", card.customer_id, tab="service"))
        if card.may_open_customer
        else card.customer
    )
    order = cards.anchor(card.order, link("order", card.order_id)) if card.order else None
    facts: list[tuple[str, object]] = [
        (label["customer"], customer),
        (label["kind"], service_terms.TICKET_KIND[card.kind.value]),
        (label["severity"], service_terms.SEVERITY[card.severity.value]),
        (label["order"], order),
        (label["handler"], card.handler or words.UNASSIGNED),
        (label["registered_by"], card.registered_by),
        (label["registered_at"], shown.moment(card.registered_at)),
        (label["reply_due"], _moment(card.reply_due, late=card.reply_late)),
        (label["replied_at"], shown.moment(card.replied_at)),
        (label["solve_due"], _moment(card.solve_due, late=card.solve_late)),
        (label["solved_at"], shown.moment(card.solved_at)),
        (label["closed_at"], shown.moment(card.closed_at)),
    ]
    texts = [
        ("description", card.description),
        ("solution", card.solution),
        ("revisit", _revisit(card)),
        ("improvement", card.improvement),
        ("reopen_reason", card.reopen_reason),
    ]
    parts = [cards.details(facts)]
    for name, text in texts:
        if text:
            body = cards.show(cards.h("div", text, class_="sm-body"))
            parts += [cards.section(label[name]), body]
    return mo.vstack(parts)


def _revisit(card: TicketCard) -> str:
    if card.score is None:
        return ""
    said = (
        f"{shown.day(card.revisited_on)} {service_terms.TICKET['score']} {rules.SCORES[card.score]}"
    )
    return f"{said}\n{card.revisit}"

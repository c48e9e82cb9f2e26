"""The tab 历史 of a customer: a timeline with the kinds to pick from."""

import marimo as mo

from crmlib.access.actor import Actor
from crmlib.audit.timeline import CUSTOMER, KINDS, Letter, Timeline, timeline_of
from crmlib.audit.view import told
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.cards import Markup, anchor, h
from crmlib.ui.route import link

SHOWN_IN_TAB = 30


def timeline_tab(actor: Actor, customer_id: int, kind: str = "") -> mo.Html:
    """Return the newest of what happened to a customer, with the ways to each kind and the rest.

    Raises:
        NotAllowed: the customer is not the actor's to see.
    """
    kind = kind if kind in KINDS else ""
    found = timeline_of(actor, customer_id, kind=kind, size=SHOWN_IN_TAB)
    parts = [cards.show(_kinds(customer_id, kind)), _list(found)]
    if found.total > len(found.entries):
        text = f"最近 {len(found.entries)} 条，共 {found.total} 条"
        given = {"show": kind} if kind else {}
        way = anchor("查看全部变更", link("history", f"{CUSTOMER}.{customer_id}", **given))
        parts.append(cards.show(h("p", h("span", text, class_="sm-note"), " ", way)))
    return mo.vstack(parts)


def _kinds(customer_id: int, chosen: str) -> Markup:
    ways = [("", "全部"), *((name, label) for name, (label, _) in KINDS.items())]
    return h(
        "nav",
        *(_kind(customer_id, name, label, chosen) for name, label in ways),
        class_="sm-kinds",
        aria_label="筛选",
    )


def _kind(customer_id: int, name: str, label: str, chosen: str) -> Markup:
    given = {"show": name} if name else {}
    way = link("customer", customer_id, tab="history", **given)
    current = "page" if name == chosen else None
    return h(
        "a",
        label,
        href=way,
        class_=f"sm-btn{' primary' if name == chosen else ''}",
        aria_current=current,
    )


def _list(found: Timeline) -> mo.Html:
    if not found.entries:
        return cards.empty("暂无记录")
    return cards.timeline(
        (
            shown.moment(entry.at),
            entry.person,
            _letter(entry) if isinstance(entry, Letter) else told(entry),
        )
        for entry in found.entries
    )


def _letter(letter: Letter) -> Markup:
    return h("div", h("b", "消息"), " · ", anchor(letter.title, link("message", letter.id)))

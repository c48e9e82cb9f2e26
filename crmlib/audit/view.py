"""The tab 历史 of a card, and one change in full."""

import marimo as mo

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.audit.entries import Change, Entry
from crmlib.audit.history import History, history_of
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.cards import Markup, anchor, h
from crmlib.ui.route import link

SHOWN_IN_TAB = 20
_LONGEST = 120  # characters of a value; the rest is behind the entry
_MOST_FIELDS = 12


def history_tab(actor: Actor, entity: str, key: int) -> mo.Html:
    """Return the newest changes of a customer, contact, opportunity or activity, with the way to the rest.

    Raises:
        NotAllowed: the record is not the actor's to see.
    """
    found = history_of(actor, entity, key, size=SHOWN_IN_TAB)
    rest = found.total - len(found.entries)
    way = anchor(f"查看全部 {found.total} 条", link("history", f"{entity}.{key}")) if rest else None
    parts = [history_list(found)]
    if way:
        parts.append(cards.show(h("p", way)))
    return mo.vstack(parts)


def history_list(found: History) -> mo.Html:
    """Return one page of a history, newest first."""
    if not found.entries:
        return cards.empty("登记以来没有变更记录")
    return cards.timeline(
        (shown.moment(entry.at), entry.person, told(entry)) for entry in found.entries
    )


def changes_table(entry: Entry) -> mo.Html:
    """Return every field of one change, before and after."""
    if not entry.changes:
        return cards.notice(entry.note) if entry.note else cards.empty("没有字段变更")
    heads, rows = ["字段", "修改前", "修改后"], entry.changes
    if entry.kind == "update":
        return cards.small_table(heads, [(c.label, c.before, c.after) for c in rows])
    one = "内容" if entry.kind == "insert" else "删除前"
    values = [(c.label, c.before if entry.kind == "delete" else c.after) for c in rows]
    return cards.small_table([heads[0], one], values)


def told(entry: Entry) -> Markup:
    """Return one change: the step, the record, and its fields."""
    about = f" · {entry.entity_label}" if entry.record == words.EMPTY else f" · {entry.record}"
    lines = [h("div", _line(entry, change)) for change in entry.changes[:_MOST_FIELDS]]
    if len(entry.changes) > _MOST_FIELDS:
        lines.append(h("div", f"另有 {len(entry.changes) - _MOST_FIELDS} 项"))
    if entry.note:
        lines.append(h("div", _short(entry.note)))
    return h("div", h("b", entry.step), about, *lines)


def _line(entry: Entry, change: Change) -> str:
    before, after = _short(change.before), _short(change.after)
    if entry.kind == "update":
        return f"{change.label}：{before} → {after}"
    return f"{change.label}：{before if entry.kind == 'delete' else after}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

"""Rows of the change log made into sentences: who did what to which record, before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.audit.labels import column_label, table_label
from crmlib.audit.masks import CONCEALED, Masks
from crmlib.audit.steps import EVENTS, FACTS, KINDS, TELLING, step_label
from crmlib.audit.texts import GONE, NAMES, Ref, Texts, plain_text, refs_of
from crmlib.store.schema import ChangeLog

# What opens on which page; the id is the record's own, or that of its customer or opportunity.
_PAGES = {
    "customer": "customer",
    "opportunity": "opportunity",
    "person": "person",
    "merge": "merge",
}
_OWNERS = (("opportunity_id", "opportunity"), ("customer_id", "customer"))
_ABOUT_PEOPLE = "login_session"
_ABOUT_CUSTOMERS = "contact_view"


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its label and what it was and became."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log in words; ``at`` is Shanghai time.

    ``link`` is the page and id that open the record, None where nothing can be opened.
    """

    id: int
    at: datetime
    person: str
    step: str
    kind: str
    kind_label: str
    entity: str
    entity_label: str
    record: str
    link: tuple[str, int] | None
    changes: tuple[Change, ...]
    note: str

    @property
    def summary(self) -> str:
        """Return the whole change on one line."""
        if not self.changes:
            return self.note
        if self.kind == "update":
            parts = [f"{c.label}：{c.before} → {c.after}" for c in self.changes]
        else:
            side = "before" if self.kind == "delete" else "after"
            parts = [f"{c.label}：{getattr(c, side)}" for c in self.changes]
        return "；".join([*parts, self.note] if self.note else parts)


def entries_of(session: Session, actor: Actor, rows: Iterable[ChangeLog]) -> list[Entry]:
    """Return log rows in words, as the actor may read them."""
    rows = list(rows)
    refs = [ref for row in rows for ref in refs_of(row)]
    refs += [("person", row.person_id) for row in rows if row.person_id is not None]
    refs += [owner for row in rows if (owner := _owner(row))]
    texts, masks = Texts(session, actor, refs), Masks(session, actor, rows)
    return [_entry(row, texts, masks) for row in rows]


def _entry(row: ChangeLog, texts: Texts, masks: Masks) -> Entry:
    changes = _changes(row, texts, masks)
    return Entry(
        id=row.id,
        at=clock.local(row.at),
        person=texts.name("person", row.person_id) if row.person_id else words.SYSTEM_SENDER,
        step=_step(row),
        kind=row.kind,
        kind_label=KINDS.get(row.kind, KINDS["event"]),
        entity=row.entity,
        entity_label=table_label(row.entity),
        record=_record(row, texts, masks),
        link=_link(row),
        changes=changes,
        note=_note(row, texts) if row.kind in TELLING else "",
    )


def _step(row: ChangeLog) -> str:
    event = (row.after or {}).get("event")
    return EVENTS.get(str(event)) or step_label(row.action, row.kind, row.entity)


def _changes(row: ChangeLog, texts: Texts, masks: Masks) -> tuple[Change, ...]:
    if row.kind in TELLING:
        return ()
    before, after = row.before or {}, row.after or {}
    found = []
    for column in dict.fromkeys([*before, *after]):
        label = column_label(row.entity, column)
        old, new = before.get(column), after.get(column)
        if label is None or (row.kind != "update" and _is_blank(old) and _is_blank(new)):
            continue
        was, became = (
            _text(row, column, value, image, texts, masks)
            for value, image in ((old, before), (new, after))
        )
        found.append(Change(label, was, became))
    return tuple(found)


def _text(
    row: ChangeLog, column: str, value: Any, image: Mapping[str, Any], texts: Texts, masks: Masks
) -> str:
    allowed = masks.shown(row, column, value)
    if allowed != value:
        return str(allowed)
    return texts.value(row.entity, column, value, dict(image))


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or value is False or value == []


def _record(row: ChangeLog, texts: Texts, masks: Masks) -> str:
    """Return the record's name; where it is gone, the name it had."""
    if row.entity_id is None:
        return words.EMPTY
    if row.entity == _ABOUT_PEOPLE:
        return texts.name("person", row.entity_id)
    if row.entity == _ABOUT_CUSTOMERS:
        return texts.name("customer", row.entity_id)
    if (column := NAMES.get(row.entity)) is None:
        owner = _owner(row)
        return texts.name(*owner) if owner else f"{table_label(row.entity)} {row.entity_id}"
    name = texts.name(row.entity, row.entity_id)
    image = row.before or row.after or {}
    if name == GONE and image.get(column):
        name = f"{image[column]}{GONE}"
    shown = masks.shown(row, column, name)
    if shown == CONCEALED:
        return f"{table_label(row.entity)} {row.entity_id}"
    owner = _owner(row)
    return f"{shown}（{texts.name(*owner)}）" if owner and row.entity == "contact" else shown


def _owner(row: ChangeLog) -> Ref | None:
    if row.parent and row.parent_id:
        return (row.parent, row.parent_id)
    image = row.after or row.before or {}
    for column, table in _OWNERS:
        if isinstance(image.get(column), int):
            return (table, image[column])
    return None


def _link(row: ChangeLog) -> tuple[str, int] | None:
    if row.entity == _ABOUT_CUSTOMERS and row.entity_id:
        return ("customer", row.entity_id)
    if row.entity in _PAGES and row.entity_id:
        return (_PAGES[row.entity], row.entity_id)
    owner = _owner(row)
    return (_PAGES[owner[0]], owner[1]) if owner and owner[0] in _PAGES else None


def _note(row: ChangeLog, texts: Texts) -> str:
    facts = dict(row.after or {})
    if facts.pop("event", None) == "download":
        return ""  # the record is the file
    if facts.get("locked") is False:
        facts.pop("locked")
    if row.kind == "refused":
        return plain_text(facts.get("message", ""))
    if isinstance(counts := facts.get("rows"), dict):  # of a customer deleted for good
        facts["rows"] = {table_label(table): count for table, count in counts.items()}
    parts = []
    for name, value in facts.items():
        label = column_label(row.entity, name) or FACTS.get(name)
        if label:
            text = (
                texts.value(row.entity, name, value, facts) if not isinstance(value, list) else ""
            )
            parts.append(f"{label}：{text or plain_text(value)}")
    return "；".join(parts)

"""Values of the log as people read them: codes by their labels, ids by names, dates and money."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Date, Table, select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.audit.labels import CHOICES, DICTIONARIES, SWITCHED, column_label, table_label
from crmlib.audit.rights import visible_ids
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.schema import Base, ChangeLog
from crmlib.store.types import Money, UtcDateTime
from crmlib.ui import format as shown

HIDDEN_NAME = "（无权查看）"
GONE = "（已删除）"
# The column a row is called by.
NAMES = {
    "activity": "subject",
    "api_token": "name",
    "attachment": "name",
    "contact": "name",
    "conversion_request": "title",
    "customer": "name",
    "day_off": "name",
    "dict_item": "name",
    "import_batch": "number",
    "merge": "number",
    "message": "title",
    "office": "name",
    "opportunity": "subject",
    "person": "name",
    "quotation": "number",
    "region": "name",
    "sales_order": "number",
    "service_ticket": "number",
    "stage": "name",
    "stage_set": "name",
    "webhook": "name",
    "work_report": "subject",
}
# Columns that name a row of another table without a foreign key …
_POINTS_AT = {("affiliate_link", "parent_id"): "customer"}
# … or of the table another column names.
_TYPED = {("attachment", "entity_id"): "entity_type", ("message", "related_id"): "related_type"}
# Which dictionary explains a deal's 输赢原因, its outcome says.
_REASONS = {"won": DictKind.WIN_REASON, "lost": DictKind.LOSS_REASON}
Ref = tuple[str, int]


class Texts:
    """Knows the names and labels the rows of one page need; asked once per table."""

    def __init__(self, session: Session, actor: Actor, refs: Iterable[Ref] = ()) -> None:
        self._session, self._actor = session, actor
        self._names: dict[Ref, str] = {}
        self._labels: dict[DictKind, dict[str, str]] = {}
        self.learn(refs)

    def learn(self, refs: Iterable[Ref]) -> None:
        """Read the names of rows that will be asked for."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for ref in refs:
            if ref not in self._names and ref[0] in NAMES:
                wanted[ref[0]].add(ref[1])
        for name, ids in wanted.items():
            table = Base.metadata.tables.get(name)
            if table is not None:
                self._read(table, ids)

    def _read(self, table: Table, ids: set[int]) -> None:
        rows = select(table.c.id, table.c[NAMES[table.name]]).where(table.c.id.in_(ids))
        found = {key: str(text) for key, text in self._session.execute(rows)}
        seen = visible_ids(self._actor, table.name) if table.name != "person" else None
        if seen is not None and found:
            mine = seen.where(table.c.id.in_(found))
            visible = set(self._session.scalars(mine))
            found = {key: text if key in visible else HIDDEN_NAME for key, text in found.items()}
        for key in ids:
            self._names[(table.name, key)] = found.get(key, GONE)

    def name(self, table: str, key: int) -> str:
        """Return what a row is called."""
        self.learn([(table, key)])
        return self._names.get((table, key), f"{table_label(table)} {key}")

    def value(self, table: str, column: str, value: Any, image: dict[str, Any]) -> str:
        """Return a column's value as people read it; ``image`` tells the type of a typed id."""
        if value is None or value == "":
            return words.EMPTY
        if target := target_of(table, column, image):
            return self.name(target, int(value))
        if choices := CHOICES.get((table, column)):
            return choices.get(str(value), str(value))
        if kind := DICTIONARIES.get((table, column)):
            return self._label(kind, str(value))
        if column == "outcome_reason" and (kind := _REASONS.get(str(image.get("outcome")))):
            return self._label(kind, str(value))
        if isinstance(value, bool) and (pair := SWITCHED.get((table, column))):
            return pair[0] if value else pair[1]
        return _typed(table, column, value)

    def _label(self, kind: DictKind, code: str) -> str:
        if kind not in self._labels:
            self._labels[kind] = labels(self._session, kind)
        return self._labels[kind].get(code, code)


def target_of(table: str, column: str, image: dict[str, Any]) -> str | None:
    """Return the table whose row a column names, if it names one."""
    if (table, column) in _POINTS_AT:
        return _POINTS_AT[(table, column)]
    if (table, column) in _TYPED:
        return image.get(_TYPED[(table, column)])
    known = Base.metadata.tables.get(table)
    if known is None or column not in known.c:
        return None
    for key in known.c[column].foreign_keys:
        return key.target_fullname.partition(".")[0]
    return None


def refs_of(row: ChangeLog) -> list[Ref]:
    """Return the rows whose names a log entry needs."""
    found: list[Ref] = []
    if row.entity_id is not None:
        found.append((row.entity, row.entity_id))
    for image in (row.before or {}, row.after or {}):
        for column, value in image.items():
            target = target_of(row.entity, column, image)
            if target and isinstance(value, int) and column_label(row.entity, column):
                found.append((target, value))
    return found


def _typed(table: str, column: str, value: Any) -> str:
    known = Base.metadata.tables.get(table)
    kind = known.c[column].type if known is not None and column in known.c else None
    if isinstance(kind, Money):
        return shown.money(float(value))
    if isinstance(kind, UtcDateTime) and isinstance(value, str):
        return shown.moment(datetime.fromisoformat(value))
    if isinstance(kind, Date):
        return str(value)[:10]
    if isinstance(kind, Boolean):
        return shown.yes_no(bool(value))
    return plain_text(value)


def plain_text(value: Any) -> str:
    """Return any value without quotes and brackets of programs."""
    if isinstance(value, dict):
        return "、".join(f"{key} {plain_text(each)}" for key, each in value.items()) or words.EMPTY
    if isinstance(value, list):
        return "、".join(plain_text(each) for each in value) or words.EMPTY
    if isinstance(value, str) and "\n" in value:
        return value.strip()
    return str(value) if isinstance(value, str) else shown.plain(value)

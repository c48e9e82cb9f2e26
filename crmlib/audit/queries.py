"""操作日志: pages of the whole log, newest first, quick however long it has grown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.audit.entries import Entry, entries_of
from crmlib.audit.labels import TABLES
from crmlib.audit.rights import readable_log, reads_everything
from crmlib.customers.model import Contact, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Person
from crmlib.store.engine import reading
from crmlib.store.schema import ChangeLog
from crmlib.store.text import clean

# Counting millions tells nobody anything; from here on it is "more than".
MOST_COUNTED = 10_000
MAX_SIZE = 100
_MOST_FOUND = 200  # records a name may stand for
_SIGN_IN, _VIEW, _EXPORT, _IMPORT = "login_session", "contact_view", "export", "import"
KIND_CHOICES: Mapping[str, str] = {
    "insert": "新增",
    "update": "修改",
    "delete": "删除",
    "refused": "被拒绝",
    "sign_in": "登录与退出",
    "failed": "登录失败",
    "view": "查看联系方式",
    "export": "导出",
    "event": "其他操作",
}
Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is wanted; days in Shanghai, both included; ``record`` is "customer:12"."""

    page: int = 1
    size: int = 50
    person_id: int | None = None
    kind: str = ""  # a key of KIND_CHOICES
    table: str = ""
    record: str = ""
    text: str = ""  # number or name of a record
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page; ``total`` stops at ``MOST_COUNTED``, then ``is_more`` is set."""

    entries: tuple[Entry, ...]
    total: int
    is_more: bool


@dataclass
class AuditReader:
    """Reads the log page by page, remembering where each page ended.

    So the thousandth page costs as much as the first, and rows written meanwhile do not push
    the ones already read onto the next page. One reader serves one table on one screen.
    """

    actor: Actor
    _asked: AuditQuery | None = None
    _ends: dict[int, Place] = field(default_factory=dict)
    _total: int = 0

    def page(self, query: AuditQuery) -> AuditPage:
        """Return one page of the rows the actor may read.

        Raises:
            NotAllowed: he may read none at all.
        """
        size = min(max(query.size, 1), MAX_SIZE)
        page = max(query.page, 1)
        readable = readable_log(self.actor)
        with reading() as session:
            where = and_(readable, *_conditions(session, self.actor, query))
            self._begin(session, where, query)
            known = max((p for p in self._ends if p < page), default=0)
            place = self._ends.get(known)
            after = where if place is None else and_(where, _before(place))
            rows = session.scalars(
                select(ChangeLog)
                .where(after)
                .order_by(ChangeLog.at.desc(), ChangeLog.id.desc())
                .limit(size)
                .offset((page - 1 - known) * size)
            ).all()
            entries = tuple(entries_of(session, self.actor, rows))
        if rows:
            self._ends[page] = (rows[-1].at, rows[-1].id)
        is_more = self._total > MOST_COUNTED
        # Whoever walks on finds the next page, however far he went.
        reached = (page - 1) * size + len(rows) + (len(rows) == size)
        return AuditPage(entries, max(MOST_COUNTED, reached) if is_more else self._total, is_more)

    def _begin(self, session: Session, where: ColumnElement[bool], query: AuditQuery) -> None:
        if query.page > 1 and self._asked is not None and _same(self._asked, query):
            return
        self._asked, self._ends = query, {}
        some = select(ChangeLog.id).where(where).limit(MOST_COUNTED + 1).subquery()
        self._total = session.scalar(select(func.count()).select_from(some)) or 0


def audit_entry(actor: Actor, entry_id: int) -> Entry:
    """Return one row of the log.

    Raises:
        NotAllowed: no such row, or not the actor's to read.
    """
    with reading() as session:
        row = session.scalar(select(ChangeLog).where(ChangeLog.id == entry_id, readable_log(actor)))
        if row is None:
            raise NotAllowed
        return entries_of(session, actor, [row])[0]


def audit_people(actor: Actor) -> list[tuple[int, str]]:
    """Return whose rows the actor may ask for: everybody's or his own."""
    if not actor.may(Permission.AUDIT_VIEW):
        raise NotAllowed
    if not reads_everything(actor):
        return [(actor.person_id, actor.name)]
    with reading() as session:
        rows = session.execute(select(Person.id, Person.name).order_by(Person.name, Person.id))
        return [(row.id, row.name) for row in rows]


def table_choices() -> list[tuple[str, str]]:
    """Return the kinds of record the log can be narrowed to."""
    events = {_SIGN_IN, _VIEW, _EXPORT, "permission"}
    return [(name, label) for name, label in TABLES.items() if name not in events]


def _same(one: AuditQuery, other: AuditQuery) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("size", "person_id", "kind", "table", "record", "text", "since", "until")
    )


def _before(place: Place) -> ColumnElement[bool]:
    at, key = place
    return or_(ChangeLog.at < at, and_(ChangeLog.at == at, ChangeLog.id < key))


def _conditions(session: Session, actor: Actor, query: AuditQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.person_id is not None:
        found.append(ChangeLog.person_id == query.person_id)
    if query.kind:
        found.append(_of_kind(query.kind))
    if query.table:
        found.append(ChangeLog.entity == query.table)
    if query.record:
        found.append(_of_record(query.record))
    if text := clean(query.text):
        found.append(_named(session, actor, text))
    if query.since is not None:
        found.append(ChangeLog.at >= _midnight(query.since))
    if query.until is not None:
        found.append(ChangeLog.at < _midnight(query.until + timedelta(days=1)))
    return found


def _of_kind(kind: str) -> ColumnElement[bool]:
    if kind == "sign_in":
        return and_(ChangeLog.entity == _SIGN_IN, ChangeLog.kind != "failed")
    if kind in {"view", "export"}:
        return ChangeLog.entity == {"view": _VIEW, "export": _EXPORT}[kind]
    if kind == "event":
        named = ChangeLog.entity.in_({_SIGN_IN, _VIEW, _EXPORT})
        return and_(ChangeLog.kind == kind, not_(named))
    return ChangeLog.kind == kind if kind in KIND_CHOICES else false()


def _of_record(record: str) -> ColumnElement[bool]:
    table, _, key = record.partition(":")
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return false()
    return and_(ChangeLog.entity == table, ChangeLog.entity_id == int(key))


def _named(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Return the condition that a row is about a record of this number or name."""
    customers, deals = visible_customers(actor), visible_opportunities(actor)
    contacts = Contact.customer_id.in_(select(Customer.id).where(customers))
    asked: list[tuple[Any, ColumnElement[bool]]] = [
        (Customer, and_(or_(Customer.code == text, _holds(Customer.name, text)), customers)),
        (
            Opportunity,
            and_(or_(Opportunity.number == text, _holds(Opportunity.subject, text)), deals),
        ),
        (Contact, and_(Contact.name == text, contacts)),
        (Person, or_(Person.name == text, Person.login == text, Person.seller_code == text)),
    ]
    found: list[ColumnElement[bool]] = []
    for model, condition in asked:
        ids = session.scalars(select(model.id).where(condition).limit(_MOST_FOUND)).all()
        if ids:
            is_one = ChangeLog.entity_id.in_(ids)
            found.append(and_(ChangeLog.entity == model.__tablename__, is_one))
    return or_(false(), *found)


def _holds(column: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.contains(text, autoescape=True)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)

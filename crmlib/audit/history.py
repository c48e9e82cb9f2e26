"""历史: everything that happened to one record and to what belongs to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.activities.model import Activity
from crmlib.audit.entries import Entry, entries_of
from crmlib.audit.rights import GUARDED, reads_everything, visible_ids
from crmlib.audit.texts import Texts
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    RecycledCustomer,
)
from crmlib.duplicates.children import references
from crmlib.duplicates.model import Merge
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import (
    CompetitorEntry,
    Opportunity,
    OpportunityParty,
    OpportunityProduct,
    OpportunityShare,
    StageHistory,
)
from crmlib.orders.model import ContractReview, OrderEvent, OrderLine, SalesOrder
from crmlib.store.engine import reading
from crmlib.store.schema import Base, ChangeLog

RECORDS = frozenset(m.__tablename__ for m in (Customer, Contact, Opportunity, Activity))
# Belong to a record and can be taken from it; whoever sees it may read that they were.
_PARTS = frozenset(
    m.__tablename__
    for m in (
        Contact,
        CustomerAlias,
        CustomerShare,
        CompetitorEntry,
        OpportunityParty,
        OpportunityProduct,
        OpportunityShare,
        RecycledCustomer,
    )
)
_VIEWS = "contact_view"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class History:
    """One page of what happened to a record, newest first, and how much there is in all."""

    name: str
    entries: tuple[Entry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A log row before its contents are read."""

    id: int
    at: Any
    entity: str
    entity_id: int | None
    kind: str


def history_of(
    actor: Actor,
    entity: str,
    key: int,
    *,
    page: int = 1,
    size: int = 50,
    tables: Collection[str] | None = None,
) -> History:
    """Return the history of a customer, contact or opportunity (the table's name) and its parts.

    ``tables`` narrows it to changes of some tables.

    Raises:
        NotAllowed: no such record, or not for this actor.
    """
    with reading() as session:
        _require_visible(session, actor, entity, key)
        steps = sorted(
            _steps(session, actor, entity, key), key=lambda s: (s.at, s.id), reverse=True
        )
        if tables is not None:
            steps = [step for step in steps if step.entity in tables]
        start = (max(page, 1) - 1) * size
        ids = [step.id for step in steps[start : start + size]]
        rows = {r.id: r for r in session.scalars(select(ChangeLog).where(ChangeLog.id.in_(ids)))}
        entries = entries_of(session, actor, [rows[i] for i in ids])
        name = Texts(session, actor).name(entity, key)
    return History(name, tuple(entries), len(steps))


def _require_visible(session: Session, actor: Actor, entity: str, key: int) -> None:
    if entity not in RECORDS:
        raise NotAllowed
    table = Base.metadata.tables[entity]
    found = select(table.c.id).where(table.c.id == key)
    if (ids := visible_ids(actor, entity)) is not None:
        found = found.where(table.c.id.in_(ids))
    permission = _permission(actor, entity)
    if not permission or session.scalar(found) is None:
        raise NotAllowed


def _permission(actor: Actor, entity: str) -> bool:
    needed = {
        Opportunity.__tablename__: Permission.OPPORTUNITY_VIEW,
        Activity.__tablename__: Permission.ACTIVITY_VIEW,
    }
    return actor.may(needed.get(entity, Permission.CUSTOMER_VIEW))


def _steps(session: Session, actor: Actor, entity: str, key: int) -> Iterable[_Step]:
    found = {step.id: step for step in _about(session, entity, [key])}
    if entity == Customer.__tablename__ and reads_everything(actor):
        found |= {step.id: step for step in _about(session, _VIEWS, [key])}
    if entity in {Contact.__tablename__, Activity.__tablename__}:
        return found.values()
    for table, ids in _children(session, actor, entity, key).items():
        found |= {step.id: step for step in _lives(session, table, ids)}
    papers = () if actor.may(Permission.OPPORTUNITY_PAPERS) else (CompetitorEntry.__tablename__,)
    gone = select(*_COLUMNS).where(
        ChangeLog.parent == entity,
        ChangeLog.parent_id == key,
        ChangeLog.entity.in_(_PARTS - set(papers)),
    )
    found |= {row.id: _Step(*row) for row in session.execute(gone)}
    return found.values()


def _children(session: Session, actor: Actor, entity: str, key: int) -> dict[str, list[int]]:
    """Return the rows that belong to the record now and that the actor may see, by table."""
    found: dict[str, set[int]] = {}
    pointing = [(r.table, r.points_at(entity, key)) for r in references(entity)]
    if entity == Customer.__tablename__:
        merges = Base.metadata.tables[Merge.__tablename__]
        pointing += [(merges, merges.c[c] == key) for c in ("survivor_id", "loser_id")]
    for table, condition in pointing:
        if table.name not in GUARDED:
            continue
        ids = select(table.c.id).where(condition)
        if (seen := visible_ids(actor, table.name)) is not None:
            ids = ids.where(table.c.id.in_(seen))
        found.setdefault(table.name, set()).update(session.scalars(ids))
    if entity == Customer.__tablename__ and (deals := found.get(Opportunity.__tablename__)):
        moves = select(StageHistory.id).where(StageHistory.opportunity_id.in_(deals))
        found[StageHistory.__tablename__] = set(session.scalars(moves))
    if orders := found.get(SalesOrder.__tablename__):
        for model in (OrderLine, OrderEvent):
            rows = select(model.id).where(model.order_id.in_(orders))
            found[model.__tablename__] = set(session.scalars(rows))
    if entity == Customer.__tablename__ and deals:
        reviews = select(ContractReview.id).where(ContractReview.opportunity_id.in_(deals))
        if (seen := visible_ids(actor, ContractReview.__tablename__)) is not None:
            reviews = reviews.where(ContractReview.id.in_(seen))
        found[ContractReview.__tablename__] = set(session.scalars(reviews))
    return {table: sorted(ids) for table, ids in found.items() if ids}


def _lives(session: Session, table: str, ids: list[int]) -> list[_Step]:
    """Return the steps of rows since each came: a number given again had another life before."""
    steps = _about(session, table, ids)
    born: dict[int | None, int] = {}
    for step in steps:
        if step.kind == "insert":
            born[step.entity_id] = max(step.id, born.get(step.entity_id, 0))
    return [step for step in steps if step.id >= born.get(step.entity_id, 0)]


def _about(session: Session, table: str, ids: list[int]) -> list[_Step]:
    found: list[_Step] = []
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        rows = select(*_COLUMNS).where(
            and_(ChangeLog.entity == table, ChangeLog.entity_id.in_(part))
        )
        found += [_Step(*row) for row in session.execute(rows)]
    return found


_COLUMNS = (ChangeLog.id, ChangeLog.at, ChangeLog.entity, ChangeLog.entity_id, ChangeLog.kind)

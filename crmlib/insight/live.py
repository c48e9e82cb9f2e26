"""What an actor may see of the snapshots, kept ready per rights; the interface of all dashboards."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

import polars as pl

from crmlib import clock
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission, Scope
from crmlib.access.reach import Reach, reach
from crmlib.access.rows import Ownership
from crmlib.activities.rows import ownership as of_activities
from crmlib.customers.rows import ownership as of_customers
from crmlib.insight import frames, tables
from crmlib.insight.frames import DealBlock, FunnelData
from crmlib.insight.naming import Names
from crmlib.insight.snapshot import Rows, Snapshot, State, Subject
from crmlib.opportunities.rows import ownership as of_opportunities
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.feed import Change

B = TypeVar("B")
D = TypeVar("D")
MAX_KEPT = 24  # people's frames; those who see everything share one
_CHILDREN = frozenset({"opportunity_product", "stage_history", "competitor_entry"})


@dataclass(frozen=True, slots=True)
class Visible:
    """Rows one person may see, of one moment; ``names`` has people, offices and dictionaries."""

    rows: pl.DataFrame
    names: Names
    day: date
    read_at: datetime


@dataclass(slots=True)
class _Kept(Generic[B, D]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    state: State[B] | None = None
    reach: Reach | None = None
    parts: dict[int, tuple[B, B]] = field(default_factory=dict)  # whole block, visible part
    data: D | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[B, D]):
    """How the rows of a subject are cut down to a person's rights and put together."""

    subject: Subject[B]
    permission: Permission
    owned: Callable[[Actor, Permission], Ownership]
    allowed: Callable[[Reach], pl.Expr]
    cut: Callable[[B, pl.Expr], B]
    together: Callable[[State[B], list[B]], D]


class Views(Generic[B, D]):
    """One snapshot and what people see of it; a view is served only under the rights it has."""

    def __init__(self, kind: Kind[B, D]) -> None:
        self._kind = kind
        self._snapshot = Snapshot(kind.subject)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, _Kept[B, D]] = OrderedDict()

    def data(self, person_id: int) -> D:
        """Return what the person may see now.

        Raises:
            NotAllowed: deactivated, or no such person.
        """
        state = self._snapshot.current()
        with reading() as session:
            actor = load_actor(session, person_id)
        with self._lock:
            kept = self._entry(_rights(actor, self._kind.permission))
        with kept.lock:
            if kept.data is None or kept.state is not state:
                kept.data = None  # if what follows fails, nothing old is served
                kept.data = self._fresh(kept, state, actor)
                kept.state = state
            return kept.data

    def warm(self) -> None:
        """Read the rows, so that the first dashboard need not wait."""
        self._snapshot.current()

    def _entry(self, key: object) -> _Kept[B, D]:
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return kept

    def _fresh(self, kept: _Kept[B, D], state: State[B], actor: Actor) -> D:
        kind = self._kind
        # Always read anew: a new deal of a shared customer moves it as well as a new share.
        with reading() as session:
            seen = reach(session, actor, kind.permission, kind.owned(actor, kind.permission))
        if seen.everything:
            return kind.together(state, list(state.blocks.values()))
        if seen != kept.reach:
            kept.reach, kept.parts = seen, {}
        allowed, parts = kind.allowed(seen), kept.parts
        kept.parts = {
            number: parts[number]
            if number in parts and parts[number][0] is block
            else (block, kind.cut(block, allowed))
            for number, block in state.blocks.items()
        }
        return kind.together(state, [mine for _, mine in kept.parts.values()])


def _rights(actor: Actor, permission: Permission) -> object:
    held = actor.scopes(permission)
    if held & {Scope.ALL, Scope.MASKED}:
        return Scope.ALL
    return (actor.person_id, actor.role, actor.office_id, held, clock.today())


def _covered(key: str, registrant: str) -> Callable[[Reach], pl.Expr]:
    def allowed(seen: Reach) -> pl.Expr:
        parts = (
            ("owner_id", seen.owners),
            (registrant, seen.registrants),
            ("office_id", seen.offices),
            (key, seen.keys),
        )
        any_of = [pl.col(name).is_in(sorted(ids)) for name, ids in parts if ids]
        return pl.any_horizontal(any_of or [pl.col(key).is_null()]).fill_null(value=False)

    return allowed


def _ids(changes: Iterable[Change], entity: str) -> set[int]:
    return {c.entity_id for c in changes if c.entity == entity and c.entity_id}


def _touched_deals(changes: Iterable[Change], rows: Rows) -> set[int]:
    changes = list(changes)
    deals = _ids(changes, "opportunity")
    for change in changes:
        if change.entity in _CHILDREN and (deal := (change.after or {}).get("opportunity_id")):
            deals.add(deal)
    if customers := _ids(changes, "customer"):
        theirs = pl.col("customer_id").is_in(list(customers))
        for block in rows[0].values():
            deals.update(block.filter(theirs)["opportunity_id"])
    if entries := _ids(changes, "competitor_entry"):  # one that was removed names no deal
        for block in rows[3].values():
            deals.update(block.filter(pl.col("entry_id").is_in(list(entries)))["opportunity_id"])
    return deals


def _funnel(state: State[DealBlock], blocks: list[DealBlock]) -> FunnelData:
    deals, stays = frames.joined(blocks)
    steps = frames.steps(deals, state.names.stages)
    is_whole = len(blocks) == len(state.blocks) and all(
        mine is block for mine, block in zip(blocks, state.blocks.values(), strict=True)
    )
    return FunnelData(
        deals, stays, steps, state.day, state.read_at, tuple(blocks) if is_whole else ()
    )


def _together(schema: pl.Schema) -> Callable[[State[pl.DataFrame], list[pl.DataFrame]], Visible]:
    def together(state: State[pl.DataFrame], blocks: list[pl.DataFrame]) -> Visible:
        rows = pl.concat([schema.to_frame(), *blocks])
        return Visible(rows, state.names, state.day, state.read_at)

    return together


def _deal_block(parts: Sequence[pl.DataFrame], names: Names, today: date) -> DealBlock:
    return frames.deal_block(parts, names, today)


DEALS: Kind[DealBlock, FunnelData] = Kind(
    Subject(
        (tables.DEALS, tables.MOVES, tables.PRODUCTS, tables.RIVALS), _deal_block, _touched_deals
    ),
    Permission.FUNNEL_VIEW,
    of_opportunities,
    _covered("opportunity_id", "registrant_id"),
    frames.restricted,
    _funnel,
)
CUSTOMERS: Kind[pl.DataFrame, Visible] = Kind(
    Subject(
        (tables.CUSTOMERS,),
        lambda parts, names, _: frames.customer_block(parts[0], names),
        lambda changes, _: _ids(changes, "customer"),
    ),
    Permission.CUSTOMER_VIEW,
    of_customers,
    _covered("customer_id", "registrant_id"),
    pl.DataFrame.filter,
    _together(frames.CUSTOMERS),
)
ACTIVITIES: Kind[pl.DataFrame, Visible] = Kind(
    Subject(
        (tables.ACTIVITIES,),
        lambda parts, _names, _today: parts[0],
        lambda changes, _: _ids(changes, "activity"),
    ),
    Permission.ACTIVITY_VIEW,
    lambda actor, _permission: of_activities(actor),
    _covered("activity_id", "owner_id"),
    pl.DataFrame.filter,
    _together(tables.ACTIVITIES.schema),
)


@lru_cache(maxsize=1)  # a firm in memory is large: of one database at a time
def _views(_url: str) -> Mapping[str, Views[Any, Any]]:
    return {"deals": Views(DEALS), "customers": Views(CUSTOMERS), "activities": Views(ACTIVITIES)}


def _visible(name: str, actor: Actor) -> Any:
    return _views(settings().database_url)[name].data(actor.person_id)


def funnel_data(actor: Actor) -> FunnelData:
    """Return the deals the actor may see, as of now."""
    return _visible("deals", actor)  # type: ignore[no-any-return]


def customer_data(actor: Actor) -> Visible:
    """Return the customers in use the actor may see (rows: frames.CUSTOMERS), as of now."""
    return _visible("customers", actor)  # type: ignore[no-any-return]


def activity_data(actor: Actor) -> Visible:
    """Return the activities the actor may see (rows: columns of tables.ACTIVITIES), as of now.

    Keys and codes only; ``names`` has what they are called.
    """
    return _visible("activities", actor)  # type: ignore[no-any-return]


def warm() -> None:
    """Read all snapshots, the small ones first."""
    for views in _views(settings().database_url).values():
        views.warm()

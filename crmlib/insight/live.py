"""Keep frames ready per person's rights and let the change feed bring them up to date."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from crmlib import clock
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission, Scope
from crmlib.insight.frames import FunnelData, Raw, build, load
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.feed import Change, Feed

MAX_KEPT = 24  # people's frames; those who see everything share one
PATCH_AT_MOST = 5_000  # more changed deals than this are read anew
CHILDREN = frozenset({"opportunity_product", "stage_history"})
# A change of these may move the limits of what somebody sees, or the names shown.
RIGHTS = frozenset(
    {
        *("office", "opportunity_share", "customer_share"),
        *("stage", "stage_set", "region", "dict_item"),
    }
)
PERSON_FIELDS = frozenset({"name", "role", "office_id", "reports_to_id", "active"})


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    raw: Raw | None = None
    data: FunnelData | None = None
    deals: set[int] = field(default_factory=set)  # changed since
    customers: set[int] = field(default_factory=set)  # changed since


class Frames:
    """The frames of one database; a frame is served only under the rights it was read with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feed = Feed()
        self._kept: OrderedDict[Any, _Kept] = OrderedDict()

    def data(self, person_id: int) -> FunnelData:
        """Return what the person may see now.

        Raises:
            NotAllowed: deactivated, or no such person.
        """
        with self._lock:
            self._follow(self._feed.poll())
        with reading() as session:
            actor = load_actor(session, person_id)
        with self._lock:
            kept = self._entry(_rights(actor))
        with kept.lock:
            return self._fresh(kept, actor)

    def _entry(self, key: object) -> _Kept:
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return kept

    def _follow(self, changes: Iterable[Change]) -> None:
        deals: set[int] = set()
        customers: set[int] = set()
        for change in changes:
            if _moves_rights(change):
                self._kept.clear()
            elif change.entity == "opportunity" and change.entity_id:
                deals.add(change.entity_id)
            elif change.entity == "customer" and change.entity_id:
                customers.add(change.entity_id)
            elif change.entity in CHILDREN and (deal := (change.after or {}).get("opportunity_id")):
                deals.add(deal)
        for kept in self._kept.values():
            kept.deals |= deals
            kept.customers |= customers

    def _fresh(self, kept: _Kept, actor: Actor) -> FunnelData:
        with self._lock:
            deals, kept.deals = kept.deals, set()
            customers, kept.customers = kept.customers, set()
        raw, data = kept.raw, kept.data
        # Whatever fails below, the next call reads everything anew.
        kept.raw = kept.data = None
        if raw is not None and customers:
            mine = raw.deals.filter(pl.col("customer_id").is_in(list(customers)))
            deals |= set(mine["opportunity_id"].to_list())
        if raw is None or len(deals) > PATCH_AT_MOST:
            raw, data = None, None
        if deals or data is None or data.day != clock.today():
            with reading() as session:
                raw = load(session, actor) if raw is None else _patched(raw, session, actor, deals)
                data = build(session, raw)
        kept.raw, kept.data = raw, data
        return data


def funnel_data(actor: Actor) -> FunnelData:
    """Return the deals the actor may see, as of now."""
    return _frames(settings().database_url).data(actor.person_id)


def funnel_frame(actor: Actor) -> pl.DataFrame:
    """Return the visible deals (columns: frames.DEALS), for analysts' own questions."""
    return funnel_data(actor).deals


def moves_frame(actor: Actor) -> pl.DataFrame:
    """Return the stays of the visible deals in their stages (columns: frames.STAYS)."""
    return funnel_data(actor).stays


@cache
def _frames(_url: str) -> Frames:
    return Frames()


def _rights(actor: Actor) -> object:
    held = actor.scopes(Permission.FUNNEL_VIEW)
    if Scope.ALL in held or Scope.MASKED in held:
        return Scope.ALL
    return (actor.person_id, actor.role, actor.office_id, held, clock.today())


def _moves_rights(change: Change) -> bool:
    if change.entity == "person":
        return bool(PERSON_FIELDS & (change.after or {}).keys())
    return change.entity in RIGHTS


def _patched(raw: Raw, session: Any, actor: Actor, deals: set[int]) -> Raw:
    if not deals:
        return raw
    changed = load(session, actor, sorted(deals))
    gone = pl.col("opportunity_id").is_in(list(deals))

    def merged(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([old.filter(~gone), new]).sort("opportunity_id", maintain_order=True)

    return Raw(
        merged(raw.deals, changed.deals),
        merged(raw.moves, changed.moves),
        merged(raw.products, changed.products),
    )

"""The board's frames kept in step with the change feed: only changed customers are read anew."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission, Scope
from crmlib.conversion.board import decisions, due_customers
from crmlib.conversion.facts import UNDECIDED
from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import Contact, Customer
from crmlib.duplicates.model import DuplicatePair
from crmlib.opportunities.model import Opportunity
from crmlib.orders.model import ContractReview, SalesOrder
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.feed import Change, Feed

MAX_KEPT = 24  # people's frames; those who see everything share one
PATCH_AT_MOST = 2_000  # more changed customers than this are read anew
TOPICS = ("conversion_request", "customer", "contact", "opportunity", "duplicate_pair", "sales_order",
    "contract_review",
)  # fmt: skip
# Rows that say something about the customer they belong to.
CHILDREN: Mapping[str, Any] = {
    model.__tablename__: model for model in (ConversionRequest, Contact, Opportunity, SalesOrder)
}
# A change of these may move the limits of what somebody sees, the names shown, or all ages.
RIGHTS = frozenset({"office", "region", "day_off"})
PERSON_FIELDS = frozenset({"name", "role", "office_id", "reports_to_id", "active"})


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows: customers that are due, and the latest decisions."""

    due: pl.DataFrame
    decided: pl.DataFrame


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    day: date | None = None
    board: Board | None = None
    changed: set[int] = field(default_factory=set)  # customers, since it was read
    asked: bool = False  # a request changed since


class Boards:
    """The boards of one database; one is served only under the rights it was read with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feed = Feed()
        self._kept: OrderedDict[Any, _Kept] = OrderedDict()

    def board(self, person_id: int) -> Board:
        """Return what the person may see now.

        Raises:
            NotAllowed: deactivated, no such person, or the board is not for him.
        """
        with self._lock:
            self._follow(self._feed.poll())
        with reading() as session:
            actor = load_actor(session, person_id)
        with self._lock:
            kept = self._kept.setdefault(_rights(actor), _Kept())
            self._kept.move_to_end(_rights(actor))
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        with kept.lock:
            return self._fresh(kept, actor)

    def _follow(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        if any(_needs_all(change) for change in changes):
            self._kept.clear()
            return
        if not self._kept:
            return
        with reading() as session:
            touched = _customers_of(session, changes)
        for kept in self._kept.values():
            kept.changed |= touched
            kept.asked |= any(c.entity == ConversionRequest.__tablename__ for c in changes)

    def _fresh(self, kept: _Kept, actor: Actor) -> Board:
        with self._lock:
            changed, kept.changed = kept.changed, set()
            asked, kept.asked = kept.asked, False
        board, kept.board = kept.board, None  # a fault below leaves nothing half read
        if board is None or kept.day != clock.today() or len(changed) > PATCH_AT_MOST:
            board = Board(due_customers(actor), decisions(actor))
        elif changed:
            again = asked or board.decided["customer_id"].is_in(list(changed)).any()
            due = _patched(board.due, actor, changed)
            board = Board(due, decisions(actor) if again else board.decided)
        kept.day, kept.board = clock.today(), board
        return board


def board_of(actor: Actor) -> Board:
    """Return the board of 转交易 as the actor may see it, as of now."""
    return _boards(settings().database_url).board(actor.person_id)


@cache
def _boards(_url: str) -> Boards:
    return Boards()


def _rights(actor: Actor) -> object:
    held = actor.scopes(Permission.CONVERSION_BOARD)
    if Scope.ALL in held:
        return Scope.ALL
    return (actor.person_id, actor.role, actor.office_id, held)


def _needs_all(change: Change) -> bool:
    if change.entity == "person":
        return bool(PERSON_FIELDS & (change.after or {}).keys())
    if change.kind == "delete" and change.entity in TOPICS:
        return True  # nobody can say any more whose it was
    return change.entity in RIGHTS


def _customers_of(session: Session, changes: Iterable[Change]) -> set[int]:
    """Return the customers a batch of changes says something about."""
    rows: dict[str, set[int]] = {}
    for change in changes:
        if change.entity in TOPICS and change.entity_id:
            rows.setdefault(change.entity, set()).add(change.entity_id)
    found = rows.get(Customer.__tablename__, set())
    for entity, model in CHILDREN.items():
        if keys := rows.get(entity):
            found |= set(session.scalars(select(model.customer_id).where(model.id.in_(keys))))
    if keys := rows.get(ContractReview.__tablename__):
        deals = select(ContractReview.opportunity_id).where(ContractReview.id.in_(keys))
        found |= set(
            session.scalars(select(Opportunity.customer_id).where(Opportunity.id.in_(deals)))
        )
    pair = DuplicatePair
    # Whether a pair waits hangs on the state of both sides.
    own = pair.id.in_(rows.get(pair.__tablename__, set()))
    waits = pair.status.in_(UNDECIDED) & or_(pair.a_id.in_(found), pair.b_id.in_(found))
    if found or pair.__tablename__ in rows:
        for a, b in session.execute(select(pair.a_id, pair.b_id).where(or_(own, waits))):
            found |= {a, b}
    return found


def _patched(due: pl.DataFrame, actor: Actor, changed: set[int]) -> pl.DataFrame:
    fresh = due_customers(actor, changed)
    rest = due.filter(~pl.col("customer_id").is_in(list(changed)))
    return pl.concat([rest, fresh]).sort("requested_at", "customer_id", nulls_last=True)

"""Open deals change over to the stages of a version that comes into force."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import (
    Opportunity,
    Outcome,
    Stage,
    StageHistory,
    StageSet,
    StageSetStatus,
)
from crmlib.opportunities.stage_rules import Source, Target
from crmlib.store import log

PART = 500  # ids in one statement


@dataclass(frozen=True, slots=True)
class OldStage:
    """A stage of another version as far as a deal in it is concerned."""

    id: int
    code: str
    name: str
    position: int
    probability: int


@dataclass(frozen=True, slots=True)
class Deals:
    """The open deals that stand on other versions, and the stages they may go to."""

    rows: Sequence[Any]  # id, owner_id, stage_id, probability
    old: Mapping[int, OldStage]
    new: Mapping[str, OldStage]  # by code
    targets: tuple[Target, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Switched:
    """How many deals changed over; ``moves`` are those whose stage is another one now."""

    count: int
    moves: tuple[tuple[str, str, int], ...]  # old name, new name, deals
    owners: frozenset[int]  # of the deals in ``moves``


def is_open() -> ColumnElement[bool]:
    """Return the condition that a deal is under way."""
    return (Opportunity.outcome == Outcome.OPEN) & Opportunity.closed.is_(False)


def deals_to_switch(
    session: Session, siblings: Iterable[StageSet], fresh: StageSet, *, hold: bool = False
) -> Deals:
    """Return the open deals of a kind of selling that stand on another version than this one."""
    # The version in force last: where two versions have a code, its words count.
    others = sorted(
        (s for s in siblings if s.id != fresh.id),
        key=lambda s: (s.status is StageSetStatus.ACTIVE, s.number),
    )
    order = {s.id: place for place, s in enumerate(others)}
    found = session.scalars(select(Stage).where(Stage.stage_set_id.in_([*order, fresh.id]))).all()
    old = {s.id: _plain(s) for s in found if s.stage_set_id != fresh.id}
    statement = (
        select(Opportunity.id, Opportunity.owner_id, Opportunity.stage_id, Opportunity.probability)
        .where(Opportunity.stage_id.in_(old), is_open())
        .order_by(Opportunity.id)
    )
    rows = session.execute(statement.with_for_update(of=Opportunity) if hold else statement).all()
    fresh_stages = [s for s in found if s.stage_set_id == fresh.id]
    counts = Counter(old[row.stage_id].code for row in rows)
    known = {
        s.code: s
        for s in sorted(found, key=lambda s: order.get(s.stage_set_id, -1))
        if s.stage_set_id != fresh.id
    }
    sources = (
        Source(code, known[code].name, known[code].position, n) for code, n in counts.items()
    )
    return Deals(
        rows,
        old,
        {s.code: _plain(s) for s in fresh_stages},
        targets_of(fresh_stages),
        tuple(sorted(sources, key=lambda s: s.position)),
    )


def _plain(stage: Stage) -> OldStage:
    return OldStage(stage.id, stage.code, stage.name, stage.position, stage.probability)


def targets_of(stages: Iterable[Stage]) -> tuple[Target, ...]:
    """Return stages as the rules see them, in order."""
    return tuple(
        Target(s.code, s.name, s.position, s.disabled)
        for s in sorted(stages, key=lambda s: s.position)
    )


def switch(work: Work, deals: Deals, mapping: Mapping[str, str], reason: str) -> Switched:
    """Put the deals onto the new stages.

    The same code keeps ``stage_since``, and a 赢率 that was set by hand; another code counts as
    a move, with a row in the history.
    """
    session, now = work.session, clock.now()
    session.flush()
    groups: dict[tuple[int, int, bool], list[Any]] = defaultdict(list)
    for row in deals.rows:
        old = deals.old[row.stage_id]
        new = deals.new[mapping[old.code]]
        is_move = new.code != old.code
        by_hand = not is_move and row.probability != old.probability
        probability = row.probability if by_hand else new.probability
        groups[new.id, probability, is_move].append(row)
    for (stage_id, probability, is_move), rows in groups.items():
        values: dict[str, Any] = {"stage_id": stage_id, "probability": probability}
        _update(
            session, [row.id for row in rows], values | ({"stage_since": now} if is_move else {})
        )
        log.write(session, [_entry(row, values) for row in rows])
    moved = [row for (_, _, is_move), rows in groups.items() if is_move for row in rows]
    _note_moves(work, moved, deals, mapping, now, reason)
    names = Counter(
        (deals.old[row.stage_id].name, deals.new[mapping[deals.old[row.stage_id].code]].name)
        for row in moved
    )
    return Switched(
        len(deals.rows),
        tuple((a, b, n) for (a, b), n in names.items()),
        frozenset(row.owner_id for row in moved),
    )


def _update(session: Session, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    for start in range(0, len(ids), PART):
        session.execute(
            update(Opportunity)
            .where(Opportunity.id.in_(ids[start : start + PART]))
            .values(**values, version=Opportunity.version + 1)
            .execution_options(synchronize_session=False)
        )


def _entry(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    before = {name: getattr(row, name) for name in values}
    changed = [name for name in values if before[name] != values[name]]
    return {
        "entity": Opportunity.__tablename__,
        "entity_id": row.id,
        "kind": "update",
        "before": {name: before[name] for name in changed},
        "after": {name: values[name] for name in changed},
    }


def _note_moves(
    work: Work,
    rows: Sequence[Any],
    deals: Deals,
    mapping: Mapping[str, str],
    now: datetime,
    reason: str,
) -> None:
    since = _last_moves(work.session, [row.id for row in rows])
    for row in rows:
        old = deals.old[row.stage_id]
        days = (clock.local(now).date() - clock.local(since.get(row.id, now)).date()).days
        work.session.add(
            StageHistory(
                opportunity_id=row.id,
                from_stage_id=row.stage_id,
                to_stage_id=deals.new[mapping[old.code]].id,
                moved_at=now,
                moved_by_id=work.actor.person_id,
                days=days,
                reason=reason,
            )
        )


def _last_moves(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for start in range(0, len(ids), PART):
        found |= dict(
            session.execute(
                select(StageHistory.opportunity_id, func.max(StageHistory.moved_at))
                .where(StageHistory.opportunity_id.in_(ids[start : start + PART]))
                .group_by(StageHistory.opportunity_id)
            ).all()
        )
    return found


def onto_current(work: Work, deal: Opportunity) -> bool:
    """Put a deal that is under way again onto the version in force; say whether it changed over.

    A decided or closed deal stays on the version it ended with; who takes that back calls this
    inside his action, after the deal is open again.
    """
    session = work.session
    here = session.get_one(Stage, deal.stage_id)
    home = session.get_one(StageSet, here.stage_set_id)
    if home.status is StageSetStatus.ACTIVE:
        return False
    # Held, so that it does not retire before this deal has arrived.
    current = session.scalar(
        select(StageSet)
        .where(StageSet.code == home.code, StageSet.status == StageSetStatus.ACTIVE)
        .with_for_update(read=True)
    )
    if current is None:
        return False
    new = _successor(session, home, here, current)
    row = _Row(deal.id, deal.owner_id, deal.stage_id, deal.probability)
    if new.code != here.code:
        now = clock.now()
        deals = Deals((), {here.id: _plain(here)}, {new.code: _plain(new)}, (), ())
        reason = rules.in_force_reason(current.number)
        _note_moves(work, [row], deals, {here.code: new.code}, now, reason)
        deal.stage_since, deal.probability = now, new.probability
    elif deal.probability == here.probability:
        deal.probability = new.probability
    deal.stage_id = new.id
    session.flush()
    return True


def _successor(session: Session, home: StageSet, here: Stage, current: StageSet) -> Stage:
    """Return the stage of the version in force that all mappings since lead to."""
    later = session.scalars(
        select(StageSet)
        .where(StageSet.code == home.code, StageSet.number > home.number)
        .order_by(StageSet.number)
    )
    code = here.code
    for version in later:
        code = (version.mapping or {}).get(code, code)
    stages = session.scalars(select(Stage).where(Stage.stage_set_id == current.id)).all()
    code = rules.successor(code, here.position, targets_of(stages))
    return next(stage for stage in stages if stage.code == code)


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    owner_id: int
    stage_id: int
    probability: int
